"""The dynamics' training: spoiling, fading and masking as asked, a batch learned by heart."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.models.dynamics import DynamicsConfig
from genie.models.quantizer import FSQConfig
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from training.train_dynamics import Corruption, DynamicsStage, random_masks, spoil
from training.windows import Window, Windows

CPU = torch.device("cpu")
LEVELS = 5
NOTHING = Corruption(share=0.7, most=0, jitter=0, captions=0, faded=0, own=0)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def digits(batch: int = 400) -> Tensor:
    return torch.randint(LEVELS, (batch, 4, 16, 6), generator=seeded(1))


def test_zero_shares_change_nothing() -> None:
    clean = digits()
    for corruption in (NOTHING, Corruption(share=0, most=1, jitter=1)):
        out, amount = spoil(clean, corruption, LEVELS, seeded())
        assert torch.equal(out, clean) and amount.shape == clean.shape[:2]


def test_digits_stay_in_range_and_the_input_is_left_alone() -> None:
    clean = digits()
    kept = clean.clone()
    spoiled, _ = spoil(clean, Corruption(share=1, most=1, jitter=1), LEVELS, seeded())
    assert spoiled.shape == clean.shape and spoiled.dtype == clean.dtype
    assert spoiled.min() == 0 and spoiled.max() == LEVELS - 1
    assert torch.equal(clean, kept)


def test_jitter_moves_about_the_asked_share_by_one_level() -> None:
    clean = torch.full((400, 4, 16, 6), 2)
    change = spoil(clean, Corruption(share=0.5, most=0, jitter=0.4), LEVELS, seeded())[0] - clean
    assert change.abs().max() == 1
    assert change.float().mean().abs() < 0.01  # up as often as down
    assert (change != 0).float().mean() == pytest.approx(0.5 * 0.4 / 2, rel=0.15)
    assert change.flatten(1).any(1).float().mean() == pytest.approx(0.5, abs=0.08)


def test_whole_tokens_are_replaced_by_others_of_the_batch() -> None:
    clean = torch.arange(400 * 4 * 16).view(400, 4, 16, 1).expand(-1, -1, -1, 6)  # each token its own number
    out, _ = spoil(clean, Corruption(share=0.5, most=0.4, jitter=0), clean.numel(), seeded())
    changed = out != clean
    assert torch.equal(changed.any(-1), changed.all(-1))
    assert (out == out[..., :1]).all()
    assert changed.float().mean() == pytest.approx(0.5 * 0.4 / 2, rel=0.15)


def test_how_far_a_frame_is_spoiled_is_told_as_it_is() -> None:
    clean = digits(2000)
    out, amount = spoil(clean, Corruption(share=0.5, most=0, jitter=0.8), LEVELS, seeded())
    assert amount.min() == 0 and 0.95 < amount.max() <= 1
    assert (amount == 0).all(1).float().mean() == pytest.approx(0.5, abs=0.05)
    moved = (out != clean).float().mean((2, 3))
    assert (moved[amount == 0] == 0).all()
    # of the lowest and the highest level, half of the moves lead nowhere: a fifth of all
    slope = (moved * amount).sum() / (amount * amount).sum()
    assert slope == pytest.approx(0.8 * (1 - 1 / LEVELS), rel=0.05)


def test_the_model_is_told_how_far_its_past_is_spoiled(store: FrameStore) -> None:
    stage = small_stage(store, Corruption(share=1, own=0))
    asked: list[Tensor] = []
    stage.model.register_forward_pre_hook(lambda _, given: asked.append(given[6]))
    stage.loss(0)
    assert asked[0].shape == (4, 3) and 0 < asked[0].min() < asked[0].max() <= 1


def test_spoiling_and_masking_depend_on_the_generator_alone() -> None:
    clean, corruption = digits(8), Corruption(share=1, most=0.5, jitter=0.5)
    first, again, other = (spoil(clean, corruption, LEVELS, seeded(s))[0] for s in (3, 3, 4))
    assert torch.equal(first, again) and not torch.equal(first, other)
    shape = torch.Size((8, 4, 16, 5))
    assert torch.equal(random_masks(shape, seeded(3)), random_masks(shape, seeded(3)))


def test_half_the_frames_show_nothing_and_the_rest_follow_the_cosine() -> None:
    known = random_masks(torch.Size((500, 8, 16, 8)), seeded())
    assert known.shape == (500, 8, 16, 8) and known.dtype == torch.bool
    shown = known.float().mean((-1, -2)).flatten()
    assert (shown == 0).float().mean() == pytest.approx(0.5, abs=0.06)
    # the mean of 1 - cos over a quarter turn is 1 - 2/pi
    assert shown.mean() == pytest.approx(0.5 * (1 - 2 / torch.pi), abs=0.02)
    assert shown.max() > 0.9


def small_stage(store: FrameStore, corruption: Corruption) -> DynamicsStage:
    torch.manual_seed(0)
    fsq = FSQConfig(dims=4, levels=LEVELS)
    tokenizer = Tokenizer(TokenizerConfig(height=32, width=32, fine=8, coarse=16, fsq=fsq)).eval()
    torch.nn.init.normal_(tokenizer.encoder[-1].weight, std=2.0)  # let the digits differ
    windows = Windows(store, length=4, batch=4, seed=0, device=CPU)
    config = DynamicsConfig(
        grid=(4, 4),
        dims=4,
        levels=LEVELS,
        actions=5,
        draft=False,
        text=8,
        channels=32,
        heads=2,
        layers=2,
        sampler_layers=1,
        window=4,
    )
    texts = torch.randn(len(store.captions) + 1, 8)
    return DynamicsStage(
        config, windows, tokenizer, texts, lambda w, _: w.actions, CPU, corruption=corruption
    )


def test_the_past_fades_in_its_share_of_windows_and_what_follows_does_not(store: FrameStore) -> None:
    stage = small_stage(store, NOTHING)
    window = stage.windows._read(stage.windows.training[:200])
    clean, _ = stage.read(window)
    past = stage.faded(window, clean, 60, seeded())
    assert past.shape == clean[:, :-1].shape
    changed = (past != clean[:, :-1]).flatten(1).any(1)
    assert not changed[:140].any() and changed[140:].float().mean() > 0.8
    assert torch.equal(stage.faded(window, clean, 0, seeded()), clean[:, :-1])
    asked: list[Tensor] = []
    stage = small_stage(store, Corruption(share=0, faded=1, own=0))
    stage.model.register_forward_pre_hook(lambda _, given: asked.extend((given[0], given[4])))
    stage.loss(0)
    clean, _ = stage.read(stage.windows.at(0))
    assert not torch.equal(asked[0], clean[:, :-1]) and torch.equal(asked[1], clean[:, 1:])


def test_in_small_batches_the_share_that_fades_is_right_on_average(
    store: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = small_stage(store, Corruption(share=0, faded=0.3, own=0))
    counts: list[int] = []

    def faded(window: Window, digits: Tensor, count: int, generator: torch.Generator) -> Tensor:
        counts.append(count)
        return digits[:, :-1]

    monkeypatch.setattr(stage, "faded", faded)
    for step in range(60):
        stage.loss(step)
    assert set(counts) == {1, 2} and np.mean(counts) == pytest.approx(
        0.3 * len(stage.windows.at(0).frames), abs=0.2
    )


def test_some_actions_are_told_wrong(store: FrameStore) -> None:
    stage = small_stage(store, Corruption(told=0.3))
    actions = torch.full((200, 12), 2)
    told = stage.mistold(actions, seeded())
    assert (told != actions).float().mean() == pytest.approx(
        0.3 * 4 / 5, abs=0.03
    )  # by chance it is the same
    assert sorted(told.unique().tolist()) == [0, 1, 2, 3, 4]
    assert torch.equal(small_stage(store, Corruption(told=0.0)).mistold(actions, seeded()), actions)


def test_words_are_left_out_only_where_none_of_them_changes(store: FrameStore) -> None:
    stage = small_stage(store, Corruption(captions=1.0, own=0.0))
    window = stage.windows.at(0)
    captions = torch.tensor([[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1], [1, 0, 0, 0]])
    stage.windows.at = lambda step: window._replace(captions=captions)  # type: ignore[method-assign]
    seen: list[Tensor] = []
    stage.model.register_forward_pre_hook(lambda _, given: seen.append(given[2]))
    stage.loss(0)
    empty, words = len(stage.texts) - 1, stage.texts
    assert torch.equal(seen[0], words[torch.tensor([[empty] * 3, [0, 0, 1], [empty] * 3, [empty] * 3])])


def test_an_own_past_is_drawn_step_by_step_from_the_first_true_frame(store: FrameStore) -> None:
    """A model that adds one to every digit: after k rounds, frame t is k (or t) steps on from a true one."""
    stage = small_stage(store, NOTHING)

    def one_more(past: Tensor, *_: object) -> Tensor:
        return 1000 * torch.nn.functional.one_hot((past + 1) % LEVELS, LEVELS).float()

    stage.model.forward = one_more  # type: ignore[assignment,method-assign]
    past = digits(3)[:, :, :, :4]
    made = stage.own_past(past, torch.zeros(3, 4), torch.zeros(3, 4, 8), torch.zeros(3, 4), 2, seeded())
    assert torch.equal(made[:, 0], past[:, 0])
    assert torch.equal(made[:, 1], (past[:, 0] + 1) % LEVELS)
    for t in (2, 3):
        assert torch.equal(made[:, t], (past[:, t - 2] + 2) % LEVELS)


def test_own_pasts_begin_when_asked_and_take_their_share(
    store: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = small_stage(store, Corruption(share=0, own=0.5, own_after=3))
    seen: list[int] = []

    def own(past: Tensor, *_: object) -> Tensor:
        seen.append(len(past))
        return past

    monkeypatch.setattr(stage, "own_past", own)
    for step in range(5):
        stage.loss(step)
    assert seen == [2, 2]


def test_a_single_batch_is_learned_by_heart(store: FrameStore) -> None:
    stage = small_stage(store, NOTHING)
    assert len(stage.read(stage.windows.at(0))[0].unique()) == LEVELS
    optimizer = torch.optim.AdamW(stage.model.parameters(), lr=5e-3)
    falls = []
    for _ in range(150):
        loss, _ = stage.loss(0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        falls.append(loss.item())
    assert falls[0] == pytest.approx(4 * torch.log(torch.tensor(5.0)).item(), rel=0.05)
    assert falls[-1] < falls[0] / 3


def flat_clips(count: int = 120, frames: int = 8) -> FrameStore:
    """Clips of one flat colour that becomes another at some frame, and captions that say which it is."""
    rng = np.random.default_rng(0)
    colours = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200]], np.uint8)
    shown = np.repeat(rng.integers(3, size=(count, 1)), frames, 1)
    for clip, other in zip(shown, rng.integers(1, 3, size=count), strict=True):
        at = rng.integers(1, frames)
        clip[at:] = (clip[at:] + other) % 3
    return FrameStore(
        frames=np.broadcast_to(colours[shown.ravel(), None, None], (shown.size, 32, 32, 3)),
        starts=np.arange(count + 1, dtype=np.int64) * frames,
        actions=np.zeros(shown.size, np.int16),
        captions=["red", "green", "blue"],
        caption_of=shown.ravel().astype(np.int32),
        clip_captions=["flat"] * count,
        attributes=[{}] * count,
        action_names=("noop",) * 5,
        fps=15,
        hash="flat",
    )


def test_what_the_words_change_is_foreseen_from_the_frame_at_which_they_change() -> None:
    """Nothing but the caption of the coming frame says that it has another colour, and which."""
    stage = small_stage(flat_clips(), NOTHING)
    optimizer = torch.optim.AdamW(stage.model.parameters(), lr=3e-3)
    for step in range(250):
        loss, _ = stage.loss(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    window = stage.windows.held_out(64)
    changes = window.captions[:, 1:] != window.captions[:, :-1]
    assert changes.any()
    digits, actions = stage.read(window)
    nothing = torch.zeros(digits[:, 1:].shape, dtype=torch.bool)
    told = stage.texts[window.captions[:, 1:]]
    foreseen = stage.model(digits[:, :-1], actions, told, nothing, digits[:, 1:], None).argmax(-1)
    assert (foreseen == digits[:, 1:])[changes].float().mean() > 0.95
    with torch.no_grad():
        figures = stage.validate(stage.model)
    assert figures["cross_entropy"] < 0.3  # the held-out windows have changes, too
