"""A card says what its report says: CI holds every shipped one against its report.json, figure by figure."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from genie.app.details import read_details
from genie.core.manifest import read_manifest, write_manifest
from genie.core.phrases import PHRASES
from genie.worlds import find, read_world
from training.__main__ import main
from training.card import (
    CARD,
    PREVIEW,
    REPORT,
    CardError,
    _least,
    _row,
    _unscored,
    _words,
    check_card,
    write_card,
    written_card,
)
from training.reports.figures import FIGURES, Value

WORLDS = Path(__file__).parents[2] / "worlds"
SHIPPED = sorted(path.parent.name for path in WORLDS.glob(f"*/{REPORT}"))


@pytest.mark.parametrize("world", SHIPPED)
def test_a_shipped_card_says_what_its_report_says(world: str) -> None:
    check_card(find(world))


@pytest.mark.parametrize(
    "world", sorted(path.parent.parent.name for path in WORLDS.glob("*/bundle/manifest.json"))
)
def test_a_shipped_world_has_a_report(world: str) -> None:
    assert world in SHIPPED


@pytest.mark.parametrize("world", SHIPPED)
def test_a_shipped_bundle_is_small_enough_to_be_kept_in_history(world: str) -> None:
    files = [file for file in find(world).bundle.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 25e6
    assert max(file.stat().st_size for file in files) <= 16e6


@pytest.mark.parametrize("world", SHIPPED)
def test_a_shipped_world_begins_at_once_with_what_it_is_asked_for_by_default(world: str) -> None:
    details = read_details(find(world).bundle)
    for seed in range(3):
        assert not details.start_for(details.manifest.default_prompt, seed)[1], "a start frame shows it"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A shipped world's folder, its card and report free to be changed."""
    folder = tmp_path / SHIPPED[0]
    source = WORLDS / SHIPPED[0]
    folder.mkdir()
    shutil.copytree(source / "bundle", folder / "bundle")  # its scores are written anew
    for name in ("world.toml", "source.py", CARD, REPORT, PREVIEW):
        if (source / name).exists():
            shutil.copy(source / name, folder)
    return folder


def test_a_figure_typed_into_a_card_is_caught(copy: Path) -> None:
    card = copy / CARD
    text = card.read_text(encoding="utf-8")
    row = re.search(r"^\| PSNR over 10 predicted frames, dB \| (\d+\.\d+) ", text, re.MULTILINE)
    assert row is not None
    better = f"{float(row[1]) + 0.01:.2f}"
    card.write_text(text[: row.start(1)] + better + text[row.end(1) :], encoding="utf-8")
    line = text[: row.start()].count("\n") + 1
    with pytest.raises(CardError, match=rf"README.md:{line} says .*{better}.* say .*{row[1]}"):
        check_card(read_world(copy))


