"""Reports side by side: real differences are told from noise, and what cannot be compared is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genie.core.errors import UsageError
from training.__main__ import main
from training.pages.compare_page import cautions, compare_page, names
from training.reports.compare import compare_files
from training.reports.differences import Entry, compare
from training.reports.report import Report


def a_report(name: str, psnr: tuple[float, float, float], **changes: Any) -> Report:
    mean, low, high = psnr
    content = {
        "schema": 2,
        "name": name,
        "world": "coinrun",
        "data": {"hash": "abc", "clips": 4},
        "machine": {"device": "cpu"},
        "scores": {
            "fidelity": {
                "psnr": {"mean": mean, "low": low, "high": high},
                "psnr_by_step": [mean + 1, mean - 1],
            },
            "speed": {"median_ms": 20.0},
        },
    }
    return Report(path=Path(name) / "report.json", content=content | changes)


def entry(*reports: Report, path: str = "fidelity.psnr") -> Entry:
    """What is said of the last report's figure."""
    (row,) = [row for row in compare(list(reports)) if row.figure.path == path]
    return row.entries[-1]


def test_a_difference_beyond_the_noise_of_both_is_told_better_or_worse() -> None:
    low, high = a_report("low", (20, 19, 21)), a_report("high", (22, 21, 23))
    assert entry(low, high).verdict == "better"
    assert entry(high, low).verdict == "worse"
    assert entry(high, low).change == pytest.approx(-2)
    assert entry(high, low).noise == pytest.approx(2**0.5), "of independent errors the squares add up"


def test_a_difference_within_the_noise_is_marked_so() -> None:
    old = a_report("old", (20, 19, 21))
    assert entry(old, a_report("new", (21.4, 20.4, 22.4))).verdict == "within noise"
    assert entry(old, a_report("new", (21.5, 20.5, 22.5))).verdict == "better"
    assert entry(old, a_report("new", (20, 18, 22))).verdict == "same"


def test_less_is_better_of_milliseconds_and_a_figure_without_interval_says_so() -> None:
    old = a_report("old", (20, 19, 21))
    fast = {"median_ms": {"mean": 10.0, "low": 9.0, "high": 11.0}}
    slow = {"median_ms": {"mean": 30.0, "low": 29.0, "high": 31.0}}
    faster, slower = (a_report("new", (20, 19, 21), scores={"speed": speed}) for speed in (fast, slow))
    assert entry(slower, faster, path="speed.median_ms").verdict == "better"
    assert entry(faster, slower, path="speed.median_ms").verdict == "worse"
    assert entry(old, faster, path="speed.median_ms").verdict == "no interval"


def test_on_the_same_clips_small_steady_gains_are_seen() -> None:
    rng = np.random.default_rng(0)
    clips = rng.normal(20, 4, 100)
    better = clips + rng.normal(0.3, 0.2, 100)
    wide = 0.8
    reports = [
        a_report(
            name,
            (float(values.mean()), float(values.mean()) - wide, float(values.mean()) + wide),
            per_clip={"fidelity.psnr": values.tolist()},
        )
        for name, values in (("old", clips), ("new", better))
    ]
    assert entry(*reports).paired and entry(*reports).verdict == "better"
    assert entry(*reports).noise == pytest.approx(1.96 * 0.2 / 10, rel=0.3)
    other = a_report("new", (20.3, 19.5, 21.1), per_clip={"fidelity.psnr": better.tolist()})
    other.content["data"]["hash"] = "of other clips"
    assert not entry(reports[0], other).paired and entry(reports[0], other).verdict == "within noise"
    with_noise = a_report("same", (20, 19, 21), per_clip={"fidelity.psnr": rng.permutation(clips).tolist()})
    assert entry(reports[0], with_noise).verdict == "within noise"


def test_a_few_sessions_that_all_differ_alike_are_no_certainty() -> None:
    def report(name: str, alive: list[float], low: float, high: float, asked: str = "") -> Report:
        told = {"mean": float(np.mean(alive)), "low": low, "high": high}
        scores = {"horizon": {"alive": told}, "text": {"named": told, "asked": asked}}
        sessions = {"horizon.alive": alive, "text.named": alive}
        return a_report(name, (20, 19, 21), scores=scores, per_clip=sessions)

    dead, living = report("dead", [0.0] * 3, 0.0, 0.56), report("living", [1.0] * 3, 0.44, 1.0)
    found = entry(dead, living, path="horizon.alive")
    assert not found.paired and found.noise == pytest.approx(np.hypot(0.56, 0.56))
    mixed = [0.0, 1.0] * 10
    before, after = (report(name, rows, 0.3, 0.7, name) for name, rows in (("a", mixed), ("b", mixed[::-1])))
    assert entry(before, after, path="horizon.alive").paired
    assert not entry(before, after, path="text.named").paired, "of other prompts"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("counterfactuals.obeys", "counterfactuals"),
        ("held_keys.accuracy", "counterfactuals"),
        ("horizon.alive", "horizon"),
        ("text.unseen.named_at_start", "text.unseen"),
    ],
)
def test_other_moments_sessions_and_prompts_are_not_compared_one_by_one(path: str, place: str) -> None:
    def report(name: str, asked: str | None, rows: list[float]) -> Report:
        scores: dict[str, Any] = {}
        for dotted, told in ((path, {"mean": 0.5, "low": 0.3, "high": 0.7}), (f"{place}.asked", asked)):
            *outer, last = dotted.split(".")
            node = scores
            for part in outer:
                node = node.setdefault(part, {})
            node[last] = told
        return a_report(name, (20, 19, 21), scores=scores, per_clip={path: rows})

    mixed = [0.0, 1.0] * 9 + [0.0, 0.0]
    first, other = report("a", "one", mixed), report("b", "another", mixed[::-1])
    assert entry(first, report("c", "one", mixed[::-1]), path=path).paired
    assert not entry(first, other, path=path).paired
    assert not entry(first, report("d", None, mixed[::-1]), path=path).paired, "an earlier way of asking"
    assert ("same moments" in " ".join(cautions([first, other]))) == (place == "counterfactuals")


