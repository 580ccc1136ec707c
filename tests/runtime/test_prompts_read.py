"""Prompts in a session: expanded unless turned off, and the same again when replayed."""

from pathlib import Path

import numpy as np
import pytest

from genie.core.errors import BundleError, PromptError
from genie.core.phrases import PHRASES
from genie.runtime.world import World
from tests.support.tiny_bundle import SAID, start_frames, write_tiny_bundle


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("spoken") / "b", phrases=SAID), device="cpu")


def test_a_start_is_told_in_the_worlds_own_wording(spoken: World) -> None:
    session = spoken.start(prompt="blue dragon on sand")
    assert session.prompt == "a blue sprite on sand"
    reading = session.prompt_reading
    assert (reading.asked, reading.told) == ("blue dragon on sand", "a blue sprite on sand")
    assert reading.unknown == ("dragon",) and reading.understood == ("blue", "sand")


@pytest.mark.parametrize("seed", range(6))
def test_what_a_start_prompt_leaves_open_is_what_the_start_shows(spoken: World, seed: int) -> None:
    session = spoken.start(prompt="sprite", seed=seed, temperature=0)
    starts = spoken.engine.starts
    shown = [i for i, frame in enumerate(starts.frames) if np.array_equal(frame, session.frame)]
    grounds = [starts.captions[i].split(" by ")[0].split()[-1] for i in shown]
    assert [session.prompt.split()[-1]] == grounds


def test_a_change_keeps_what_it_does_not_mention(spoken: World) -> None:
    session = spoken.start(prompt="blue on sand")
    session.prompt = "snow"
    assert session.prompt == "a blue sprite on snow"
    session.step("right")
    session.prompt = "by night"
    assert session.prompt == "the blue sprite on snow by night"
    assert session.prompt_reading.asked == "by night"
    assert session.prompts == [(0, "a blue sprite on snow"), (1, session.prompt)] or len(session.prompts) == 3
    session.rewind(1)
    assert session.prompt_reading.told == session.prompt


def test_prompts_are_told_as_typed_when_expansion_is_off(spoken: World) -> None:
    session = spoken.start(prompt="blue dragon", expand=False)
    assert session.prompt == "blue dragon" and not session.expand_prompts
    assert session.prompt_reading.unknown == ("dragon",)
    session.prompt = "snow"
    assert session.prompt == "snow"
    session.expand_prompts = True
    session.prompt = "red"
    assert session.prompt == "a red sprite on snow"


def test_what_was_told_replays_bit_for_bit(spoken: World) -> None:
    first = spoken.start(prompt="blue on sand", seed=3)
    frames = [first.step("right")]
    first.prompt = "snow"
    frames += [first.step("left") for _ in range(5)]
    again = spoken.start(prompt=first.prompts[0][1], seed=3, expand=False)
    replayed = [again.step("right")]
    again.prompt = first.prompts[1][1]
    replayed += [again.step("left") for _ in range(5)]
    assert np.array_equal(frames, replayed)


def test_the_wording_is_what_the_model_hears(spoken: World) -> None:
    picture = start_frames()[2]
    worded, plain = (
        spoken.start(prompt="blue on sand", image=picture, seed=3, expand=expand) for expand in (True, False)
    )
    assert not np.array_equal(worded.step("right"), plain.step("right"))


def test_the_worlds_own_prompt_is_never_reworded(spoken: World) -> None:
    for session in (spoken.start(), spoken.start(prompt=spoken.manifest.default_prompt)):
        assert session.prompt == spoken.manifest.default_prompt


def test_a_refused_prompt_changes_nothing(spoken: World) -> None:
    session = spoken.start(prompt="blue on sand")
    with pytest.raises(PromptError):
        session.prompt = "x" * 1001
    assert session.prompt_reading.asked == "blue on sand"


def test_reading_a_prompt_changes_nothing(spoken: World) -> None:
    reading = spoken.read_prompt("snow", beside="a blue sprite on sand")
    assert reading.told == "a blue sprite on snow"
    assert spoken.read_prompt("snow", beside="a blue sprite on sand", expand=False).told == "snow"


def test_a_bundle_without_phrases_plays_as_it_always_did(world: World) -> None:
    session = world.start(prompt="blue dragon")
    assert session.prompt == "blue dragon"
    assert session.prompt_reading.unknown == ("dragon",)


def test_phrases_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    import dataclasses

    from genie.core.manifest import read_manifest, write_manifest

    folder = write_tiny_bundle(tmp_path / "b", phrases=SAID)
    manifest = read_manifest(folder)
    (folder / PHRASES).write_text("{}")
    write_manifest(folder, dataclasses.replace(manifest, files={}))
    with pytest.raises(BundleError, match=PHRASES):
        World.open(folder, device="cpu")
