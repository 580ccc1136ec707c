"""Whether pictures obey words: prompts that name a world's attributes, and prompts changed in play."""

from typing import Any, NamedTuple

import numpy as np

from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.interval import interval
from training.evaluate.picture_reader import PictureReader
from training.evaluate.prompts import Prompt, Wording
from training.evaluate.real_clips import CONTEXT, RealClips
from training.evaluate.rollouts import wander

SECOND = 15  # frames played before the picture is read
READ, EVERY = 14, 2  # frames that are read together: every second one of so many
PLAYED = SECOND + READ
CHANGES_SEED = 11


class Told(NamedTuple):
    """What became of P prompts: frames uint8 [P, 1 + 29, H, W, 3], the first frame and all played from it."""

    prompts: list[Prompt]
    frames: np.ndarray


class Changed(NamedTuple):
    """What became of changes in play, from C starts.

    frames uint8 [C, 1 + A, 29, H, W, 3]: the prompt left as it was, then each attribute's value replaced;
    before int [C, A]: what there is; asked int [C, A]: what each change asks for; starts: the numbers of the
    clips begun with. All keys are the same.
    """

    frames: np.ndarray
    before: np.ndarray
    asked: np.ndarray
    captions: list[list[str]]
    starts: tuple[int, ...] = ()


def tell(world: World, prompts: list[Prompt], crew: Crew, title: str) -> Told:
    """Start a session from each prompt alone, as a player does, and play it."""

    def one(number: int) -> list[np.ndarray]:
        session = world.start(prompt=prompts[number].text, seed=number)
        return [session.frame, *(session.step(int(key)) for key in _keys(world, number))]

    return Told(prompts, np.array(crew.each(one, len(prompts), title)))


def change(
    world: World,
    clips: RealClips,
    before: np.ndarray,
    wording: Wording,
    crew: Crew,
    *,
    count: int,
    known: np.ndarray | None = None,
    brief: bool = False,
) -> Changed:
    """Change each attribute in turn, after the first frames of `count` real clips of known looks, drawn.

    before: int [C, A], what the clips show, -1 where that is not known. known: int [R, A], the looks that may
    be asked for; any where None. Clips from which some attribute's change leads to no such look are passed
    over, so that fewer may be begun with, or none. brief: nothing is said but what is to change, and the
    world fills in the rest, as it does for players; else all is said, in its own wording.
    """
    chosen, asked = _asked(before, [len(values) for values in wording.values], known, count)
    wanted = np.repeat(before[chosen][:, None], 1 + len(wording.values), 1)
    for place in range(len(wording.values)):
        wanted[:, 1 + place, place] = asked[:, place]
    texts = [[wording.prompt(row, n).text for row in rows] for n, rows in enumerate(wanted)]
    if brief:
        for said, values in zip(texts, asked, strict=True):
            said[1:] = [wording.brief(place, value) for place, value in enumerate(values)]

    def one(number: int) -> list[list[np.ndarray]]:
        frames, taken = clips.frames[chosen[number]], clips.actions[chosen[number]]
        session = world.start(prompt=texts[number][0], image=frames[0], seed=number, expand=brief)
        for t in range(CONTEXT - 1):
            session.step(int(taken[t]), frame=frames[t + 1])
        mark, played = session.snapshot(), []
        for text in texts[number]:
            session.restore(mark)
            session.prompt = text
            played.append([session.step(int(key)) for key in _keys(world, number)])
        return played

    frames = np.array(
        crew.each(one, len(chosen), "few words in play" if brief else "prompts changed in play")
    )
    return Changed(frames, before[chosen], asked, texts, tuple(chosen.tolist()))


