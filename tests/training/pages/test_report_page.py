"""The page shows everything that was measured, needs nothing beside it, and says what is weak or left out."""

from __future__ import annotations

import copy
import dataclasses
import re
from typing import Any

import numpy as np
import pytest

from genie.worlds.source import Branches
from training.evaluate.codes import CodeEvidence
from training.evaluate.evidence import Evidence
from training.evaluate.held import Held
from training.evaluate.prompts import Prompt
from training.evaluate.real_clips import RealClips
from training.evaluate.text import TextEvidence
from training.evaluate.wording import Changed, Told
from training.pages.report_page import report_page

SIDE, CLIPS, KEYS = 16, 5, ("noop", "<jump>")


def frames(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).integers(256, size=(*shape, SIDE, SIDE, 3), dtype=np.uint8)


def interval(mean: float) -> dict[str, float]:
    return {"mean": mean, "low": mean - 0.5, "high": mean + 0.5}


@pytest.fixture
def evidence() -> Evidence:
    clips = RealClips(
        frames(CLIPS, 14), np.zeros((CLIPS, 13), int), ["a <b>bold</b> sprite"] * CLIPS, [{}] * CLIPS
    )
    branches = Branches(frames(3, 4), np.zeros((3, 3), int), frames(3, 2, 8), ["a sprite"] * 3)
    return Evidence(
        actions=KEYS,
        clips=clips,
        context=clips.frames[:, :4],
        futures=frames(CLIPS, 10),
        branches=branches,
        imagined=frames(3, 2, 8),
        confusions={
            name: np.eye(2, dtype=int) for name in ("counterfactuals", "held_keys", "held_keys_real")
        },
        codes=CodeEvidence(np.ones((3, 2, 8, 8)), Held(frames(1)[0], frames(3, 10)), np.ones((2, 3), int)),
    )


@pytest.fixture
def report() -> dict[str, Any]:
    return {
        "schema": 2,
        "world": "tiny",
        "bundle": "0123456789abcdef",
        "data": {"hash": "fedcba9876543210", "clips": CLIPS},
        "machine": {"device": "cpu"},
        "protocol": {"seeds": {"clips": 17}},
        "quick": False,
        "scores": {
            "judge": {"keys": interval(0.97), "weak": False, "verdict": "It can be believed."},
            "tokenizer": {"psnr": interval(31.0)},
            "fidelity": {
                "psnr": interval(22.0),
                "psnr_copy_last_frame": interval(21.25),
                "psnr_by_step": [interval(24.0), interval(20.0)],
                "psnr_copy_last_frame_by_step": [interval(23.0), interval(19.0)],
            },
            "counterfactuals": {"obeys": interval(0.7), "by_key": {"<jump>": {"obeys": interval(0.125)}}},
            "horizon": {
                "frames": 200,
                "alive": interval(0.9),
                "frechet_by_hundred": [interval(3), interval(4)],
            },
            "text": {"seen": {"ground": interval(0.625)}},
            "speed": {
                "median_ms": 35.5,
                "peak_mb": 310,
                "by_frame": {"median_ms": {"100": 35.0, "1000": 36.0}},
            },
        },
    }


def test_everything_has_its_place(report: dict[str, Any], evidence: Evidence) -> None:
    page = report_page(report, evidence, "Tiny")
    for section in ("judge", "fidelity", "keys", "codes", "horizon", "text", "speed", "figures"):
        assert f'<section id="{section}">' in page and f'href="#{section}"' in page
    for place in ("Best: ", "Median: ", "Worst: "):
        assert page.count(place) == 1
    assert page.count("data:image/png") == 3 * 3 + 2 * 3 + 3, (
        "three clips, two keys beside truth, three codes"
    )
    assert page.count('class="motion"') == 3
    assert "<td>seen, ground</td><td>0.62</td>" in page and "<td>by frame, median ms, 1000</td>" in page
    assert "31.00" in page and "copying the last frame 21.25" in page, "a figure beside its baseline"
    assert "✓ at most 700" in page and "✗ at least 34" in page and "✗ at most 16.7" in page
    assert "seeds.clips" in page and "17" in page
    assert 'class="warning"' not in page
    assert "the most that" not in page, "nothing bounds what generated pictures may be taken for"


def test_the_page_needs_nothing_beside_it_and_runs_nothing(
    report: dict[str, Any], evidence: Evidence
) -> None:
    page = report_page(report, evidence, "Tiny")
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)
    assert set(re.findall(r'(?:src|href)="([^":#]*)', page)) <= {"data", ""}
    assert "prefers-color-scheme: dark" in page and 'name="viewport"' in page


def test_what_others_wrote_is_escaped(report: dict[str, Any], evidence: Evidence) -> None:
    page = report_page(report, evidence, "<i>Tiny</i>")
    assert "<b>bold" not in page and "<jump>" not in page and "<i>Tiny" not in page
    assert "&lt;b&gt;bold" in page and "&lt;jump&gt;" in page


def test_what_is_weak_quick_or_left_out_is_said_first(report: dict[str, Any], evidence: Evidence) -> None:
    weak = copy.deepcopy(report)
    weak["quick"] = True
    weak["scores"]["judge"] = {"keys": interval(0.6), "weak": True, "verdict": "The verdict is weak."}
    weak["scores"]["latent_actions"] = {"left_out": "there was no run"}
    page = report_page(weak, evidence, "Tiny")
    warnings = re.findall(r'class="warning">(.*?)</p>', page)
    assert len(warnings) == 3 and warnings[1] == "The verdict is weak."
    assert "latent actions: there was no run" in warnings[2]
    assert page.index('class="warning"') < page.index('class="tiles"')
    del weak["scores"]["judge"]
    assert "No judge was given" in report_page(weak, evidence, "Tiny")


def test_a_world_without_a_simulator_shows_one_start_under_each_key(evidence: Evidence, report: Any) -> None:
    kinds = {name: getattr(evidence, name) for name in ("actions", "clips", "context", "futures")}
    bare = Evidence(**kinds, held=Held(frames(1)[0], frames(2, 10)))
    page = report_page(report, bare, "Tiny")
    assert "Each key held from the same frame" in page and '<section id="codes">' not in page
    assert page.count("data:image/png") == 3 * 3 + 2


def test_prompts_and_their_changes_are_shown(report: dict[str, Any], evidence: Evidence) -> None:
    prompts = [Prompt(f"a sprite on <{ground}>", np.array([n])) for n, ground in enumerate(("mud", "ice"))]
    text = TextEvidence(
        names=("ground",),
        values=(("mud", "ice"),),
        told=Told(prompts, frames(2, 30)),
        hits=np.array([1.0, 0.0]),
        changed=Changed(
            frames(3, 2, 29), np.zeros((3, 1), int), np.ones((3, 1), int), [["a sprite", ""]] * 3
        ),
    )
    figures = {"ground": {"named_at_start": interval(0.5), "changed": interval(0.25), "others_kept": 1.0}}
    scores = report["scores"] | {"text": {"named": interval(0.75), "by_attribute": figures}}
    scores["judge"] |= {"attributes_weak": True, "attributes_verdict": "The judge of attributes is weak."}
    page = report_page(report | {"scores": scores}, dataclasses.replace(evidence, text=text), "Tiny")
    assert '<section id="text">' in page and "ground: mud → ice" in page and "left alone" in page
    assert "Best: “a sprite on &lt;mud&gt;”" in page and "Worst: “a sprite on &lt;ice&gt;”" in page
    assert '<p class="warning">The judge of attributes is weak.</p>' in page
    assert "<td>0.50</td>" in page and "<td>0.25</td>" in page
