"""A report is read only where it follows the schema, and what is wrong is said in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.reports.report import ReportError, read_report, write_report


def report(**changes: Any) -> dict[str, Any]:
    """The least that another program has to say, with one figure."""
    interval = {"mean": 22.0, "low": 21.0, "high": 23.0}
    content = {
        "schema": 2,
        "world": "coinrun",
        "data": {"hash": "abc", "clips": 60},
        "scores": {"fidelity": {"psnr": interval, "psnr_by_step": [25.0, 22.5]}},
    }
    return content | changes


def saved(folder: Path, content: Any) -> Path:
    path = folder / "report.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_report_of_any_program_is_read_by_file_or_by_folder(tmp_path: Path) -> None:
    path = saved(tmp_path, report(name="their model", anything="else"))
    assert (
        read_report(path).content
        == read_report(tmp_path).content
        == report(name="their model", anything="else")
    )
    assert read_report(path).name == "their model"
    assert read_report(saved(tmp_path, report(bundle="0123456789ab"))).name == "coinrun 01234567"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 1}, "schema: 2 was expected"),
        ({"data": {"hash": "abc"}}, "data: 'clips' is a required property"),
        ({"data": {"hash": "abc", "clips": 0}}, "data.clips: 0 is less than the minimum of 1"),
        ({"scores": {"fidelity": {"psnr": "good"}}}, "scores.fidelity.psnr: 'good'"),
        ({"scores": {"fidelity": {"psnr": {"mean": 22.0}}}}, "scores.fidelity.psnr"),
        ({"scores": {"fidelity": {"psnr_by_step": [1.0, "2"]}}}, "scores.fidelity.psnr_by_step.1"),
        ({"scores": {"actions": {"confusion": [[1, -1]]}}}, "scores.actions.confusion.0.1"),
        ({"per_clip": {"fidelity.psnr": ["a"]}}, "per_clip.fidelity.psnr.0"),
    ],
)
def test_what_breaks_the_schema_is_refused_in_one_line(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = saved(tmp_path, report(**change))
    with pytest.raises(ReportError) as refused:
        read_report(path)
    line = str(refused.value)
    assert line.startswith(f"{path}: not a report of schema 2: ") and said in line and "\n" not in line


def test_what_is_no_report_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no report can be read there"):
        read_report(tmp_path / "missing.json")
    (tmp_path / "report.json").write_text("not json", encoding="utf-8")
    with pytest.raises(ReportError, match="no JSON"):
        read_report(tmp_path)
    for content in (None, [], 3):
        with pytest.raises(ReportError, match="the whole: "):
            read_report(saved(tmp_path, content))


def test_a_written_report_is_read_back_and_has_its_lists_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_report(report(), path)
    assert read_report(path).content == report()
    assert '"psnr_by_step": [25.0, 22.5]' in path.read_text(encoding="utf-8")
    with pytest.raises(ReportError):
        write_report(report(schema=3), path)
    with pytest.raises(ValueError):
        write_report(report(note=float("nan")), path)
    assert read_report(path).content == report(), "what was there stays"
