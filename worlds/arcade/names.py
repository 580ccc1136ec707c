"""What the games show, in words, by the simulator's own numbers of things, tiles and looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_SLABS = ("dark slate", "lime green", "teal green", "dark brown")
_WALLS = {"walls": _SLABS}
_FLOORS = {
    "floor": (
        "a grey floor",
        "green grass",
        "grey gravel",
        "pale beige ground",
        "a blue floor",
        "dark brown earth",
        "rusty brown earth",
        "reddish brown earth",
        "yellow sand",
    )
}
_WAVES = ("blue water with white waves",) * 4
_DEPTHS = ("blue water over rocks and weeds", "deep dark blue water", "pale turquoise water")
_HUES = ("blue", "green", "red")


@dataclass(frozen=True, kw_only=True)
class Show:
    """How one game is spoken of; all of it in templates that may name a look: "a {hero} ship".

    heroes, places: whom one plays, and where; looks: words for each value of what a level looks like;
    things: what entities of a type are, by their theme, or the same for all; cells: what tiles are.
    """

    heroes: tuple[str, ...]
    places: tuple[str, ...]
    looks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    things: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    cells: Mapping[int, str] = field(default_factory=dict)


SHOWS = {
    "bigfish": Show(
        heroes=("a green fish", "the green fish"),
        places=("in {water}", "under water, {water} around it"),
        looks={"water": _WAVES + _DEPTHS},
        things={2: ("another fish",)},
    ),
    "bossfight": Show(
        heroes=("a small {hero} ship", "a {hero} ship"),
        places=("below a {boss} boss ship in space", "facing a {boss} boss in space"),
        looks={"hero": ("blue", "green", "orange", "red"), "boss": ("violet", "blue", "green", "orange")},
        things={4: ("laser fire",), 7: ("meteors",)},
    ),
    "caveflyer": Show(
        heroes=("a red ship", "the red ship"),
        places=("between grey cave walls", "in a cave of grey blocks", "in a grey cave in space"),
        things={1: ("a green saucer",), 2: ("a meteor",), 3: ("a red saucer",), 5: ("a blue enemy ship",)},
    ),
    "chaser": Show(
        heroes=("a violet creature", "the violet creature"),
        places=("in corridors of grey stone", "between grey stone walls seen from above"),
        things={2: ("a yellow crystal",), 6: ("a pursuer",)},
        cells={1002: "green orbs"},
    ),
    "climber": Show(
        heroes=("a small {hero} figure", "a {hero} figure"),
        places=("among {walls} platforms", "on high {walls} platforms", "under {walls} ledges"),
        looks={"hero": ("blue", "green", "grey", "red"), **_WALLS},
        things={1: ("a yellow crystal",), 5: ("a flying creature",)},
    ),
    "dodgeball": Show(
        heroes=("a player", "a small player"),
        places=("between stone walls on {floor}", "on {floor} with grey stone walls"),
        looks=_FLOORS,
        things={4: ("opponents",), 5: ("a door",)},
    ),
    "fruitbot": Show(
        heroes=("a robot", "a small blue robot"),
        places=("between stone bars on {floor}", "on {floor} with gaps in grey bars"),
        looks=_FLOORS,
        things={4: ("food",), 7: ("fruit",), 10: ("a yellow gate",), 12: ("presents",)},
    ),
    "heist": Show(
        heroes=("an astronaut", "a small astronaut"),
        places=("in passages with {floor}", "on {floor} between grey stone walls"),
        looks=_FLOORS,
        things={
            1: tuple(f"a {hue} lock" for hue in _HUES),
            2: tuple(f"a {hue} key" for hue in _HUES),
            9: ("a yellow gem",),
        },
    ),
    "jumper": Show(
        heroes=("a bunny", "a pink bunny"),
        places=(
            "in a cave of {walls} blocks",
            "between {walls} cave walls",
            "under a compass, among {walls} walls",
        ),
        looks=_WALLS,
        things={1: ("a carrot",), 2: ("a spiky creature",)},
    ),
    "leaper": Show(
        heroes=("a frog", "a green frog"),
        places=("before {floor} and a finish line", "with a finish line across {floor}"),
        looks=_FLOORS,
        things={1: ("logs",), 4: ("cars",)},
        cells={2: "a road", 3: "a river"},
    ),
    "maze": Show(
        heroes=("a mouse", "a tiny mouse"),
        places=("between brown walls on {floor}", "in paths of {floor} seen from above"),
        looks=_FLOORS,
        cells={2: "cheese"},
    ),
    "miner": Show(
        heroes=("a green robot", "a small green digger"),
        places=("in brown dirt", "in tunnels through brown dirt"),
        cells={1: "boulders", 2: "blue gems", 3: "boulders", 4: "blue gems"},
    ),
    "ninja": Show(
        heroes=("a figure", "a small figure"),
        places=("on {walls} bricks", "among ledges of {walls} bricks"),
        looks={"walls": ("grey", "grey green", "orange red")},
        things={1: ("a mushroom",), 7: ("throwing stars",)},
        cells={6: "bombs", 14: "bombs"},
    ),
    "plunder": Show(
        heroes=("a ship", "a sailing ship"),
        places=("on the blue sea beside a round target", "on a blue sea with a round target in the corner"),
        things={1: ("cannon balls",), 6: ("wooden boards",), 7: ("another ship",)},
    ),
    "starpilot": Show(
        heroes=("a blue ship", "a small blue ship"),
        places=("in open space", "in a shooter in space"),
        things={
            1: ("shots",),
            4: ("enemy ships",),
            5: ("a meteor",),
            6: ("a cloud",),
            7: ("a gun station",),
            8: ("enemy ships",),
        },
    ),
}
