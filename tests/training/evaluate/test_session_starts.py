"""Sessions begin in clips that nothing is measured from, drawn, and never twice in the same frame."""

from __future__ import annotations

import numpy as np
import pytest

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from training.evaluate.real_clips import SPAN
from training.evaluate.session_starts import looks_over, play_clips, session_starts

CLIPS = 12


def test_no_session_begins_in_a_clip_that_distances_are_measured_from(tests: FrameStore) -> None:
    reference, others = play_clips(tests, CLIPS, 4)
    assert len(reference) == len(others) == CLIPS // 2 and not set(reference) & set(others)
    starts = session_starts(tests, others, 4)
    begun = np.searchsorted(tests.starts, starts.rows, side="right") - 1
    assert begun.tolist() == others[:4].tolist(), "in the order in which real play is held against them"
    assert np.array_equal(starts.frames, tests.frames[starts.rows])
    assert starts.captions == [tests.captions[tests.caption_of[row]] for row in starts.rows]


def test_of_few_clips_several_sessions_begin_in_one_and_in_no_frame_two(tests: FrameStore) -> None:
    _, others = play_clips(tests, CLIPS, 40)
    starts = session_starts(tests, others, 40)
    assert len(set(starts.rows.tolist())) == 40
    often = np.bincount(np.searchsorted(tests.starts, starts.rows, side="right") - 1, minlength=CLIPS)
    assert sorted(often[others].tolist()) == [6, 6, 7, 7, 7, 7] and often.sum() == 40
    assert len(set((starts.rows % SPAN).tolist())) > 5, "not the first frames of clips"
    with pytest.raises(ClipError, match="100 sessions cannot begin in 84 frames"):
        session_starts(tests, others, 100)


def test_clips_are_drawn_and_not_the_first_that_ended(tests: FrameStore) -> None:
    _, others = play_clips(tests, 4, 6)
    assert len(others) == 6, "as many as sessions can use, beyond those that are looked at"
    assert others.tolist() != sorted(others.tolist())
    assert play_clips(tests, 4, 6).others.tolist() == others.tolist()
    assert session_starts(tests, others, 6).digest(6) != session_starts(tests, others[::-1], 6).digest(6)


def test_whole_clips_are_looked_at_from_end_to_end(tests: FrameStore) -> None:
    seen = looks_over(tests, np.array([3, 1]), 2)
    assert np.array_equal(seen[0], tests.frames[[3 * SPAN, 4 * SPAN - 1]])
    assert np.array_equal(seen[1], tests.frames[[SPAN, 2 * SPAN - 1]])


def test_a_single_clip_is_refused(tests: FrameStore) -> None:
    lonely = FrameStore(**{**vars(tests), "starts": tests.starts[:2]})
    with pytest.raises(ClipError, match="fewer than two"):
        play_clips(lonely, 80, 4)
