"""What a folder of ingested clips was made of: the settings, and the videos by name and content."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from genie.clips.atomic import replace_file
from genie.clips.fingerprint import fingerprint
from genie.clips.metadata import FILE_NAME, ClipEntry
from genie.core.errors import ClipError

_FILE, _VIDEOS = "ingest.json", "videos"


class IngestedVideos:
    """The videos that a folder's clips were cut from, kept in its ingest.json from the first clips on."""

    def __init__(self, folder: Path, settings: Mapping[str, Any], entries: Sequence[ClipEntry]) -> None:
        """`entries` are the clips that are there. Raises ClipError where they were made with others than
        `settings`, or were not ingested."""
        self._path, self._settings = folder / _FILE, dict(settings)
        self._names = {entry.source for entry in entries}
        kept = self._read() if entries else {}
        videos = kept.pop(_VIDEOS, {})
        self._videos: dict[str, list[str]] = videos if isinstance(videos, dict) else {}
        if entries and kept != self._settings:
            raise ClipError(
                f"{folder} holds clips made with {kept}, not {self._settings}: give another folder"
            )

    def new_name(self, video: Path, folder: Path) -> str | None:
        """What to call a video of `folder` from now on; None for one that is here already.

        Its path in the folder, and as much of the folder's own as tells it from another video of that name.
        """
        made = fingerprint(video)
        for name in _names(video, folder):
            if name not in self._names:
                return name
            known, path = self._videos.get(name, (made, ""))  # of old clips only the name is known
            if known == made:
                return None
            if path == str(video.resolve()):
                break
        raise ClipError(f"{video}: it has changed since it was ingested: give it another name")

    def add(self, name: str, video: Path) -> None:
        """Keep that a video's clips are here."""
        self._names.add(name)
        self._videos[name] = [fingerprint(video), str(video.resolve())]
        replace_file(self._path, json.dumps(self._settings | {_VIDEOS: self._videos}).encode())

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ClipError(
                f"{self._path.parent} holds clips that were not ingested: give another folder"
            ) from None
        except ValueError:
            kept = None
        if not isinstance(kept, dict):
            clips = self._path.with_name(FILE_NAME)
            raise ClipError(f"{self._path} does not say what {clips} was made of: give another folder")
        return kept


def _names(video: Path, folder: Path) -> Iterator[str]:
    inner, above = video.relative_to(folder), folder.resolve().parts[1:]
    for count in range(len(above) + 1):
        yield Path(*above[len(above) - count :], inner).as_posix()
