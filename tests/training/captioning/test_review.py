"""The review page: its server, and the page itself in a real browser where there is one."""

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genie.clips.png import read_png
from genie.clips.video import VideoReader, write_video
from genie.core.errors import GenieError
from training.captioning.proposals import Proposal, Proposals
from training.captioning.review import Review

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FILES = ["train/0.mp4", "train/1.mp4", "train/2.mp4"]


@pytest.fixture
def review(dataset: Path) -> Iterator[Review]:
    proposals = Proposals(dataset)
    for number, file in enumerate(FILES):
        timed = ((0, 12, f"part {number} one"), (12, 24, f"part {number} two"))
        proposals.add(
            Proposal(file=file, old="a game", caption=f"clip {number} <b>", captions=timed, source="parrot")
        )
    page = Review(dataset, proposals, FILES)
    yield page
    page.close()


def ask(page: Review, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(page.url + path, data=data, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_decisions_are_on_disk_at_once(review: Review, dataset: Path) -> None:
    assert ask(review, "decide", {"file": FILES[0], "decision": "accept"})[0] == 200
    edit = {"file": FILES[1], "decision": "edit", "caption": "a lawn", "captions": ["one", "two"]}
    assert ask(review, "decide", edit)[0] == 200
    kept = Proposals(dataset).decisions
    assert kept[FILES[0]].decision == "accept"
    assert (kept[FILES[1]].caption, kept[FILES[1]].captions) == ("a lawn", ("one", "two"))
    listed = json.loads(ask(review, "clips")[1])
    assert [clip["decision"] for clip in listed] == ["accept", "edit", None]
    assert listed[1]["edited"] == {"caption": "a lawn", "captions": ["one", "two"]}


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        {"file": FILES[0], "decision": "perhaps"},
        {"file": "../secret", "decision": "accept"},
        {"file": FILES[0], "decision": "edit", "caption": " ", "captions": ["a", "b"]},
        {"file": FILES[0], "decision": "edit", "caption": "x", "captions": ["one of two"]},
        {"file": FILES[0], "decision": "edit", "caption": "x", "captions": [1, 2]},
    ],
)
def test_what_is_no_decision_is_refused_and_not_kept(review: Review, dataset: Path, told: object) -> None:
    status, why = ask(review, "decide", told)
    assert status == 400 and why.startswith(b"Not saved: ")
    assert Proposals(dataset).decisions == {}


def test_only_the_page_itself_is_served(review: Review) -> None:
    decision = {"file": FILES[0], "decision": "accept"}
    assert ask(review, "decide", decision, Origin="http://elsewhere.example")[0] == 403
    assert ask(review, "clips", Host="elsewhere.example")[0] == 403
    assert ask(review, "decide", decision, **{"Content-Type": "text/plain"})[0] == 415
    assert [ask(review, path)[0] for path in ("film/3", "film/-1", "film/x", "../pyproject.toml")] == [
        404
    ] * 4


def test_a_film_holds_the_clips_frames(review: Review, tmp_path: Path) -> None:
    (tmp_path / "film.png").write_bytes(ask(review, "film/0")[1])
    strip = read_png(tmp_path / "film.png")
    assert strip.shape == (24 * 32, 32, 3)
    assert strip[..., 0].mean() > strip[..., 1].mean()
    assert len(np.unique(strip.reshape(24, -1), axis=0)) == 24


