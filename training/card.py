"""A world's card: worlds/<id>/README.md, its figures taken from the bundle and report.json, never typed."""

import json
from pathlib import Path
from typing import Any

from genie.core.manifest import Manifest, read_manifest
from genie.worlds import WorldSpec

REPORT = "report.json"
FLOORS = (
    ("tokenizer PSNR on held-out frames, dB", "tokenizer.psnr.mean", 30.0),
    ("PSNR over 10 predicted frames, dB", "fidelity.psnr.mean", None),
    ("the same, copying the last frame, dB", "fidelity.psnr_copy_last_frame.mean", None),
    ("ΔPSNR at step 4 (true minus random actions), dB", "fidelity.delta_psnr_at_4.mean", 1.0),
    ("action accuracy over the judge's own on real clips", "actions.accuracy_over_ceiling", 0.85),
    ("the judge's own accuracy on real clips", "actions.accuracy_real.mean", None),
    (
        "keys that do what they do in the simulator, of all tried (8 frames held)",
        "counterfactuals.obeys.mean",
        None,
    ),
    ("the same, by chance", "counterfactuals.chance", None),
    ("1,000-frame sessions that still show the world and its character", "horizon.alive.mean", 0.95),
    ("whole step, median, ms", "speed.median_ms", 33.0),
)


def write_card(world: WorldSpec) -> Path:
    """Write the card of a world whose folder holds a bundle and the report.json of its last evaluation."""
    manifest = read_manifest(world.bundle)
    report = json.loads((world.path / REPORT).read_text(encoding="utf-8"))
    card = world.path / "README.md"
    card.write_text(card_text(world, manifest, report), encoding="utf-8")
    return card


def card_text(world: WorldSpec, manifest: Manifest, report: dict[str, Any]) -> str:
    """The card as Markdown."""
    keys = ", ".join(f"`{action.name}`" for action in world.actions)
    parts = [
        f"# {world.title}",
        world.description,
        "![what it looks like](preview.gif)",
        f"Play it: `python play.py {world.id}`. Actions: {keys}. {manifest.fps} frames a second, "
        f"{manifest.frame_size[1]}x{manifest.frame_size[0]} pixels, "
        f"{manifest.token_shape[0]} tokens a frame.",
        "## Scores",
        _scores(report, manifest),
        "## What it learned from",
        _training(manifest),
        "## Credits",
        world.credits.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _scores(report: dict[str, Any], manifest: Manifest) -> str:
    rows = ["| | measured | floor |", "|---|---|---|"]
    for title, path, floor in FLOORS:
        value = _find(report["scores"], path)
        if value is not None:
            rows.append(f"| {title} | {value:.2f} | {'' if floor is None else f'{floor:g}'} |")
    stale = (
        ""
        if report["bundle"] == manifest.digest
        else " **They are of an earlier bundle than the one shipped.**"
    )
    clips = report["data"]["clips"]
    source = f"Measured by `training evaluate` on {clips} clips of levels that were never trained on.{stale}"
    if horizon := report["scores"].get("horizon"):
        source += (
            f" The share of living sessions is of {horizon['sessions']}: in nine of ten of the last hundred"
            " frames the judge sees the character and finds the picture no worse than a real one spoiled to"
            f" {horizon['good_enough_db']:.0f} dB."
        )
    if manifest.trained_on["actions"] == "true keys":
        source += (
            " This model is told the true keys: it is the yardstick for latent actions, not yet one of them."
        )
    return "\n".join(rows) + "\n\n" + source


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
    return "\n".join(lines)


def _find(tree: Any, path: str) -> float | None:
    for part in path.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree
