"""The commands that say how good a world is; each imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import tyro

from training.command_line import World

Reports = Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="REPORT")]


def evaluate(
    world: World,
    /,
    *,
    data: Path,
    out: Path,
    judge: Path | None = None,
    run: Path | None = None,
    frames: Path | None = None,
    quick: bool = False,
    device: str = "auto",
) -> None:
    """Score a world's bundle on held-out clips and write report.json and report.html.

    Args:
        world: the world's id, or a bundle's folder.
        data: the dataset's folder, which must hold the split "test".
        out: the report's folder.
        judge: the run folder in which `train judge` left the judge; without it nothing is judged.
        run: the world's own run folder; without it its latent actions are not scored.
        frames: score what another program predicted instead: a folder as docs/exchange.md describes.
        quick: fewer clips and sessions: minutes instead of the best part of an hour.
        device: auto, cpu or cuda.
    """
    from training.evaluate import EvaluateConfig
    from training.evaluate import evaluate as score

    config = EvaluateConfig(
        world=world,
        data=data,
        judge=judge,
        run=run,
        frames=frames,
        out=out,
        quick=quick,
        device=device,
    )
    print(score(config))


def challenge(world: World, /, *, data: Path, out: Path, quick: bool = False) -> None:
    """Write the held-out clips that any other program may predict: see docs/exchange.md.

    Args:
        world: the world's id.
        data: the dataset's folder, which must hold the split "test".
        out: the challenge's folder.
        quick: fewer clips.
    """
    from genie.clips.frame_store import FrameStore
    from training.evaluate.challenge import make_challenge, write_challenge
    from training.evaluate.config import FULL, QUICK
    from training.evaluate.simulator import find_source

    extent = QUICK if quick else FULL
    _, source, _ = find_source(world)
    store = FrameStore.open(data, "test")
    asked = make_challenge(world, store, source, clips=extent.clips, moments=extent.moments)
    print(write_challenge(asked, out))


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
