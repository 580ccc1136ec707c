"""The grammar that captions were made by is found again in the captions alone."""

import itertools

import numpy as np
import pytest

from genie.clips.frame_store import UNKNOWN, FrameStore
from genie.core.mentions import Mentions
from genie.core.phrases import Phrases
from training.phrases import find_phrases, with_their_own_words
from training.substitutions import Captioned, Place

CREATURES = {name: (name,) for name in ("red", "green", "grey")}
GROUNDS = {
    "grass": ("green grass", "grassy ground"),
    "snow": ("white snow", "snow over grey rock"),
    "rock": ("grey rock", "rocky ground"),
}
SKIES = {
    "hills": ("lime green hills", "a green hillside"),
    "space": ("black space with a few stars",),
    "empty": ("black space with a few stars", "an almost empty sky"),
    "storm": ("a grey and white snow storm",),
}
TEMPLATES = (
    "a {creature} fox on {ground}, {sky} behind it",
    "the {creature} fox on {ground} with {sky} in the background",
    "{sky}, and a fox, {creature} in colour, {deed} on {ground}",
)
DEEDS = ("jumps", "runs to the right")


def store_of(captions: list[str], attributes: list[dict[str, object]]) -> FrameStore:
    texts = sorted(set(captions))
    return FrameStore(
        frames=np.zeros((len(captions), 2, 2, 3), np.uint8),
        starts=np.arange(len(captions) + 1, dtype=np.int64),
        actions=np.full(len(captions), UNKNOWN, np.int16),
        captions=texts,
        caption_of=np.array([texts.index(caption) for caption in captions], np.int32),
        clip_captions=captions,
        attributes=attributes,
        action_names=(),
        fps=15,
        hash="said",
    )


@pytest.fixture(scope="module")
def spoken() -> FrameStore:
    """1,500 clips in random wordings; nobody speaks of how they were played, or of their level."""
    rng = np.random.default_rng(1)
    captions, attributes = [], []

    def pick(options):
        return list(options)[rng.integers(len(options))]

    for level in range(1500):
        creature, ground, sky = pick(CREATURES), pick(GROUNDS), pick(SKIES)
        said = {"creature": creature, "ground": pick(GROUNDS[ground]), "sky": pick(SKIES[sky])}
        captions.append(pick(TEMPLATES).format(**said, deed=pick(DEEDS)))
        played = pick(("boldly", "shyly"))
        attributes.append({"creature": creature, "ground": ground, "sky": sky, "how": played, "level": level})
    return store_of(captions, attributes)


@pytest.fixture(scope="module")
def found(spoken: FrameStore) -> Phrases:
    return find_phrases(spoken)


def test_the_slots_are_the_attributes_that_captions_speak_of(found: Phrases) -> None:
    assert set(found.values) == {"creature", "ground", "sky"}


def test_clips_of_another_origin_cost_the_others_nothing(spoken: FrameStore, found: Phrases) -> None:
    strangers = [{"session": f"played-{n % 2}"} for n in range(40)]
    strange = [f"a red fox in the session {n}" for n in range(40)]
    odd = [{**one, "weather": ("dry", "wet")[n]} for n, one in enumerate(spoken.attributes[:2])]
    own = [*odd, *spoken.attributes[2:], *strangers]
    mixed = find_phrases(store_of([*spoken.clip_captions, *strange], own))
    assert mixed.values.keys() == found.values.keys()
    assert mixed == found


def test_every_value_has_its_phrases_and_no_other(found: Phrases) -> None:
    said = found.values
    assert {v: {t for t, _ in p} for v, p in said["creature"].items()} == {v: {v} for v in CREATURES}
    for value, phrases in GROUNDS.items():
        assert {text for text, _ in said["ground"][value]} <= set(phrases)
        assert said["ground"][value]
    assert {text for text, _ in said["sky"]["hills"]} == set(SKIES["hills"])
    assert {text for text, _ in said["sky"]["storm"]} == set(SKIES["storm"])


def test_values_that_look_alike_are_one(found: Phrases) -> None:
    skies = found.values["sky"]
    assert "space" not in skies
    assert {text for text, _ in skies["empty"]} == {"black space with a few stars", "an almost empty sky"}


def test_the_templates_are_those_that_captions_were_made_by(found: Phrases) -> None:
    made = {t.replace("{deed}", deed) for t, deed in itertools.product(TEMPLATES, DEEDS)}
    texts = [text for text, _ in found.templates]
    assert made <= set(texts)
    assert set(texts[:2]) == set(TEMPLATES[:2]), "the most frequent come first"


def test_captions_without_attributes_are_templates_themselves() -> None:
    captions = ["a red fox"] * 3 + ["a {green} fox"] * 2
    found = find_phrases(store_of(captions, [{}] * 5))
    assert found.values == {}
    assert {text for text, _ in found.templates} == {"a red fox", "a { green } fox"}


def test_what_is_found_does_not_depend_on_chance(spoken: FrameStore, found: Phrases) -> None:
    assert find_phrases(spoken) == found


def test_a_slot_that_nothing_is_said_of_often_enough_is_none() -> None:
    """Every colour is named four times, but only once in a wording that is used again."""
    colours, places = ("red", "green", "blue", "grey"), iter(range(99))
    captions = [f"a {colour} fox sits there" for colour in colours]
    captions += [f"{'very ' * next(places)}near a {colour} fox" for colour in colours for _ in range(8)]
    attributes = [{"creature": colour} for colour in (*colours, *(c for c in colours for _ in range(8)))]
    found = find_phrases(store_of(captions, attributes))
    assert all(found.values.values())
    assert Mentions(found).find(["a", "red", "fox"]).phrases == {}


def test_a_phrase_has_the_words_that_are_its_own_and_not_the_slots() -> None:
    """Cut too short, "sandy" would stand where no other ground does, and be lost."""
    grounds = {"sand": ("sandy", "pale sand"), "snow": ("white snow",), "moss": ("an old moss",)}
    told = {"sandy": "sandy ground", "an old moss": "old moss"}
    captions, cuts = [], []
    for n in range(90):
        value = "moss" if n % 6 == 5 else ("sand", "snow")[n % 2]
        phrase = grounds[value][n // 2 % len(grounds[value])]
        rest = ("with stars", "under clouds")[n % 2]
        words = f"a fox on {'sandy ground' if phrase == 'sandy' else phrase} {rest}".split()
        start = words.index(phrase.split()[-1]) - (phrase in ("pale sand", "white snow"))
        captions.append(Captioned(words=tuple(words), attributes={"ground": frozenset([value])}))
        cuts.append({"ground": Place(start, words.index(rest.split()[0]) - (phrase == "sandy"), value)})
    found = with_their_own_words(captions, cuts)["ground"]
    assert {" ".join(words) for words in found["sand"]} == {told["sandy"], "pale sand"}
    assert {" ".join(words) for words in found["snow"]} == {"white snow"}
    assert {" ".join(words) for words in found["moss"]} == {"old moss"}