def test_a_film_of_a_long_large_clip_is_short_small_and_as_fast_as_the_clip(
    review: Review, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = np.zeros((250, 24, 600, 3), np.uint8)
    frames[:, :, :, 0] = np.arange(250)[:, None, None]
    write_video(dataset / FILES[0], frames, fps=30)
    monkeypatch.setattr(VideoReader, "read", pytest.fail)  # never all of them
    film = review.film(0)
    (tmp_path / "film.png").write_bytes(film.png)
    strip = read_png(tmp_path / "film.png").reshape(film.frames, 12, 300, 3)
    assert (film.frames, film.every, film.fps) == (63, 4, 7.5)
    assert strip[:, 0, 0, 0].tolist() == list(range(0, 250, 4))


def test_a_port_that_is_taken_is_one_line(review: Review, dataset: Path) -> None:
    port = int(review.url.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(GenieError, match="give another --port"):
        Review(dataset, Proposals(dataset), FILES, port)


@pytest.fixture
def page(review: Review) -> Iterator[Any]:
    """The page in a real browser."""
    playwright = pytest.importorskip("playwright.sync_api")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as made:
        opened = made.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        try:
            page = opened.new_page()
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(review.url)
            playwright.expect(page.locator("#place")).to_have_text("1 of 3")
            yield page
            assert faults == []
        finally:
            opened.close()


def test_what_was_typed_is_kept_and_accepted(page: Any, review: Review, dataset: Path) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    new = page.locator("#new")
    new.fill("a lawn")
    page.keyboard.press("Escape")
    for key, number in (("ArrowRight", 2), ("ArrowLeft", 1), ("u", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        expect(page.locator("#place")).to_have_text(f"{number} of 3")
    expect(new).to_have_value("a lawn")
    expect(page.locator("#verdict")).to_contain_text("not saved")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("q")
    assert not review.finished.is_set()
    page.locator("#accept").click()
    expect(page.locator("#place")).to_have_text("2 of 3")
    page.locator(".timed textarea").nth(1).fill("the lawn again")
    page.locator("#accept").click()
    expect(page.locator("#place")).to_have_text("3 of 3")
    page.keyboard.press("a")
    expect(page.locator("#verdict")).to_have_text("accepted")
    kept = Proposals(dataset).decisions
    assert [kept[file].decision for file in FILES] == ["edit", "edit", "accept"]
    assert (kept[FILES[0]].caption, kept[FILES[0]].captions) == ("a lawn", ("part 0 one", "part 0 two"))
    assert kept[FILES[1]].captions == ("part 1 one", "the lawn again")


def test_a_key_pressed_twice_decides_one_clip_and_skips_none(page: Any, dataset: Path) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    press = "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'a'}));"
    page.evaluate(press * 2)  # the second before the answer to the first
    expect(page.locator("#state")).to_have_text("1 decided")
    page.wait_for_function("film && film.frames === 24")
    expect(page.locator("#place")).to_have_text("2 of 3")
    assert list(Proposals(dataset).decisions) == [FILES[0]]


def test_a_person_reviews_by_keys_in_a_real_browser(page: Any, review: Review, dataset: Path) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    expect(page.locator("#new")).to_have_value("clip 0 <b>")
    expect(page.locator("#old")).to_have_text("a game")
    page.wait_for_function("film && film.frames === 24")
    page.wait_for_function("[...by('film').getContext('2d').getImageData(9, 9, 1, 1).data][0] > 60")
    page.keyboard.press("a")
    expect(page.locator("#place")).to_have_text("2 of 3")
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("a lawn, mown")  # an a that is a letter, and accepts nothing
    page.locator(".timed textarea").nth(1).fill("the lawn again")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#place")).to_have_text("3 of 3")
    page.keyboard.press("r")
    expect(page.locator("#verdict")).to_have_text("rejected")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#new")).to_have_value("a lawn, mown")
    expect(page.locator("#state")).to_have_text("3 decided")
    page.reload()
    expect(page.locator("#state")).to_have_text("3 decided")
    page.keyboard.press("q")
    expect(page.locator("h1")).to_contain_text("Saved")
    assert review.finished.wait(5)
    kept = Proposals(dataset).decisions
    assert [kept[file].decision for file in FILES] == ["accept", "edit", "reject"]
    assert kept[FILES[1]].caption == "a lawn, mown"
    assert kept[FILES[1]].captions == ("part 1 one", "the lawn again")
