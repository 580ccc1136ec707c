"""Teaches an agent to run right inside a learned world: a few minutes on two CPU cores, numpy alone.

    pip install -c constraints.txt -e ".[envs]"
    python docs/examples/learn_to_run.py                       # prints the curve, and scores on unseen starts
    python docs/examples/learn_to_run.py --keys --film run.gif # beside every key held down; and a film

The reward is measured on the frames alone: by how many pixels the view moved right. The policy is a softmax
over the actions, linear in a coarse look at the picture and its motion; it learns by REINFORCE (Williams,
1992). A seed gives the same start and the same chance again, so episodes are played in groups from one seed
each, and an action is judged against what the others of its group did. The agent never sees anything but what
the world imagines, and learns what pays *there*.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from genie.envs import WorldVectorEnv, scrolled_right

CELLS = 8  # the policy sees the picture in this many columns and rows
HOLD = 4  # frames that each decision holds
DECISIONS = 12  # an episode
GROUP = 4  # episodes from each start, while training
DISCOUNT = 0.8
SPEED = 0.2  # how far the weights may go in a round
UNSEEN = 10_000  # seeds from here on are kept for scoring


class Policy:
    """Chances of each action, linear in what is seen; `weights` [features, actions] start at none."""

    def __init__(self, actions: int) -> None:
        self.weights = np.zeros((2 * CELLS * CELLS + 1, actions))

    def chances(self, seen: np.ndarray) -> np.ndarray:
        """[N, features] -> [N, actions]."""
        scores = seen @ self.weights
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)

    def choose(self, seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One action for each row, drawn by its chances."""
        bounds = self.chances(seen).cumsum(axis=1)
        bounds[:, -1] = 1.0
        return (rng.random((len(seen), 1)) < bounds).argmax(axis=1)

    def gradient(self, seen: np.ndarray, actions: np.ndarray, gains: np.ndarray) -> np.ndarray:
        """Where the weights should go so that actions that gained more become likelier."""
        pull = -self.chances(seen)
        pull[np.arange(len(actions)), actions] += 1.0
        return seen.T @ (pull * gains[:, None]) / len(actions)


def look(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Frames uint8 [N, H, W, 3] -> float [N, features]: coarse light and its change, and a constant."""
    light, former = (_coarse(frames) for frames in (after, before))
    shape = 0.3 * (light - light.mean(axis=1, keepdims=True))
    return np.concatenate([shape, light - former, np.ones((len(after), 1))], axis=1)


def _coarse(frames: np.ndarray) -> np.ndarray:
    count, height, width, _ = frames.shape
    rows, columns = height // CELLS, width // CELLS
    cut = frames[:, : rows * CELLS, : columns * CELLS].astype(np.float32) / 255
    return cut.reshape(count, CELLS, rows, CELLS, columns, 3).mean(axis=(2, 4, 5)).reshape(count, -1)


def play(envs: WorldVectorEnv, seeds: list[int], decide, film: list | None = None) -> tuple:
    """One episode in every environment: what was seen, done and gained, each [decisions, N, ...]."""
    frames, _ = envs.reset(seed=seeds)
    before = frames
    saw, did, gained = [], [], []
    for _ in range(DECISIONS):
        saw.append(look(before, frames))
        did.append(decide(saw[-1]))
        gained.append(np.zeros(envs.num_envs))
        for _ in range(HOLD):
            before = frames
            frames, rewards, _, _, _ = envs.step(did[-1])
            gained[-1] += rewards
            if film is not None:
                film.append(np.concatenate(frames[:4], axis=1))
    return np.stack(saw), np.stack(did), np.stack(gained)


def advantages(gained: np.ndarray) -> np.ndarray:
    """Discounted gains to come [decisions, N], less what its group then had, in units of their spread."""
    to_come = np.zeros_like(gained)
    following = np.zeros(gained.shape[1])
    for t in reversed(range(len(gained))):
        to_come[t] = following = gained[t] + DISCOUNT * following
    groups = to_come.reshape(len(gained), -1, GROUP)
    groups -= groups.mean(axis=2, keepdims=True)
    return to_come / (to_come.std() + 1e-6)


def learn(envs: WorldVectorEnv, policy: Policy, rounds: int, rng: np.random.Generator) -> list[float]:
    """Train, and return the mean return of each round's episodes, in pixels."""
    first, second = np.zeros_like(policy.weights), np.zeros_like(policy.weights)
    curve = []
    for i in range(1, rounds + 1):
        seeds = [i * envs.num_envs + n // GROUP for n in range(envs.num_envs)]
        saw, did, gained = play(envs, seeds, lambda seen: policy.choose(seen, rng))
        step = policy.gradient(saw.reshape(-1, saw.shape[-1]), did.ravel(), advantages(gained).ravel())
        first, second = 0.8 * first + 0.2 * step, 0.95 * second + 0.05 * step**2  # Adam
        policy.weights += SPEED * (first / (1 - 0.8**i)) / (np.sqrt(second / (1 - 0.95**i)) + 1e-8)
        curve.append(float(gained.sum(axis=0).mean()))
        print(f"round {i:2d} of {rounds}: {curve[-1]:6.1f} pixels an episode", flush=True)
    return curve


def score(envs: WorldVectorEnv, name: str, decide, film: list | None = None) -> np.ndarray:
    """Play two episodes an environment from starts never trained on; print and return what they gained."""
    starts = [[UNSEEN + half * envs.num_envs + n for n in range(envs.num_envs)] for half in range(2)]
    gained = [play(envs, seeds, decide, film if seeds is starts[0] else None)[2] for seeds in starts]
    returns = np.concatenate([episodes.sum(axis=0) for episodes in gained])
    print(f"{name:>24}: {told(returns)} an episode", flush=True)
    return returns


def told(returns: np.ndarray) -> str:
    """Mean and standard error, in words."""
    return f"{returns.mean():6.1f} ± {returns.std(ddof=1) / np.sqrt(len(returns)):.1f} pixels"


def main() -> None:
    """Score a random policy, train one, score it on the same unseen starts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--world", default="coinrun", help="id of a world, or path of a bundle")
    parser.add_argument("--envs", type=int, default=16, help=f"episodes at a time, a multiple of {GROUP}")
    parser.add_argument("--rounds", type=int, default=12, help="rounds of training")
    parser.add_argument("--seed", type=int, default=0, help="of the policy's own chance")
    parser.add_argument("--keys", action="store_true", help="also score every key held down")
    parser.add_argument("--film", type=Path, help="a film of four runs of the learned policy")
    options = parser.parse_args()
    if options.envs % GROUP:
        parser.error(f"--envs must be a multiple of {GROUP}")
    # No prompt: episodes then start anywhere in the world, not where the default prompt fits best.
    envs = WorldVectorEnv(options.world, options.envs, prompt="", reward=scrolled_right)
    rng = np.random.default_rng(options.seed)
    names = envs.world.actions.names
    chance = score(envs, "random policy", lambda seen: rng.integers(len(names), size=len(seen)))
    if options.keys:
        for action, name in enumerate(names):
            score(envs, f"{name} held down", lambda seen, action=action: np.full(len(seen), action))
    policy = Policy(len(names))
    learn(envs, policy, options.rounds, rng)
    film: list | None = [] if options.film else None
    learned = score(envs, "learned policy", lambda seen: policy.choose(seen, rng), film)
    print(f"{'from the same starts':>24}: {told(learned - chance)} more than the random policy")
    if film:
        from genie.clips.export import export_clip

        print(export_clip(film, options.film, envs.world.fps, scale=3))
    envs.close()


if __name__ == "__main__":
    main()
