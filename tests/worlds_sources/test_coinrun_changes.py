"""Looks that change in mid-clip: one thing changes, from its frame on, and the game goes on undisturbed."""

from __future__ import annotations

import importlib.util
from itertools import pairwise

import numpy as np
import pytest

from genie.worlds.source import SourceClip
from worlds._procgen import coinrun_changes
from worlds._procgen.coinrun_captions import captions_over
from worlds._procgen.coinrun_changes import Change, change_look, changes_of, draw_frames
from worlds._procgen.coinrun_facts import FrameFacts, Scene, scene_of
from worlds._procgen.coinrun_finisher import WALLS
from worlds._procgen.coinrun_names import BACKGROUNDS, GROUND_WORDS
from worlds._procgen.simulator import Simulator
from worlds._procgen.state import ProcgenState
from worlds.coinrun.source import source

needs_procgen = [
    pytest.mark.simulator,
    pytest.mark.skipif(importlib.util.find_spec("procgen") is None, reason="needs procgen-mirror and gym3"),
]
RIGHT, RIGHT_UP = 7, 8
CELLS = 13  # across the picture, the alien in its middle


def record(
    monkeypatch: pytest.MonkeyPatch, share: float, split: str = "train", clips: int = 12
) -> list[SourceClip]:
    monkeypatch.setattr(coinrun_changes, "SHARE", share)
    return list(source().record(split=split, clips=clips, frames=60, seed=8))


def attribute_words(what: str, scene: Scene) -> tuple[str, ...]:
    if what == "alien":
        return (scene.alien,)
    return BACKGROUNDS[scene.background][1:] if what == "background" else GROUND_WORDS[scene.ground]


def test_frames_of_change_leave_time_before_and_after() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_frames(64, rng) for _ in range(2000)]
    counts = np.bincount([len(frames) for frames in drawn], minlength=5)
    assert counts[0] / 2000 == pytest.approx(1 - coinrun_changes.SHARE, abs=0.04)
    assert all(counts[1:4] > 200) and 0 < counts[4] < 200, "four hardly ever fit"
    assert all(8 <= frame < 56 for frames in drawn for frame in frames)
    assert all(b - a >= 8 for frames in drawn for a, b in pairwise(frames))
    assert not any(draw_frames(23, rng) for _ in range(50))


def test_captions_change_at_the_frame_of_the_change() -> None:
    rng = np.random.default_rng(0)
    facts = [FrameFacts(x=9, y=2, vy=0, supported=True, in_view=frozenset()) for _ in range(60)]
    first = Scene(0, "snow", "pink")
    events = 0
    for _ in range(60):
        later = Change(frame=25, what="ground", scene=first._replace(ground="sand"))
        last = Change(frame=40, what="alien", scene=later.scene._replace(alien="blue"))
        whole, timed = captions_over(first, [later, last], facts, rng)
        assert "pink" in whole and any(words in whole for words in GROUND_WORDS["snow"])
        assert [end for _, end, _ in timed[:-1]] == [start for start, _, _ in timed[1:]]
        assert timed[0][0] == 0 and timed[-1][1] == 60
        for start, end, text in timed:
            assert not start < 25 < end and not start < 40 < end
            scene = first if start < 25 else later.scene if start < 40 else last.scene
            told = {
                what: any(w in text for w in attribute_words(what, scene)) for what in ("alien", "ground")
            }
            short = start in (25, 40) and ("now" in text or "turns" in text)
            events += short
            assert told["ground" if start == 25 else "alien"] if short else all(told.values()), text
    assert 15 < events < 60


