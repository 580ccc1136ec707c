import numpy as np
import pytest

from genie.core.errors import ImageError, UsageError
from genie.core.mentions import Mentions
from genie.core.phrases import Phrases
from genie.runtime.image import fit_image
from genie.runtime.starts import Starts
from genie.runtime.timing import time_steps
from genie.runtime.world import World
from tests.support.tiny_bundle import start_frames


def starts(*captions: str) -> Starts:
    return Starts(np.zeros((len(captions), 4, 4, 3), np.uint8), captions)


def test_the_start_is_the_one_the_prompt_names() -> None:
    some = starts("a pink alien on grass", "a pink alien on snow", "the beige alien on snow")
    for seed in range(10):
        assert some.choose("Snow, please, and a PINK alien!", seed) == 1
        assert some.choose("a beige one", seed) == 2


def test_common_words_do_not_decide() -> None:
    some = starts("a a a alien on the grass", "an alien, snow")
    assert some.choose("the alien on the snow", 0) in (0, 1)
    assert {some.choose("alien", seed) for seed in range(20)} == {0, 1}


def test_the_seed_chooses_between_those_that_fit_alike() -> None:
    some = starts("grass", "snow by day", "snow at dusk", "sand")
    assert {some.choose("snow", seed) for seed in range(40)} == {1, 2}
    for prompt in ("", "dragons"):
        assert {some.choose(prompt, seed) for seed in range(80)} == {0, 1, 2, 3}


def test_what_there_is_most_to_choose_from_decides() -> None:
    """With a ground and an animal in place, a sky of many is still to be made: better one with that sky."""
    skies = {
        f"sky-{n}": ((f"{word} clouds", 1),) for n, word in enumerate(("red", "blue", "grey", "white", "low"))
    }
    skies |= {
        f"sky-{n + 9}": ((f"{word} stars", 1),)
        for n, word in enumerate(("few", "bright", "dim", "many", "no"))
    }
    few = {"beast": ("a cat", "a dog"), "floor": ("grass", "snow")}
    values = {slot: {text: ((text, 1),) for text in texts} for slot, texts in few.items()} | {"sky": skies}
    mentions = Mentions(Phrases(templates=(("{beast} on {floor} under {sky}", 1),), values=values))
    captions = (
        "a cat on grass under red clouds",
        "a dog on snow under blue clouds",
        *(f"a dog on snow under {said[0][0]}" for said in list(skies.values())[2:]),
    )
    some = Starts(np.zeros((len(captions), 4, 4, 3), np.uint8), captions, mentions)
    for seed in range(8):
        assert some.choose("a cat on grass under blue clouds", seed) == 1
        assert some.choose("a dog on snow under red clouds", seed) == 0
        assert some.choose("a cat on snow under dim stars", seed) == 7


def test_a_session_starts_where_its_prompt_says(world: World) -> None:
    for number, prompt in enumerate(("grass", "snow", "sand by night")):
        session = world.start(prompt=prompt)
        assert np.array_equal(session.frame, start_frames()[number])
        assert (session.prompt, session.index, session.seed) == (prompt, 0, 0)
    assert world.start().prompt == "a red sprite"
    assert world.start(prompt="").prompt == ""


def test_a_session_starts_from_a_picture_of_any_size(world: World) -> None:
    picture = start_frames()[2]
    large = picture.repeat(5, axis=0).repeat(5, axis=1)
    wide = np.concatenate([np.zeros((80, 33, 3), np.uint8), large, np.zeros((80, 33, 3), np.uint8)], axis=1)
    for image in (picture, large, wide):
        session = world.start(image=image)
        assert np.array_equal(session.frame, picture) and session.prompt == ""


@pytest.mark.parametrize(
    "image",
    [
        "picture.png",
        np.zeros((16, 16, 3)),
        np.zeros((16, 16), np.uint8),
        np.zeros((16, 16, 4), np.uint8),
        np.zeros((0, 16, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(world: World, image: object) -> None:
    with pytest.raises(ImageError):
        world.start(image=image)  # type: ignore[arg-type]


def test_fitting_cuts_the_middle_and_averages() -> None:
    tall = np.zeros((9, 2, 3), np.uint8)
    tall[2:7] = 200
    assert fit_image(tall, (1, 1)).tolist() == [[[200, 200, 200]]]
    ramp = np.repeat(np.arange(0, 60, 10, dtype=np.uint8)[:, None], 6, axis=1)[..., None].repeat(3, axis=2)
    assert fit_image(ramp, (3, 3))[:, 0, 0].tolist() == [5, 25, 45]
    assert fit_image(ramp, (4, 4))[:, 0, 0].tolist() == [3, 17, 33, 47]
    assert fit_image(ramp, (12, 12))[:, 0, 0].tolist() == [x for x in range(0, 60, 10) for _ in (0, 1)]
    assert fit_image(np.full((1, 1, 3), 7, np.uint8), (5, 8)).tolist() == [[[7, 7, 7]] * 8] * 5


@pytest.mark.parametrize("temperature", [-0.1, 11, float("nan"), float("inf")])
def test_a_temperature_out_of_range_is_refused(world: World, temperature: float) -> None:
    with pytest.raises(UsageError, match="temperature"):
        world.start(temperature=temperature)


def test_steps_are_timed(world: World) -> None:
    session = world.start()
    times = time_steps(session, steps=20, warm_up=3)
    assert session.index == 23
    assert times.steps == 20
    assert 0 < times.median <= times.p99 < 1000
