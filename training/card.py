"""A world's card: worlds/<id>/README.md, its figures taken from the bundle and report.json, never typed."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from genie.core.errors import GenieError
from genie.core.manifest import Manifest, read_manifest, write_manifest
from genie.core.phrases import PHRASES, Phrases, Said
from genie.worlds import WorldSpec
from training.captioning.captioner import CHECKPOINT
from training.reports.figures import FIGURES, Figure, Value, said, value_at
from training.reports.report import read_report

CARD, REPORT, STRIPS, PREVIEW = "README.md", "report.json", "strips.png", "preview.gif"
STRIPS_TOLD = f"""![real frames over predicted ones]({STRIPS})

The best, the median and the worst of these clips by PSNR, real frames over predicted ones: the last one
seen, then the 1st, 2nd, 3rd, 4th, 6th, 8th and 10th after it."""

MOST_SAID = 12  # values of one attribute that a card names
OBEYED = 0.5  # a key or an attribute that obeys less is worth a word

CAPTIONER = (
    "It brings a captioner, trained on the same clips: `python -m training caption DATA --captioner {}`."
)


class CardError(GenieError):
    """A card does not say what its report says."""


def write_card(world: WorldSpec) -> Path:
    """Write the card of a world whose folder holds a bundle and the report.json of its last evaluation.

    The bundle's manifest tells the same figures, for programs.
    """
    card = world.path / CARD
    text = written_card(world)
    manifest = read_manifest(world.bundle)
    write_manifest(world.bundle, replace(manifest, scores=summary(read_report(world.path / REPORT).content)))
    card.write_text(text, encoding="utf-8")
    return card


def summary(report: dict[str, Any]) -> dict[str, float]:
    """The figures that a person should see first, by their place in the report."""
    found = ((figure.path, value_at(report["scores"], figure.path)) for figure in FIGURES)
    return {path: value.mean for path, value in found if value is not None}


def written_card(world: WorldSpec) -> str:
    """What the card must say. Raises CardError where there is no report, ReportError where it is none."""
    path = world.path / REPORT
    if not path.is_file():
        raise CardError(f"{path} is missing: python -m training evaluate {world.id} writes one")
    return card_text(world, read_manifest(world.bundle), read_report(path).content)


def card_text(world: WorldSpec, manifest: Manifest, report: dict[str, Any]) -> str:
    """The card as Markdown."""
    keys = ", ".join(f"`{action.name}`" for action in world.actions)
    parts = [
        f"# {world.title}",
        world.description,
        *([f"![what it looks like]({PREVIEW})"] if (world.path / PREVIEW).is_file() else []),
        f"Play it: `python play.py {world.id}`. Actions: {keys}. {manifest.fps} frames a second, "
        f"{manifest.frame_size[1]}x{manifest.frame_size[0]} pixels, "
        f"{manifest.token_shape[0]} tokens a frame.",
        *_words(world),
        "## Scores",
        _scores(report, manifest, _wordings(world)),
        *([STRIPS_TOLD] if (world.path / STRIPS).is_file() else []),
        "## What it learned from",
        _training(manifest),
        *([world.began.strip()] if world.began else []),
        *([CAPTIONER.format(world.id)] if (world.path / CHECKPOINT).is_file() else []),
        "## Credits",
        world.credits.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def check_card(world: WorldSpec) -> None:
    """Hold a card and the bundle's scores against report.json. Raises CardError: what differs first."""
    card = world.path / CARD
    wanted = written_card(world).splitlines()
    found = card.read_text(encoding="utf-8").splitlines()
    for number, (line, right) in enumerate(zip_longest(found, wanted), 1):
        if line != right:
            raise CardError(
                f"{card}:{number} says {line!r} where its report and bundle say {right!r}: "
                f"write it anew with python -m training card {world.id}"
            )
    if read_manifest(world.bundle).scores != summary(read_report(world.path / REPORT).content):
        raise CardError(
            f"{world.bundle} tells other scores than {world.path / REPORT}: "
            f"write them anew with python -m training card {world.id}"
        )


def _scores(report: dict[str, Any], manifest: Manifest, wordings: Mapping[str, Any]) -> str:
    scores = report["scores"]
    rows = ["| | measured | 95% interval | beside it | asked |", "|---|---|---|---|---|"]
    for figure in FIGURES:
        value = value_at(scores, figure.path)
        if value is not None:
            rows.append(_row(figure, value, figure.held_against(scores)))
    return (
        "\n".join(rows)
        + "\n\n"
        + " ".join([*_notes(report, manifest), *_unscored(report["scores"], wordings)])
    )


