"""compare.html: reports side by side, and their curves over one another."""

import json
from dataclasses import dataclass

from training.pages.curve import CURVES, curve_plot
from training.pages.render import render
from training.reports.differences import Comparison, Entry, same_clips
from training.reports.figures import FIGURES, node_at, said
from training.reports.report import Report

JUDGES = {"sha256": "keys and of long play", "attributes_sha256": "words"}
MARKS = {"better": "good", "worse": "bad"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value with its spread, the change from the first report in words, and the class that colours it."""

    value: str
    change: str
    mark: str


def compare_page(reports: list[Report], rows: list[Comparison]) -> str:
    """The page; `rows` as `compare` gives them."""
    known = {figure.path for figure in FIGURES}
    named = names(reports)
    curves = [(name, report.scores) for name, report in zip(named, reports, strict=True)]
    plots = [curve_plot(curve, curves) for curve in CURVES]
    return render(
        "compare.html",
        title=" against ".join(named) if len(named) == 2 else f"{len(named)} reports",
        names=named,
        how=_how(rows),
        warnings=cautions(reports),
        first=[_row(row) for row in rows if row.figure.path in known],
        others=[_row(row) for row in rows if row.figure.path not in known],
        plots=[plot for plot in plots if plot is not None],
        reports=[
            (
                name,
                report.content["world"],
                report.content["data"]["clips"],
                report.content["data"]["hash"][:12],
                report.content.get("machine", {}).get("device", "not said"),
                str(report.path),
            )
            for name, report in zip(named, reports, strict=True)
        ],
    )


def names(reports: list[Report]) -> list[str]:
    """What the reports are called; those of the same name are told apart by their folders, or numbered."""
    told = [report.name for report in reports]
    if len(set(told)) < len(told):
        told = [f"{name} ({report.path.parent.name})" for name, report in zip(told, reports, strict=True)]
    if len(set(told)) < len(told):
        told = [f"{number}. {name}" for number, name in enumerate(told, 1)]
    return told


def cautions(reports: list[Report]) -> list[str]:
    """What a reader must know before comparing."""
    told = []
    if any(not same_clips(reports[0], report) for report in reports):
        told.append(
            "Not all reports were measured on the same clips: differences may be the clips', not the models'."
        )
    if len({node_at(report.scores, "counterfactuals.asked") for report in reports} - {None}) > 1:
        told.append("Keys were not held at the same moments: what they do may differ by that.")
    for judge, reads in JUDGES.items():
        if len({(report.content.get("judge") or {}).get(judge) for report in reports} - {None}) > 1:
            told.append(f"Not all were read by the same judge: what it says of {reads} cannot be compared.")
    if len({_rules(report) for report in reports} - {None}) > 1:
        told.append("Not all were measured by the same rules (`protocol`): what these count may differ.")
    if len({report.content["world"] for report in reports}) > 1:
        told.append("The reports are of different worlds.")
    if len({str(report.content.get("machine")) for report in reports}) > 1:
        told.append("The reports were made on different machines: their speeds cannot be compared.")
    return told


def _rules(report: Report) -> str | None:
    """How it was measured, but for how much of it."""
    rules = {name: value for name, value in report.content.get("protocol", {}).items() if name != "extent"}
    return json.dumps(rules, sort_keys=True) if rules else None


def change_said(entry: Entry, unit: str) -> str:
    """The change in words: "+1.20 dB, better"; "-0.10 ± 0.40 dB, within noise"."""
    if entry.change is None:
        return ""
    if entry.verdict == "same":
        return "same"
    sign = "+" if entry.change > 0 else "-"
    noise = "" if entry.noise is None else f" ± {said(entry.noise)}"
    return f"{sign}{said(abs(entry.change))}{noise}{f' {unit}' if unit else ''}, {entry.verdict}"


def value_said(entry: Entry, unit: str) -> str:
    """A value with its unit, or a dash."""
    return "-" if entry.value is None else said(entry.value.mean, unit)


def _how(rows: list[Comparison]) -> str:
    """How the noise was found."""
    if any(entry.paired for row in rows for entry in row.entries):
        return "Where reports give each clip's value, the same clips are compared one by one."
    return "The reports' own intervals are taken to be independent, which on the same clips is cautious."


def _row(row: Comparison) -> dict[str, object]:
    unit = row.figure.unit
    cells = [
        Cell(
            value=value_said(entry, unit),
            change=change_said(entry, unit),
            mark=MARKS.get(entry.verdict, "noise"),
        )
        for entry in row.entries
    ]
    return {"title": row.figure.title, "cells": cells}
