"""report.html: everything that was measured of a world, so that a person sees it."""

from typing import Any

from training.evaluate.evidence import Evidence
from training.pages.render import render
from training.pages.report_sections import sections
from training.pages.section import tiles
from training.reports.figures import Value, all_values, value_at

SURE = 0.95  # a judge's accuracy on real clips below which its verdict is weak


def report_page(report: dict[str, Any], evidence: Evidence, title: str) -> str:
    """The page of a report and of the arrays that its figures were computed from."""
    predicted = evidence.futures.shape[1]
    return render(
        "report.html",
        title=title,
        clips=report["data"]["clips"],
        context=evidence.clips.frames.shape[1] - predicted,
        predicted=predicted,
        facts=_facts(report),
        warnings=_warnings(report),
        tiles=tiles(report["scores"]),
        sections=sections(report["scores"], evidence),
        figures=_figures(report["scores"]),
        protocol=_protocol(report),
    )


def _facts(report: dict[str, Any]) -> list[tuple[str, str]]:
    machine = report.get("machine", {})
    judged = _judged(report["scores"])
    facts = [
        ("world", report["world"]),
        ("bundle", (report.get("bundle") or "none")[:12]),
        ("data", report["data"]["hash"][:12]),
        ("device", machine.get("gpu") or machine.get("device") or "not said"),
        ("genie", report.get("versions", {}).get("genie", "not said")),
    ]
    return facts if judged is None else [*facts, ("judge on real clips", f"{judged.mean:.0%}")]


def _warnings(report: dict[str, Any]) -> list[str]:
    told = []
    scores, judged = report["scores"], _judged(report["scores"])
    if report.get("quick"):
        told.append("A quick report: fewer clips and sessions than the protocol's, so wider intervals.")
    if judged is None:
        told.append("No judge was given: what only a judge can see is not scored.")
    elif judged.mean < SURE:
        told.append(
            scores.get("judge", {}).get("verdict")
            or f"The judge's verdict is weak: it names {judged.mean:.1%} of keys rightly on real frames, "
            f"where {SURE:.0%} are asked."
        )
    if scores.get("judge", {}).get("attributes_weak"):
        told.append(scores["judge"]["attributes_verdict"])
    for name, section in scores.items():
        if "left_out" in section:
            told.append(f"Not scored: {name.replace('_', ' ')}: {section['left_out']}.")
    return told


def _judged(scores: dict[str, Any]) -> Value | None:
    """The judge's own accuracy on real clips."""
    return value_at(scores, "judge.keys") or value_at(scores, "actions.accuracy_real")


def _figures(scores: dict[str, Any]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    found = [
        (
            name.replace("_", " "),
            [
                (path, f"{v.mean:,.4g}", "" if v.low is None else f"{v.low:,.4g} to {v.high:,.4g}")
                for path, v in all_values(section)
            ],
        )
        for name, section in scores.items()
    ]
    return [(name, rows) for name, rows in found if rows]


def _protocol(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        row
        for name, value in report.items()
        if name not in ("scores", "per_clip")
        for row in _flat(name, value)
    ]


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [row for inner, what in value.items() for row in _flat(f"{name}.{inner}", what)]
    return [(name, str(value))]
