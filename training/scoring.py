"""The commands that say how good a world is; each imports what it needs when it runs."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import tyro

from genie.clips.atomic import replace_file
from genie.core.errors import UsageError
from training.command_line import World, checked

Reports = Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="REPORT")]


def evaluate(
    world: World,
    /,
    *,
    data: Path | None = None,
    out: Path | None = None,
    judge: Path | None = None,
    frames: Path | None = None,
    quick: bool = False,
    prompts: int | None = None,
    long: int | None = None,
    device: str = "auto",
    cache: Path | None = None,
) -> None:
    """Score a world's bundle on held-out clips and write report.json and report.html.

    Args:
        world: the world's id, or a bundle's folder.
        data: the dataset's folder, with the split "test"; data/WORLD where not given, recorded where missing.
        out: the report's folder; where not given, runs/WORLD/report, or report beside the frames.
        judge: the run folder in which `train judge` left the judge; runs/WORLD where not given and one is
            there. Without one nothing is judged.
        frames: score what another program predicted instead: a folder as docs/exchange.md describes.
        quick: fewer clips and sessions: minutes instead of half an hour.
        prompts: how many prompts of each kind the world is to obey, instead of 100 (12 with --quick);
            and so many changes of them in play.
        long: how many sessions go on to 10,000 frames, instead of 3 (none with --quick); of 10 or more,
            Fréchet distances at their end are told.
        device: auto, cpu or cuda.
        cache: where the decoded frames lie.
    """
    from training.evaluate import EvaluateConfig
    from training.evaluate import evaluate as score
    from training.trained import Run

    name = world if frames else _world_of(world)
    run = Path("runs") / name
    if judge is None and Run(run).has("judge"):
        judge = run
    config = checked(
        EvaluateConfig,
        world=world,
        data=_test_clips(name, data),
        judge=judge,
        frames=frames,
        out=out or (frames or run) / "report",
        quick=quick,
        prompts=prompts,
        long=long,
        device=device,
        cache=cache,
    )
    print(score(config))
    if judge is None:
        print(f"nothing was judged: there is no judge in {run} (see train judge)", file=sys.stderr)


def _world_of(world: str) -> str:
    """The id of a world that is given by it, or by a bundle's folder."""
    from genie.core.manifest import read_manifest
    from genie.worlds import find_bundle

    return read_manifest(find_bundle(world)).world


def _test_clips(world: str, data: Path | None) -> Path:
    """The dataset that is asked for; else the world's own, recorded if there is none."""
    from training.evaluate.simulator import find_source
    from training.held_out import record_held_out

    if data is None:
        data = Path("data") / world
        if spec := find_source(world)[0]:
            record_held_out(spec, data)
    return data


def challenge(world: World, /, *, out: Path, data: Path | None = None, quick: bool = False) -> None:
    """Write the held-out clips that any other program may predict: see docs/exchange.md.

    Args:
        world: the world's id.
        out: the challenge's folder.
        data: the dataset's folder, with the split "test"; data/WORLD where not given, recorded where missing.
        quick: fewer clips.
    """
    from genie.clips.frame_store import FrameStore
    from training.evaluate.challenge import make_challenge, write_challenge
    from training.evaluate.config import FULL, QUICK
    from training.evaluate.simulator import find_source

    extent = QUICK if quick else FULL
    _, source, _ = find_source(world)
    store = FrameStore.open(_test_clips(world, data), "test")
    asked = make_challenge(world, store, source, clips=extent.clips, moments=extent.moments)
    print(write_challenge(asked, out))


def bench(
    world: World,
    /,
    *,
    device: str = "auto",
    frames: int = 10_050,
    sessions: int = 16,
    steps: int = 30,
    data: Path | None = None,
    run: Path | None = None,
    preset: str = "cpu",
    cache: Path | None = None,
    out: Path | None = None,
) -> None:
    """Time a world's step on this machine, beside the machine's own peak and the same models in PyTorch.

    With --data and --run the stages of training are timed instead.

    Args:
        world: the world's id, or a bundle's folder.
        device: auto, cpu or cuda.
        frames: frames of the session that is timed.
        sessions: how many to play together on one engine.
        steps: steps of each of them, or of each stage.
        data: the dataset's folder, to time training.
        run: the training's folder, which is not changed.
        preset: whose sizes to train with.
        cache: where the decoded frames lie.
        out: a file to write all figures into, as JSON.
    """
    if (data is None) != (run is None):
        raise UsageError("to time training, give both --data and --run")
    if data is not None and run is not None:
        told, lines = _bench_training(world, data, run, preset, device, cache, steps)
    else:
        told, lines = _bench_play(world, device, frames, sessions, steps)
    print(lines)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        replace_file(out, json.dumps(told, indent=1).encode())


def _bench_training(
    world: str, data: Path, run: Path, preset: str, device: str, cache: Path | None, steps: int
) -> tuple[dict[str, Any], str]:
    from genie.worlds import find
    from training.evaluate.machine import machine, versions
    from training.stage_speed import score_training, table
    from training.train import TrainConfig

    config = TrainConfig(stage="", data=data, run=run, preset=preset, device=device, cache=cache)
    told = score_training(config, find(world), steps)
    return {"machine": machine(device), "versions": versions(), "training": told}, table(told)


def _bench_play(
    world: str, device: str, frames: int, sessions: int, steps: int
) -> tuple[dict[str, Any], str]:
    from training.evaluate.bench import BenchConfig, bench, table

    config = checked(BenchConfig, world=world, device=device, frames=frames, sessions=sessions, steps=steps)
    told = bench(config)
    return told, table(told)


def compare(reports: Reports, /, *, out: Path = Path("compare.html")) -> None:
    """Put reports side by side: one table, overlaid curves, and which differences are noise.

    Args:
        reports: report.json files, or the folders they lie in; the first is what the others are held against.
        out: the page to write.
    """
    from training.reports.compare import compare_files

    print(compare_files(reports, out))


def card(world: World, /, *, check: bool = False) -> None:
    """Write a world's card from its bundle and from the report.json beside it.

    Args:
        world: the world's id.
        check: write nothing; fail where the card differs from what it must say.
    """
    from genie.worlds import find
    from training.card import check_card, write_card

    if check:
        check_card(find(world))
    else:
        print(write_card(find(world)))
