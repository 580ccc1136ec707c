"""Words obeyed, ignored, and obeyed at the start alone: the figures tell them apart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genie
from genie.clips.clip_folder import ClipFolder
from genie.clips.frame_store import FrameStore, digest_of
from tests.support.tiny_bundle import SAID, write_tiny_bundle
from tests.support.worded_world import VALUES, Painter, WordedWorld, painted
from training.evaluate.attribute_worth import AttributeWorth, attribute_worth, score_attribute_judge
from training.evaluate.crew import Crew
from training.evaluate.judging import TrainedAttributes
from training.evaluate.picture_reader import PictureReader
from training.evaluate.prompts import Wording
from training.evaluate.real_clips import RealClips, real_clips
from training.evaluate.text import TextScores, score_text

CREW = Crew(2)
COLOURS, GROUNDS = VALUES["colour"], VALUES["ground"]


def look(number: int) -> dict[str, str]:
    return {"colour": COLOURS[number % 2], "ground": GROUNDS[number % 3]}


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return genie.load(write_tiny_bundle(tmp_path_factory.mktemp("worded"), phrases=SAID), device="cpu")


@pytest.fixture(scope="module")
def store(tests: FrameStore) -> FrameStore:
    """The tiny world's clips, painted with looks of which there are all but one colour on one ground."""
    frames, attributes, captions = tests.frames.copy(), [], []
    for clip, (first, last) in enumerate(zip(tests.starts[:-1], tests.starts[1:], strict=True)):
        shown = look(clip)
        frames[first:last] = [painted(frame, shown) for frame in frames[first:last]]
        attributes.append({"level": 100 + clip, **shown})
        captions.append(f"a {shown['colour']} sprite on {shown['ground']}")
    return FrameStore(
        **{**vars(tests), "frames": frames, "attributes": attributes, "clip_captions": captions}
    )


