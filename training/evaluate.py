"""How good a world is, and how fast: one report with a fixed protocol (see README, "Scores")."""

import json
import platform
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import genie
from genie.clips.frame_store import FrameStore
from genie.core.manifest import read_manifest
from genie.runtime.world import World
from genie.worlds import find_bundle
from training import checkpoint
from training.progress import Progress
from training.rollouts import CONTEXT, TestClips, predict, psnr, test_clips, wander
from training.train_judge import FRAMES, Judge, JudgeConfig, Verdict


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """data: the dataset folder of the test split; judge: the judge's run folder; quick: fewer clips."""

    world: str
    data: Path
    judge: Path | None = None
    out: Path
    quick: bool = False


def evaluate(config: EvaluateConfig) -> Path:
    """Score a bundle on held-out clips and write report.json; returns its path."""
    store = FrameStore.open(config.data, "test")
    world = genie.load(config.world)
    clips = test_clips(store, 60 if config.quick else 200)
    judge = load_judge(config.judge) if config.judge else None
    scores: dict[str, Any] = {"tokenizer": score_tokenizer(world, clips)}
    scores["fidelity"], futures = score_fidelity(world, clips)
    if judge:
        scores["actions"] = score_actions(judge, clips, futures)
        scores["horizon"] = score_horizon(world, judge, clips, 8 if config.quick else 40, 1000)
    scores["speed"] = score_speed(world, clips)
    manifest = read_manifest(find_bundle(config.world))
    report = {
        "schema": 1,
        "world": manifest.world,
        "bundle": manifest.digest,
        "data": {"hash": store.hash, "split": "test", "clips": len(clips.frames)},
        "versions": {"genie": genie.__version__, "python": platform.python_version(), "numpy": np.__version__},
        "machine": {"processor": platform.machine(), "device": world.device},
        "quick": config.quick,
        "scores": scores,
    }
    config.out.mkdir(parents=True, exist_ok=True)
    path = config.out / "report.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return path


