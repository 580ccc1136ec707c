"""Text, measured: what is asked, what comes of it, and what a judge of attributes reads off it."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from genie.clips.changes import looks_of
from genie.clips.clip_folder import Clip, ClipFolder
from genie.clips.frame_store import FrameStore, digest_of
from genie.core.phrases import PHRASES, Phrases
from genie.runtime.world import World
from training.evaluate.attribute_worth import AttributeWorth, attribute_worth, score_attribute_judge
from training.evaluate.crew import Crew
from training.evaluate.judging import TrainedAttributes
from training.evaluate.picture_reader import PictureReader
from training.evaluate.prompts import Prompt, Wording
from training.evaluate.real_clips import RealClips
from training.evaluate.wording import Changed, Told, change, score_changed, score_told, tell
from training.held_out import UNSEEN

PROMPTS_SEED = 10


class TextEvidence(NamedTuple):
    """names of what is read; told and hits float [P], the share of each prompt that is read; changed."""

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    told: Told
    hits: np.ndarray
    changed: Changed


class TextScores(NamedTuple):
    """The section "text", what is to be added to the section "judge", and what it was read off."""

    text: dict[str, Any]
    judge: dict[str, Any]
    evidence: TextEvidence | None


def left_out(why: str) -> TextScores:
    """Nothing scored, and why."""
    return TextScores({"left_out": why}, {}, None)


def score_text(
    world: World,
    trained: TrainedAttributes | None,
    clips: RealClips,
    store: FrameStore,
    data: Path,
    crew: Crew,
    *,
    prompts: int,
    changes: int,
) -> TextScores:
    """Whether pictures obey words: from the first frame on, and after a change of prompt in play.

    prompts: how many, of combinations that the training clips have, and as many of those that the world
    withholds from training; changes: of one attribute each, all in turn from as many starts as that takes.
    """
    file = world.engine.folder / PHRASES
    if not file.is_file() or not (phrases := Phrases.load(file)).values:
        return left_out("the bundle does not say what its captions are made of")
    if trained is None:
        return left_out("no judge of attributes was given: python -m training train attributes makes one")
    reader = PictureReader.of(trained.judge, phrases, store)
    if set(reader.names) != {name for name in phrases.values if _is_one(name, store)}:
        return left_out("the judge of attributes does not read all that this world's captions speak of")
    wording = Wording(phrases, reader.values)
    if not wording.templates:
        return left_out("no caption of this world names all its attributes")
    trained_on = _combinations(reader, data, world.manifest.trained_on.get("data_hash"))
    before = np.stack([reader.numbers(attributes) for attributes in clips.attributes])
    known = before[(before >= 0).all(1)]
    if not len(known):
        return left_out("no test clip shows what a prompt can name: record others, or train a judge on more")
    seen = tell(world, _drawn(wording, known if trained_on is None else trained_on, prompts), crew, "prompts")
    scores, hits = score_told(reader, seen)
    scores["asked"] = _digest(reader, [prompt.named.tolist() for prompt in seen.prompts])
    scores["drawn_from"] = "test clips" if trained_on is None else "training clips"
    scores["unseen"] = {"left_out": "the clips that the world was trained on are not there"}
    if trained_on is not None:
        withheld = _looks(reader, ClipFolder(data).clips(UNSEEN))
        scores["unseen"] = _unseen(world, wording, reader, _without(withheld, trained_on), prompts, crew)
    starts = -(-changes // len(reader.names))
    worth = attribute_worth(reader, clips)
    changed = change(world, clips, before, wording, crew, count=starts, known=trained_on)
    if changed.starts:
        scores = _together(scores, score_changed(reader, changed), worth)
        scores["asked_changes"] = _digest(reader, [changed.starts, changed.asked.tolist()])
        scores["changes_drawn_from"] = "any values" if trained_on is None else "training clips"
        few = score_changed(
            reader, change(world, clips, before, wording, crew, count=starts, known=trained_on, brief=True)
        )
        scores["few_words"] = {name: few[name] for name in ("changes", "changed", "kept") if name in few}
    else:
        scores = _together(scores, {"changes": 0}, worth)
        scores["few_words"] = {"left_out": "no test clip can change into a look that training knew"}
    evidence = TextEvidence(reader.names, tuple(reader.values.values()), seen, hits, changed)
    return TextScores(scores, score_attribute_judge(reader, worth), evidence)


def _is_one(name: str, store: FrameStore) -> bool:
    """Whether clips have one value of an attribute each; of several things, a picture may show any."""
    return all(isinstance(attributes.get(name), str) for attributes in store.attributes)


def _unseen(
    world: World, wording: Wording, reader: PictureReader, withheld: np.ndarray, prompts: int, crew: Crew
) -> dict[str, Any]:
    """Prompts for combinations that are kept from all training.

    That these very training clips lack a combination is not enough: the weights may have begun with others.
    """
    if not len(withheld):
        return {"left_out": f"no combination is withheld: there are no clips of such, split {UNSEEN!r}"}
    told = tell(world, _drawn(wording, withheld, prompts), crew, "prompts of unseen combinations")
    scores, _ = score_told(reader, told)
    asked = _digest(reader, [prompt.named.tolist() for prompt in told.prompts])
    return {name: value for name, value in scores.items() if name != "by_attribute"} | {"asked": asked}


def _digest(reader: PictureReader, asked: list[Any]) -> str:
    """Of what is asked for: two reports' prompts can be compared one by one where it is the same."""
    return hashlib.sha256(json.dumps([list(reader.values.items()), asked]).encode()).hexdigest()[:16]


