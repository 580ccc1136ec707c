"""Whoever has learned from what is scored is refused, in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genie.clips.frame_store import FrameStore
from genie.core.manifest import Manifest, read_manifest
from tests.training.evaluate.test_measuring import save_judge
from training.__main__ import main
from training.evaluate.leaks import LeakError, check_judge, check_world

HONEST: dict[str, Any] = {"data_hash": "others", "levels": [1, 2, 3], "simulated_levels": [0, 50]}


def test_an_honest_judge_passes(tests: FrameStore) -> None:
    assert "no level" in check_judge(HONEST, tests, range(100, 200))


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        ({"data_hash": "tiny"}, "very clips"),
        ({"levels": [1, 105, 103]}, r"2 of the levels .*103, 105"),
        ({"simulated_levels": [90, 101]}, r"1 of the levels .*100"),
        ({"levels": [150]}, r"1 of the levels .*150"),  # of the simulator's moments, if of no clip
    ],
)
def test_a_judge_that_saw_what_is_scored_is_refused(tests: FrameStore, leak: dict, said: str) -> None:
    with pytest.raises(LeakError, match=said):
        check_judge(HONEST | leak, tests, range(100, 200))


def test_a_judge_that_does_not_say_is_refused(tests: FrameStore) -> None:
    with pytest.raises(LeakError, match="does not say"):
        check_judge(None, tests, None)


def test_what_cannot_be_known_is_said(tests: FrameStore) -> None:
    assert "not known" in check_judge(HONEST | {"levels": None}, tests, None)
    nameless = FrameStore(**{**vars(tests), "attributes": [{}] * len(tests.attributes)})
    assert "not known" in check_judge(HONEST, nameless, None)


@pytest.fixture
def manifest(tiny_bundle: Path) -> Manifest:
    return read_manifest(tiny_bundle)


def trained(manifest: Manifest, **on: Any) -> Manifest:
    return Manifest(**{**vars(manifest), "trained_on": on})


def test_a_world_trained_on_what_is_scored_is_refused(tests: FrameStore, manifest: Manifest) -> None:
    assert "no level" in check_world(trained(manifest, data_hash="a", levels=[0, 100]), tests, None, None)
    assert "not known" in check_world(trained(manifest, data_hash="a"), tests, None, None)
    with pytest.raises(LeakError, match="very clips"):
        check_world(trained(manifest, data_hash="tiny"), tests, None, None)
    with pytest.raises(LeakError, match=r"2 of the levels .*100, 101"):
        check_world(trained(manifest, data_hash="a", levels=[0, 102]), tests, None, None)


def test_the_command_refuses_a_leaked_judge_in_one_line(
    tiny_bundle: Path,
    tests: FrameStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(FrameStore, "open", lambda folder, split, cache=None: tests)
    run = save_judge(tmp_path / "run", HONEST | {"levels": [100]})
    command = ["evaluate", str(tiny_bundle), "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main([*command, "--judge", str(run), "--quick"]) == 1
    told = capsys.readouterr().err.strip()
    assert "\n" not in told and "the judge has learned from 1 of the levels" in told
    assert not (tmp_path / "out").exists()


def test_what_a_world_began_with_counts_as_its_own(tests: FrameStore, manifest: Manifest) -> None:
    def check(scored: range | None = None, **before: Any) -> str:
        told = {"data_hash": "b", "levels": [0, 50], **before}
        began = trained(manifest, data_hash="a", levels=[50, 100], began_with=[told])
        return check_world(began, tests, None, scored)

    assert "weights it began with" in check()
    assert "not known" in check(levels=None)
    with pytest.raises(LeakError, match=r"2 of the levels .*100, 101"):
        check(levels=[0, 102])
    with pytest.raises(LeakError, match="very clips"):
        check(data_hash="tiny")


def test_the_levels_that_the_simulators_moments_are_of_count_too(
    tests: FrameStore, manifest: Manifest
) -> None:
    honest = trained(manifest, data_hash="a", levels=[0, 100])
    assert "no level" in check_world(honest, tests, None, range(100, 200))
    with pytest.raises(LeakError, match=r"2 of the levels .*98, 99"):
        check_world(honest, tests, None, range(98, 200))
