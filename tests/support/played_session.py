"""A session of the tiny world, played and written as the player does."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genie.clips.session_log import SessionHeader
from genie.clips.session_writer import SessionWriter
from genie.runtime.world import World
from tests.support.tiny_bundle import CAPTIONS, NAMES

FIRST, SECOND, THIRD = CAPTIONS
PROMPTS = {0: FIRST, 5: SECOND, 22: THIRD}


def record(
    folder: Path,
    world: World,
    actions: list[int],
    *,
    seed: int = 3,
    image: np.ndarray | None = None,
    played_in: str = "tiny",
    bundle: str | None = None,
) -> np.ndarray:
    """Play `actions` and the PROMPTS, write the session as the player does, and return the frames."""
    session = world.start(prompt=FIRST, seed=seed, image=image)
    header = SessionHeader(
        world=played_in,
        bundle_hash=bundle or world.manifest.digest,
        device="cpu",
        seed=seed,
        prompt=FIRST,
        fps=world.fps,
    )
    writer = SessionWriter(folder, header, image=image)
    frames = [session.frame]
    for index, action in enumerate(actions):
        if index and index in PROMPTS:
            session.prompt = PROMPTS[index]
            writer.append_prompt(PROMPTS[index], index)
        if index == 30:
            session.strength = 3
            writer.append_strength(3, index)
        frames.append(session.step(action))
        writer.append_action(action)
    writer.close()
    return np.stack(frames)


def played(length: int) -> list[int]:
    return [int(a) for a in np.random.default_rng(length).integers(0, len(NAMES), length)]
