"""What the gallery has to offer: worlds, shipped or the player's own, and sessions to go on with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genie.app.details import Details, read_details
from genie.app.worker import Worker
from genie.clips.moving_picture import MovingPicture, read_moving_picture
from genie.core.errors import GenieError
from genie.worlds import WorldSpec, read_world
from genie.worlds.catalog import is_shipped, world_paths

PREVIEW = "preview.gif"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A world in the gallery; `problem` says why it cannot be played, and is empty where it can."""

    id: str
    spec: WorldSpec | None
    is_own: bool = False
    problem: str = ""

    @property
    def title(self) -> str:
        """What to call it."""
        return self.spec.title if self.spec else self.id


def offers() -> list[Offer]:
    """Return every world found, those that can be played first; one with a broken description says so."""
    found = [_offer(name, folder) for name, folder in world_paths().items()]
    return sorted(found, key=lambda offer: bool(offer.problem))


def _offer(name: str, folder: Path) -> Offer:
    is_own = not is_shipped(folder)
    try:
        spec = read_world(folder)
    except GenieError as error:
        return Offer(id=name, spec=None, is_own=is_own, problem=str(error))
    problem = "" if spec.has_bundle else f"Not trained yet: python -m training make {name}"
    return Offer(id=name, spec=spec, is_own=is_own, problem=problem)


class Backroom:
    """Fetches previews and details of worlds in a thread of its own, each once."""

    def __init__(self, notify: Callable[[], None]) -> None:
        """`notify` is called from the thread whenever there is something to collect."""
        self.previews: dict[str, MovingPicture] = {}
        self.details: dict[str, Details] = {}
        self.problems: dict[str, str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._worker = Worker(notify)

    def collect(self) -> bool:
        """Take what has arrived, and return whether anything has."""
        return self._worker.collect()

    def want_preview(self, offer: Offer) -> None:
        """Ask for a world's moving picture, or for its start frames where it has none."""
        spec = offer.spec
        if spec and self._first("preview", offer.id):
            self._worker.submit(
                lambda: preview_of(spec),
                lambda found: self.previews.update({offer.id: found}),
                lambda error: None,  # a world without a picture is shown without one
            )

    def want_details(self, offer: Offer) -> None:
        """Ask for what the start page needs of a world."""
        spec = offer.spec
        if spec and not offer.problem and self._first("details", offer.id):
            self._worker.submit(
                lambda: read_details(spec.bundle),
                lambda found: self.details.update({offer.id: found}),
                lambda error: self.problems.update({offer.id: str(error)}),
            )

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _first(self, what: str, world: str) -> bool:
        if (what, world) in self._asked:
            return False
        self._asked.add((what, world))
        return True


def preview_of(spec: WorldSpec) -> MovingPicture:
    """Return a world's preview.gif, or its start frames one after the other; GenieError without either."""
    if (spec.path / PREVIEW).is_file():
        return read_moving_picture(spec.path / PREVIEW, spec.frame_size)
    return MovingPicture(read_details(spec.bundle).start_frames, 1.0)
