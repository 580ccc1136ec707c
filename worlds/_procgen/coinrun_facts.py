"""What is true in a frame of CoinRun, read off the simulator's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .coinrun_finisher import CRATE, ENEMY, GOAL, LAVA, SAW, WALLS
from .coinrun_names import ALIENS, ENEMIES, GROUNDS
from .state import ProcgenState

_IN_VIEW = 6.0  # the camera shows 13 cells, the alien in the middle: what is nearer than this is seen whole
_STILL = 0.03
_SHORTEST_SPELL = 4
_NAMED = {SAW: "saw", CRATE: "crate", ENEMY: ""}  # an enemy is named by its theme


class Scene(NamedTuple):
    """What does not change within a level: the background's index, and the ground's and the alien's name."""

    background: int
    ground: str
    alien: str


@dataclass(frozen=True, kw_only=True)
class FrameFacts:
    """The alien's place (cells) and upward speed, whether it stands on something, what is in the picture."""

    x: float
    y: float
    vy: float
    supported: bool
    in_view: frozenset[str]


class Spell(NamedTuple):
    """Frames [start, end) of one deed: stands, runs, jumps or falls; way is -1 (left), 0 or 1."""

    start: int
    end: int
    deed: str
    way: int


def scene_of(state: ProcgenState) -> Scene:
    ground = GROUNDS[int(state.tail["ground"][0])]  # type: ignore[call-overload]
    return Scene(int(state.view["background"][0]), ground, ALIENS[int(state.agent["image_theme"])])


def facts_of(state: ProcgenState) -> FrameFacts:
    agent = state.agent
    x, y, vy = float(agent["x"]), float(agent["y"]), float(agent["vy"])
    return FrameFacts(x=x, y=y, vy=vy, supported=_supported(state, x, y, vy), in_view=_in_view(state, x, y))


def spells_of(facts: Sequence[FrameFacts]) -> list[Spell]:
    """The clip as a row of spells that covers it without gaps; very short ones join the spell before."""
    spells: list[Spell] = []
    start = 0
    for end in range(1, len(facts) + 1):
        if end < len(facts) and _ground_deed(facts, end) == _ground_deed(facts, start):
            continue
        spells.append(_spell(facts, start, end))
        start = end
    merged: list[Spell] = []
    for spell in spells:
        if (
            merged and spell.end - spell.start < _SHORTEST_SPELL and spell.deed not in ("jumps", "falls")
        ) or (merged and merged[-1][2:] == spell[2:]):
            merged[-1] = merged[-1]._replace(end=spell.end)
        else:
            merged.append(spell)
    return merged


def _supported(state: ProcgenState, x: float, y: float, vy: float) -> bool:
    if vy != 0:
        return False
    row = int(y - 0.5787 - 0.02)
    below = {int(state.tiles[row, min(int(x + side), state.tiles.shape[1] - 1)]) for side in (-0.49, 0.49)}
    return bool(below & set(WALLS)) or bool(state.tail["is_on_crate"][0])  # type: ignore[call-overload]


def _in_view(state: ProcgenState, x: float, y: float) -> frozenset[str]:
    ents = state.entities
    near = (abs(ents["x"] - x) < _IN_VIEW) & (abs(ents["y"] - y) < _IN_VIEW)
    names = set()
    for kind, theme in set(zip(ents["type"][near].tolist(), ents["image_theme"][near].tolist(), strict=True)):
        if kind in _NAMED:
            names.add(_NAMED[kind] or ENEMIES[theme])
    reach = int(_IN_VIEW) - 1
    rows = slice(max(0, int(y) - reach), int(y) + reach + 1)
    window = state.tiles[rows, max(0, int(x) - reach) : int(x) + reach + 1]
    if (window == GOAL).any():
        names.add("coin")
    if ((window == LAVA[0]) | (window == LAVA[1])).any():
        names.add("lava")
    return frozenset(names)


def _ground_deed(facts: Sequence[FrameFacts], t: int) -> tuple[bool, int]:
    if not facts[t].supported:
        return (False, 0)  # in the air: one spell whichever way it drifts
    other = t + 1 if t + 1 < len(facts) and facts[t + 1].supported else t - 1
    if other < 0:
        return (True, 0)
    return (True, _way((facts[other].x - facts[t].x) * (other - t)))


def _spell(facts: Sequence[FrameFacts], start: int, end: int) -> Spell:
    supported, way = _ground_deed(facts, start)
    if supported:
        return Spell(start, end, "runs" if way else "stands", way)
    rises = any(fact.vy > 0 for fact in facts[start:end])
    drift = facts[end - 1].x - facts[start].x
    return Spell(start, end, "jumps" if rises else "falls", _way(drift / max(1, end - start)))


def _way(dx: float) -> int:
    return 0 if abs(dx) < _STILL else (1 if dx > 0 else -1)
