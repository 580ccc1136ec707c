"""Real stages, stopped and started again, end where unbroken ones do, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genie.clips.frame_store import FrameStore
from genie.core.errors import GenieError
from genie.models.latent_action import LatentActionConfig
from genie.models.tokenizer import TokenizerConfig
from tests.support.broken_off import CPU, ends_alike
from training import train_latent_action
from training.guard import only_one
from training.loop import Trainer
from training.loop_config import LoopConfig
from training.stage import Stage
from training.train_latent_action import LatentActionStage
from training.train_tokenizer import TokenizerStage
from training.windows import Window, Windows

# clip: so low that every gradient is cut, and what its usual length was shows.
CONFIG = LoopConfig(steps=14, batch=4, learning_rate=3e-3, warmup=3, clip=0.5, log_every=1, validate_every=5)
STOP = 9


def tokenizer(store: FrameStore) -> TokenizerStage:
    blocks = dict.fromkeys(("encoder_fine", "encoder_coarse", "decoder_fine", "decoder_coarse"), 1)
    sizes = TokenizerConfig(
        height=32, width=32, fine=8, coarse=16, **{f"{name}_blocks": n for name, n in blocks.items()}
    )
    return TokenizerStage(sizes, Windows(store, length=1, batch=4, seed=0, device=CPU), CPU)


def latent_action(store: FrameStore) -> LatentActionStage:
    sizes = LatentActionConfig(height=32, width=32, codes=6, channels=8, blocks=1)
    length = sizes.history + sizes.horizon
    stage = LatentActionStage(sizes, Windows(store, length=length, batch=4, seed=0, device=CPU), CPU)
    stage.held_out = Window(*(rows[:8] for rows in stage.held_out))
    return stage


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    # Codes are counted over three and a bit checks: one is interrupted half-way.
    monkeypatch.setattr(train_latent_action, "REVIVE_EVERY_AT_FIRST", 6)
    monkeypatch.setattr("training.train_tokenizer.VALIDATION_FRAMES", 8)


@pytest.mark.parametrize("make", [tokenizer, latent_action])
def test_stopped_and_resumed_is_the_same_as_unbroken(
    store: FrameStore, tmp_path: Path, make: Callable[[FrameStore], Stage[Any]]
) -> None:
    ends_alike(lambda _: make(store), CONFIG, STOP, tmp_path)


def test_a_line_torn_by_a_kill_does_not_stop_the_next_start(store: FrameStore, tmp_path: Path) -> None:
    Trainer(tokenizer(store), CONFIG, tmp_path, CPU).run()
    metrics = tmp_path / "metrics.jsonl"
    whole = metrics.read_text()
    metrics.write_text(whole + '{"step": 15, "lo')
    Trainer(tokenizer(store), CONFIG, tmp_path, CPU).run()
    assert metrics.read_text() == whole


def test_a_second_training_in_the_folder_is_refused_and_spoils_nothing(
    store: FrameStore, tmp_path: Path
) -> None:
    Trainer(tokenizer(store), CONFIG, tmp_path, CPU).run()
    metrics = tmp_path / "metrics.jsonl"
    whole = metrics.read_text() + '{"step": 99}\n'  # of a training that has gone on since its checkpoint
    metrics.write_text(whole)
    with only_one(tmp_path):
        second = Trainer(tokenizer(store), CONFIG, tmp_path, CPU)
        with pytest.raises(GenieError, match="another training is running"):
            second.run()
    assert metrics.read_text() == whole


def test_only_the_decoder_learns_where_tokens_must_keep_their_meaning(store: FrameStore) -> None:
    stage = tokenizer(store)
    frozen = TokenizerStage(stage.model.config, stage.windows, CPU, keep_meaning=True)
    frozen.loss(0)[0].backward()
    assert all(weight.grad is None for weight in frozen.model.encoder.parameters())
    assert any(weight.grad is not None for weight in frozen.model.decoder.parameters())
