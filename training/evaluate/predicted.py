"""Measures frames that another program predicted, on the clips and by the rules of every other report."""

import dataclasses
from functools import partial
from typing import Any

import numpy as np

from genie.clips.frame_store import FrameStore
from training.evaluate.actions import score_actions
from training.evaluate.answers import Answers, read_answers, read_told
from training.evaluate.challenge import Challenge, make_challenge
from training.evaluate.config import FULL, EvaluateConfig
from training.evaluate.counterfactuals import Imagined, score_counterfactuals, score_held_keys
from training.evaluate.evidence import Evidence, confusions_of
from training.evaluate.fidelity import score_futures
from training.evaluate.judge_score import judge_worth
from training.evaluate.judging import load_judge
from training.evaluate.leaks import check_judge
from training.evaluate.machine import machine, versions
from training.evaluate.measuring import SCHEMA
from training.evaluate.per_clip import per_clip
from training.evaluate.protocol import protocol
from training.evaluate.real_clips import CONTEXT, usable
from training.evaluate.rollouts import Rollouts
from training.evaluate.simulator import answer_of, find_source
from training.judge import BEFORE


def measure_predicted(config: EvaluateConfig) -> tuple[dict[str, Any], Evidence]:
    """Score the frames in the folder `config.frames`: a report's content, and what it was read off.

    Raises ExchangeError where the frames do not answer the challenge of these clips.
    """
    assert config.frames is not None
    store = FrameStore.open(config.data, "test", config.cache)
    told = read_told(config.frames)
    _, source, no_source = find_source(config.world)
    pose = partial(make_challenge, config.world, store, source, clips=told["clips"])
    challenge, why_not = answer_of(partial(pose, moments=told["moments"]))
    if challenge is None:  # what is asked of moments, only their simulator can tell
        challenge, no_source = pose(moments=0), why_not
    answers = read_answers(challenge, config.frames)
    clips, branches = challenge.clips, challenge.branches
    futures = Rollouts(clips.frames[:, :CONTEXT], answers.frames)
    scores: dict[str, Any] = {"fidelity": score_futures(clips, answers.frames, answers.random_frames)}
    imagined = _imagined(challenge, answers)
    if branches is not None and imagined is not None:
        scores["counterfactuals"] = score_counterfactuals(branches, imagined.after, store.action_names)
    else:
        scores["counterfactuals"] = {"left_out": no_source or "no frames were predicted for the moments"}
    checked = {}
    trained = load_judge(config.judge) if config.judge else None
    if trained:
        levels = source.splits.get("test") if source else None
        checked["judge"] = check_judge(trained.learned_from, store, levels)
        scores["actions"] = score_actions(trained.judge, clips, futures)
        if branches is not None and imagined is not None and trained.judge.config.held:
            scores["held_keys"] = score_held_keys(trained.judge, branches, imagined)
        scores = {"judge": judge_worth(trained.judge, clips, source, scores)} | scores
    report = {
        "schema": SCHEMA,
        "name": answers.name,
        "world": config.world,
        "bundle": None,
        "data": {"hash": store.hash, "split": "test", "clips": len(clips.frames)},
        "judge": trained and {"sha256": trained.digest},
        "leaks": checked,
        "protocol": protocol(
            dataclasses.replace(
                FULL,
                clips=told["clips"],
                moments=told["moments"],
                sessions=0,
                long_sessions=0,
                real=0,
                timed=0,
                transitions=0,
                prompts=0,
                changes=0,
            ),
            looks_alone=challenge.looks_alone,
        ),
        "quick": len(clips.frames) < min(FULL.clips, usable(store)),
        "versions": versions(),
        "machine": machine("another program's"),
        "scores": scores,
        "per_clip": per_clip(scores),
    }
    evidence = Evidence(
        actions=store.action_names,
        clips=clips,
        context=futures.context,
        futures=futures.futures,
        branches=branches if imagined is not None else None,
        imagined=None if imagined is None else imagined.after,
        confusions=confusions_of(scores),
    )
    return report, evidence


def _imagined(challenge: Challenge, answers: Answers) -> Imagined | None:
    """The frames predicted for the moments, after the true ones before."""
    if challenge.branches is None or answers.moment_frames is None:
        return None
    return Imagined(np.ascontiguousarray(challenge.branches.past[:, -BEFORE:]), answers.moment_frames)
