"""Prompts of few or clumsy words, prompts about things the world lacks, prompts that are fine."""

import json
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from genie.core.captions import LONGEST_PROMPT, SPECIAL_TOKENS, CaptionTokenizer
from genie.core.errors import BundleError, PromptError
from genie.core.phrases import PHRASES, Phrases, text_of, words_of
from genie.core.prompt_reading import PromptReader
from genie.core.spelling import nearest_word

SAID = Phrases(
    templates=(
        ("a {creature} fox on {ground}, {sky} behind it", 90),
        ("on {ground} a {creature} fox, in front of {sky}", 80),
        ("a {creature} fox jumps on {ground}, {sky} behind it", 7),
    ),
    values={
        "creature": {"red": (("red", 50),), "green": (("green", 50),)},
        "ground": {
            "grass": (("green grass", 30), ("grassy ground", 20)),
            "snow": (("white snow", 30), ("snow over grey rock", 20)),
        },
        "sky": {
            "hills": (("lime green hills", 25), ("smooth green hillsides", 20)),
            "space": (("black space with a few stars", 30),),
            "storm": (("a grey and white snow storm", 30),),
        },
    },
)
BESIDE = "a green fox on grassy ground, black space with a few stars behind it"


@pytest.fixture(scope="module")
def captions(tmp_path_factory: pytest.TempPathFactory) -> CaptionTokenizer:
    told = " ".join(text for said in SAID.values.values() for value in said.values() for text, _ in value)
    words = dict.fromkeys(words_of(told + " " + " ".join(text for text, _ in SAID.templates)))
    tokenizer = Tokenizer(
        models.WordLevel({w: i for i, w in enumerate((*SPECIAL_TOKENS, *words))}, unk_token="[UNK]")
    )
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    path = tmp_path_factory.mktemp("words") / "tokenizer.json"
    tokenizer.save(str(path))
    return CaptionTokenizer.load(path, 32)


@pytest.fixture(scope="module")
def reader(captions: CaptionTokenizer) -> PromptReader:
    return PromptReader(captions, SAID)


@pytest.mark.parametrize(
    "text", ["नीली गेंद घास पर", "ลูกบอลสีน้ำเงิน บนหญ้า", "كُرَةٌ زَرْقَاءُ", "un zèbre", "un ze\u0300bre"]
)
def test_a_word_keeps_its_marks_in_every_script(text: str) -> None:
    assert len(words_of(text)) == len(text.split())
    assert words_of("un ze\u0300bre!") == words_of("un zèbre!") == ["un", "zèbre", "!"]


def test_what_is_told_is_no_longer_than_a_prompt_may_be(reader: PromptReader) -> None:
    told = reader.read("snow " + "wobbly fox " * 90, beside=BESIDE).told
    assert len(told) <= LONGEST_PROMPT


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("red fox", "a red fox on grassy ground, black space with a few stars behind it"),
        ("RED FOX!!", "a red fox on grassy ground, black space with a few stars behind it"),
        ("snow", "a green fox on white snow, black space with a few stars behind it"),
        ("a fox in a snow storm", "a green fox on grassy ground, a grey and white snow storm behind it"),
        ("green hills", "a green fox on grassy ground, lime green hills behind it"),
        ("a fox on green", "a green fox on green grass, black space with a few stars behind it"),
        ("the fox jumps", "a green fox jumps on grassy ground, black space with a few stars behind it"),
        (
            "on snow over grey rock",
            "a green fox on snow over grey rock, black space with a few stars behind it",
        ),
        ("foxx on the snwo", "a green fox on white snow, black space with a few stars behind it"),
        ("jumping", "a green fox jumps on grassy ground, black space with a few stars behind it"),
        ("green hills, a red fox on grass", "a red fox on green grass, lime green hills behind it"),
        ("a red fox on grass, green hills", "a red fox on green grass, lime green hills behind it"),
    ],
)
def test_a_short_or_clumsy_prompt_is_worded_as_the_world_was_trained(
    reader: PromptReader, asked: str, told: str
) -> None:
    reading = reader.read(asked, beside=BESIDE)
    assert reading.told == told
    assert reading.asked == asked and reading.is_expanded and not reading.unknown
    assert told in reading.note


def test_what_was_expanded_stays_as_it_is(reader: PromptReader) -> None:
    for asked in ("red fox", "snow", "the fox jumps", "lime hills"):
        told = reader.read(asked, beside=BESIDE).told
        assert reader.read(told, beside="on white snow a red fox, in front of lime green hills").told == told


