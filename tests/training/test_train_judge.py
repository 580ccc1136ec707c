"""The judge names the action between its second and third frame, and tells who is in the picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from tests.scripted_worlds.sprite.rules import BACKGROUNDS, MOVES, Place, draw
from training.degrade import degrade, quality
from training.train_judge import FRAMES, Judge, JudgeConfig, JudgeStage
from training.windows import Windows, pixels

CPU = torch.device("cpu")
CONFIG = JudgeConfig(actions=5, height=32, width=32, channels=8, blocks=1)
NAMES = tuple(MOVES)


@pytest.fixture(scope="module")
def restless() -> FrameStore:
    """A sprite that does something else every frame: a judge that looked one frame aside would guess."""
    rng = np.random.default_rng(0)
    clips, length = 300, 6
    actions = rng.integers(5, size=(clips, length)).astype(np.int16)
    frames = []
    for taken in actions:
        place = Place(*(int(v) for v in rng.integers(4, 21, 2)))
        for action in taken:
            frames.append(draw(place, "white", "black"))
            place = place.moved(NAMES[action])
    actions[:, -1] = -1
    return FrameStore(
        frames=np.stack(frames),
        starts=np.arange(clips + 1) * length,
        actions=actions.reshape(-1),
        captions=[""],
        caption_of=np.zeros(clips * length, np.int32),
        clip_captions=[],
        attributes=[],
        action_names=NAMES,
        fps=15,
        hash="restless",
    )


def pairs(store: FrameStore) -> tuple[np.ndarray, np.ndarray]:
    present = np.asarray(store.frames[::3])
    absent = np.empty_like(present)
    absent[:] = BACKGROUNDS["black"]
    return present, absent


def trained(stage: JudgeStage, steps: int) -> Judge:
    optimizer = torch.optim.Adam(stage.model.parameters(), 3e-3)
    for step in range(steps):
        loss, _ = stage.loss(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return stage.model.eval()


def test_it_learns_to_name_actions_and_to_see_the_character(
    restless: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.windows.VALIDATION_EVERY", 5)
    torch.manual_seed(0)
    windows = Windows(restless, length=FRAMES, batch=32, seed=0, device=CPU)
    stage = JudgeStage(CONFIG, windows, pairs(restless), CPU)
    stage.held_out = windows.held_out(128)
    model = trained(stage, 250)
    with torch.no_grad():
        figures = stage.validate(model)
    assert figures["accuracy"] > 0.6, "one in five is chance"
    assert figures["present"] == figures["absent"] == 1
    frames = pixels(stage.held_out.frames[:, 0])
    spoiled = degrade(frames, torch.Generator().manual_seed(-1))
    with torch.no_grad():
        told = model.look_at(spoiled).quality
    assert torch.corrcoef(torch.stack((told, quality(spoiled, frames))))[0, 1] > 0.3


def test_the_label_is_the_action_from_the_second_frame_to_the_third(
    restless: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = Windows(restless, length=FRAMES, batch=64, seed=0, device=CPU)
    stage = JudgeStage(CONFIG, windows, None, CPU)
    labels: list[torch.Tensor] = []

    def spy(logits: torch.Tensor, keys: torch.Tensor, **_: object) -> torch.Tensor:
        labels.append(keys)
        return logits.sum()

    monkeypatch.setattr("training.train_judge.F.cross_entropy", spy)
    stage.loss(0)
    frames = windows.at(0).frames.numpy()
    for window, label in zip(frames, labels[0].tolist(), strict=True):
        y, x = np.argwhere(window[1][..., 0] > 100)[0]
        assert np.array_equal(window[2], draw(Place(int(x), int(y)).moved(NAMES[label]), "white", "black"))


def test_the_last_tenth_of_the_pairs_is_held_out(restless: FrameStore) -> None:
    windows = Windows(restless, length=FRAMES, batch=32, seed=0, device=CPU)
    present, absent = pairs(restless)
    kept = len(present) * 9 // 10
    stage = JudgeStage(CONFIG, windows, (present, absent), CPU)
    before = [stage.loss(step)[0].item() for step in range(3)]
    assert stage.pairs is not None
    stage.pairs[:, kept:] = 255
    assert [stage.loss(step)[0].item() for step in range(3)] == before
    stage.pairs[:, :kept] = 255
    assert [stage.loss(step)[0].item() for step in range(3)] != before


def test_a_single_picture_is_seen_as_in_a_window(restless: FrameStore) -> None:
    torch.manual_seed(0)
    judge = Judge(CONFIG).eval()
    window = Windows(restless, length=FRAMES, batch=8, seed=0, device=CPU).at(0).frames
    verdict = judge(window)
    alone = judge.look(window[:, 1])
    assert verdict.actions.shape == (8, 5) and verdict.look.present.shape == (8,)
    assert all(torch.allclose(*seen) for seen in zip(verdict.look, alone, strict=True))
