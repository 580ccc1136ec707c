"""The parts that a world is made in; each imports what it needs when it runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genie.clips.clip_folder import ClipFolder
from genie.clips.metadata import FILE_NAME
from genie.core.errors import ClipError, ExportError
from genie.worlds import WorldSpec
from training.held_out import HELD_OUT
from training.play_defaults import check_played
from training.progress import Counter

CLIPS, CLIPS_IN_TIME = 8_000, 16_000  # to record; the latter at most, as many as there is time for
STARTS_LENGTH = 48  # frames: enough to see that there is a way on from where play starts
RECORDING = 0.7  # of the time for clips; the rest is for decoding them
MOST_MB = 16.0


@dataclass(frozen=True, kw_only=True)
class MakeConfig:
    """What to make a world of, and where.

    data: the dataset's folder, filled from `videos` where given, else from the world's simulator (`clips` of
    up to `frames` frames), else taken as it is; run: the training's folder; out: the bundle's, the world's
    own where None; cache: where decoded frames lie; temperature: how boldly tokens are drawn in play, as
    the world says where None;
    minutes: how long all of it may take together, as long as it takes where None.
    """

    data: Path
    run: Path
    preset: str = "cpu"
    videos: Path | None = None
    clips: int | None = None
    frames: int = 128
    out: Path | None = None
    device: str = "auto"
    cache: Path | None = None
    temperature: float | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if self.to_record < 2 or self.frames < 16:
            raise ValueError(
                f"a world takes at least 2 clips of 16 frames, not {self.to_record} of {self.frames}"
            )
        if self.minutes is not None and self.minutes <= 0:
            raise ValueError(f"nothing is made in {self.minutes:g} minutes")
        check_played(self.temperature)

    @property
    def to_record(self) -> int:
        """How many clips."""
        return self.clips if self.clips is not None else CLIPS if self.minutes is None else CLIPS_IN_TIME


class Parts:
    """What is done in each part."""

    def __init__(self, config: MakeConfig, world: WorldSpec, say: Callable[[str], None]) -> None:
        self.config, self.world, self.say = config, world, say

    @property
    def bundle(self) -> Path:
        """The bundle's folder."""
        return self.config.out or self.world.bundle

    @property
    def made(self) -> dict[str, str]:
        """What the world is made of, and where, as `make` is told: of one run folder it stays the same."""
        config = self.config
        paths = {"--data": config.data, "--videos": config.videos, "--out": self.bundle}
        said = {name: str(path.resolve()) for name, path in paths.items() if path is not None}
        return {"world": self.world.id, "--preset": config.preset, **said}

    def check(self) -> None:
        """Raise UsageError or DeviceError for a preset or device that there is not, before hours go by."""
        from training.presets import preset
        from training.train import pick_device

        height, width = self.world.frame_size
        preset(self.config.preset, height=height, width=width)
        pick_device(self.config.device)

    @property
    def can_be_judged(self) -> bool:
        """Whether there are clips to be had for judges, and to score the world on."""
        return self.can_have("test clips") and self.can_have("judge clips")

    def can_have(self, part: str) -> bool:
        """Whether a part can be done: only simulators give clips that the world does not learn from."""
        simulated = self.config.videos is None and self.world.source is not None
        return not part.endswith(" clips") or (simulated and part.removesuffix(" clips") in self.world.splits)

    def work(self, part: str, seconds: float | None) -> None:
        """Do a part, in so many seconds where it can hurry. Raises what it raises."""
        if part == "clips":
            self._clips(seconds)
        elif part.endswith(" clips"):
            split = part.removesuffix(" clips")
            wanted = min(HELD_OUT[split], max(4, self.config.to_record // 20))
            frames = min(self.config.frames, STARTS_LENGTH) if split == "starts" else self.config.frames
            self._record(split, 0 if self._there(split) >= wanted else wanted, seconds, frames)
        elif part == "keys" and not self._tells_keys():
            self.say(
                "left out: the clips do not tell their keys, so the actions are the latent codes themselves"
            )
        elif part == "bundle":
            self._export()
        elif part == "report":
            self._report()
        elif part == "attributes":
            try:
                self._train(part, seconds)
            except ClipError as error:  # the report then leaves text out, and says why
                self.say(f"left out: {error}")
        else:
            self._train(part, seconds)

    def figures(self, part: str) -> str:
        """How far a stage's training has come, from its metrics."""
        told: dict[str, Any] = {}
        path = self.config.run / part / "metrics.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            try:
                told |= json.loads(line)
            except ValueError:  # it is being written
                continue
        shown = [name for name in told if name in ("step", "loss") or name.startswith("held_out_")]
        return "  ".join(f"{name} {told[name]:,.5g}" for name in shown)

    def _clips(self, seconds: float | None) -> None:
        config, world = self.config, self.world
        from training.sessions import holds_sessions

        if holds_sessions(config.data):
            raise ClipError(
                f"{config.data} holds sessions: train and export learn from them, make needs clips"
            )
        if config.videos is not None:
            self._ingest(config.videos)
        elif world.source is not None:
            self._record("train", config.to_record, seconds, config.frames)
        elif not config.data.is_dir():
            raise ClipError(
                f"{world.id} has no simulator and there are no clips in {config.data}: give --videos FOLDER, "
                "or make a dataset there with python -m training ingest"
            )

    def _tells_keys(self) -> bool:
        """Whether any clip to learn from says what was pressed."""
        return any(clip.entry.actions for clip in ClipFolder(self.config.data).clips("train"))

    def _there(self, split: str) -> int:
        """Clips of a split that were recorded before: they are not too many."""
        if not (self.config.data / split / FILE_NAME).is_file():
            return 0
        return len(ClipFolder(self.config.data).clips(split))

    def _ingest(self, videos: Path) -> None:
        from training.ingest import IngestConfig, ingest

        config, size, fps = self.config, self.world.frame_size, self.world.fps
        with Counter("ingest") as counter:
            done = ingest(
                IngestConfig(folder=videos, out=config.data, size=size, fps=fps, frames=config.frames),
                counter,
            )
        for line in done.left_out:
            self.say(f"left out: {line}")

    def _record(self, split: str, clips: int, seconds: float | None, frames: int) -> None:
        """Clips of a split, none if there are enough, decoded right away: that takes all cores too."""
        from genie.clips.frame_store import FrameStore
        from training.record import RecordConfig, record

        if clips:
            config = RecordConfig(
                world=str(self.world.path),
                clips=clips,
                out=self.config.data,
                frames=frames,
                split=split,
                processes=None,
                seconds=None if seconds is None else RECORDING * seconds,
            )
            with Counter(f"record {split}") as counter:
                record(config, counter)
        with Counter(f"decode {split}") as counter:
            FrameStore.open(self.config.data, split, self.config.cache, counter)

    def _train(self, stage: str, seconds: float | None) -> None:
        from training.train import TrainConfig, train

        config = TrainConfig(
            stage=stage,
            data=self.config.data,
            run=self.config.run,
            preset=self.config.preset,
            device=self.config.device,
            cache=self.config.cache,
            until=None if seconds is None else time.monotonic() + seconds,
        )
        train(config, self.world)

    def _export(self) -> None:
        from training.export import ExportConfig, export

        config = self.config
        folder = export(
            ExportConfig(
                data=config.data,
                run=config.run,
                out=config.out,
                temperature=config.temperature,
                codes=not self._tells_keys(),
                cache=config.cache,
            ),
            self.world,
        )
        if self.config.minutes is not None:
            check_sizes(folder)

    def _report(self) -> None:
        from training.evaluate import EvaluateConfig, evaluate

        config = self.config
        # A CPU core a session is faster than a GPU that steps one session at a time, and a world is shipped
        # by its speed on a CPU.
        report = evaluate(
            EvaluateConfig(
                world=str(self.bundle),
                data=config.data,
                judge=config.run,
                out=config.run / "report",
                quick=True,
                device="cpu",
                cache=config.cache,
            )
        )
        self.say(f"report: {report}")


def check_sizes(bundle: Path) -> None:
    """Raise ExportError for a bundle with a file of more than 16 MB; the bundle stays as it is."""
    for file in sorted(bundle.iterdir()):
        size = file.stat().st_size / 1e6
        if size > MOST_MB:
            raise ExportError(
                f"{file} has {size:.1f} MB, more than {MOST_MB:g}: it plays, but is too large to be shipped; "
                "give its model fewer channels or layers in training/presets.py"
            )
