"""The real stages, killed and started again, end where an unbroken training ends: bit for bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from genie.clips.frame_store import FrameStore
from genie.models.latent_action import LatentActionConfig
from genie.models.tokenizer import TokenizerConfig
from training.loop import LoopConfig, Stage, Trainer
from training.train_latent_action import REVIVE_EVERY_AT_FIRST, LatentActionStage
from training.train_tokenizer import TokenizerStage
from training.windows import Windows

CPU = torch.device("cpu")
STEPS = REVIVE_EVERY_AT_FIRST + 8  # past a revival of dead codes
LOOP = LoopConfig(steps=STEPS, batch=4, learning_rate=1e-3, warmup=3, validate_every=1000)


def tokenizer(store: FrameStore) -> Stage[Any]:
    sizes = dict(fine=8, coarse=16, encoder_fine_blocks=1, encoder_coarse_blocks=1)
    config = TokenizerConfig(height=32, width=32, decoder_fine_blocks=1, decoder_coarse_blocks=1, **sizes)
    return TokenizerStage(config, Windows(store, length=1, batch=4, seed=0, device=CPU), CPU)


def latent_action(store: FrameStore) -> Stage[Any]:
    config = LatentActionConfig(height=32, width=32, channels=8, blocks=1, horizon=2)
    return LatentActionStage(config, Windows(store, length=4, batch=4, seed=0, device=CPU), CPU)


def trainer(make: Callable[[FrameStore], Stage[Any]], store: FrameStore, folder: Path) -> Trainer:
    torch.manual_seed(0)
    return Trainer(make(store), LOOP, folder, CPU)


@pytest.mark.parametrize("make", [tokenizer, latent_action])
def test_resumed_equals_unbroken(
    make: Callable[[FrameStore], Stage[Any]],
    store: FrameStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unbroken = trainer(make, store, tmp_path / "unbroken")
    unbroken.run()

    broken = trainer(make, store, tmp_path / "broken")
    loss = broken.stage.loss

    def dies(step: int) -> Any:
        if step == STEPS // 2:
            broken.save()
            raise KeyboardInterrupt
        return loss(step)

    monkeypatch.setattr(broken.stage, "loss", dies)
    with pytest.raises(KeyboardInterrupt):
        broken.run()

    torch.manual_seed(99)  # the weights a new process would begin with do not matter
    resumed = Trainer(make(store), LOOP, tmp_path / "broken", CPU)
    assert resumed.step == STEPS // 2
    resumed.run()
    ours, theirs = resumed.stage.model.state_dict(), unbroken.stage.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert all(torch.equal(resumed.average[name], unbroken.average[name]) for name in theirs)