def test_what_a_prompt_leaves_open_is_filled_from_beside_it_or_not_at_all(reader: PromptReader) -> None:
    assert (
        "white snow, lime green hills" in reader.read("red fox", beside="lime green hills, white snow").told
    )
    assert reader.read("red fox").told == "red fox"
    assert reader.read("red foxes").told == "red fox"  # at least spelled as it knows them


THINGS = Phrases(
    templates=(
        ("{walls} around {floor}", 50),
        ("{walls} around {floor}, with {thing}", 40),
        ("the floor turns to {floor}", 9),
        ("a chest and a lamp", 3),
    ),
    values={
        "walls": {"brick": (("red brick walls", 50),), "plank": (("dark plank walls", 40),)},
        "floor": {"lava": (("glowing lava", 50),), "grass": (("green grass", 40),)},
        "thing": {
            "ball red": (("a red ball", 20),),
            "ball blue": (("a blue ball", 20),),
            "box red": (("a red box", 20),),
            "key orange": (("an orange key", 20),),
            "box orange": (("an orange box", 20),),
            "box blue": (("a blue box", 20),),
        },
    },
)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("lava", "dark plank walls around glowing lava"),
        ("a red ball", "dark plank walls around green grass, with a red ball"),
        ("an orange key on lava", "dark plank walls around glowing lava, with an orange key"),
        ("an orange ball, please", "dark plank walls around green grass, with an orange ball"),
        ("a blue box, a red ball", "dark plank walls around green grass, with a red ball, a blue box"),
        ("brick, and the ball", "red brick walls around green grass, with a red ball"),
        ("a lamp in a room of brick", "red brick walls around green grass, a lamp in a room"),
    ],
)
def test_what_only_some_captions_speak_of_is_told_when_it_is_asked_for_and_nothing_is_lost(
    tmp_path: Path, asked: str, told: str
) -> None:
    said = " ".join(text for values in THINGS.values.values() for one in values.values() for text, _ in one)
    words = dict.fromkeys(words_of(f"{said} chest lamp room around floor turns"))
    tokenizer = Tokenizer(
        models.WordLevel({w: i for i, w in enumerate((*SPECIAL_TOKENS, *words))}, unk_token="[UNK]")
    )
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    reader = PromptReader(CaptionTokenizer.load(tmp_path / "tokenizer.json", 32), THINGS)
    assert reader.read(asked, beside="dark plank walls around green grass").told == told


def test_unknown_words_are_marked_and_the_others_still_used(reader: PromptReader) -> None:
    reading = reader.read("A unicorn and a red fox under a 🌈 on Snow, please", beside=BESIDE)
    assert reading.unknown == ("unicorn", "🌈")
    assert reading.understood == ("red", "fox", "snow")
    assert reading.told == "a red fox on white snow, black space with a few stars behind it"
    assert reading.note.endswith("; not understood: unicorn, 🌈")


@pytest.mark.parametrize("asked", ["", "  ", "?!", "under the"])
def test_a_prompt_that_says_nothing_is_told_as_it_is(reader: PromptReader, asked: str) -> None:
    reading = reader.read(asked, beside=BESIDE)
    assert (reading.told, reading.understood, reading.is_expanded) == (asked, (), False)


@pytest.mark.parametrize("asked", ["unicorn", "星の上", "a unicorn of glass"])
def test_a_prompt_of_which_nothing_is_understood_changes_nothing(reader: PromptReader, asked: str) -> None:
    reading = reader.read(asked, beside=BESIDE)
    assert (reading.told, reading.understood) == (BESIDE, ())
    assert reader.read(asked).told == asked, "where nothing is there yet, it is all that is asked"


@pytest.mark.parametrize(
    ("asked", "told", "unmet"),
    [
        ("red hills", "a green fox on grassy ground, lime green hills behind it", "red hills"),
        ("a white fox", BESIDE, "white fox"),
        ("black grass", BESIDE.replace("grassy ground", "green grass"), "black grass"),
        ("a red rock", BESIDE.replace("grassy ground", "snow over grey rock"), "red rock"),
        ("a red fox and a green space", BESIDE.replace("green fox", "red fox"), "green space"),
    ],
)
def test_known_words_that_mean_nothing_together_are_marked_and_not_taken_apart(
    reader: PromptReader, asked: str, told: str, unmet: str
) -> None:
    """As a purple sky is, where there are skies and purple ground: it is no purple ground."""
    reading = reader.read(asked, beside=BESIDE)
    assert (reading.told, reading.unmet, reading.unknown) == (told, (unmet,), ())
    assert reading.note.endswith(f"not in this world: {unmet}")


