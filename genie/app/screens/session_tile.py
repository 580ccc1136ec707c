"""Sessions in the gallery."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from genie.app.screens.widgets import Thumbnail
from genie.clips.png import read_png
from genie.clips.shelf import SessionCard, list_sessions
from genie.core.errors import GenieError

MOST = 60
DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class SessionTile:
    """What a kept session looks like and when it was played; `damage` says why it cannot be opened."""

    path: Path
    world: str
    title: str
    prompt: str
    length: str
    """How long it plays: "2:05"."""
    when: str
    """When it was played, as people say it."""
    thumbnail_file: Path | None = None
    damage: str = ""

    @cached_property
    def thumbnail(self) -> Thumbnail | None:
        """Its last frame, read when it is first drawn; None where there is none that can be read."""
        if self.thumbnail_file is None:
            return None
        try:
            return Thumbnail(np.asarray(read_png(self.thumbnail_file)))
        except (GenieError, OSError):
            return None


def session_tiles(folder: Path, titles: Mapping[str, str], now: float | None = None) -> list[SessionTile]:
    """Return the sessions kept in a folder, the latest first; `titles` are the worlds there are, by id."""
    moment = time.time() if now is None else now
    return [_tile(card, titles, moment) for card in list_sessions(folder)[:MOST]]


def _tile(card: SessionCard, titles: Mapping[str, str], now: float) -> SessionTile:
    damage = card.damage
    if not damage and card.world not in titles:
        damage = f"The world '{card.world}' that this session was played in is not here any more."
    minutes, seconds = divmod(round(card.seconds), 60)
    branches = f" · {card.branches} branches" if card.branches > 1 else ""
    return SessionTile(
        path=card.path,
        world=card.world,
        title=titles.get(card.world, card.world or card.path.stem),
        prompt=card.prompt,
        length=f"{minutes}:{seconds:02d}{branches}",
        when=said_time(card.saved, now),
        thumbnail_file=card.thumbnail,
        damage=damage,
    )


def said_time(then: float, now: float) -> str:
    """Return how long ago something was, as people say it; both are seconds since 1970."""
    ago = max(0.0, now - then)
    if ago < 60:
        return "just now"
    if ago < 3600:
        return f"{ago // 60:.0f} min ago"
    if ago < DAY:
        return f"{ago // 3600:.0f} h ago"
    if ago < 7 * DAY:
        return "yesterday" if ago < 2 * DAY else f"{ago // DAY:.0f} days ago"
    return time.strftime("%d %b %Y", time.localtime(then))
