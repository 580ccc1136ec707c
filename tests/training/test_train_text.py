"""The vocabulary is the captions' own, stays the model's for good, and pictures find their words."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from genie.clips.frame_store import FrameStore
from genie.core.captions import BEGIN, END, PAD, UNKNOWN, CaptionTokenizer
from genie.core.phrases import Phrases
from genie.models.text import TextConfig, TextModel, pairs_of
from genie.worlds import read_world
from training import losses
from training import train as module
from training.swaps import Swaps
from training.train import TrainConfig, train
from training.train_text import TextStage, caption_ids, learn_vocabulary
from training.windows import Windows, pixels

CPU = torch.device("cpu")
SPRITE = Path(__file__).parents[1] / "scripted_worlds" / "sprite"
COLOURS = {"red": (230, 40, 40), "green": (40, 210, 60), "blue": (20, 40, 150), "white": (245, 245, 245)}


@pytest.fixture
def painted() -> FrameStore:
    """Clips of one plain colour each, the caption saying which."""
    clips, frames = 12, 2
    colour = np.arange(clips) % len(COLOURS)
    pictures = np.array(list(COLOURS.values()), np.uint8)[np.repeat(colour, frames)]
    return FrameStore(
        frames=np.ascontiguousarray(np.broadcast_to(pictures[:, None, None], (clips * frames, 32, 32, 3))),
        starts=np.arange(clips + 1) * frames,
        actions=np.full(clips * frames, -1, np.int16),
        captions=[f"a {name} picture" for name in COLOURS],
        caption_of=np.repeat(colour, frames).astype(np.int32),
        clip_captions=[],
        attributes=[],
        action_names=(),
        fps=15,
        hash="painted",
    )


def test_every_word_of_the_captions_is_known_and_comes_back_from_the_file(tmp_path: Path) -> None:
    captions = ["A pink alien on snow", "a green alien, near a saw!"]
    learned = learn_vocabulary(captions, tmp_path / "text" / "tokenizer.json", length=12)
    again = CaptionTokenizer.load(tmp_path / "text" / "tokenizer.json", 12)
    for caption in captions:
        ids = learned.encode(caption)
        assert ids[0] == BEGIN and END in ids and UNKNOWN not in ids and ids[-1] == PAD
        assert np.array_equal(ids, again.encode(caption))
        assert np.array_equal(ids, again.encode(caption.upper()))
    assert learned.size == again.size == 4 + 10  # a pink alien on snow green , near saw !
    different = {tuple(learned.encode(text)) for text in ("pink", "alien", "snow", "saw", "green")}
    assert len(different) == 5
    assert learned.unknown("a purple alien") == ["purple"]


def test_the_vocabulary_does_not_depend_on_the_order_of_the_captions(tmp_path: Path) -> None:
    captions = ["a b c", "c d", "d e a"]
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    learn_vocabulary(captions, files[0], 8)
    learn_vocabulary(reversed(captions), files[1], 8)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_empty_caption_is_the_last_row(tmp_path: Path) -> None:
    tokenizer = learn_vocabulary(["a b"], tmp_path / "tokenizer.json", 5)
    ids = caption_ids(["a b", "b"], tokenizer, CPU)
    assert ids.shape == (3, 5)
    assert ids[-1].tolist() == [BEGIN, END, PAD, PAD, PAD]


def test_pictures_find_their_captions(painted: FrameStore, tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer = learn_vocabulary(painted.captions, tmp_path / "tokenizer.json", 8)
    config = TextConfig(vocabulary=tokenizer.size, length=8, height=32, channels=16, layers=1, heads=2)
    stage = TextStage(config, Windows(painted, length=1, batch=16, seed=0, device=CPU), tokenizer, CPU)
    optimizer = torch.optim.Adam(stage.model.parameters(), 3e-3)
    curve, said = [], []
    for step in range(60):
        loss, figures = stage.loss(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        curve.append(loss.item())
        said.append(figures["said"].item())
    assert figures["found"].item() == 1
    assert said[-1] < said[0] - 1, "and the words can be read off the embedding a little better"
    assert stage.validate(stage.model)["found"] == 1
    assert np.mean(curve[-5:]) < np.mean(curve[:5]) - 0.3
    ids = stage.ids[:-1]
    assert torch.allclose(stage.model(ids).norm(dim=-1), torch.ones(len(ids)), atol=1e-5)


def test_what_was_said_is_learned_to_be_read_back() -> None:
    torch.manual_seed(0)
    ids = torch.tensor([[2, 4, 5, 6, 3, 0], [2, 4, 7, 6, 3, 0], [2, 6, 5, 4, 3, 0], [2, 6, 7, 3, 0, 0]])
    model = TextModel(TextConfig(vocabulary=8, length=6, height=32, channels=16, layers=1, heads=2))
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(100):
        loss = losses.said(model.read_back(model(ids)), pairs_of(ids))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.equal((model.read_back(model(ids)) > 0).float(), pairs_of(ids))


def test_pictures_that_are_not_square_are_seen_as_squares() -> None:
    torch.manual_seed(0)
    model = TextModel(TextConfig(vocabulary=8, length=6, height=32, channels=16, layers=1, heads=2))
    wide = torch.rand(2, 3, 32, 48)
    seen = model.look(wide)
    assert torch.allclose(seen.norm(dim=-1), torch.ones(2), atol=1e-5)
    square = torch.nn.functional.interpolate(wide, (32, 32), mode="bilinear")
    assert torch.equal(seen, model.look(square)) and not torch.equal(seen, model.look(wide[..., :32]))


def test_pairs_know_the_order_of_words_and_no_padding() -> None:
    first, second = torch.tensor([[2, 4, 5, 3, 0, 0]]), torch.tensor([[2, 5, 4, 3, 0, 0]])
    assert pairs_of(first).sum() == 3
    assert not torch.equal(pairs_of(first), pairs_of(second))
    assert torch.equal(pairs_of(first), pairs_of(first[:, :4]))


def test_rows_with_the_same_caption_are_not_told_apart() -> None:
    images = torch.eye(3)[[0, 0, 1]]
    same = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    texts = images.clone().requires_grad_()
    together = losses.agreement(images, texts, same, torch.tensor(50.0))
    assert together.item() == pytest.approx((2 / 3) * np.log(2), abs=1e-4)  # a coin between two right answers
    (pull,) = torch.autograd.grad(together, texts)
    assert pull.abs().max() < 1e-4, "there is nothing to mend"
    wrong = losses.agreement(images, images.roll(1, 0), same, torch.tensor(50.0))
    assert wrong > 10


def test_a_vocabulary_stays_its_models_own_when_the_dataset_grows(
    store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = read_world(SPRITE)
    config = TrainConfig(stage="text", data=tmp_path, run=tmp_path, preset="debug", steps=1, batch=2)
    monkeypatch.setattr(module.FrameStore, "open", lambda *_: store)
    train(config, world)
    before = (tmp_path / "text" / "tokenizer.json").read_bytes()
    grown = dataclasses.replace(store, captions=[f"{text} by night" for text in store.captions])
    monkeypatch.setattr(module.FrameStore, "open", lambda *_: grown)
    train(dataclasses.replace(config, steps=2), world)
    assert (tmp_path / "text" / "tokenizer.json").read_bytes() == before


def test_a_text_begun_with_a_bundle_knows_the_bundles_words(
    store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bundle").mkdir()
    learn_vocabulary(["words of old"], tmp_path / "bundle" / "tokenizer.json", 24)
    started = []
    monkeypatch.setattr(module.FrameStore, "open", lambda *_: store)
    monkeypatch.setattr(module, "warm_start", lambda model, *_: started.append(model.config.vocabulary))
    monkeypatch.setattr(module, "read_manifest", lambda _: SimpleNamespace(trained_on={}))
    config = TrainConfig(stage="text", data=tmp_path, run=tmp_path, preset="debug", steps=1, batch=2)
    train(dataclasses.replace(config, start=tmp_path / "bundle"), read_world(SPRITE))
    assert started == [4 + 3]
    known = CaptionTokenizer.load(tmp_path / "text" / "tokenizer.json", 24)
    assert known.unknown("words of red") == ["red"]


def two_things(clips: int = 24) -> FrameStore:
    """Pictures of one large colour and of a single small dot, the captions saying both."""
    large, small = np.arange(clips) % 4, np.arange(clips) // 4 % 2
    colours = list(COLOURS.values())
    frames = np.repeat(np.array(colours, np.uint8)[large], 2, 0)[:, None, None].repeat(32, 1).repeat(32, 2)
    frames[:, 14:17, 14:17] = np.array([(255, 255, 0), (0, 255, 255)], np.uint8)[
        np.repeat(small, 2), None, None
    ]
    names = list(COLOURS)
    texts = [f"a {dot} dot on {name}" for name in names for dot in ("yellow", "cyan")]
    return FrameStore(
        frames=frames,
        starts=np.arange(clips + 1) * 2,
        actions=np.full(clips * 2, -1, np.int16),
        captions=texts,
        caption_of=np.repeat(large * 2 + small, 2).astype(np.int32),
        clip_captions=[],
        attributes=[],
        action_names=(),
        fps=15,
        hash="two things",
    )


def dots_told_apart(tmp_path: Path, *, with_swaps: bool, steps: int = 100) -> float:
    """How far a picture agrees more with its own caption than with one whose small thing is another."""
    torch.manual_seed(0)
    store = two_things()
    tokenizer = learn_vocabulary(store.captions, tmp_path / "tokenizer.json", 10)
    said = {"dot": {n: ((n, 1),) for n in ("yellow", "cyan")}, "ground": {n: ((n, 1),) for n in COLOURS}}
    phrases = Phrases(templates=(("a {dot} dot on {ground}", 1),), values=said)
    swaps = Swaps(store.captions, phrases, tokenizer) if with_swaps else None
    config = TextConfig(vocabulary=tokenizer.size, length=10, height=32, channels=32, layers=1, heads=2)
    windows = Windows(store, length=1, batch=24, seed=0, device=CPU)
    stage = TextStage(config, windows, tokenizer, CPU, swaps=swaps)
    optimizer = torch.optim.Adam(stage.model.parameters(), 1e-2)
    for step in range(steps):
        loss, _ = stage.loss(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seen = stage.model.look(pixels(torch.from_numpy(store.frames[::2])))
    own = torch.from_numpy(store.caption_of[::2].astype(np.int64))
    texts = stage.model(stage.ids[:-1])
    apart = (seen * texts[own]).sum(-1) - (seen * texts[own ^ 1]).sum(-1)
    return float((apart > 0).float().mean())


def test_small_things_are_seen_where_captions_differ_in_nothing_else(tmp_path: Path) -> None:
    assert dots_told_apart(tmp_path, with_swaps=True) > 0.9


def test_words_keep_their_meaning_while_pictures_are_learned(painted: FrameStore, tmp_path: Path) -> None:
    tokenizer = learn_vocabulary(painted.captions, tmp_path / "tokenizer.json", 8)
    config = TextConfig(vocabulary=tokenizer.size, length=8, height=32, channels=16, layers=1, heads=2)
    windows = Windows(painted, length=1, batch=8, seed=0, device=CPU)
    stage = TextStage(config, windows, tokenizer, CPU, keep_meaning=True)
    stage.loss(0)[0].backward()
    learned = {name for name, weight in stage.model.named_parameters() if weight.grad is not None}
    assert learned and all("vis" in name for name in learned)


def test_half_of_the_pictures_are_seen_as_the_world_renders_them(painted: FrameStore, tmp_path: Path) -> None:
    class Renderer:
        def encode(self, frames: Tensor) -> Tensor:
            return frames

        def decode(self, digits: Tensor) -> Tensor:
            return torch.zeros_like(digits)

    vocabulary = learn_vocabulary(painted.captions, tmp_path / "tokenizer.json", 8)
    config = TextConfig(vocabulary=vocabulary.size, length=8, height=32, channels=16, layers=1, heads=2)
    windows = Windows(painted, length=1, batch=8, seed=0, device=CPU)
    stage = TextStage(config, windows, vocabulary, CPU, tokenizer=Renderer())  # type: ignore[arg-type]
    seen: list[Tensor] = []
    look = stage.model.look

    def watched_look(frames: Tensor) -> Tensor:
        seen.append(frames)
        return look(frames)

    stage.model.look = watched_look  # type: ignore[method-assign]
    stage.loss(0)
    stage.validate(stage.model)
    learned, watched = seen
    assert [bool(frame.any()) for frame in learned] == [False] * 4 + [True] * 4
    assert watched.flatten(1).any(1).all()


def test_what_is_not_swapped_costs_nothing() -> None:
    own, others = torch.tensor([0.5, 0.5]), torch.tensor([[0.5, 9.0], [9.0, 9.0]])
    swapped = torch.tensor([[True, False], [False, False]])
    assert losses.told_apart(own, others, swapped, torch.tensor(10.0)).item() == pytest.approx(np.log(2))
    assert losses.told_apart(own, others, torch.zeros_like(swapped), torch.tensor(10.0)).item() == 0
