"""What the command line asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from genie.core.errors import UsageError

DEVICES = ("auto", "cpu", "cuda")
OVERLAYS = ("none", "keys", "caption", "all")
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
    strength: float | None = None
    device: str = "auto"
    list_worlds: bool = False
    headless: bool = False
    keys: str | None = None
    frames: int | None = None
    export: Path | None = None
    record: Path | None = None
    replay: Path | None = None
    resume: Path | None = None
    span: str | None = None
    branch: int | None = None
    beside: int | None = None
    overlay: str = "none"
    scale: int = 4
    fps: int | None = None
    expand: bool = True

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise UsageError(f"--device {self.device}: choose one of {', '.join(DEVICES)}.")
        _in_range("--seed", self.seed, 0, 2**63 - 1)
        _in_range("--strength", self.strength, 0, 10)
        _in_range("--frames", self.frames, 1, MOST_FRAMES)
        _in_range("--scale", self.scale, 1, 32)
        _in_range("--fps", self.fps, 1, 240)
        _in_range("--branch", self.branch, 1, MOST_FRAMES)
        _in_range("--beside", self.beside, 1, MOST_FRAMES)
        if self.overlay not in OVERLAYS:
            raise UsageError(f"--overlay {self.overlay}: choose one of {', '.join(OVERLAYS)}.")
        if self.replay is not None or self.resume is not None:
            self._check_session()
        self._check_parts()
        if self.headless and self.keys is None and self.frames is None and self.replay is None:
            raise UsageError(
                '--headless needs to know what to play: give --keys "right:30", --frames N or --replay FILE.'
            )

    @property
    def renders(self) -> bool:
        """Whether a session is to be rendered without a window."""
        return self.replay is not None and (self.headless or self.export is not None)

    @property
    def leaves_the_choice(self) -> bool:
        """Whether nothing says what to play, so that the player is to be asked."""
        told = (self.world, self.prompt, self.image, self.seed, self.keys, self.frames)
        return all(each is None for each in (*told, self.replay, self.resume))

    def of_whatever_is_chosen(self) -> Options:
        """What holds for all that a player chooses in the gallery: the device, the recording and the like."""
        return Options(
            strength=self.strength,
            device=self.device,
            export=self.export if self.leaves_the_choice else None,  # that of the one that was named
            record=self.record,
            overlay=self.overlay,
            scale=self.scale,
            fps=self.fps,
            expand=self.expand,
        )

    def _check_session(self) -> None:
        flag = "--replay" if self.replay is not None else "--resume"
        clashing = {
            "--prompt": self.prompt,
            "--image": self.image,
            "--seed": self.seed,
            "--strength": self.strength,
            "--keys": self.keys,
        }
        if self.replay is not None:
            clashing["--resume"] = self.resume
        elif self.headless:
            raise UsageError("--resume goes on in a window: --replay FILE --headless renders a session.")
        else:
            clashing["--frames"] = self.frames
        if self.resume is not None or self.renders:
            clashing["--record"] = self.record
        given = [name for name, value in clashing.items() if value is not None]
        if given:
            raise UsageError(f"{flag} takes everything from the session file: leave out {', '.join(given)}.")

    def _check_parts(self) -> None:
        parts = {"--span": self.span, "--branch": self.branch, "--beside": self.beside}
        given = [name for name, value in parts.items() if value is not None]
        if given and not self.renders:
            raise UsageError(f"{', '.join(given)}: only with --replay and --export or --headless.")
        if self.beside is not None and self.export is None:
            raise UsageError("--beside makes a clip of two branches: give --export OUT.")


def _in_range(flag: str, value: float | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        raise UsageError(f"{flag} {value} is out of range: give {low} to {high}.")
