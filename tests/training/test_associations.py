"""Where much varies at once, words that say a value are known by the company they keep."""

import numpy as np
import pytest

from genie.core.phrases import words_of
from training.associations import associations
from training.substitutions import Captioned, Found

WALLS = {
    "brick": ("red brick walls", "walls of red brick"),
    "plank": ("dark plank walls", "walls of dark planks"),
    "pink": ("pink walls", "walls painted pink"),
    "blue": ("blue walls", "walls painted blue"),
    "hedge": ("green hedges", "walls of green hedge"),
}
FLOORS = {
    "grass": ("green grass", "a grass floor"),
    "lava": ("glowing lava", "a floor of lava"),
    "carpet": ("red carpet", "a red carpet floor"),
    "boards": ("wooden boards", "a wooden floor"),
}
SKIES = {
    "day": ("a blue sky", "a clear blue sky"),
    "night": ("a night sky", "a black night sky"),
    "sunset": ("a red evening sky", "an orange sunset sky"),
    "beams": ("a dark wooden ceiling", "a ceiling of dark boards"),
}
TEMPLATES = (
    "{floor} between {walls}, under {sky}{thing}",
    "under {sky}, {walls} around {floor}{thing}",
    "two rooms with {walls}, {floor} and {sky}{thing}",
    "a hall: {walls}, {floor}, {sky}{thing}",
    "suddenly {walls}",
    "the floor turns to {floor}",
)
COLOURS, KINDS = ("red", "green", "blue", "pink", "black"), ("box", "ball", "key", "pillar")
PLACES = ("ahead", "on the left", "behind", "going out of view")


@pytest.fixture(scope="module")
def found() -> Found:
    """What is found in 2,500 captions, hardly two of which differ in one thing alone."""
    rng = np.random.default_rng(0)

    def pick(options):
        return list(options)[rng.integers(len(options))]

    captions = []
    for _ in range(2500):
        walls, floor, sky = pick(WALLS), pick(FLOORS), pick(SKIES)
        things = [f"{pick(COLOURS)} {pick(KINDS)}" for _ in range(rng.integers(1, 3))]
        text = pick(TEMPLATES).format(
            walls=pick(WALLS[walls]),
            floor=pick(FLOORS[floor]),
            sky=pick(SKIES[sky]),
            thing="".join(f", a {thing} {pick(PLACES)}" for thing in things),
        )
        facts = {"walls": walls, "floor": floor, "sky": sky, "player": pick(("sticky", "explorer"))}
        attributes = {name: frozenset((value,)) for name, value in facts.items()}
        attributes["things"] = frozenset(things)
        captions.append(Captioned(words=tuple(words_of(text)), attributes=attributes))
    return associations(captions)


def test_only_what_the_captions_speak_of_is_found(found: Found) -> None:
    assert set(found) == {"walls", "floor", "sky", "things"}


def test_of_several_values_each_is_known_by_its_words(found: Found) -> None:
    assert {value: phrases.most_common(1)[0][0] for value, phrases in found["things"].items()} == {
        f"{colour} {kind}": (colour, kind) for colour in COLOURS for kind in KINDS
    }


@pytest.mark.parametrize(("name", "values"), [("walls", WALLS), ("floor", FLOORS), ("sky", SKIES)])
def test_each_value_is_said_by_its_whole_phrases(found: Found, name: str, values) -> None:
    for value, phrases in values.items():
        most = {" ".join(words) for words, _ in found[name][value].most_common(2)}
        assert most == set(phrases)


def test_nothing_is_found_in_captions_that_say_nothing() -> None:
    words = ("a", "place", "with", "things")
    captions = [Captioned(words=words, attributes={"walls": frozenset((str(n % 5),))}) for n in range(200)]
    assert associations(captions) == {}


def test_no_captions_say_nothing() -> None:
    assert associations([]) == {}
