"""Builds a stage from a dataset and what the run folder already holds."""

import dataclasses
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genie.clips.frame_store import FrameStore
from genie.core.captions import CaptionTokenizer
from genie.core.errors import ClipError
from genie.core.phrases import PHRASES, Phrases
from genie.models.captioner import CaptionerConfig
from genie.models.text import TextConfig
from genie.worlds import WorldSpec, load_source
from genie.worlds.source import Branching
from training import processes
from training.attribute_judge import AttributeJudgeConfig
from training.judge import BEFORE, FRAMES, JudgeConfig
from training.known_codes import KnownCodes
from training.loop_config import LoopConfig
from training.phrases import find_phrases
from training.presets import Preset
from training.sharded_checkpoint import newest
from training.simulated import SIMULATED, Simulated
from training.spans import Spans
from training.stage import Stage
from training.swaps import Swaps
from training.train_attributes import AttributesStage, eye_of_judge, spoken_attributes
from training.train_captioner import CAPTIONED_FRAMES, CaptionerStage
from training.train_dynamics import ActionReader, DynamicsStage
from training.train_judge import HeldKeys, JudgeStage, PlayerPairs, visible_attributes
from training.train_keys import KeysStage
from training.train_latent_action import LatentActionStage
from training.train_text import TextStage, caption_ids, learn_vocabulary
from training.train_tokenizer import TokenizerStage
from training.trained import VOCABULARY, Run
from training.windows import Windows


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that a stage is built from; start: a bundle whose weights it will begin with."""

    sizes: Preset
    loop: LoopConfig
    store: FrameStore
    run: Run
    world: WorldSpec
    keep_meaning: bool
    start: Path | None = None

    def begun(self, stage: str) -> bool:
        """Whether a stage has a checkpoint to go on from, of whatever kind."""
        return newest(self.run.stage(stage)) is not None

    def windows(self, length: int, *, steady: bool = False, changing: float = 0.0) -> Windows:
        """Windows of so many frames of the store; see Windows."""
        batch, seed, device = self.loop.batch, self.loop.seed, self.run.device
        return Windows(
            self.store,
            length=length,
            batch=batch,
            seed=seed,
            device=device,
            steady=steady,
            changing=changing,
        )


def _tokenizer(job: Job) -> Stage[Any]:
    windows = job.windows(1)
    return TokenizerStage(job.sizes.tokenizer, windows, job.run.device, keep_meaning=job.keep_meaning)


def _latent_action(job: Job) -> Stage[Any]:
    sizes, loop = job.sizes.latent_action, job.loop
    told = job.sizes.actions == "keys"
    if told:
        _every_action_is_known(job.store)
        sizes = dataclasses.replace(sizes, codes=len(job.world.actions))
    windows = job.windows(sizes.history + sizes.horizon, steady=True)
    tokenizer = job.run.tokenizer()
    return LatentActionStage(sizes, windows, job.run.device, tokenizer=tokenizer, told=told, seed=loop.seed)


def _keys(job: Job) -> Stage[Any]:
    drafter, keys = job.run.drafter(), len(job.world.actions)
    return KeysStage(keys, job.store, drafter, job.sizes.labels, job.run.device, job.loop.seed)


def _text(job: Job) -> Stage[Any]:
    path, length = job.run.stage("text") / VOCABULARY, job.sizes.caption_length
    # Words are the model's for good, even if the dataset has grown since; the first process writes them.
    if job.begun("text") or processes.rank():
        vocabulary = CaptionTokenizer.load(path, length)
    elif job.start is not None:  # weights to begin with know the words that they were trained on
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(job.start / VOCABULARY, path)
        vocabulary = CaptionTokenizer.load(path, length)
    else:
        vocabulary = learn_vocabulary(job.store.captions, path, length)
    text = TextConfig(
        vocabulary=vocabulary.size,
        length=length,
        height=job.world.frame_size[0],
        channels=job.sizes.text_channels,
        layers=job.sizes.text_layers,
    )
    phrases = _phrases(job, "text")
    swaps = Swaps(job.store.captions, phrases, vocabulary) if phrases.values else None
    return TextStage(
        text,
        job.windows(1),
        vocabulary,
        job.run.device,
        swaps=swaps,
        tokenizer=job.run.tokenizer() if job.run.has("tokenizer") else None,
        keep_meaning=job.keep_meaning,
    )


def _dynamics(job: Job) -> Stage[Any]:
    run, sizes = job.run, job.sizes
    tokenizer = run.tokenizer()
    if sizes.actions == "keys":
        _every_action_is_known(job.store)
    actions, count = action_reader(sizes.actions, run, job.store, len(job.world.actions))
    texts = run.embed(caption_ids(job.store.captions, run.vocabulary(), run.device))
    dynamics = dataclasses.replace(
        sizes.dynamics,
        grid=tokenizer.config.grid,
        dims=tokenizer.config.fsq.dims,
        levels=tokenizer.config.fsq.levels,
        told="keys" if sizes.actions == "keys" else "codes",
        actions=count,
        text=texts.shape[1],
    )
    return DynamicsStage(
        dynamics,
        job.windows(sizes.frames, changing=sizes.changing),
        tokenizer,
        texts,
        actions,
        run.device,
        drafter=run.drafter() if dynamics.draft else None,
        corruption=sizes.corruption,
        seed=job.loop.seed,
    )


def _phrases(job: Job, stage: str) -> Phrases:
    """What the captions are made of that a stage began with: its own for good, as its vocabulary is."""
    path = job.run.stage(stage) / PHRASES
    if not path.exists() or not (job.begun(stage) or processes.rank()):  # the first process is alone here
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new")
        find_phrases(job.store).save(written)
        written.replace(path)
    return Phrases.load(path)


def _every_action_is_known(store: FrameStore, why: str = "or train with --actions latent") -> None:
    unknown = store.actions < 0
    unknown[store.starts[1:] - 1] = False  # no action leads on from a clip's last frame
    if unknown.any():
        raise ClipError(f"some clips have no actions: leave those clips out, {why}")


def _judge(job: Job) -> Stage[Any]:
    _every_action_is_known(job.store, "a judge of actions learns from nothing else")
    height, width = job.world.frame_size
    source = load_source(job.world) if job.world.source else None
    sizes = job.sizes
    spoken = find_phrases(job.store).values  # who drew the clips' actions, say, no picture shows
    simulated = Simulated(job.world, job.run.stage("judge") / SIMULATED, job.loop.seed)
    pairs, held = None, None
    if isinstance(source, PlayerPairs):
        present, absent = simulated.pairs(sizes.judge_pairs)
        pairs = present, absent
    if isinstance(source, Branching):
        held = HeldKeys(*simulated.moments(sizes.judge_moments, past=BEFORE, future=sizes.judge_held))
    judge = JudgeConfig(
        actions=len(job.world.actions),
        height=height,
        width=width,
        channels=sizes.judge_channels,
        held=0 if held is None else sizes.judge_held,
        attributes={name: values for name, values in visible_attributes(job.store).items() if name in spoken},
        character=pairs is not None,
    )
    levels = None if pairs is None and held is None else job.world.splits["judge"]
    windows, device = job.windows(FRAMES, steady=True), job.run.device
    return JudgeStage(judge, windows, device, pairs=pairs, held=held, simulated=levels)


def _attributes(job: Job) -> Stage[Any]:
    height, width = job.world.frame_size
    config = AttributeJudgeConfig(
        attributes=spoken_attributes(job.store),
        height=height,
        width=width,
        channels=job.sizes.judge_channels,
    )
    eye = eye_of_judge(job.run.state("judge")) if job.run.has("judge") else None
    return AttributesStage(config, job.store, job.loop, job.run.device, eye=eye)


def _captioner(job: Job) -> Stage[Any]:
    path, length = job.run.stage("captioner") / VOCABULARY, job.sizes.caption_length
    spans = Spans(
        job.store, frames=CAPTIONED_FRAMES, batch=job.loop.batch, seed=job.loop.seed, device=job.run.device
    )
    if job.begun("captioner") or processes.rank():
        vocabulary = CaptionTokenizer.load(path, length)
    else:
        vocabulary = learn_vocabulary(spans.texts, path, length)
    _phrases(job, "captioner")
    height, width = job.world.frame_size
    config = CaptionerConfig(
        vocabulary=vocabulary.size, length=length, height=height, width=width, frames=CAPTIONED_FRAMES
    )
    return CaptionerStage(config, spans, vocabulary, job.run.device)


def action_reader(actions: str, run: Run, store: FrameStore, keys: int) -> tuple[ActionReader, int]:
    """How the dynamics are told the actions of a window, and how many actions there are."""
    if actions == "keys":
        return lambda window, _: window.actions, keys
    drafter = run.drafter()
    return KnownCodes(store, drafter, run.device), drafter.latent_action.config.codes


BUILDERS: dict[str, Callable[[Job], Stage[Any]]] = {
    "tokenizer": _tokenizer,
    "latent-action": _latent_action,
    "keys": _keys,
    "text": _text,
    "dynamics": _dynamics,
    "judge": _judge,
    "attributes": _attributes,
    "captioner": _captioner,
}
