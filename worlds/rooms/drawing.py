"""MiniWorld draws: textures, meshes, light. Importing this needs the simulator; see `simulator`."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from miniworld.entity import Box, Entity, MeshEnt
from miniworld.miniworld import MiniWorldEnv
from miniworld.miniworld import Room as PlainRoom
from miniworld.objmesh import ObjMesh
from miniworld.params import DEFAULT_PARAMS
from miniworld.utils import get_file_path
from pyglet import gl

from .layout import Room
from .look import Look
from .names import COLOURS, FLOORS, KINDS, TOPS, WALLS, Colour, Sky, Surface
from .scene import WALKER_RADIUS, Pose, Scene
from .sight import EYE, FIELD_OF_VIEW, SIDE
from .textures import load_textures

_LIGHT = {"light_pos": [1.5, 3.0, 0.6], "light_color": [0.5, 0.5, 0.5], "light_ambient": [0.58, 0.58, 0.58]}
_CAMERA = {"cam_fov_y": FIELD_OF_VIEW, "cam_height": EYE, "cam_fwd_disp": 0.0, "cam_pitch": 0.0}
_WALLS = {walls.name: walls for walls in WALLS}
_FLOORS = {floor.name: floor for floor in FLOORS}
_TOPS = {top.name: top for top in TOPS}
_SURFACES = [*WALLS, *FLOORS, *(top for top in TOPS if isinstance(top, Surface))]
_KINDS = {kind.name: kind for kind in KINDS}
_MESHES = {"ball": "ball_red", "key": "key_red"}  # any colour of them: only the shape is used


class Drawing(MiniWorldEnv):
    """Pictures of scenes. One at a time in a process: the simulator keeps every scene in the same GL list."""

    def __init__(self, scene: Scene) -> None:
        params = DEFAULT_PARAMS.no_random()
        for name, value in (_LIGHT | _CAMERA).items():
            params.set(name, value)
        self._scene, self._look = scene, scene.look
        sides = dict.fromkeys(("obs_width", "obs_height", "window_width", "window_height"), SIDE)
        super().__init__(**sides, params=params)
        gl.glEnable(gl.GL_NORMALIZE)  # the meshes are scaled, and with them the light that they reflect

    def show(self, scene: Scene, look: Look) -> None:
        """Build a scene in a look, which may be another than its own."""
        self._scene, self._look = scene, look
        self.reset()

    def picture(self, pose: Pose) -> np.ndarray:
        """What is seen from `pose`: uint8 [64, 64, 3]."""
        self.agent.pos, self.agent.dir = np.array([pose.x, 0.0, pose.z]), pose.angle
        return np.array(self.render_obs())

    def _gen_world(self) -> None:
        look, top = self._look, _TOPS[self._look.top]
        load_textures({surface.texture for surface in _SURFACES})
        for room in self._scene.layout.rooms:
            self.rooms.append(_PaintedRoom(room, _WALLS[look.walls], _FLOORS[look.floor], top))
            for opening in room.openings:
                self.rooms[-1].add_portal(
                    opening.edge, start_pos=opening.start, end_pos=opening.end, max_y=opening.height
                )
        self.agent.radius = WALKER_RADIUS
        start = self._scene.start
        self.place_entity(self.agent, pos=np.array([start.x, 0.0, start.z]), dir=start.angle)
        for (kind, colour), (x, z), turn in zip(
            look.objects, self._scene.places, self._scene.turns, strict=True
        ):
            self.place_entity(_entity(kind, colour), pos=np.array([x, 0.0, z]), dir=turn)

    def _render_world(self, frame_buffer: Any, render_agent: bool) -> Any:
        if isinstance(top := _TOPS[self._look.top], Sky):
            _draw_sky(top)
        return super()._render_world(frame_buffer, render_agent)


class _PaintedRoom(PlainRoom):
    """A room whose textures are tinted; a doorway has wall over it."""

    def __init__(self, room: Room, walls: Surface, floor: Surface, top: Surface | Sky) -> None:
        over = walls if room.is_doorway else top
        ceiling = over if isinstance(over, Surface) else None
        super().__init__(
            np.array(room.corners, float),
            wall_height=room.height,
            wall_tex=walls.texture,
            floor_tex=floor.texture,
            ceil_tex=(ceiling or walls).texture,
            no_ceiling=ceiling is None,
        )
        self._tints = walls.tint, floor.tint, ceiling.tint if ceiling else None

    def _render(self) -> None:
        walls, floor, ceiling = self._tints
        gl.glEnable(gl.GL_TEXTURE_2D)
        _polygon(self.floor_tex, floor, (0, 1, 0), self.floor_verts, self.floor_texcs)
        if ceiling is not None:
            _polygon(self.ceil_tex, ceiling, (0, -1, 0), self.ceil_verts, self.ceil_texcs)
        for first in range(0, len(self.wall_verts), 4):
            one = slice(first, first + 4)
            _polygon(self.wall_tex, walls, self.wall_norms[first], self.wall_verts[one], self.wall_texcs[one])


class _Painted(MeshEnt):
    """A mesh of the simulator in a colour of ours."""

    def __init__(self, kind: str, colour: str) -> None:
        super().__init__(_MESHES[kind], _KINDS[kind].height)
        self.mesh = _painted_mesh(_MESHES[kind], COLOURS[colour])


@cache
def _painted_mesh(name: str, colour: Colour) -> ObjMesh:
    mesh = ObjMesh(get_file_path("meshes", name, "obj"))
    for part in mesh.vlists:
        part.colors[:] = colour * part.count
    return mesh


class _Block(Box):
    """A box of a colour of ours; it does not move."""

    def __init__(self, colour: str, size: tuple[float, float, float]) -> None:
        super().__init__("red", list(size))
        self._colour = COLOURS[colour]

    def randomize(self, params: Any, rng: Any) -> None:
        self.color_vec = self._colour

    @property
    def is_static(self) -> bool:
        return True


class _Pyramid(Entity):
    """Four sides that meet in a point."""

    is_static = True

    def __init__(self, colour: str, radius: float, height: float) -> None:
        super().__init__()
        self._colour, self.radius, self.height = COLOURS[colour], radius, height

    def render(self) -> None:
        gl.glDisable(gl.GL_TEXTURE_2D)
        gl.glColor3f(*self._colour)
        gl.glBegin(gl.GL_TRIANGLES)
        around = [self.dir + math.pi / 2 * side for side in range(5)]
        base = [self.pos + self.radius * np.array([math.cos(a), 0.0, -math.sin(a)]) for a in around]
        point = self.pos + np.array([0.0, self.height, 0.0])
        for a, b in pairwise(base):
            normal = np.cross(b - a, point - a)
            gl.glNormal3f(*normal / np.linalg.norm(normal))
            for vertex in (a, b, point):
                gl.glVertex3f(*vertex)
        gl.glEnd()


def _entity(kind: str, colour: str) -> Entity:
    fills = _KINDS[kind]
    if kind in _MESHES:
        return _Painted(kind, colour)
    if kind == "pyramid":
        return _Pyramid(colour, fills.radius, fills.height)
    side = fills.radius * math.sqrt(2)
    return _Block(colour, (side, fills.height, side))


def _polygon(texture: Any, tint: Colour, normal: Any, corners: np.ndarray, places: np.ndarray) -> None:
    texture.bind()
    gl.glColor3f(*tint)
    gl.glBegin(gl.GL_POLYGON)
    gl.glNormal3f(*normal)
    for corner, place in zip(corners, places, strict=True):
        gl.glTexCoord2f(*place)
        gl.glVertex3f(*corner)
    gl.glEnd()


def _draw_sky(sky: Sky) -> None:
    """Fill the frame from the horizon, its middle, up: the camera never tilts."""
    for matrix in (gl.GL_PROJECTION, gl.GL_MODELVIEW):
        gl.glMatrixMode(matrix)
        gl.glPushMatrix()
        gl.glLoadIdentity()
    for feature in (gl.GL_DEPTH_TEST, gl.GL_LIGHTING, gl.GL_TEXTURE_2D):
        gl.glDisable(feature)
    gl.glBegin(gl.GL_QUADS)
    for colour, height in ((sky.horizon, 0.0), (sky.zenith, 1.0)):
        gl.glColor3f(*colour)
        for side in (-1, 1) if height == 0 else (1, -1):
            gl.glVertex3f(side, height, 0.0)
    gl.glEnd()
    gl.glEnable(gl.GL_DEPTH_TEST)
    for matrix in (gl.GL_PROJECTION, gl.GL_MODELVIEW):
        gl.glMatrixMode(matrix)
        gl.glPopMatrix()
