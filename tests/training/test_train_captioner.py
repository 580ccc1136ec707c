"""The captioner's stage: what it learns from, how it says what is asked richly, and that it resumes."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError, GenieError
from genie.core.phrases import PHRASES, Phrases
from genie.models.captioner import CaptionerConfig
from training.captioning.captioner import CHECKPOINT, open_captioner, phrases_of, source_of
from training.captioning.embedded import EmbeddedCaptioner, pack
from training.loop import Trainer
from training.loop_config import LoopConfig
from training.spans import Spans, spread
from training.train_captioner import CAPTIONED_FRAMES, CaptionerStage
from training.train_text import learn_vocabulary
from training.trained import VOCABULARY, Run

CPU = torch.device("cpu")


def spans_of(store: FrameStore) -> Spans:
    return Spans(store, frames=CAPTIONED_FRAMES, batch=16, seed=0, device=CPU)


def trained(store: FrameStore, folder: Path, steps: int) -> CaptionerStage:
    torch.manual_seed(0)
    spans = spans_of(store)
    words = learn_vocabulary(spans.texts, folder / VOCABULARY, 16)
    height, width = store.frames.shape[1:3]
    config = CaptionerConfig(
        vocabulary=words.size, length=16, height=height, width=width, channels=(8, 16), hidden=32, layers=1
    )
    stage = CaptionerStage(config, spans, words, CPU)
    loop = LoopConfig(steps=steps, batch=16, learning_rate=5e-3, warmup=5, ema=0.9, validate_every=1000)
    Trainer(stage, loop, folder, CPU).run()
    return stage


def test_spans_hold_the_caption_that_is_true_of_them(numbered: FrameStore) -> None:
    spans = spans_of(numbered)
    batch = spans.read(np.concatenate([spans.training[:40], spans.validation]))
    for frames, caption in zip(batch.frames, batch.captions, strict=True):
        clips = frames[..., 0].unique().tolist()
        assert spans.texts[int(caption)] == f"clip {clips[0]}" and len(clips) == 1
        order = frames[:, 0, 0, 1].tolist()
        assert order == sorted(order) and order[0] == 0
    assert {clip % 100 for clip in spans.validation[:, 0]} == {0}
    assert 0 not in spans.training[:, 0] % 100


def captioned(store: FrameStore, clips: list[int]) -> FrameStore:
    """The store with captions for some clips alone."""
    kept = {f"clip {clip}" for clip in clips}
    return dataclasses.replace(
        store,
        captions=[text if text in kept else "" for text in store.captions],
        clip_captions=[text if text in kept else "" for text in store.clip_captions],
    )


def test_of_captioned_clips_some_are_kept_out_wherever_they_lie(numbered: FrameStore) -> None:
    spans = spans_of(captioned(numbered, [7, 30, 31]))
    assert set(spans.validation[:, 0]) == {7} and set(spans.training[:, 0]) == {30, 31}


@pytest.mark.parametrize("clips", [[], [0], [7]])
def test_one_captioned_clip_is_too_few(numbered: FrameStore, clips: list[int]) -> None:
    with pytest.raises(ClipError, match="at least two captioned clips"):
        spans_of(captioned(numbered, clips))


def test_a_caption_holds_until_the_look_changes(numbered: FrameStore) -> None:
    clips = [{} for _ in numbered.attributes or numbered.clip_captions]
    clips[1] = {"changes": [{"frame": 2, "ground": "snow"}, {"frame": 3, "ground": "sand"}]}
    changing = dataclasses.replace(numbered, attributes=clips)
    first, last = (int(row) for row in changing.starts[1:3])
    spans = [(int(start), int(end)) for clip, start, end, _ in spans_of(changing).training if clip == 1]
    assert set(spans) == {(first, first + 2)} and last - first > 2
    whole = [(int(start), int(end)) for clip, start, end, _ in spans_of(numbered).training if clip == 1]
    assert (first, last) in whole


@pytest.mark.parametrize(
    ("span", "rows"), [((0, 8), [0, 2, 5, 7]), ((3, 5), [3, 3, 4, 4]), ((9, 10), [9, 9, 9, 9])]
)
def test_frames_are_spread_over_a_span(span: tuple[int, int], rows: list[int]) -> None:
    assert spread(*span, 4).tolist() == rows


def test_a_run_captions_clips_in_the_words_it_was_trained_on(store: FrameStore, tmp_path: Path) -> None:
    stage = trained(store, tmp_path / "captioner", 40)
    first, last = np.mean([float(stage.loss(n)[0].detach()) for n in range(5)]), 4.0
    assert first < last / 2, "it has learned something"
    captioner = EmbeddedCaptioner(tmp_path, "cpu")
    clips = [np.asarray(store.frames[a:b]) for a, b in zip(store.starts[:5], store.starts[1:6], strict=True)]
    said = captioner.describe(clips)
    known = {word for text in store.captions for word in text.lower().split()}
    assert len(said) == 5 and all(text and set(text.split()) <= known for text in said)


def test_a_world_brings_its_captioner(
    store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(store, tmp_path / "run" / "captioner", 5)
    Phrases(templates=(("a fox", 9),), values={}).save(tmp_path / "run" / "captioner" / PHRASES)
    world = tmp_path / "worlds" / "foxes"
    world.mkdir(parents=True)
    (world / "world.toml").touch()
    monkeypatch.setenv("GENIE_WORLDS", str(world.parent))
    assert phrases_of("foxes") is None and source_of("foxes") == "foxes"
    with pytest.raises(GenieError, match="foxes brings no captioner: train one"):
        open_captioner("foxes")
    pack(Run(tmp_path / "run"), world)
    assert phrases_of("foxes") == phrases_of(str(tmp_path / "run")) is not None
    clips = [np.asarray(store.frames[a:b]) for a, b in zip(store.starts[:5], store.starts[1:6], strict=True)]
    said = open_captioner("foxes", "cpu").describe(clips)
    assert said == EmbeddedCaptioner(tmp_path / "run", "cpu").describe(clips)
    sizes = [(folder / CHECKPOINT).stat().st_size for folder in (world, tmp_path / "run")]
    assert sizes[0] < 0.25 * sizes[1], "half of the weights' bits, and nothing of the training"


def test_frames_of_another_size_are_refused(store: FrameStore, tmp_path: Path) -> None:
    trained(store, tmp_path / "captioner", 1)
    with pytest.raises(GenieError, match="ingest them at that size"):
        EmbeddedCaptioner(tmp_path, "cpu").describe([np.zeros((4, 8, 8, 3), np.uint8)])


def test_a_stopped_training_goes_on_bit_for_bit(store: FrameStore, tmp_path: Path) -> None:
    whole = trained(store, tmp_path / "whole", 6)
    trained(store, tmp_path / "parts", 3)
    spans = spans_of(store)
    words = learn_vocabulary(spans.texts, tmp_path / "parts" / VOCABULARY, 16)
    stage = CaptionerStage(whole.model.config, spans, words, CPU)
    loop = LoopConfig(steps=6, batch=16, learning_rate=5e-3, warmup=5, ema=0.9, validate_every=1000)
    # The learning rate depends on how many steps there are: train the first half as half of the whole.
    half = Trainer(CaptionerStage(whole.model.config, spans, words, CPU), loop, tmp_path / "again", CPU)
    torch.manual_seed(0)
    half.stage.model.load_state_dict(fresh(whole).state_dict())
    half.average = {k: v.detach().clone() for k, v in half.stage.model.state_dict().items()}
    half.stage.model.train()
    for _ in range(3):
        half.one_step()
    half.save()
    Trainer(stage, loop, tmp_path / "again", CPU).run()
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, stage.model.state_dict()[name]), name


def fresh(stage: CaptionerStage) -> torch.nn.Module:
    torch.manual_seed(0)
    return CaptionerStage(stage.model.config, stage.spans, stage.tokenizer, CPU).model
