"""Measures a world: the report's figures, and the evidence that its pictures are made from."""

from dataclasses import replace
from functools import partial
from typing import Any

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from genie.runtime.world import World
from genie.worlds import find_bundle
from genie.worlds.source import Branches, Branching, Playable
from training.evaluate.actions import score_actions
from training.evaluate.codes import look_at_codes
from training.evaluate.config import FULL, QUICK, EvaluateConfig, Extent
from training.evaluate.counterfactuals import FUTURE, PAST, imagine, score_counterfactuals, score_held_keys
from training.evaluate.crew import Crew
from training.evaluate.evidence import Evidence, confusions_of
from training.evaluate.examples import by_rule
from training.evaluate.fidelity import score_fidelity
from training.evaluate.held import hold
from training.evaluate.horizon import RealPlay, play_long, score_horizon, score_true_game
from training.evaluate.judge_score import judge_worth
from training.evaluate.judging import TrainedJudge, load_attribute_judge, load_judge
from training.evaluate.latent_actions import score_latent_actions
from training.evaluate.leaks import check_judge, check_world
from training.evaluate.likeness import psnr
from training.evaluate.looks_only import told_looks
from training.evaluate.machine import machine, versions
from training.evaluate.per_clip import per_clip
from training.evaluate.protocol import protocol
from training.evaluate.real_clips import CONTEXT, real_clips
from training.evaluate.revisits import find_revisits, revisit, score_revisits
from training.evaluate.session_starts import looks_over, play_clips, session_starts
from training.evaluate.simulator import answer_of, find_source
from training.evaluate.speed import score_speed
from training.evaluate.text import TextEvidence, score_text
from training.evaluate.tokens import score_tokenizer
from training.evaluate.true_play import play_truly
from training.workers import cores

SCHEMA = 2
LOOKS_OF_REAL = 20  # frames of each whole real clip
FRAMES = 1_000  # of every long session at least


def measure(config: EvaluateConfig) -> tuple[dict[str, Any], Evidence]:
    """Score a bundle on held-out clips: report.json's content, and what it was read off.

    Raises ClipError where the clips do not fit the world, CheckpointError for a judge that is not there,
    LeakError where the judge or the world has learned from what is scored.
    """
    return _Measuring(config).run()


