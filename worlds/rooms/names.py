"""What can be named in this world: walls, floors, ceilings and skies, kinds of objects and their colours."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]
_PLAIN: Colour = (1.0, 1.0, 1.0)
_BRIGHT: Colour = (1.5, 1.5, 1.5)
_YELLOW: Colour = (1.25, 1.05, 0.25)


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A wall, floor or ceiling: one of the simulator's textures, tinted, and phrases that say what it is.

    `hides` names the colours of objects that cannot be told from it.
    """

    name: str
    texture: str
    tint: Colour = _PLAIN
    words: tuple[str, ...]
    hides: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sky:
    """Open sky over the walls: its colours at the horizon and overhead."""

    name: str
    horizon: Colour
    zenith: Colour
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of object: `radius` and `height` in metres are those of the upright cylinder that it fills."""

    name: str
    radius: float
    height: float
    words: tuple[str, ...]


def _surface(name: str, texture: str, *words: str, tint: Colour = _PLAIN, hides: str = "") -> Surface:
    return Surface(name=name, texture=texture, tint=tint, words=words, hides=tuple(hides.split()))


def _sky(name: str, horizon: Colour, zenith: Colour, *words: str) -> Sky:
    return Sky(name=name, horizon=horizon, zenith=zenith, words=words)


WALLS = (
    _surface("brick", "brick_wall", "red brick walls", "walls of red brick", tint=(1.6, 0.95, 0.9)),
    _surface("block", "cinder_blocks", "grey block walls", "walls of grey blocks", tint=(1.2, 1.2, 1.15)),
    _surface("plank", "wood_planks", "dark plank walls", "walls of dark planks"),
    _surface("white", "stucco", "white walls", "plain white walls", tint=(1.2, 1.2, 1.2), hides="white"),
    _surface("blue", "stucco", "blue walls", "walls painted blue", tint=(0.3, 0.5, 1.15), hides="blue"),
    _surface("yellow", "stucco", "yellow walls", "walls painted yellow", tint=_YELLOW, hides="yellow"),
    _surface("pink", "stucco", "pink walls", "walls painted pink", tint=(1.25, 0.55, 0.85)),
    _surface("hedge", "grass", "green hedges", "walls of green hedge", tint=(0.6, 0.85, 0.5)),
    _surface("marble", "marble", "marble walls", "walls of pale marble", tint=(1.1, 1.1, 1.1), hides="white"),
    _surface("cardboard", "cardboard", "cardboard walls", "walls of brown cardboard"),
)
FLOORS = (
    _surface("grass", "grass", "green grass", "a grass floor", tint=(0.75, 1.1, 0.6)),
    _surface("chequer", "floor_tiles_bw", "chequered tiles", "a black and white chequered floor"),
    _surface("wood", "wood", "wooden boards", "a wooden floor"),
    _surface("asphalt", "asphalt", "dark asphalt", "an asphalt floor", tint=(0.75, 0.75, 0.8)),
    _surface("water", "water", "blue water", "a floor of water"),
    _surface("lava", "lava", "glowing lava", "a floor of lava", hides="red orange"),
    _surface("slime", "slime", "lime green slime", "a slime floor", tint=(1.15, 1.2, 0.9)),
    _surface("carpet", "stucco", "red carpet", "a red carpet floor", tint=(0.9, 0.12, 0.15), hides="red"),
    _surface("sand", "cardboard", "yellow sand", "a sandy floor", tint=(1.2, 1.05, 0.65)),
    _surface("snow", "stucco", "white snow", "a snowy floor", tint=(1.25, 1.3, 1.35), hides="white"),
)
TOPS: tuple[Surface | Sky, ...] = (
    _surface("tiles", "ceiling_tiles", "a white tiled ceiling", "a ceiling of white tiles", tint=_BRIGHT),
    _surface(
        "beams", "wood_planks", "a dark wooden ceiling", "a ceiling of dark boards", tint=(0.9, 0.8, 0.75)
    ),
    _surface("concrete", "concrete", "a grey concrete ceiling", "a ceiling of bare concrete"),
    _sky("day", (0.72, 0.88, 1.0), (0.22, 0.5, 0.95), "a blue sky", "a clear blue sky"),
    _sky("sunset", (1.0, 0.72, 0.3), (0.75, 0.2, 0.3), "an orange sunset sky", "a red evening sky"),
    _sky("night", (0.1, 0.12, 0.3), (0.01, 0.01, 0.06), "a night sky", "a black night sky"),
    _sky("violet", (0.95, 0.6, 0.95), (0.45, 0.15, 0.75), "a purple sky", "a violet sky"),
)
KINDS = (
    Kind(name="ball", radius=0.5, height=1.0, words=("ball", "sphere")),
    Kind(name="box", radius=0.6, height=0.85, words=("box", "cube")),
    Kind(name="pillar", radius=0.35, height=2.0, words=("pillar", "column")),
    Kind(name="pyramid", radius=0.7, height=1.3, words=("pyramid", "pointed pyramid")),
    Kind(name="key", radius=0.6, height=1.1, words=("key", "big key")),
)
COLOURS: dict[str, Colour] = {
    "red": (1.0, 0.06, 0.06),
    "orange": (1.0, 0.5, 0.0),
    "yellow": (1.0, 0.95, 0.05),
    "green": (0.05, 0.75, 0.1),
    "blue": (0.08, 0.2, 1.0),
    "purple": (0.55, 0.1, 0.8),
    "white": (0.88, 0.88, 0.88),
}