def interval(per_clip: np.ndarray, seed: int = 0) -> dict[str, float]:
    """A mean over clips with its 95% bootstrap interval."""
    rng = np.random.default_rng(seed)
    means = per_clip[rng.integers(len(per_clip), size=(1000, len(per_clip)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {"mean": round(float(per_clip.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def score_tokenizer(world: World, clips: TestClips) -> dict[str, Any]:
    """PSNR of frames coded and decoded alone."""
    rebuilt = np.array([world.start(image=frames[-1]).frame for frames in clips.frames])
    return {"psnr": interval(psnr(rebuilt, clips.frames[:, -1]))}


def score_fidelity(world: World, clips: TestClips) -> tuple[dict[str, Any], np.ndarray]:
    """PSNR of 10 predicted frames under true and under random actions, beside copying the last frame."""
    truth = clips.frames[:, CONTEXT:]
    rng = np.random.default_rng(1)
    random = clips.actions.copy()
    random[:, CONTEXT - 1 :] = rng.integers(len(world.actions), size=random[:, CONTEXT - 1 :].shape)
    futures = predict(world, clips, clips.actions)
    right = psnr(futures, truth)
    wrong = psnr(predict(world, clips, random), truth)
    copied = psnr(np.repeat(clips.frames[:, CONTEXT - 1 : CONTEXT], truth.shape[1], 1), truth)
    return {
        "psnr": interval(right.mean(1)),
        "psnr_by_step": [round(float(x), 3) for x in right.mean(0)],
        "psnr_copy_last_frame": interval(copied.mean(1)),
        "psnr_random_actions": interval(wrong.mean(1)),
        "delta_psnr_at_4": interval(right[:, 3] - wrong[:, 3]),
        "delta_psnr": interval((right - wrong).mean(1)),
    }, futures


def score_actions(judge: Judge, clips: TestClips, futures: np.ndarray) -> dict[str, Any]:
    """How often the judge names the key that was pressed: on real frames (the ceiling), and on predicted ones."""
    generated = np.concatenate((clips.frames[:, :CONTEXT], futures), 1)
    first, last = CONTEXT - 1, generated.shape[1] - 2
    keys = clips.actions[:, first:last]
    named = {}
    for name, frames in (("real", clips.frames), ("generated", generated)):
        windows = np.stack([frames[:, t - 1 : t + FRAMES - 1] for t in range(first, last)], 1)
        verdict = look(judge, windows.reshape(-1, *windows.shape[2:]))
        named[name] = verdict.actions.argmax(-1).numpy().reshape(keys.shape)
    hits = {name: (answer == keys).mean(1) for name, answer in named.items()}
    confusion = np.zeros((judge.config.actions, judge.config.actions), int)
    np.add.at(confusion, (keys.ravel(), named["generated"].ravel()), 1)
    return {
        "accuracy_real": interval(hits["real"]),
        "accuracy": interval(hits["generated"]),
        "accuracy_over_ceiling": round(float(hits["generated"].mean() / hits["real"].mean()), 4),
        "confusion": confusion.tolist(),
    }


def score_horizon(world: World, judge: Judge, clips: TestClips, sessions: int, frames: int) -> dict[str, Any]:
    """Share of long sessions whose last frames still hold the character and look like real ones.

    A frame looks real when its distance to the real frames, in the judge's features, is one that at least one
    real frame in a thousand has. A session lives when 90% of its last 100 frames (every tenth) pass both.
    """
    real = look(judge, np.repeat(clips.frames[:, :, None], FRAMES, 2).reshape(-1, FRAMES, *clips.frames.shape[2:]))
    distance = _Distance(real.features.numpy())
    limit = float(np.quantile(distance(real.features.numpy()), 0.999))
    passed = []
    with Progress("horizon", sessions) as progress:
        for number in range(sessions):
            session = world.start(prompt=clips.captions[number], image=clips.frames[number, 0], seed=number)
            keys = wander(len(world.actions), frames, np.random.default_rng([3, number]))
            seen = [session.step(int(key)) for key in keys]
            verdict = look(judge, np.repeat(np.array(seen)[9::10, None], FRAMES, 1))
            passed.append(((verdict.present > 0).numpy()) & (distance(verdict.features.numpy()) <= limit))
            progress.advance()
    alive = np.array(passed)[:, -10:].mean(1) >= 0.9
    return {
        "frames": frames,
        "sessions": sessions,
        "alive": interval(alive.astype(float)),
        "frames_passed_by_hundred": [round(float(x), 3) for x in np.array(passed).reshape(sessions, -1, 10).mean((0, 2))],
    }


def score_speed(world: World, clips: TestClips, steps: int = 300) -> dict[str, Any]:
    """Milliseconds from key to frame, and the memory of this process (torch included, where it is loaded)."""
    session = world.start(prompt=clips.captions[0], image=clips.frames[0, 0], seed=0)
    times = []
    for step in range(steps):
        begun = time.perf_counter()
        session.step(step // 10 % len(world.actions))
        times.append(1000 * (time.perf_counter() - begun))
    median, slowest = np.quantile(times[20:], (0.5, 0.99))
    return {
        "median_ms": round(float(median), 2),
        "p99_ms": round(float(slowest), 2),
        "peak_mb_of_this_process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


class _Distance:
    """Squared distance from the cloud of some features [R, C], along its main directions."""

    def __init__(self, features: np.ndarray) -> None:
        self.mean = features.mean(0)
        spread, directions = np.linalg.eigh(np.cov((features - self.mean).T))
        kept = spread > spread.max() * 1e-4
        self.whiten = directions[:, kept] / np.sqrt(spread[kept])

    def __call__(self, features: np.ndarray) -> np.ndarray:
        return (((features - self.mean) @ self.whiten) ** 2).mean(1)


def load_judge(folder: Path) -> Judge:
    """The trained judge of a run folder."""
    state = checkpoint.load(folder / "judge" / "checkpoint.pt")
    judge = Judge(checkpoint.config_from(JudgeConfig, state["config"]))
    judge.load_state_dict(state["average"])
    return judge.eval().requires_grad_(False)


def look(judge: Judge, windows: np.ndarray) -> Verdict:
    """The judge's verdicts on windows uint8 [R, 4, H, W, 3], in pieces."""
    parts = [judge(torch.from_numpy(np.ascontiguousarray(windows[i : i + 256]))) for i in range(0, len(windows), 256)]
    return Verdict(*(torch.cat(column) for column in zip(*parts, strict=True)))