class _Measuring:
    """One measuring: what it is given, and what comes of it."""

    def __init__(self, config: EvaluateConfig) -> None:
        self.config, self.extent = config, QUICK if config.quick else FULL
        if config.prompts is not None:
            self.extent = replace(self.extent, prompts=config.prompts, changes=config.prompts)
        if config.long is not None:
            sessions = max(self.extent.sessions, config.long)
            self.extent = replace(self.extent, long_sessions=config.long, sessions=sessions)
        self.bundle = find_bundle(config.world)
        self.timed = World.open(self.bundle, config.device)
        # On a CPU many sessions on a thread each get more done than one session on all of them.
        on_cpu = self.timed.device == "cpu"
        self.world = World.open(self.bundle, "cpu", threads=1) if on_cpu else self.timed
        self.crew = Crew(cores() if on_cpu else 1)
        self.store = FrameStore.open(config.data, "test", config.cache)
        _agree(self.store, self.world, config)
        self.spec, self.source, self.no_source = find_source(self.world.id)
        self.judge = load_judge(config.judge) if config.judge else None
        self.attributes = load_attribute_judge(config.judge) if config.judge else None
        self.checked = self._leaks()
        self.told = told_looks(self.store, self.bundle)
        self.clips = real_clips(self.told, self.extent.clips)
        if self.judge:
            self.beside = play_clips(self.store, self.extent.real, self.extent.sessions)
            self.starts = session_starts(self.told, self.beside.others, self.extent.sessions)
        self.scores: dict[str, Any] = {}

    def run(self) -> tuple[dict[str, Any], Evidence]:
        scores = self.scores
        branches = self._branches()  # asked for first: a simulator that is not there is known at once
        if self.judge:
            scores["judge"] = {}  # its own worth comes first
        scores["tokenizer"] = score_tokenizer(self.world, self.clips)
        scores["fidelity"], told = score_fidelity(self.world, self.clips, self.crew)
        revisited = revisit(self.world, find_revisits(self.told, self.extent.revisits), self.crew)
        scores["revisits"] = score_revisits(revisited)
        imagined = None
        if branches:
            imagined = imagine(self.world, branches, self.crew)
            names = self.world.actions.names
            scores["counterfactuals"] = score_counterfactuals(branches, imagined.after, names)
        elif self.no_source:
            scores["counterfactuals"] = {"left_out": self.no_source}
        scores["latent_actions"] = score_latent_actions(
            self.bundle,
            self.world.manifest,
            self.config.data,
            self.store,
            branches,
            self.extent.transitions,
        )
        if self.judge:
            judge = self.judge.judge
            scores["actions"] = score_actions(judge, self.clips, told)
            if branches and imagined and judge.config.held:
                scores["held_keys"] = score_held_keys(judge, branches, imagined)
            scores["judge"] |= judge_worth(judge, self.clips, self.source, scores)
        text = self._text()
        if self.judge:
            self._horizons(self.judge, self.extent)
        scores["speed"] = score_speed(self.timed, self.clips, frames=self.extent.timed)
        median = by_rule(psnr(told.futures, self.clips.frames[:, CONTEXT:]).mean(1))["Median"]
        evidence = Evidence(
            actions=self.world.actions.names,
            clips=self.clips,
            context=told.context,
            futures=told.futures,
            branches=branches,
            imagined=imagined.after if imagined else None,
            curves=_curves(scores),
            confusions=confusions_of(scores),
            codes=look_at_codes(self.world, self.clips, median),
            held=None if branches else hold(self.world, self.clips, median),
            text=text,
            revisited=revisited,
        )
        return self._report(), evidence

    def _report(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "world": self.world.id,
            "bundle": self.world.manifest.digest,
            "data": {"hash": self.store.hash, "split": "test", "clips": len(self.clips.frames)},
            "judge": self.judge
            and {
                "sha256": self.judge.digest,
                **({"attributes_sha256": self.attributes.digest} if self.attributes else {}),
            },
            "leaks": self.checked,
            "protocol": protocol(self.extent, looks_alone=self.told is not self.store),
            "quick": self.config.quick,
            "versions": versions(),
            "machine": machine(self.timed.device),
            "scores": self.scores,
            "per_clip": per_clip(self.scores),
        }

    def _leaks(self) -> dict[str, str]:
        scored = self.source.splits.get("test") if self.source else None
        checked = {"world": check_world(self.world.manifest, self.store, self.spec, scored)}
        if self.judge:
            checked["judge"] = check_judge(self.judge.learned_from, self.store, scored)
            if self.attributes:
                checked["attributes"] = check_judge(self.attributes.learned_from, self.store, scored)
        return checked

    def _text(self) -> TextEvidence | None:
        found = score_text(
            self.world,
            self.attributes,
            self.clips,
            self.store,
            self.config.data,
            self.crew,
            prompts=self.extent.prompts,
            changes=self.extent.changes,
        )
        self.scores["text"] = found.text
        if found.judge:
            self.scores["judge"] |= found.judge
        return found.evidence

    def _branches(self) -> Branches | None:
        if not isinstance(self.source, Branching):
            return None
        ask = partial(self.source.branches, split="test", past=PAST, future=FUTURE, seed=0)
        found, why_not = answer_of(partial(ask, count=self.extent.moments))
        self.no_source = self.no_source or why_not
        return found

    def _horizons(self, trained: TrainedJudge, extent: Extent) -> None:
        real = RealPlay(
            trained.judge, *(looks_over(self.store, clips, LOOKS_OF_REAL) for clips in self.beside)
        )
        long = extent.long_sessions
        lengths = [extent.long_frames] * long + [FRAMES] * (extent.sessions - long)
        plays = play_long(self.world, trained.judge, self.starts, self.crew, lengths=lengths)
        self.scores["horizon"] = score_horizon([play.until(FRAMES) for play in plays], real)
        self.scores["horizon"]["asked"] = self.starts.digest(len(plays))
        if isinstance(self.source, Playable):
            count = len(self.world.actions)
            ask = partial(play_truly, self.source, trained.judge, actions=count, frames=FRAMES)
            true, why_not = answer_of(partial(ask, sessions=len(plays)))
            self.scores["horizon"]["of_true_game"] = (
                {"left_out": why_not} if true is None else score_true_game(true, real)
            )
        if long:
            self.scores["long_horizon"] = score_horizon(plays[:long], real, window=1_000)
            self.scores["long_horizon"]["asked"] = self.starts.digest(long)


def _curves(scores: dict[str, Any]) -> dict[str, list[float]]:
    """The means of everything that is told by windows of long sessions."""
    return {
        name: [point["mean"] for point in points]
        for score in (scores.get("horizon", {}), scores.get("long_horizon", {}))
        for name, points in score.items()
        if "_by_" in name
    }


def _agree(store: FrameStore, world: World, config: EvaluateConfig) -> None:
    size = tuple(store.frames.shape[1:3])
    if store.action_names != world.actions.names or size != world.frame_size:
        raise ClipError(f"{config.data} has other actions or other frames than the world {world.id}")