@pytest.fixture
def data(tmp_path: Path, worded: Any) -> Path:
    """The training clips: grass and snow only; sand is withheld from them."""
    lines = []
    for number in range(6):
        name = f"{number}.mp4"
        (tmp_path / name).touch()
        look = {"colour": COLOURS[number % 2], "ground": GROUNDS[number // 2]}
        split = "unseen" if look["ground"] == "sand" else "train"
        line = {"file_name": name, "caption": "", "fps": 15, "frames": 20, "attributes": look}
        lines.append(line | {"split": split})
    (tmp_path / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    trained_on(worded, tmp_path)
    return tmp_path


def trained_on(world: Any, data: Path) -> None:
    """Have the world say that it was trained on the clips of a folder."""
    world.manifest.trained_on["data_hash"] = digest_of(ClipFolder(data).clips("train"))


def scored(world: Any, store: FrameStore, data: Path, judge: Any = None) -> TextScores:
    trained = TrainedAttributes(judge or Painter(), None, "")
    clips = real_clips(store, 12)
    return score_text(world, trained, clips, store, data, CREW, prompts=8, changes=10)


def test_a_world_that_obeys_has_all_there_is(worded: Any, store: FrameStore, data: Path) -> None:
    text, judge, evidence = scored(WordedWorld(worded), store, data)
    assert text["prompts"] == 8, "four looks are in the training clips, each asked for twice"
    assert text["named_at_start"]["mean"] == text["named"]["mean"] == 1 > text["named_by_chance"]["mean"]
    assert text["named_in_real_clips"] == text["named_calibrated"] == text["changed_calibrated"] == 1
    assert text["unseen"]["prompts"] == 8 and text["unseen"]["named"]["mean"] == 1
    assert (text["combinations"], text["unseen"]["combinations"]) == (4, 2)
    assert len(text["named"].samples) == 4, "what is asked twice is no more evidence"
    assert text["drawn_from"] == "training clips"
    assert text["changed"]["mean"] == text["kept"]["mean"] == text["kept_unasked"]["mean"] == 1
    assert text["changed_unasked"]["mean"] == 0 and text["changes"] == 10
    assert text["few_words"]["changes"] == 10 and text["few_words"]["changed"]["mean"] == 1
    assert judge["attributes_weak"] is False and judge["attributes"]["ground"]["mean"] == 1
    assert evidence is not None and evidence.hits.tolist() == [1] * 8
    sand = GROUNDS.index("sand")
    assert all(prompt.named[evidence.names.index("ground")] != sand for prompt in evidence.told.prompts)
    assert len({prompt.text for prompt in evidence.told.prompts}) == 8


def test_a_world_that_ignores_text_obeys_by_chance(worded: Any, store: FrameStore, data: Path) -> None:
    deaf = WordedWorld(worded, hears=lambda now, first: "")
    text, _, _ = scored(deaf, store, data)
    assert text["named"]["mean"] == text["named_at_start"]["mean"] == text["named_by_chance"]["mean"] < 0.6
    assert text["changed"] == text["changed_unasked"] and text["unseen"]["named"]["mean"] < 0.6
    early = text["within_a_second"]
    assert early["changed"] == early["changed_unasked"]
    by = text["by_attribute"]
    assert by["ground"]["named_calibrated"] == by["ground"]["named"]["mean"]


def test_one_that_hears_the_first_prompt_alone_changes_nothing(
    worded: Any, store: FrameStore, data: Path
) -> None:
    stubborn = WordedWorld(worded, hears=lambda now, first: first)
    text, _, _ = scored(stubborn, store, data)
    assert text["named"]["mean"] == 1
    assert text["changed"]["mean"] == text["changed_unasked"]["mean"] == 0
    assert text["kept"]["mean"] == 1


def test_one_that_changes_all_when_one_thing_is_asked_does_not_keep(
    worded: Any, store: FrameStore, data: Path
) -> None:
    def overdone(now: str, first: str) -> str:
        if now == first:
            return now
        for values in VALUES.values():
            if not any(value in now for value in values):
                continue
            was = next(value for value in values if value in now)
            now = now.replace(was, values[(values.index(was) + 1) % len(values)])
        return now

    text, _, _ = scored(WordedWorld(worded, hears=overdone), store, data)
    assert text["kept"]["mean"] < 0.5 and text["kept_unasked"]["mean"] == 1


def test_a_judge_blind_to_the_ground_is_called_weak_and_says_nothing_of_it(
    worded: Any, store: FrameStore, data: Path
) -> None:
    text, judge, _ = scored(WordedWorld(worded), store, data, Painter(blind=("ground",)))
    assert judge["attributes_weak"] is True
    assert "weak" in judge["attributes_verdict"] and "ground 33.3%" in judge["attributes_verdict"]
    assert text["by_attribute"]["colour"]["named"]["mean"] == 1
    assert text["by_attribute"]["ground"]["named"]["mean"] < 0.6


def test_what_no_training_clip_shows_is_not_known_without_the_training_clips(
    worded: Any, store: FrameStore, data: Path
) -> None:
    assert "named" in scored(worded, store, data).text["unseen"]
    (data / "0.mp4").write_bytes(b"another clip")
    text = scored(worded, store, data).text
    assert "trained on are not there" in text["unseen"]["left_out"] and text["drawn_from"] == "test clips"


def test_a_look_that_a_clip_changes_to_has_been_seen(worded: Any, store: FrameStore, data: Path) -> None:
    lines = [json.loads(line) for line in (data / "metadata.jsonl").read_text().splitlines()]
    for colour, line in zip(COLOURS, lines[:2], strict=True):
        line["attributes"] |= {"colour": colour, "changes": [{"frame": 9, "ground": GROUNDS[2]}]}
    (data / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    trained_on(worded, data)
    assert "no combination is withheld" in scored(worded, store, data).text["unseen"]["left_out"]


def test_what_training_lacks_by_chance_alone_is_not_called_unseen(
    worded: Any, store: FrameStore, data: Path
) -> None:
    """Weights may have begun with others that were trained on it."""
    lines = (data / "metadata.jsonl").read_text().splitlines()
    (data / "metadata.jsonl").write_text("".join(line + "\n" for line in lines if "unseen" not in line))
    assert "no combination is withheld" in scored(worded, store, data).text["unseen"]["left_out"]


def test_what_is_left_out_says_why(world: Any, worded: Any, store: FrameStore, data: Path) -> None:
    clips = real_clips(store, 12)

    def told(world: Any, trained: Any) -> str:
        return score_text(world, trained, clips, store, data, CREW, prompts=2, changes=4).text["left_out"]

    assert "what its captions are made of" in told(world, TrainedAttributes(Painter(), None, ""))  # type: ignore[arg-type]
    assert "train attributes" in told(worded, None)


@pytest.mark.parametrize(("right", "wrong"), [(1.0, 0.0), (0.9, 0.1), (0.7, 0.2)])
def test_a_judges_errors_are_taken_off(right: float, wrong: float) -> None:
    """Of a judge right so often, and naming a value so often that is not there, the true share is found."""
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=(4000, 1))
    # Two values: one that is wrong names the other, so it names a value that is not there as often.
    read = np.where(rng.random(truth.shape) < right, truth, 1 - truth)
    worth = AttributeWorth(read, truth)
    wrong = 1 - right
    for share in (0.0, 0.5, 1.0):
        seen = share * right + (1 - share) * wrong
        assert worth.believed(np.array([seen]))[0] == pytest.approx(share, abs=0.05)


def test_values_that_no_caption_tells_apart_count_as_one(worded: Any, store: FrameStore) -> None:
    """The judge knows snow and ice; captions call both snow."""

    class Fine(Painter):
        class config:
            attributes = VALUES | {"ground": ("grass", "ice", "snow", "sand")}

    icy = [{**one, "ground": "ice"} if n % 6 == 1 else one for n, one in enumerate(store.attributes)]
    mixed = FrameStore(**{**vars(store), "attributes": icy})
    reader = PictureReader.of(Fine(), SAID, mixed)  # type: ignore[arg-type]
    assert reader.numbers({"colour": "blue", "ground": "ice"}).tolist() == [1, GROUNDS.index("snow")]
    assert reader.numbers({"colour": "blue", "ground": "lava"}).tolist() == [1, -1]


def test_things_of_which_there_are_several_are_no_matter_for_the_judge(
    worded: Any, store: FrameStore, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    things = {"ball red": (("a red ball", 9),), "key blue": (("a blue key", 9),)}
    both = replace(SAID, values={**SAID.values, "things": things})
    monkeypatch.setattr("training.evaluate.text.Phrases.load", lambda file: both)
    own = [{**one, "things": [{"kind": "ball", "colour": "red"}]} for one in store.attributes]
    text, _, _ = scored(WordedWorld(worded), FrameStore(**{**vars(store), "attributes": own}), data)
    assert text["named"]["mean"] == 1 and set(text["by_attribute"]) == set(SAID.values)
    unread = [{**one, "things": "ball red"} for one in store.attributes]
    text, _, _ = scored(WordedWorld(worded), FrameStore(**{**vars(store), "attributes": unread}), data)
    assert "does not read all" in text["left_out"]


def test_prompts_name_everything() -> None:
    wording = Wording(SAID, {name: tuple(SAID.values[name]) for name in ("colour", "ground")})
    assert wording.prompt(np.array([1, 2]), 0).text == "a blue sprite on the sand"
    assert wording.prompt(np.array([1, 2]), 1).text == "the blue sprite on the sand by night"
    assert (wording.brief(0, 1), wording.brief(1, 2)) == ("blue sprite", "the sand")


def test_nothing_is_asked_for_that_the_judge_has_never_seen(store: FrameStore) -> None:
    values = {name: dict(own) for name, own in SAID.values.items()}
    values["ground"]["ice"] = (("the ice", 9),)
    reader = PictureReader.of(Painter(), replace(SAID, values=values), store)  # type: ignore[arg-type]
    assert reader.values == {name: tuple(SAID.values[name]) for name in reader.names}


def test_the_worth_is_of_clips_whose_look_is_known(worded: Any, store: FrameStore) -> None:
    reader = PictureReader.of(Painter(), SAID, store)  # type: ignore[arg-type]
    clips = real_clips(store, 12)
    nameless: RealClips = clips._replace(attributes=[{}, *clips.attributes[1:]])
    assert len(attribute_worth(reader, nameless).truth) == 11
    assert score_attribute_judge(reader, attribute_worth(reader, clips))["attributes_weak"] is False


def test_what_is_asked_in_play_is_what_training_knew(worded: Any, store: FrameStore, data: Path) -> None:
    text, _, evidence = scored(WordedWorld(worded), store, data)
    assert evidence is not None and text["changes_drawn_from"] == "training clips"
    ground = evidence.names.index("ground")
    before, asked = evidence.changed.before, evidence.changed.asked
    sand = GROUNDS.index("sand")
    assert sand not in asked[:, ground], "no training clip has it"
    assert sand not in before[:, ground], "another colour on sand is as unknown"
    (data / "0.mp4").write_bytes(b"another clip")
    text, _, evidence = scored(WordedWorld(worded), store, data)
    assert evidence is not None and text["changes_drawn_from"] == "any values"
    assert sand in evidence.changed.before[:, ground]


def test_starts_of_changes_are_drawn(worded: Any, store: FrameStore, data: Path) -> None:
    _, _, evidence = scored(WordedWorld(worded), store, data)
    assert evidence is not None
    chosen = evidence.changed.starts
    assert len(set(chosen)) == len(chosen) == 5 and list(chosen) != sorted(chosen)


def test_where_nothing_known_can_be_asked_for_nothing_is_changed(
    worded: Any, store: FrameStore, data: Path
) -> None:
    lines = [json.loads(line) for line in (data / "metadata.jsonl").read_text().splitlines()]
    kept = [line for line in lines if line["attributes"] == {"colour": COLOURS[0], "ground": GROUNDS[0]}]
    (data / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept))
    trained_on(worded, data)
    text, _, evidence = scored(WordedWorld(worded), store, data)
    assert text["named"]["mean"] == 1 and text["changes"] == 0 and "changed" not in text
    assert "training knew" in text["few_words"]["left_out"] and evidence is not None


def test_test_clips_of_unknown_looks_are_left_out(worded: Any, store: FrameStore, data: Path) -> None:
    class Estranged(Painter):
        class config:
            attributes = VALUES | {"ground": ("lava", "mud")}

    nameless = [{**one, "ground": "moss"} for one in store.attributes]
    text, _, _ = scored(worded, FrameStore(**{**vars(store), "attributes": nameless}), data)
    assert "no test clip shows what a prompt can name" in text["left_out"]
