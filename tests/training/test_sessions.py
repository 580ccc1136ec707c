"""A folder of sessions is a dataset: the frames that were played, their actions and their timed prompts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from genie.clips.clip_folder import ClipFolder
from genie.clips.frame_store import UNKNOWN, FrameStore
from genie.clips.metadata import TimedCaption
from genie.clips.session_log import SessionHeader
from genie.clips.session_writer import SessionWriter
from genie.core.errors import ClipError
from genie.runtime.world import World
from tests.support.played_session import FIRST, SECOND, THIRD, played, record
from tests.support.tiny_bundle import NAMES, write_tiny_bundle
from training.sessions import SessionsConfig, render_sessions


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.open(write_tiny_bundle(tmp_path_factory.mktemp("world") / "bundle"), device="cpu")


def config(tmp_path: Path, world: World, **changes: object) -> SessionsConfig:
    base = {
        "folder": tmp_path / "s",
        "out": tmp_path / "out",
        "world": world.engine.folder,
        "frames": 20,
        "shortest": 4,
    }
    return SessionsConfig(**{**base, **changes})  # type: ignore[arg-type]


def quiet(done: int, total: int) -> None:
    pass


def test_a_store_of_sessions_holds_frames_actions_and_prompts_as_played(tmp_path: Path, world: World) -> None:
    actions = played(46), played(9)
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    frames = (
        record(tmp_path / "s" / "a.genie-session", world, actions[0]),
        record(tmp_path / "s" / "deep" / "b.genie-session", world, actions[1], seed=8, image=picture),
    )
    rendered = render_sessions(config(tmp_path, world), quiet)
    assert rendered.sessions == ("a", "deep-b")
    assert rendered.left_out == ()
    store = FrameStore.open(tmp_path / "out", "train")
    # 47 frames are clips of 20, 20 and 7; action t leads from frame t to t + 1, so none leads over a cut
    assert np.diff(store.starts).tolist() == [20, 20, 7, 10]
    np.testing.assert_array_equal(store.frames, np.concatenate(frames))
    told = [*actions[0], UNKNOWN, *actions[1], UNKNOWN]
    told[19] = told[39] = UNKNOWN
    assert store.actions.tolist() == told
    assert store.action_names == NAMES
    assert store.fps == world.fps
    captions = [store.captions[i] for i in store.caption_of]
    # what is asked for at frame 5 is there at frame 6
    assert captions == [FIRST] * 6 + [SECOND] * 17 + [THIRD] * 24 + [FIRST] * 6 + [SECOND] * 4
    assert store.clip_captions == [FIRST, SECOND, THIRD, FIRST]
    first, second, _, last = ClipFolder(tmp_path / "out")
    assert (first.seed, last.seed, first.source) == (3, 8, "tiny")
    assert second.captions == (
        TimedCaption(start=0, end=3, text=SECOND),
        TimedCaption(start=3, end=20, text=THIRD),
    )
    assert second.attributes["first_frame"] == 20


@pytest.mark.parametrize("kept", [True, False], ids=["tokens kept", "frames made again"])
def test_every_branch_counts_once_and_painted_frames_begin_a_clip(
    tmp_path: Path, world: World, kept: bool
) -> None:
    header = SessionHeader(
        world=world.id, bundle_hash=world.manifest.digest, device="cpu", seed=1, prompt=FIRST, fps=15
    )
    session, writer = (
        world.start(prompt=FIRST, seed=1),
        SessionWriter(tmp_path / "s" / "a.genie-session", header),
    )
    frames: list[np.ndarray] = [session.frame]

    def play(actions: list[int], painted: np.ndarray | None = None) -> None:
        for action in actions:
            frames.append(session.step(action, painted))
            writer.append_action(action, session.tokens if kept else None, given=painted)

    play([2] * 9)
    session.rewind(5)  # to frame 4, from where a second branch is played
    writer.append_go(0, 4)
    play([1, 1])
    picture = world.engine.starts.frames[2]
    play([0], painted=picture)  # frame 7
    play([3, 3, 3])
    writer.close()
    render_sessions(config(tmp_path, world), quiet)
    store = FrameStore.open(tmp_path / "out", "train")
    assert store.starts.tolist() == [0, 10, 14], "frames 4 to 6 of the second branch are too few for a clip"
    np.testing.assert_array_equal(store.frames, np.stack([*frames[:10], picture, *frames[13:]]))
    assert store.actions.tolist() == [*[2] * 9, UNKNOWN, 3, 3, 3, UNKNOWN]
    (first, second) = ClipFolder(tmp_path / "out")
    assert (first.attributes["branch"], first.attributes["first_frame"]) == (0, 0)
    assert (second.attributes["branch"], second.attributes["first_frame"]) == (1, 7)
    with (tmp_path / "s" / "a.genie-session" / "log.jsonl").open("a") as log:  # the first one is removed
        log.write('{"x": 0}\n')
    render_sessions(config(tmp_path, world), quiet)
    store = FrameStore.open(tmp_path / "out", "train")
    assert store.starts.tolist() == [0, 5, 9], "of the first one, what the second shares with it stays"
    np.testing.assert_array_equal(store.frames, np.stack([*frames[:5], picture, *frames[13:]]))


def test_what_was_painted_on_a_removed_branch_is_no_end_of_the_others(tmp_path: Path, world: World) -> None:
    path = tmp_path / "s" / "a.genie-session"
    record(path, world, played(12))
    picture = world.engine.starts.frames[2]
    writer = SessionWriter.reopen(path)
    writer.append_action(0, given=picture)
    for action in (1, 1, 1, 1):
        writer.append_action(action)
    writer.append_go(0, 8)
    for action in (2, 2, 2, 2, 2):
        writer.append_action(action)
    writer.close()
    with (path / "log.jsonl").open("a") as log:
        log.write('{"x": 0}\n')
    assert render_sessions(config(tmp_path, world), quiet).left_out == ()
    assert FrameStore.open(tmp_path / "out", "train").starts.tolist() == [0, 9, 15]


def test_only_what_changed_is_rendered_again(tmp_path: Path, world: World) -> None:
    for name in ("a", "b"):
        record(tmp_path / "s" / f"{name}.genie-session", world, played(9))
    render_sessions(config(tmp_path, world), quiet)
    before = {name: (tmp_path / "out" / name / "000000.mp4").stat().st_mtime_ns for name in ("a", "b")}
    with (tmp_path / "s" / "b.genie-session" / "log.jsonl").open("a") as log:  # somebody played on
        log.write('{"a": 2}\n')
    render_sessions(config(tmp_path, world), quiet)
    after = {name: (tmp_path / "out" / name / "000000.mp4").stat().st_mtime_ns for name in ("a", "b")}
    assert after["a"] == before["a"]
    assert after["b"] > before["b"]
    assert [entry.frames for entry in ClipFolder(tmp_path / "out")] == [10, 11]


def test_sessions_that_cannot_be_used_are_named_and_left_out(tmp_path: Path, world: World) -> None:
    record(tmp_path / "s" / "good.genie-session", world, played(9))
    record(tmp_path / "s" / "short.genie-session", world, played(2))
    record(tmp_path / "s" / "older.genie-session", world, played(9), bundle="0" * 64)
    record(tmp_path / "s" / "other.genie-session", world, played(9), played_in="elsewhere")
    record(tmp_path / "s" / "torn.genie-session", world, played(9))
    (tmp_path / "s" / "torn.genie-session" / "session.json").write_text("{")
    record(tmp_path / "s" / "foreign.genie-session", world, played(9))
    with (tmp_path / "s" / "foreign.genie-session" / "log.jsonl").open("a") as log:
        log.write('{"a": 60}\n')
    rendered = render_sessions(config(tmp_path, world), quiet)
    assert rendered.sessions == ("good",)
    assert len(rendered.left_out) == 4, "one of another world is not meant at all"
    for name, why in (
        ("short", "too short"),
        ("older", "another bundle"),
        ("torn", "header"),
        ("foreign", "60"),
    ):
        assert [why in line for line in rendered.left_out if f"{name}.genie-session" in line] == [True]
    assert not any("\n" in line for line in rendered.left_out)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["good"]


def test_sessions_of_several_worlds_need_a_choice_and_none_is_an_error(tmp_path: Path, world: World) -> None:
    record(tmp_path / "s" / "a.genie-session", world, played(9))
    record(tmp_path / "s" / "b.genie-session", world, played(9), played_in="elsewhere")
    with pytest.raises(ClipError, match="elsewhere, tiny: say with --world"):
        render_sessions(dataclasses.replace(config(tmp_path, world), world=None), quiet)
    (tmp_path / "none").mkdir()
    with pytest.raises(ClipError, match="no sessions"):
        render_sessions(config(tmp_path, world, folder=tmp_path / "none"), quiet)
    record(tmp_path / "only" / "b.genie-session", world, played(9), played_in="elsewhere")
    with pytest.raises(ClipError, match="no session of 'tiny'"):
        render_sessions(config(tmp_path, world, folder=tmp_path / "only"), quiet)


def test_an_interruption_leaves_whole_sessions_only(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        record(tmp_path / "s" / f"{name}.genie-session", world, played(30))
    from training import sessions

    real, calls = sessions.write_video, []

    def stops(*arguments: object, **options: object) -> None:
        calls.append(arguments)
        if len(calls) == 4:  # the second clip of the second session
            raise KeyboardInterrupt
        real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sessions, "write_video", stops)
    with pytest.raises(KeyboardInterrupt):
        render_sessions(config(tmp_path, world), quiet)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]
    monkeypatch.setattr(sessions, "write_video", real)
    assert render_sessions(config(tmp_path, world), quiet).sessions == ("a", "b")


def test_a_folder_of_other_clips_is_not_touched(tmp_path: Path, world: World) -> None:
    record(tmp_path / "s" / "a.genie-session", world, played(9))
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "out" / "a" / "metadata.jsonl").write_text("mine")
    with pytest.raises(ClipError, match="give another --out"):
        render_sessions(config(tmp_path, world), quiet)
    assert (tmp_path / "out" / "a" / "metadata.jsonl").read_text() == "mine"