class TestOnTheSimulator:
    pytestmark = needs_procgen

    def test_a_changed_clip_is_played_like_the_unchanged_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        changed, plain = record(monkeypatch, 1.0), record(monkeypatch, 0.0)
        kinds = set()
        for clip, other in zip(changed, plain, strict=True):
            np.testing.assert_array_equal(clip.actions, other.actions)
            assert (clip.level, clip.policy) == (other.level, other.policy)
            assert "changes" not in other.attributes
            shown = {name: value for name, value in clip.attributes.items() if name != "changes"}
            assert shown == other.attributes
            changes = clip.attributes.get("changes", [])
            first = changes[0]["frame"] if changes else len(clip.frames)
            np.testing.assert_array_equal(clip.frames[:first], other.frames[:first])
            if changes and changes[0].get("alien") != shown["alien"]:
                assert not np.array_equal(clip.frames[first], other.frames[first])
            kinds |= {name for change in changes for name in change} - {"frame"}
            starts = [start for start, _, _ in clip.captions]
            assert all(change["frame"] in starts for change in changes)
        assert kinds == {"alien", "background", "background_name", "ground"}

    def test_clips_that_score_do_not_change(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for split in ("test", "judge"):
            assert not any("changes" in clip.attributes for clip in record(monkeypatch, 1.0, split, clips=4))

    @pytest.mark.parametrize("seed", [0, 1])
    def test_what_is_not_changed_stays_pixel_for_pixel(self, seed: int) -> None:
        for what in ("alien", "background", "ground"):
            simulator = Simulator("coinrun", count=2, levels=range(seed * 7, seed * 7 + 1), seed=3, threads=1)
            for _ in range(25):
                simulator.step(np.full(2, RIGHT))
            simulator.observe()
            simulator.set_state(1, simulator.state(0))
            edited = edit(simulator, what, seed)
            spared_pixels = 0
            for step in range(20):
                frames, _ = simulator.observe()
                plain, other = (ProcgenState.parse(simulator.state(i)) for i in range(2))
                assert scene_of(other) == edited
                if step:
                    assert_plays_alike(plain, other)
                differs = np.abs(frames[0].astype(int) - frames[1]).sum(-1) > 0
                spared = untouched(plain, what)
                spared_pixels += int(spared.sum())
                assert not differs[spared].any()
                if step == 0:
                    assert differs.any()
                simulator.step(np.full(2, RIGHT_UP if step % 7 == 0 else RIGHT))
            assert spared_pixels > 20 * 40
            simulator.close()


def edit(simulator: Simulator, what: str, seed: int) -> Scene:
    """Change one thing of the second environment."""
    before = scene_of(ProcgenState.parse(simulator.state(1)))
    for draw in range(50):
        state = ProcgenState.parse(simulator.state(1))
        change_look(state, np.random.default_rng([seed, draw]))
        [change] = changes_of([before, scene_of(state)])
        if change.what == what:
            simulator.set_state(1, state.to_bytes())
            fixed = [name for name in ("alien", "background", "ground") if name != what]
            assert all(getattr(change.scene, name) == getattr(before, name) for name in fixed)
            assert set(attribute_words(what, before)).isdisjoint(attribute_words(what, change.scene))
            return change.scene
    raise AssertionError(f"{what} was never drawn")


def assert_plays_alike(a: ProcgenState, b: ProcgenState) -> None:
    """Everything but the looks is the same, the generators of chance included."""
    a.agent["image_theme"] = b.agent["image_theme"]
    a.view["background"] = b.view["background"]
    assert isinstance(a.tail, np.ndarray) and isinstance(b.tail, np.ndarray)
    a.tail["ground"] = b.tail["ground"]
    assert a.to_bytes() == b.to_bytes()


def untouched(state: ProcgenState, what: str) -> np.ndarray:
    """Pixels [64, 64] that a change of `what` may not touch, by the plan of the level; edges are left out."""
    x, y = float(state.agent["x"]), float(state.agent["y"])
    columns = x + (np.arange(64) + 0.5 - 32) / 64 * CELLS
    rows = y - (np.arange(64) + 0.5 - 32) / 64 * CELLS
    if what == "alien":
        near = (abs(columns - x) < 1.2)[None] & (abs(rows - y) < 1.6)[:, None]
        return ~near
    walls = np.isin(np.pad(state.tiles, 1), WALLS)  # the ground's inner cells hide the background
    height, width = state.tiles.shape
    inside = (columns > 0)[None] & (columns < width)[None] & (rows > 0)[:, None] & (rows < height)[:, None]
    around = np.zeros((3, 3, 64, 64), bool)
    for dy in range(3):
        for dx in range(3):
            cells = walls[np.clip(rows.astype(int) + dy, 0, height + 1)][
                :, np.clip(columns.astype(int) + dx, 0, width + 1)
            ]
            around[dy, dx] = cells
    return inside & (around.all((0, 1)) if what == "background" else ~around.any((0, 1)))
