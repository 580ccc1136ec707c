"""How the time that a making is given is shared among its parts, kept so that it can be cut and go on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from genie.clips.atomic import replace_file
from genie.core.errors import GenieError

PLAN, PAGE = "plan.json", "progress.txt"
SAVE_SECONDS = 5.0  # so much of the time worked is forgotten at most when killed
LEAST = 0.01  # of all the time: what a part is given even when others took too long
Figures = Callable[[str], str]


class Plan:
    """What is done, what time it took, and what time each part may take.

    Only time at work counts, over as many starts as there are. It is kept in `folder`/plan.json, and for
    people to read in progress.txt beside it.
    """

    def __init__(
        self,
        folder: Path,
        shares: Mapping[str, float],
        seconds: float,
        figures: Figures = lambda part: "",
        made: Mapping[str, str] | None = None,
    ) -> None:
        """shares: what each part, in order, asks of the time; figures: how far a part has come, in words;
        made: what of, and where, by name.

        Raises GenieError for a plan that cannot be read, and for one of something else.
        """
        self.folder, self.shares, self.seconds, self.figures = folder, shares, seconds, figures
        known = _read(folder / PLAN)
        self.made = dict(made or {})
        _agree(known.get("made", {}), self.made, folder)
        self.done: list[str] = [part for part in known.get("done", []) if part in shares]
        self.taken: dict[str, float] = known.get("taken", {})
        # With another time than before, what each part has left is shared out anew.
        self.given: dict[str, float] = known.get("given", {}) if known.get("seconds") == seconds else {}
        self.starts: int = known.get("starts", 0) + 1
        self._now, self._mark, self._lock = "", time.monotonic(), threading.Lock()

    @property
    def spent(self) -> float:
        """Seconds worked so far."""
        return sum(self.taken.values())

    @property
    def left(self) -> float:
        """Seconds left of all; negative when over."""
        return self.seconds - self.spent

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keeps the plan's files up to date within the block."""
        self.folder.mkdir(parents=True, exist_ok=True)
        over = threading.Event()

        def keep() -> None:
            while not over.wait(SAVE_SECONDS):
                with suppress(OSError):  # a full disk may have room again the next time
                    self.save()

        self.save()
        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()
            self.save()

    @contextmanager
    def part(self, name: str) -> Iterator[float]:
        """Work on a part, which is done when the block is left without an error; gives its seconds.

        They are its share of what is left when it first begins. Begun again, it gets what remains of that,
        and less where the starts in between have cost those after it too much.
        """
        self.save()
        fair = self.left * self.shares[name] / sum(self.shares[p] for p in self.shares if p not in self.done)
        given = self.given.setdefault(name, max(LEAST * self.seconds, fair))
        seconds = max(LEAST * self.seconds, min(given - self.taken.get(name, 0.0), fair))
        self._now = name
        self.save()
        yield seconds
        self.save()
        self._now = ""
        self.done.append(name)
        self.save()

    def save(self) -> None:
        """Count the time that went by, and write all down."""
        with self._lock:
            now = time.monotonic()
            self.taken[self._now] = self.taken.get(self._now, 0.0) + now - self._mark
            self._mark = now
            kept = {
                "made": self.made,
                "seconds": self.seconds,
                "starts": self.starts,
                "done": self.done,
                "taken": self.taken,
                "given": self.given,
            }
            replace_file(self.folder / PLAN, json.dumps(kept, indent=1).encode())
            replace_file(self.folder / PAGE, self._page().encode())

    def _page(self) -> str:
        minutes = f"{self.seconds / 60:g} minutes, {self.spent / 60:.1f} worked, {self.left / 60:.1f} left"
        lines = [f"{minutes}; started {self.starts} times" if self.starts > 1 else minutes]
        for part in self.shares:
            state = "done" if part in self.done else "now" if part == self._now else "to come"
            taken, given = self.taken.get(part, 0.0) / 60, self.given.get(part)
            of = "" if given is None else f" of {given / 60:.1f} min"
            lines.append(f"{state:8} {part:14} {taken:5.1f}{of:12} {self.figures(part)}".rstrip())
        return "\n".join(lines) + "\n"


def _read(path: Path) -> dict:
    if not path.exists():
        return {}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        known = None
    if not isinstance(known, dict):
        raise GenieError(f"{path} is not a plan that make has written: delete it")
    return known


def _agree(before: Mapping[str, str], now: Mapping[str, str], folder: Path) -> None:
    for name, value in before.items():
        if now.get(name, value) != value:
            raise GenieError(f"{folder} was begun with {name} {value}, not {now[name]}: give another --run")
