"""`python -m training caption` and `evaluate-captions`: what they take and what they say."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from genie.core.errors import ClipError, UsageError
from training.progress import Counter

if TYPE_CHECKING:
    from training.caption import CaptionConfig

Dataset = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="DATASET")]


def caption(
    dataset: Dataset,
    /,
    *,
    captioner: str | None = None,
    split: str | None = None,
    limit: int | None = None,
    enrich: bool = True,
    seconds: float = 1.6,
    again: bool = False,
    review: bool = False,
    port: int = 0,
    write: bool = True,
    device: str = "auto",
) -> None:
    """Caption a dataset's clips anew: caption, enrich over time, review if you like, write back.

    Killed and started again, it goes on. What was proposed and decided, and the captions as they were, stay
    in DATASET/.captions.

    Args:
        dataset: the dataset's folder.
        captioner: a run folder with a trained captioner, a world that has one, or an image-text-to-text model
            of transformers.
        split: one split only.
        limit: clips at most.
        enrich: look at parts of each clip too, and tell what moves; otherwise one caption a clip.
        seconds: how much of a clip a timed caption covers, at least.
        again: caption clips that have been captioned before.
        review: open a page where each is accepted, edited or rejected; only what was decided is written.
        port: of that page; any free one where 0.
        write: write the captions into the dataset; otherwise only propose them.
        device: auto, cpu or cuda.
    """
    from training.caption import CaptionConfig, apply, propose

    try:
        config = CaptionConfig(
            dataset=dataset,
            captioner=captioner,
            split=split,
            limit=limit,
            enrich=enrich,
            seconds=seconds,
            again=again,
            device=device,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
    with Counter("caption") as counter:
        made = propose(config, counter)
    for line in made.left_out:
        print(f"left out: {line}", file=sys.stderr)
    if not made.clips and not made.left_out:
        raise UsageError("nothing is proposed for these clips yet: name a --captioner")
    if made.silent:
        print(f"for {made.silent} clips the captioner said nothing of use: they keep the captions they have")
    if review:
        _review(config, port)
    if write:
        written = apply(config, undecided=not review)
        print(f"{written.changed} of {made.clips} clips have new captions; the former ones are in .captions")
        if written.left:
            print(
                f"{written.left} clips have captions by a person: they keep them, until replaced by "
                "--captioner with --again --review"
            )
    if made.left_out:
        raise ClipError(f"{len(made.left_out)} clips were left out; all others are captioned")


def _review(config: "CaptionConfig", port: int) -> None:
    import webbrowser

    from training.caption import proposed
    from training.captioning.review import Review

    proposals, files = proposed(config)
    page = Review(config.dataset, proposals, files, port)
    try:
        print(f"review the captions at {page.url} (Q there, or Ctrl-C here, when done)", flush=True)
        webbrowser.open(page.url)
        page.wait()
    except KeyboardInterrupt:
        print()
    finally:
        page.close()


def evaluate_captions(
    dataset: Dataset,
    /,
    *,
    captioner: str,
    split: str = "test",
    limit: int | None = None,
    phrases: Path | None = None,
    out: Path | None = None,
    device: str = "auto",
) -> None:
    """Score a captioner against true captions and attributes: BLEU, METEOR, ROUGE-L, CIDEr, attributes.

    Args:
        dataset: a dataset whose captions and attributes are true.
        captioner: as for caption.
        split: which split: one that the captioner never saw.
        limit: clips at most.
        phrases: a bundle's phrases.json to read attributes with; the captioner's own where not given.
        out: a .json for the report.
        device: auto, cpu or cuda.
    """
    from training.captioning.evaluate import EvaluateCaptionsConfig, table
    from training.captioning.evaluate import evaluate_captions as run

    config = EvaluateCaptionsConfig(
        dataset=dataset,
        captioner=captioner,
        split=split,
        limit=limit,
        phrases=phrases,
        out=out,
        device=device,
    )
    with Counter("caption") as counter:
        found = run(config, counter)
    print(table(found))