def _asked(
    before: np.ndarray, sizes: list[int], known: np.ndarray | None, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Clips to begin with int [C], and the value that each attribute is to change to there [C, A]."""
    rng = np.random.default_rng(CHANGES_SEED)
    chosen: list[int] = []
    asked: list[list[int]] = []
    for clip in rng.permutation(np.flatnonzero((before >= 0).all(1))):
        others = [_others(before[clip], place, size, known) for place, size in enumerate(sizes)]
        if len(chosen) < count and all(map(len, others)):
            chosen.append(int(clip))
            asked.append([int(rng.choice(values)) for values in others])
    return np.array(chosen, int), np.array(asked, int).reshape(-1, len(sizes))


def _others(before: np.ndarray, place: int, size: int, known: np.ndarray | None) -> np.ndarray:
    """The values that one attribute may change to, all others staying: one that leads to a known look."""
    values = np.arange(size)
    if known is not None:
        rest = np.arange(len(before)) != place
        values = np.unique(known[(known[:, rest] == before[rest]).all(1), place])
    return values[values != before[place]]


def looks(frames_RTHW3: np.ndarray) -> np.ndarray:
    """The frames that are read together, the last of T: [R, 7, H, W, 3]."""
    return frames_RTHW3[:, -READ::EVERY]


def looks_within(frames_RTHW3: np.ndarray) -> np.ndarray:
    """The last frames of the first second, [R, 4, H, W, 3]: what a change has come to by then."""
    return frames_RTHW3[:, SECOND - READ // 2 : SECOND : EVERY]


def score_told(reader: PictureReader, told: Told) -> tuple[dict[str, Any], np.ndarray]:
    """How many of the attributes that prompts name are read: off the first frame alone, and after a second.

    By chance is what is read of the prompts of others. by_attribute holds the same of each. With the
    figures comes the share of each prompt that is read after a second: float [P].
    """
    named = np.stack([prompt.named for prompt in told.prompts])
    first, later = reader.read(told.frames[:, :1]) == named, reader.read(looks(told.frames)) == named
    chance = reader.read(looks(told.frames)) == np.roll(named, 1, 0)
    hits = {"named_at_start": first, "named": later, "named_by_chance": chance}
    scores = {
        "prompts": len(named),
        "combinations": len(np.unique(named, axis=0)),
        **{name: interval(_each(named, right.mean(1))) for name, right in hits.items()},
        "by_attribute": {
            attribute: {name: interval(right[:, place].astype(float)) for name, right in hits.items()}
            for place, attribute in enumerate(reader.names)
        },
    }
    return scores, later.mean(1)


def _each(named_PA: np.ndarray, shares_P: np.ndarray) -> np.ndarray:
    """Shares of prompts as means of their combinations: what is asked twice is no more evidence for it."""
    _, which = np.unique(named_PA, axis=0, return_inverse=True)
    if which.max() + 1 == len(which):
        return shares_P
    return np.bincount(which, shares_P) / np.bincount(which)


def score_changed(reader: PictureReader, changed: Changed) -> dict[str, Any]:
    """Whether what a changed prompt names did change, and whether all else stayed.

    Read in the second second of play, and at the end of the first (`within_a_second`). Beside each what is
    read in the same frames where the prompt was left as it was.
    """
    starts, branches = changed.frames.shape[:2]
    flat = changed.frames.reshape(starts * branches, *changed.frames.shape[2:])
    read, early = (
        reader.read(seen).reshape(starts, branches, -1) for seen in (looks(flat), looks_within(flat))
    )
    left, left_early = read[:, 0], early[:, 0]
    obeyed, stayed = _obeyed(changed, read[:, 1:])
    obeyed_early, stayed_early = _obeyed(changed, early[:, 1:])
    others = branches - 2
    kept = {} if not others else {"kept": interval(stayed.sum(2).mean(1) / others)}  # nothing else to keep
    return {
        "changes": starts * (branches - 1),
        "changed": interval(obeyed.mean(1)),
        "changed_unasked": interval((left == changed.asked).mean(1)),
        **kept,
        "kept_unasked": interval((left == changed.before).mean(1)),
        "within_a_second": {
            "changed": interval(obeyed_early.mean(1)),
            "changed_unasked": interval((left_early == changed.asked).mean(1)),
            **({"kept": interval(stayed_early.sum(2).mean(1) / others)} if others else {}),
            "kept_unasked": interval((left_early == changed.before).mean(1)),
        },
        "by_attribute": {
            name: {
                "changed": interval(obeyed[:, place].astype(float)),
                "changed_unasked": interval((left == changed.asked)[:, place].astype(float)),
                **({"others_kept": interval(stayed[:, place].sum(1) / others)} if others else {}),
            }
            for place, name in enumerate(reader.names)
        },
    }


def _obeyed(changed: Changed, told_CAA: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which changed values are read as asked for [C, A], and which others as they were [C, A changed, A].

    told: what is read, by start, by what was changed and by attribute.
    """
    own = np.eye(told_CAA.shape[1], dtype=bool)
    obeyed = np.einsum("caa->ca", told_CAA) == changed.asked
    return obeyed, (told_CAA == changed.before[:, None]) & ~own


def _keys(world: World, number: int) -> np.ndarray:
    return wander(len(world.actions), PLAYED, np.random.default_rng([12, number]))
