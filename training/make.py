"""All of it for one world: clips, every stage of training, and the bundle that is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genie.core.errors import ClipError
from genie.worlds import WorldSpec

STAGES = ("tokenizer", "latent-action", "keys", "text", "dynamics")
Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class MakeConfig:
    """What to make a world of, and where.

    data: the dataset's folder, filled from `videos` where given, else from the world's simulator (`clips` of
    up to `frames` frames), else taken as it is; run: the training's folder; out: the bundle's, the world's
    own where None; cache: where decoded frames lie; temperature: how boldly tokens are drawn in play.
    """

    data: Path
    run: Path
    preset: str = "cpu"
    videos: Path | None = None
    clips: int = 8000
    frames: int = 128
    out: Path | None = None
    device: str = "auto"
    cache: Path | None = None
    temperature: float = 0.5

    def __post_init__(self) -> None:
        if self.clips < 2 or self.frames < 16:
            raise ValueError(
                f"a world takes at least 2 clips of 16 frames, not {self.clips} of {self.frames}"
            )


def make(config: MakeConfig, world: WorldSpec, say: Callable[[str], None], report: Report) -> Path:
    """Make the world's bundle and return its folder; killed and started again, it goes on where it was.

    `say` gets a line before each part, `report(done, total)` counts clips. Raises what the parts raise, and
    ClipError where there is nothing to learn from.
    """
    say("1 of 7: clips")
    _clips(config, world, say, report)
    # late: what is wrong with the clips is said before torch is loaded
    from training.export import ExportConfig, export
    from training.train import TrainConfig, train

    for number, stage in enumerate(STAGES, 2):
        say(f"{number} of 7: {stage}")
        train(
            TrainConfig(
                stage=stage,
                data=config.data,
                run=config.run,
                preset=config.preset,
                device=config.device,
                cache=config.cache,
            ),
            world,
        )
    say("7 of 7: the bundle")
    return export(
        ExportConfig(data=config.data, run=config.run, out=config.out, temperature=config.temperature), world
    )


def _clips(config: MakeConfig, world: WorldSpec, say: Callable[[str], None], report: Report) -> None:
    if config.videos is not None:
        from training.ingest import IngestConfig, ingest

        size, fps = world.frame_size, world.fps
        ingested = ingest(
            IngestConfig(folder=config.videos, out=config.data, size=size, fps=fps, frames=config.frames),
            report,
        )
        for line in ingested.left_out:
            say(f"left out: {line}")
    elif world.source is not None:
        from training.record import RecordConfig, record

        record(
            RecordConfig(world=str(world.path), clips=config.clips, out=config.data, frames=config.frames),
            report,
        )
    elif not config.data.is_dir():
        raise ClipError(
            f"{world.id} has no simulator and there are no clips in {config.data}: give --videos FOLDER, or "
            "make a dataset there with python -m training ingest"
        )
