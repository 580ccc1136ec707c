"""What the dynamics are told: a latent code a transition, each found once, or the keys as pressed."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch

import training.known_codes
from genie.clips.frame_store import FrameStore
from genie.models.draft import Drafter
from genie.models.latent_action import LatentActionConfig, LatentActionModel, stacked
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from training.build_stage import action_reader
from training.known_codes import KnownCodes
from training.trained import Run
from training.windows import Windows, pixels

CPU = torch.device("cpu")


@pytest.mark.parametrize("piece", [64, 4])
def test_latent_codes_are_read_one_a_transition_off_rendered_pasts(
    store: FrameStore, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.known_codes, "_PIECE", piece)
    torch.manual_seed(0)
    size = {"height": 32, "width": 32}
    config = LatentActionConfig(codes=6, channels=8, blocks=1, history=3, code_channels=4, **size)
    model = LatentActionModel(config).eval().requires_grad_(False)
    for weight in (*model.flow.parameters(), *model.paint.parameters()):
        torch.nn.init.normal_(weight, std=0.02)  # at first the decoder does nothing, whatever the code
    model.codebook.weight.mul_(3)
    tokenizer = Tokenizer(TokenizerConfig(fine=8, coarse=16, **size)).eval().requires_grad_(False)
    run = cast(Run, SimpleNamespace(drafter=lambda: Drafter(model, tokenizer), device=CPU))
    windows = Windows(store, length=6, batch=16, seed=0, device=CPU)
    read, count = action_reader("latent", run, store, keys=5)
    for step in range(3):  # the later ones are of clips that were read before
        window = windows.at(step)
        frames = pixels(window.frames)
        digits = tokenizer.encode(frames.flatten(0, 1)).unflatten(0, (16, 6))
        codes = read(window, digits)
        assert count == 6 and codes.shape == window.actions.shape and codes.dtype == torch.int64
        assert len(codes.unique()) > 1
        rendered = tokenizer.decode(digits.flatten(0, 1)).unflatten(0, (16, 6))
        for t in range(5):
            rows = [max(0, t - 2), max(0, t - 1), t]  # before the start, the first frame is repeated
            assert torch.equal(model.infer(stacked(rendered[:, rows]), frames[:, t + 1]), codes[:, t])


def test_codes_are_found_once_a_clip(store: FrameStore, monkeypatch: pytest.MonkeyPatch) -> None:
    size = {"height": 32, "width": 32}
    model = LatentActionModel(LatentActionConfig(channels=8, blocks=1, **size)).requires_grad_(False)
    tokenizer = Tokenizer(TokenizerConfig(fine=8, coarse=16, **size)).requires_grad_(False)
    read = KnownCodes(store, Drafter(model, tokenizer), CPU)
    searched: list[int] = []
    infer = model.infer
    monkeypatch.setattr(model, "infer", lambda *args: (searched.append(len(args[0])), infer(*args))[1])
    windows = Windows(store, length=4, batch=64, seed=0, device=CPU)
    for step in range(40):
        window = windows.at(step)
        frames = pixels(window.frames).flatten(0, 1)
        read(window, tokenizer.encode(frames).unflatten(0, (64, 4)))
    assert sum(searched) == 40 * 64 + len(store.frames) - (len(store.starts) - 1) - unseen(store, windows)


def test_codes_outlive_a_training_and_no_other_drafter_reads_them(store: FrameStore, tmp_path: Path) -> None:
    size = {"height": 32, "width": 32}
    kept = dataclasses.replace(store, home=tmp_path)
    windows = Windows(kept, length=6, batch=16, seed=0, device=CPU)
    window = windows.at(0)
    found: list[torch.Tensor] = []
    searched: list[int] = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        model = LatentActionModel(LatentActionConfig(channels=8, blocks=1, **size)).requires_grad_(False)
        for weight in (*model.flow.parameters(), *model.paint.parameters()):
            torch.nn.init.normal_(weight, std=0.02)
        tokenizer = Tokenizer(TokenizerConfig(fine=8, coarse=16, **size)).requires_grad_(False)
        read = KnownCodes(kept, Drafter(model, tokenizer), CPU)
        calls = [0]
        read._find = lambda row, find=read._find, calls=calls: (calls.append(row), find(row))[1]  # type: ignore
        digits = tokenizer.encode(pixels(window.frames).flatten(0, 1)).unflatten(0, (16, 6))
        found.append(read(window, digits))
        searched.append(len(calls) - 1)
    assert torch.equal(found[0], found[1])
    assert searched[0] > 0 and searched[1] == 0 and searched[2] == searched[0]
    assert len(list(tmp_path.iterdir())) == 2


def test_what_another_process_finds_is_taken_over(store: FrameStore, tmp_path: Path) -> None:
    """Two trainings that share a store: the second has its own idea of what is known, and asks the file."""
    size = {"height": 32, "width": 32}
    kept = dataclasses.replace(store, home=tmp_path)
    windows = Windows(kept, length=6, batch=16, seed=0, device=CPU)
    torch.manual_seed(0)
    model = LatentActionModel(LatentActionConfig(channels=8, blocks=1, **size)).requires_grad_(False)
    tokenizer = Tokenizer(TokenizerConfig(fine=8, coarse=16, **size)).requires_grad_(False)
    drafter = Drafter(model, tokenizer)
    readers = [KnownCodes(kept, drafter, CPU) for _ in range(2)]
    window = windows.at(0)
    digits = tokenizer.encode(pixels(window.frames).flatten(0, 1)).unflatten(0, (16, 6))
    first = readers[0](window, digits)
    assert first.min() >= 0
    encode, tokenizer.encode = tokenizer.encode, None  # type: ignore[assignment]
    assert torch.equal(readers[1](window, digits), first), "nothing is found anew"
    tokenizer.encode = encode  # type: ignore[method-assign]


def unseen(store: FrameStore, windows: Windows) -> int:
    """Transitions of the clips that no window is drawn from."""
    seen = np.unique(np.searchsorted(store.starts, windows.training, side="right") - 1)
    lengths = np.diff(store.starts) - 1
    return int(lengths.sum() - lengths[seen].sum())


def test_keys_are_told_as_they_were_pressed(store: FrameStore) -> None:
    window = Windows(store, length=4, batch=4, seed=0, device=CPU).at(0)
    read, count = action_reader("keys", cast(Run, None), store, keys=5)
    assert count == 5 and torch.equal(read(window, window.actions), window.actions)