def _row(figure: Figure, value: Value, against: tuple[Value, str] | None) -> str:
    spread = "" if value.low is None or value.high is None else f"{said(value.low)} to {said(value.high)}"
    beside = "" if against is None else f"{said(against[0].mean)} {against[1]}"
    asked = ""
    if figure.floor is not None:
        bound = f"{'at least' if figure.better > 0 else 'at most'} {figure.floor:g}"
        asked = bound if figure.reached(value.mean) else f"**{bound}: missed**"
    unit = f", {figure.unit}" if figure.unit else ""
    return (
        f"| {figure.title}{unit} | {said(value.mean, beside=figure.floor)} | {spread} | {beside} | {asked} |"
    )


def _notes(report: dict[str, Any], manifest: Manifest) -> list[str]:
    """What a reader must know of the figures."""
    notes = [
        f"Measured by `python -m training evaluate` on {report['data']['clips']} held-out clips, having made "
        f"sure {report['leaks']['world']}; intervals are over clips."
    ]
    if report.get("quick"):
        prompts = report["protocol"]["extent"]["prompts"]
        notes.append(f"This is the quick report, with {prompts} prompts of each kind.")
    if report["bundle"] != manifest.digest:
        notes.append("**The figures are of an earlier bundle than the one shipped.**")
    if verdict := report["scores"].get("judge", {}).get("verdict"):
        notes.append(verdict)
    if verdict := report["scores"].get("judge", {}).get("attributes_verdict"):
        notes.append(verdict)
    if horizon := report["scores"].get("horizon"):
        notes.append(
            f"The share of living sessions is of {horizon['sessions']}: in nine of ten of the last hundred "
            "frames the judge sees the character, where a world has one, and finds the picture no worse than "
            f"a real one spoiled to {horizon['good_enough_db']:.0f} dB{_detailed(horizon)}."
        )
    notes += _least(report["scores"])
    if "named" in report["scores"].get("text", {}):
        notes.append(
            "Prompts begin from the bundle's own start frames, which are of other clips; changes of prompt "
            "begin from these."
        )
    if manifest.trained_on["actions"] == "true keys":
        notes.append(
            "This model is told the true keys: it is the yardstick for latent actions, not yet one of them."
        )
    return notes


def _least(scores: dict[str, Any]) -> list[str]:
    """The key and the attribute that obey least, where that is seldom: means over all hide them."""
    keys = {
        key: told["obeys"]["mean"]
        for key, told in scores.get("counterfactuals", {}).get("by_key", {}).items()
    }
    changes = {
        name: told["changed"]["mean"]
        for name, told in scores.get("text", {}).get("by_attribute", {}).items()
        if "changed" in told
    }
    notes = []
    for obeyed, kind in ((keys, "keys"), (changes, "things that words change")):
        least = min(obeyed, key=obeyed.__getitem__, default="")
        if obeyed and obeyed[least] < OBEYED:
            notes.append(f"Of the {kind}, `{least}` obeys least: {said(obeyed[least])}.")
    return notes


def _unscored(scores: dict[str, Any], wordings: Mapping[str, Any]) -> list[str]:
    """What prompts can name and no figure tells of: what a clip has several values of at once."""
    scored = scores.get("text", {}).get("by_attribute", {})
    names = [f"`{name}`" for name in wordings if name not in scored]
    return [f"Whether {' and '.join(names)} are obeyed is not measured."] if scored and names else []


def _wordings(world: WorldSpec) -> Mapping[str, Mapping[str, Said]]:
    path = world.bundle / PHRASES
    return Phrases.load(path).values if path.is_file() else {}


def _words(world: WorldSpec) -> list[str]:
    """What a prompt can name: the usual wordings of each attribute's values."""
    lines = []
    for name, wordings in _wordings(world).items():
        named = [said_so[0][0] for said_so in wordings.values() if said_so]
        more = f"; and {len(named) - MOST_SAID} more" if len(named) > MOST_SAID else ""
        lines.append(f"- {name.replace('_', ' ')}: {'; '.join(named[:MOST_SAID])}{more}")
    if not lines:
        return []
    example = [f"For example: *{world.prompt}*."] if world.prompt else []
    return ["## What you can say", "\n".join(lines), *example]


def _detailed(horizon: dict[str, Any]) -> str:
    return (
        ", and over all of these there is more to see than in the emptiest hundredth of real clips"
        if "least_detail" in horizon
        else ""
    )


def _training(manifest: Manifest) -> str:
    trained = manifest.trained_on
    lines = [
        f"{trained['frames']:,} frames in {trained['clips']:,} clips; actions as {trained['actions']}.",
        "",
        "| stage | steps | batch | hours |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {s['steps']:,} | {s['batch']} | {s['hours']:.2f} |"
        for name, s in trained["stages"].items()
    ]
    if "ranker" in trained:
        lines += [
            "",
            f"Its first frames are ranked by {trained['ranker']}, a pretrained model that is part of it.",
        ]
    return "\n".join(lines)
