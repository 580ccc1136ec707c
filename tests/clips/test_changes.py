"""What a clip's attributes are at each frame, where they change midway."""

from __future__ import annotations

import pytest

from genie.clips.changes import attributes_at, changes_of

CLIP = {
    "walls": "brick",
    "floor": "grass",
    "changes": [{"frame": 30, "floor": "sand"}, {"frame": 10, "floor": "lava", "sky": "red"}],
}


@pytest.mark.parametrize(
    ("frame", "held"),
    [
        (0, {"walls": "brick", "floor": "grass"}),
        (9, {"walls": "brick", "floor": "grass"}),
        (10, {"walls": "brick", "floor": "lava", "sky": "red"}),
        (29, {"walls": "brick", "floor": "lava", "sky": "red"}),
        (30, {"walls": "brick", "floor": "sand", "sky": "red"}),
    ],
)
def test_attributes_hold_from_their_change_on(frame: int, held: dict) -> None:
    kept = dict(CLIP)
    assert attributes_at(CLIP, frame) == held
    assert kept == CLIP


@pytest.mark.parametrize(
    "changes", [None, "often", 3, [1, 2], [{"at": 3}], [{"frame": "4"}], [{"frame": True}]]
)
def test_an_attribute_that_only_has_the_same_name_is_left_alone(changes: object) -> None:
    assert changes_of({"changes": changes}) == []
    assert attributes_at({"changes": changes}, 5) == {"changes": changes}
