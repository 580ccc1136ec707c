"""Whether pictures obey words: a table by attribute, prompts played, and prompts changed in play."""

from typing import Any

import numpy as np

from training.evaluate.examples import by_rule
from training.evaluate.text import TextEvidence
from training.evaluate.wording import SECOND, Changed
from training.pages.picture import film
from training.pages.section import Section
from training.pages.strip import Group, Row, Strip, shown_width
from training.reports.figures import said, value_at

PLAYED = (0, 1, 3, 6, 10, 15, 20, 29)  # frames after the start, or after the change, that are shown
COLUMNS = (
    ("named_at_start", "at the start"),
    ("named", "after a second"),
    ("named_by_chance", "by chance"),
    ("named_in_real_clips", "real clips"),
    ("named_calibrated", "calibrated"),
    ("changed", "changed"),
    ("changed_calibrated", "calibrated"),
    ("changed_unasked", "left alone"),
    ("others_kept", "others kept"),
)


def text_section(scores: dict[str, Any], evidence: TextEvidence | None) -> Section:
    """The section; empty where text is not scored."""
    text = scores.get("text", {})
    return Section(
        id="text",
        title="Words",
        note=_note(text, scores.get("judge", {})),
        table=_table(text.get("by_attribute", {})),
        strips=[] if evidence is None else [_prompts(evidence), *_changes(evidence)],
    )


def _note(text: dict[str, Any], judge: dict[str, Any]) -> str:
    told = [
        judge.get("attributes_verdict", ""),
        "Prompts name every attribute that captions speak of and are played from the prompt alone, the way a "
        "player starts. Then prompts are changed in play, one attribute at a time, from real starts. Both are"
        f" read from {SECOND} frames on. Calibrated: what can be believed, the judge's errors on real clips "
        "being what they are. Left alone: the same start and keys, the prompt not changed.",
    ]
    unseen = value_at(text, "unseen.named")
    if unseen is not None:
        told.append(
            f"Of combinations that no training clip has, {said(unseen.mean)} are read after a second."
        )
    return " ".join(part for part in told if part)


def _table(by_attribute: dict[str, Any]) -> list[tuple[str, ...]] | None:
    if not by_attribute:
        return None
    rows = []
    for attribute, figures in by_attribute.items():
        values = [value_at(figures, name) for name, _ in COLUMNS]
        cells = ("" if value is None else said(value.mean) for value in values)
        rows.append((attribute.replace("_", " "), *cells))
    return [("attribute", *(title for _, title in COLUMNS)), *rows]


def _prompts(evidence: TextEvidence) -> Strip:
    """The best, the median and the worst prompt by how much of it is read."""
    told, chosen = evidence.told, by_rule(evidence.hits)
    asked = "; ".join(f"{place}: “{told.prompts[number].text}”" for place, number in chosen.items()) + "."
    rows = []
    for place, number in chosen.items():
        rows.append(
            Row(
                name=place,
                pictures=(film(told.frames[number, list(PLAYED)], alt=f"{place} prompt"),),
            )
        )
    return Strip(
        title="Prompts played",
        note=f"By the share of attributes that is read after a second. {asked}",
        width=shown_width(told.frames),
        groups=(Group(title="", columns=("start", *(f"+{step}" for step in PLAYED[1:]))),),
        rows=tuple(rows),
    )


def _changes(evidence: TextEvidence) -> list[Strip]:
    """One start, its prompt left as it was and changed: the median one by how far the picture moves."""
    changed = evidence.changed
    if not len(changed.frames):
        return []
    chosen = by_rule(_moved(changed))["Median"]
    steps = [step - 1 for step in PLAYED if step]
    names = ["left alone"]
    for place, name in enumerate(evidence.names):
        values = evidence.values[place]
        was, asked = values[changed.before[chosen, place]], values[changed.asked[chosen, place]]
        names.append(f"{name.replace('_', ' ')}: {was} → {asked}")
    rows = tuple(
        Row(name=name, pictures=(film(frames[steps], alt=name),))
        for name, frames in zip(names, changed.frames[chosen], strict=True)
    )
    return [
        Strip(
            title=f"Prompts changed in play, start {chosen} of {len(changed.frames)}",
            note=f"“{changed.captions[chosen][0]}”; of all starts the median one by how far changes move the "
            "picture. Frames after the change.",
            width=shown_width(changed.frames),
            groups=(Group(title="", columns=tuple(f"+{step + 1}" for step in steps)),),
            rows=rows,
        )
    ]


def _moved(changed: Changed) -> np.ndarray:
    """How far the pictures of the changes end from that of the prompt left alone: [C]."""
    last = changed.frames[:, :, -1].astype(np.float32)
    return np.abs(last[:, 1:] - last[:, :1]).mean((1, 2, 3, 4))
