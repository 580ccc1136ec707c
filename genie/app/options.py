"""What the command line asked for."""

from dataclasses import dataclass
from pathlib import Path

from genie.core.errors import UsageError

DEVICES = ("auto", "cpu", "cuda")
MOST_FRAMES = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Options:
    """The flags of `play.py`, checked for what can be checked without opening anything.

    Raises UsageError when two flags contradict each other or a number is out of range.
    """

    world: str | None = None
    prompt: str | None = None
    image: Path | None = None
    seed: int | None = None
    device: str = "auto"
    list_worlds: bool = False
    headless: bool = False
    keys: str | None = None
    frames: int | None = None
    export: Path | None = None
    record: Path | None = None
    replay: Path | None = None
    scale: int = 4
    fps: int | None = None

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise UsageError(f"--device {self.device}: choose one of {', '.join(DEVICES)}.")
        _in_range("--seed", self.seed, 0, 2**63 - 1)
        _in_range("--frames", self.frames, 1, MOST_FRAMES)
        _in_range("--scale", self.scale, 1, 32)
        _in_range("--fps", self.fps, 1, 240)
        if self.replay is not None:
            self._check_replay()
        if self.headless and self.keys is None and self.frames is None and self.replay is None:
            raise UsageError(
                '--headless needs to know what to play: give --keys "right:30", --frames N or --replay FILE.'
            )

    def _check_replay(self) -> None:
        clashing = {"--prompt": self.prompt, "--image": self.image, "--seed": self.seed, "--keys": self.keys}
        given = [flag for flag, value in clashing.items() if value is not None]
        if given:
            raise UsageError(
                f"--replay takes everything from the session file: leave out {', '.join(given)}."
            )


def _in_range(flag: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        raise UsageError(f"{flag} {value} is out of range: give {low} to {high}.")