def _together(told: dict[str, Any], changed: dict[str, Any], worth: AttributeWorth) -> dict[str, Any]:
    """One section; beside what is read, what the judge reads of real clips and what can be believed."""
    real = worth.hits.mean(0)
    by = {
        name: {**figures, "named_in_real_clips": round(float(real[n]), 4)}
        for n, (name, figures) in enumerate(told["by_attribute"].items())
    }
    overall = {"named_in_real_clips": round(float(real.mean()), 4)}
    for part, name in ((told, "named"), (changed, "changed")):
        if figures := part.get("by_attribute"):
            believed = worth.believed(np.array([figures[attribute][name]["mean"] for attribute in by]))
            overall[f"{name}_calibrated"] = round(float(believed.mean()), 4)
            for attribute, own in zip(by, believed, strict=True):
                by[attribute] |= figures[attribute] | {f"{name}_calibrated": round(float(own), 4)}
    return told | overall | changed | {"by_attribute": by}


def _combinations(reader: PictureReader, data: Path, trained_on: str | None) -> np.ndarray | None:
    """The different looks that the training clips have, int [R, A], those that they change to included.

    None where the dataset's training clips are not the ones that the world was trained on.
    """
    clips = ClipFolder(data).clips("train")
    if not clips or digest_of(clips) != trained_on:
        return None
    looks = _looks(reader, clips)
    return looks if len(looks) else None


def _looks(reader: PictureReader, clips: list[Clip]) -> np.ndarray:
    """The different looks that clips have and a caption can say, sorted: int [R, A]."""
    found = {
        tuple(reader.numbers(look).tolist()) for clip in clips for look in looks_of(clip.entry.attributes)
    }
    return np.array(sorted(row for row in found if min(row) >= 0), int).reshape(-1, len(reader.names))


def _without(looks: np.ndarray, known: np.ndarray) -> np.ndarray:
    taken = {tuple(row) for row in known.tolist()}
    return looks[[tuple(row) not in taken for row in looks.tolist()]]


def _drawn(wording: Wording, combinations: np.ndarray, count: int) -> list[Prompt]:
    """So many prompts; where there are fewer combinations, each is asked for in several wordings."""
    order = np.resize(np.random.default_rng(PROMPTS_SEED).permutation(len(combinations)), count)
    wordings = (n + n // len(combinations) for n in range(count))
    return [wording.prompt(combinations[place], n) for n, place in zip(wordings, order, strict=True)]
