"""Holds a session against the graphs run by hand, one plain call each, so that a crossed wire shows."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from genie.core.captions import CaptionTokenizer
from genie.runtime.noise import step_noise
from genie.runtime.stepper import State, Stepper
from genie.runtime.world import World
from tests.support.tiny_bundle import HISTORY, LENGTH, start_frames

ACTIONS = [2, 3, 5, 0, 1, 1, 4, 2, 2, 0, 3, 1, 5] * 3


def by_hand(bundle: Path, start: int, prompt: str, seed: int, temperature: float) -> np.ndarray:
    """Return the frames uint8 [len(ACTIONS) + 1, 16, 16, 3], the start's first."""
    graphs = {
        name: onnxruntime.InferenceSession(bundle / f"{name}.onnx", providers=["CPUExecutionProvider"])
        for name in ("text", "encode", "decode", "dynamics")
    }
    ids = CaptionTokenizer.load(bundle / "tokenizer.json", LENGTH).encode(prompt)
    condition, _ = graphs["text"].run(None, {"ids": ids[None]})
    (tokens,) = graphs["encode"].run(None, {"frame": start_frames()[start][None]})
    (frame,) = graphs["decode"].run(None, {"tokens": tokens})
    made = [frame[0]]
    cache = np.zeros((4, 2, 2, 1, 16, 2), np.float32)
    for position, action in enumerate(ACTIONS):
        recent = [made[max(0, position - back)] for back in reversed(range(HISTORY))]
        inputs = {
            "tokens": tokens,
            "frames": np.stack(recent)[None],
            "action": np.array([action]),
            "condition": condition,
            "noise": step_noise(seed, position, (2, 16)),
            "temperature": np.array([temperature], np.float32),
            "position": np.array([position]),
            "cache": cache,
        }
        tokens, cache = graphs["dynamics"].run(None, inputs)
        made.append(graphs["decode"].run(None, {"tokens": tokens})[0][0])
    return np.stack(made)


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_a_session_is_the_graphs_run_by_hand(world: World, bundle: Path, temperature: float) -> None:
    session = world.start(prompt="snow", image=start_frames()[1], seed=11, temperature=temperature)
    frames = [session.frame, *(session.step(action) for action in ACTIONS)]
    assert np.array_equal(np.stack(frames), by_hand(bundle, 1, "snow", 11, temperature))


def opening(world: World, number: int) -> State:
    tokens = world.engine.encode(start_frames()[number])
    frames = np.repeat(world.engine.decode(tokens)[None, None], HISTORY, axis=1)
    return State(tokens=tokens, frames=frames, cache=None)


def test_one_cache_buffer_is_as_good_as_two(world: World) -> None:
    shared, taking_turns = (Stepper(world.engine, share_cache=share) for share in (True, False))
    for stepper in (shared, taking_turns):
        stepper.load(opening(world, 0))
        stepper.set_condition(world.engine.condition("red"))
    for position, action in enumerate(ACTIONS):
        noise = step_noise(1, position, world.engine.noise_shape)
        for stepper in (shared, taking_turns):
            stepper.step(position, action, noise, 0.8)
        ours, theirs = shared.state(), taking_turns.state()
        assert ours.cache is not None
        assert theirs.cache is not None
        assert ours.cache.any()
        for a, b in ((ours.cache, theirs.cache), (ours.tokens, theirs.tokens), (ours.frames, theirs.frames)):
            assert np.array_equal(a, b)


def test_a_state_is_a_copy_and_loads_bit_for_bit(world: World) -> None:
    stepper = Stepper(world.engine)
    stepper.load(opening(world, 2))
    for position in range(6):
        stepper.step(position, 2, step_noise(1, position, world.engine.noise_shape), 0.8)
    kept = stepper.state()
    before = [array.copy() for array in (kept.tokens, kept.frames, kept.cache) if array is not None]
    stepper.step(6, 1, step_noise(1, 6, world.engine.noise_shape), 0.8)
    after = stepper.state()
    assert not np.array_equal(kept.cache, after.cache)
    stepper.load(opening(world, 0))
    assert all(
        np.array_equal(a, b) for a, b in zip(before, (kept.tokens, kept.frames, kept.cache), strict=True)
    )
    stepper.load(kept)
    stepper.step(6, 1, step_noise(1, 6, world.engine.noise_shape), 0.8)
    assert np.array_equal(stepper.state().cache, after.cache)
    assert np.array_equal(stepper.frame, after.frames[0, -1])


def test_a_fresh_start_clears_what_was_cached(world: World) -> None:
    used, fresh = Stepper(world.engine), Stepper(world.engine)
    used.load(opening(world, 0))
    for position in range(5):
        used.step(position, 1, step_noise(1, position, world.engine.noise_shape), 0.8)
    for stepper in (used, fresh):
        stepper.load(opening(world, 1))
        stepper.step(0, 3, step_noise(2, 0, world.engine.noise_shape), 0.8)
    assert np.array_equal(used.state().cache, fresh.state().cache)
    assert np.array_equal(used.frame, fresh.frame)