def test_a_report_that_changed_after_the_card_is_caught_until_the_card_is_written_anew(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.loads((copy / REPORT).read_text(encoding="utf-8"))
    report["scores"]["fidelity"]["delta_psnr"]["low"] -= 0.5
    (copy / REPORT).write_text(json.dumps(report), encoding="utf-8")
    assert main(["card", str(copy), "--check"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "README.md:" in error and "write it anew" in error
    assert main(["card", str(copy)]) == 0
    assert main(["card", str(copy), "--check"]) == 0


def test_a_row_that_was_left_out_is_caught(copy: Path) -> None:
    lines = (copy / CARD).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "ΔPSNR over 10 frames" not in line]
    assert len(kept) == len(lines) - 1
    (copy / CARD).write_text("".join(kept), encoding="utf-8")
    with pytest.raises(CardError):
        check_card(read_world(copy))


def test_a_world_without_a_report_has_no_card_to_write(copy: Path) -> None:
    (copy / REPORT).unlink()
    with pytest.raises(CardError, match=r"report\.json is missing"):
        check_card(read_world(copy))


def test_a_card_says_what_is_missed(copy: Path) -> None:
    report = json.loads((copy / REPORT).read_text(encoding="utf-8"))
    for mean, asked in ((0.949, "**at least 0.95: missed**"), (0.96, "at least 0.95")):
        report["scores"]["text"]["named_at_start"]["mean"] = mean
        (copy / REPORT).write_text(json.dumps(report), encoding="utf-8")
        row = next(line for line in written_card(read_world(copy)).splitlines() if "at the start" in line)
        assert row.endswith(f"| {asked} |")
    report["scores"]["speed"]["median_ms"] = 17.1
    (copy / REPORT).write_text(json.dumps(report), encoding="utf-8")
    assert "| **at most 16.7: missed** |" in written_card(read_world(copy))


def test_a_card_says_which_words_no_figure_tells_of() -> None:
    scores = {"text": {"by_attribute": {"walls": {}}}}
    (note,) = _unscored(scores, {"walls": {}, "objects": {}})
    assert note == "Whether `objects` are obeyed is not measured."
    assert _unscored(scores, {"walls": {}}) == _unscored({}, {"walls": {}}) == []


def test_a_card_shows_the_strips_where_there_are_any(copy: Path) -> None:
    (copy / "strips.png").unlink(missing_ok=True)
    assert "strips.png" not in written_card(read_world(copy))
    (copy / "strips.png").touch()
    assert "](strips.png)" in written_card(read_world(copy))


def test_a_card_says_what_training_began_from(copy: Path) -> None:
    world = copy / "world.toml"
    told = "Its trunk was told other things before."
    lines = [
        "began = '" + told + "'",
        *re.sub(r'began = """.*?"""\n', "", world.read_text(), flags=re.S).splitlines(),
    ]
    world.write_text("\n".join(lines), encoding="utf-8")
    assert f"\n\n{told}\n\n## Credits" in written_card(read_world(copy))


def test_a_bundle_tells_its_reports_figures_and_plays_on_as_it_was(copy: Path) -> None:
    report = json.loads((copy / REPORT).read_text(encoding="utf-8"))
    report["scores"]["fidelity"]["psnr"]["mean"] = 21.5
    (copy / REPORT).write_text(json.dumps(report), encoding="utf-8")
    before = read_manifest(copy / "bundle")
    write_card(read_world(copy))
    after = read_manifest(copy / "bundle")
    assert after.scores["fidelity.psnr"] == 21.5 and after.digest == before.digest
    write_manifest(copy / "bundle", before)
    with pytest.raises(CardError, match="other scores"):
        check_card(read_world(copy))


def test_the_key_and_the_words_that_obey_least_are_named_where_that_is_seldom() -> None:
    def obeys(mean: float) -> dict[str, dict[str, float]]:
        return {"obeys": {"mean": mean}, "changed": {"mean": mean}}

    scores = {
        "counterfactuals": {"by_key": {"left": obeys(0.9), "back": obeys(0.04)}},
        "text": {"by_attribute": {"walls": obeys(0.83), "floor": obeys(0.6)}},
    }
    assert _least(scores) == ["Of the keys, `back` obeys least: 0.04."]
    assert _least({"counterfactuals": {"left_out": "no simulator"}}) == []


def test_a_card_says_what_its_world_can_be_told(copy: Path) -> None:
    words = "\n".join(_words(read_world(copy)))
    assert words.startswith("## What you can say\n") and "; and " in words and " more" in words
    (copy / "bundle" / PHRASES).unlink()
    assert _words(read_world(copy)) == []


def test_living_sessions_stand_beside_the_true_game_where_it_was_played() -> None:
    (alive,) = (figure for figure in FIGURES if figure.path == "horizon.alive")
    horizon: dict[str, Any] = {"alive": 0.64, "alive_of_real": 0.97, "of_true_game": {"alive": 0.67}}
    row = _row(alive, Value(0.64), alive.held_against({"horizon": horizon}))
    assert row.endswith("| 0.67 the true game, same keys | **at least 0.95: missed** |")
    horizon["of_true_game"] = {"left_out": "no simulator"}
    assert "| 0.97 real clips |" in _row(alive, Value(0.64), alive.held_against({"horizon": horizon}))
    assert "|  | **" in _row(alive, Value(0.64), alive.held_against({}))