def test_the_true_game_is_never_compared_session_by_session() -> None:
    def report(name: str, rows: list[float]) -> Report:
        scores = {"horizon": {"of_true_game": {"alive": {"mean": 0.5, "low": 0.3, "high": 0.7}}}}
        return a_report(name, (20, 19, 21), scores=scores, per_clip={"horizon.of_true_game.alive": rows})

    rows = [0.0, 1.0] * 9 + [0.0, 0.0]
    assert not entry(report("a", rows), report("b", rows[::-1]), path="horizon.of_true_game.alive").paired


def test_figures_that_only_some_reports_have_are_held_against_the_first_that_has_them() -> None:
    bare = a_report("bare", (20, 19, 21), scores={"speed": {"median_ms": 5.0}})
    old, new = a_report("old", (20, 19, 21)), a_report("new", (25, 24, 26))
    assert entry(bare, old, new).change == pytest.approx(5)
    assert [row.figure.path for row in compare([bare, old])] == ["speed.median_ms"]
    odd = [a_report(n, (20, 19, 21), scores={"theirs": {"loss": v}}) for n, v in (("a", 1.0), ("b", 2.0))]
    assert entry(*odd, path="theirs.loss").verdict == "no interval"


def test_what_cannot_be_compared_is_said() -> None:
    old = a_report("old", (20, 19, 21))
    assert cautions([old, a_report("new", (21, 20, 22))]) == []
    other = a_report("new", (21, 20, 22), data={"hash": "xyz", "clips": 4}, machine={"device": "cuda"})
    said = " ".join(cautions([old, other]))
    assert "same clips" in said and "different machines" in said and "different worlds" not in said
    judged = [a_report(name, (2, 1, 3), judge={"sha256": name}) for name in ("a", "b")]
    assert "same judge" in " ".join(cautions(judged)) and cautions([judged[0], old]) == []
    both, attributes_alone, other_eyes = (
        a_report(name, (2, 1, 3), judge=judge)
        for name, judge in (
            ("both", {"sha256": "a", "attributes_sha256": "b"}),
            ("theirs", {"sha256": "a"}),
            ("other", {"sha256": "a", "attributes_sha256": "c"}),
        )
    )
    assert cautions([both, attributes_alone]) == [], "the one judge that both have is the same"
    (said,) = cautions([both, other_eyes])
    assert "same judge" in said and "words" in said and "keys" not in said
    assert "different worlds" in " ".join(cautions([old, a_report("new", (2, 1, 3), world="maze")]))


def test_reports_of_one_name_are_told_apart() -> None:
    twice = [a_report("same", (20, 19, 21)), a_report("same", (21, 20, 22))]
    assert names(twice) == ["1. same (same)", "2. same (same)"]
    assert names([a_report("a", (1, 0, 2)), a_report("b", (1, 0, 2))]) == ["a", "b"]


def test_the_page_shows_each_value_and_escapes_names() -> None:
    reports = [a_report("old", (20, 19, 21)), a_report("<b>new", (22.25, 22, 22.5))]
    page = compare_page(reports, compare(reports))
    assert "22.25 dB" in page and "+2.25 ± 1.03 dB, better" in page
    assert "<b>new" not in page and "&lt;b&gt;new" in page
    assert page.count("<polyline") == 2, "a line a report in the one plot there is"
    assert "http://" not in page and "https://" not in page, "it needs nothing from anywhere"


def test_the_command_prints_a_table_and_writes_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    for report in (a_report("old", (20, 19, 21)), a_report("new", (20.1, 19, 21))):
        (tmp_path / report.name).mkdir()
        (tmp_path / report.path).write_text(json.dumps(report.content), encoding="utf-8")
    page = tmp_path / "out" / "page.html"
    assert main(["compare", str(tmp_path / "old"), str(tmp_path / "new"), "--out", str(page)]) == 0
    assert "within noise" in capsys.readouterr().out
    assert "within noise" in page.read_text(encoding="utf-8")
    assert main(["compare", str(tmp_path / "old"), "--out", str(page)]) == 2
    assert main(["compare", str(tmp_path / "old"), str(tmp_path / "gone"), "--out", str(page)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 2 and "no report can be read there" in error
    with pytest.raises(UsageError):
        compare_files([], page)
