"""What is true in a frame of a game, read off the simulator's state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._procgen.state import AGENT, ProcgenState
from .names import SHOWS

_MARGIN = 0.25  # cells: what is nearer to the edge may be half out of the picture
_FAINT = 0.3
_BOSS = 2
_FISH = "bigfish", 2
_DOOR, _OPPONENT = ("dodgeball", 5), 4


@dataclass(frozen=True, kw_only=True)
class Note:
    """Where the player's character is (cells), what the level looks like, and what is in the picture."""

    x: float
    y: float
    look: dict[str, str]
    in_view: frozenset[str]


def note_of(state: ProcgenState) -> Note:
    """What a frame shows of any game in SHOWS."""
    agent = state.agent
    return Note(
        x=float(agent["x"]), y=float(agent["y"]), look=_look(state), in_view=_things(state) | _cells(state)
    )


def _look(state: ProcgenState) -> dict[str, str]:
    return {name: values[_number(name, state)] for name, values in SHOWS[state.game].looks.items()}


def _number(look: str, state: ProcgenState) -> int:
    if look == "walls":
        assert isinstance(state.tail, np.ndarray)
        return int(state.tail["wall_theme"][0])
    if look in ("hero", "boss"):
        kind = AGENT if look == "hero" else _BOSS
        return int(state.entities["image_theme"][state.entities["type"] == kind][0])
    return int(state.view["background"][0])


def _things(state: ProcgenState) -> frozenset[str]:
    ents, named = state.entities, SHOWS[state.game].things
    half = float(state.size["view_dim"][0]) / 2 - _MARGIN
    seen = (abs(ents["x"] - state.view["center_x"]) < half) & (abs(ents["y"] - state.view["center_y"]) < half)
    seen &= (ents["will_erase"] == 0) & (ents["alpha"] > _FAINT) & np.isin(ents["type"], list(named))
    return frozenset(_name(state, entity) for entity in ents[seen])


def _name(state: ProcgenState, entity: np.void) -> str:
    kind = state.game, int(entity["type"])
    if kind == _FISH:
        return f"a {'bigger' if entity['rx'] > state.agent['rx'] else 'smaller'} fish"
    if kind == _DOOR:
        return f"a {'red' if (state.entities['type'] == _OPPONENT).any() else 'green'} door"
    names = SHOWS[state.game].things[kind[1]]
    return names[int(entity["image_theme"])] if len(names) > 1 else names[0]


def _cells(state: ProcgenState) -> frozenset[str]:
    """What stands in the tiles that are wholly in the picture."""
    height, width = state.tiles.shape
    half = float(state.size["view_dim"][0]) / 2
    (left, right), (low, high) = (
        (max(0, int(np.ceil(middle - half - 0.01))), max(0, min(size, int(middle + half + 0.01))))
        for middle, size in (
            (float(state.view["center_x"][0]), width),
            (float(state.view["center_y"][0]), height),
        )
    )
    kinds = set(np.unique(state.tiles[low:high, left:right]).tolist())
    return frozenset(name for kind, name in SHOWS[state.game].cells.items() if kind in kinds)