def test_what_is_there_stays_where_it_is_what_was_asked_for(reader: PromptReader) -> None:
    beside = "a red fox on snow over grey rock, smooth green hillsides behind it"
    for asked in ("snow", "rock", "the hillsides", "snow and green hillsides"):
        assert reader.read(asked, beside=beside).told == beside


def test_expansion_can_be_turned_off_and_unknown_words_are_still_marked(reader: PromptReader) -> None:
    reading = reader.read("a unicorn on snwo", beside=BESIDE, expand=False)
    assert reading.told == "a unicorn on snwo"
    assert reading.unknown == ("unicorn",) and reading.corrected == (("snwo", "snow"),)
    assert reading.note == "in the prompt, not understood: unicorn"


def test_without_phrases_nothing_is_expanded(captions: CaptionTokenizer) -> None:
    reading = PromptReader(captions, None).read("a red unicorn", beside=BESIDE)
    assert (reading.told, reading.unknown) == ("a red unicorn", ("unicorn",))


def test_without_slots_the_nearest_caption_that_has_all_the_words_is_told(captions: CaptionTokenizer) -> None:
    whole = Phrases(templates=(("a red fox on snow", 2), ("a red fox in space", 1)), values={})
    reader = PromptReader(captions, whole)
    assert reader.read("space fox").told == "a red fox in space"
    assert reader.read("fox").told == "a red fox on snow"
    assert reader.read("green space").told == "green space"  # no caption has both


@pytest.mark.parametrize("asked", [7, None, "x" * 1001, "\ud800"])
def test_what_is_no_prompt_is_refused(reader: PromptReader, asked: object) -> None:
    with pytest.raises(PromptError):
        reader.read(asked)  # type: ignore[arg-type]


def test_the_work_of_reading_grows_as_the_prompt_does(reader: PromptReader) -> None:
    """Counted in calls of functions: four times the prompt is four times the work, and not sixteen."""

    def calls(times: int) -> int:
        made: list[str] = []
        sys.setprofile(lambda frame, event, arg: made.append(event))
        try:
            reader.read("green snow hills xyzzy " * times, beside=BESIDE)
        finally:
            sys.setprofile(None)
        return sum(event in ("call", "c_call") for event in made)

    calls(1)  # what is found out once
    short, long = calls(10), calls(40)
    assert long < 6 * short
    assert long < 100_000


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("gren", "green"),
        ("greeen", "green"),
        ("gerne", None),
        ("snowing", "snow"),
        ("hill", "hills"),
        ("stars", "star"),
        ("store", None),
        ("fo", None),
        ("", None),
    ],
)
def test_slips_and_other_forms_of_a_word_are_recognised(word: str, meant: str | None) -> None:
    assert nearest_word(word, ["green", "snow", "hills", "star", "stone", "fox"]) == meant


def test_phrases_come_back_from_their_file(tmp_path: Path) -> None:
    SAID.save(tmp_path / PHRASES)
    assert Phrases.load(tmp_path / PHRASES) == SAID


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        '{"templates": []}',
        '{"templates": [["a {fox}", 3]], "values": {}}',
        '{"templates": [["a fox", 0]], "values": {}}',
        '{"templates": [["a fox", "3"]], "values": {}}',
        '{"templates": [], "values": {"fox": {"red": "red"}}}',
        '{"templates": [], "values": {"a fox": {}}}',
        json.dumps({"templates": [["x" * (1 << 20), 1]], "values": {}}),
    ],
)
def test_a_file_that_holds_no_phrases_is_refused_by_name(tmp_path: Path, damage: str) -> None:
    (tmp_path / PHRASES).write_text(damage)
    with pytest.raises(BundleError, match=PHRASES):
        Phrases.load(tmp_path / PHRASES)


@pytest.mark.parametrize("text", ["a fox, on snow: there!", "a planet's ground", "green-ish hills"])
def test_words_make_their_text_again(text: str) -> None:
    assert text_of(words_of(text)) == text
