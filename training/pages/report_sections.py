"""The sections of a report's page, each with what it shows."""

from typing import Any

import numpy as np
from markupsafe import Markup

from training.evaluate.evidence import Evidence
from training.pages.code_section import code_section
from training.pages.confusion import Confusion, confusion_table
from training.pages.curve import FIDELITY, HORIZON, LONG_HORIZON, Curve, curve_plot
from training.pages.revisit_strip import revisit_strips
from training.pages.section import Section
from training.pages.strip import Strip, clip_strips, held_strip, key_strip
from training.pages.text_section import text_section
from training.reports.figures import all_values, said, value_at

PRESSED = "Row: the key pressed; column: the key the judge named. Per cent of the row."
HELD = "Row: the key held; column: the key the judge named, or one that does the same there."
NEAREST = "Row: the key held; column: the key whose true future is nearest. Per cent of the row."
SHOWN = {
    "judge",
    "tokenizer",
    "fidelity",
    "revisits",
    "counterfactuals",
    "held_keys",
    "actions",
    "text",
    "horizon",
    "long_horizon",
    "speed",
}
CONFUSIONS = {
    "counterfactuals": ("Against the simulator", NEAREST),
    "held_keys_real": ("The judge on true futures", HELD),
    "held_keys": ("The judge on the world's futures", HELD),
    "actions_real": ("Frame by frame, real clips", PRESSED),
    "actions": ("Frame by frame, generated clips", PRESSED),
}


def sections(scores: dict[str, Any], evidence: Evidence) -> list[Section]:
    """All that there is something to show for."""
    made = [
        _judge(scores, evidence),
        _fidelity(scores, evidence),
        _revisits(scores, evidence),
        _keys(scores, evidence),
        *([code_section(evidence.codes, evidence.actions)] if evidence.codes else []),
        text_section(scores, evidence.text),
        _horizon(scores),
        *_others(scores),
        _speed(scores),
    ]
    return [section for section in made if section.table or section.plots or section.strips]


def _judge(scores: dict[str, Any], evidence: Evidence) -> Section:
    judge = scores.get("judge", {})
    rows = [
        (title, value_at(judge, path))
        for title, path in (
            ("keys named", "keys"),
            ("character seen where it is", "present"),
            ("none seen where it is not", "absent"),
            ("quality misjudged by, dB", "quality_off_db"),
            *((f"{name} named", f"attributes.{name}") for name in judge.get("attributes", {})),
        )
    ]
    table = [
        (
            title,
            said(value.mean),
            "" if value.low is None else f"{said(value.low)} to {said(value.high or 0)}",
        )
        for title, value in rows
        if value is not None
    ]
    return Section(
        id="judge",
        title="The judge",
        note="A judge is trained on real clips only, of levels that neither the world nor this report uses. "
        "What it makes of real held-out clips stands beside what it makes of generated ones.",
        table=[("on real clips", "measured", "95%"), *table] if table else None,
        plots=_confusions(evidence, "held_keys_real", "held_keys", "actions_real", "actions"),
    )


def _fidelity(scores: dict[str, Any], evidence: Evidence) -> Section:
    clips = evidence.clips
    return Section(
        id="fidelity",
        title="Fidelity",
        note="Real held-out clips, predicted under their true keys. The clips with the best, the median and "
        "the worst PSNR over the predicted frames, chosen by that rule and not by eye.",
        plots=_curves(scores, FIDELITY),
        strips=clip_strips(clips.frames, evidence.futures, clips.actions, clips.captions, evidence.actions),
    )


def _revisits(scores: dict[str, Any], evidence: Evidence) -> Section:
    made = evidence.revisited
    return Section(
        id="revisits",
        title="Coming back",
        note="Ways of real clips that leave a view and come back to it, walked by the world under the same "
        "keys: does it remember what it no longer shows? Remembered: the frame that was left, beside the "
        "real one come back to. Forgotten: some other place.",
        table=_table(scores.get("revisits", {})),
        strips=revisit_strips(made, evidence.actions) if made and made.revisits else [],
    )


def _keys(scores: dict[str, Any], evidence: Evidence) -> Section:
    strips: list[Strip] = []
    if evidence.branches is not None and evidence.imagined is not None:
        past, _, futures, captions = evidence.branches
        strips = [key_strip(past, futures, evidence.imagined, captions, evidence.actions)]
        note = (
            "The simulator is put back to the same moment and every key is held in turn, so that the world's "
            "future under each key stands beside the true one. A future obeys when its own key's true future "
            "is the nearest of all. The start shown is the one of median PSNR among the half in which the "
            "keys differ most."
        )
    else:
        note = "The same start under each key: that of the clip of median PSNR."
    if evidence.held is not None:
        strips.append(
            held_strip(evidence.held, evidence.actions, title="Each key held from the same frame", note="")
        )
    return Section(
        id="keys",
        title="What each key does",
        note=note,
        table=_by_key(scores.get("counterfactuals", {}).get("by_key", {})),
        plots=_confusions(evidence, "counterfactuals"),
        strips=strips,
    )


def _horizon(scores: dict[str, Any]) -> Section:
    return Section(
        id="horizon",
        title="Long play",
        note="Sessions played on and on from real starts, each key held for a third of a second or so.",
        plots=_curves(scores, (*HORIZON, *LONG_HORIZON)),
    )


def _speed(scores: dict[str, Any]) -> Section:
    return Section(
        id="speed",
        title="Speed",
        note="The whole step from key to frame, decoding included, one session with nothing beside it.",
        table=_table(scores.get("speed", {})),
    )


def _others(scores: dict[str, Any]) -> list[Section]:
    """Sections of a report that have no pictures of their own."""
    return [
        Section(
            id=name,
            title=name.replace("_", " ").capitalize(),
            note=section.get("note", ""),
            table=_table(section),
        )
        for name, section in scores.items()
        if name not in SHOWN or (name == "text" and "by_attribute" not in section)  # another program's
    ]


def _table(section: dict[str, Any]) -> list[tuple[str, ...]] | None:
    """Every figure of a section, its path in words."""
    rows = [
        (
            path.replace("_", " ").replace(".", ", "),
            said(value.mean),
            "" if value.low is None or value.high is None else f"{said(value.low)} to {said(value.high)}",
        )
        for path, value in all_values(section)
    ]
    return [("", "measured", "95%"), *rows] if rows else None


def _curves(scores: dict[str, Any], curves: tuple[Curve, ...]) -> tuple[Markup, ...]:
    drawn = (curve_plot(curve, [("model", scores)]) for curve in curves)
    return tuple(plot for plot in drawn if plot is not None)


def _confusions(evidence: Evidence, *names: str) -> tuple[Markup, ...]:
    tables = []
    for name in names:
        counts = evidence.confusions.get(name)
        if counts is not None:
            title, note = CONFUSIONS[name]
            keys = evidence.actions
            tables.append(
                confusion_table(
                    Confusion(title=title, note=note, rows=keys, columns=keys, counts=np.asarray(counts))
                )
            )
    return tuple(tables)


def _by_key(by_key: dict[str, dict[str, Any]]) -> list[tuple[str, ...]] | None:
    if not by_key:
        return None
    heads = list(next(iter(by_key.values())))
    rows = []
    for key, figures in by_key.items():
        values = [value_at(figures, head) for head in heads]
        rows.append((key, *("" if value is None else said(value.mean) for value in values)))
    return [("key held", *heads), *rows]
