"""The simulator's textures, made ready in a tenth of its own time, and no finer than is ever seen."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from miniworld.opengl import Texture
from miniworld.utils import get_file_path
from pyglet import gl
from pyglet.image import ImageData

_SIDE = 256  # texels


def load_textures(names: set[str]) -> None:
    """Put textures where the simulator looks for them. It would take two seconds for each."""
    for name in names:
        path = get_file_path("textures", f"{name}_1", "png")
        if path not in Texture.tex_cache:
            Texture.tex_cache[path] = _load(Path(path), name)


def _load(path: Path, name: str) -> Texture:
    with av.open(str(path)) as file:
        picture = next(file.decode(video=0))
    texels = picture.reformat(_SIDE, _SIDE, "rgba").to_ndarray()[::-1]  # OpenGL begins at the bottom
    image = ImageData(_SIDE, _SIDE, "RGBA", np.ascontiguousarray(texels).tobytes()).get_texture()
    gl.glBindTexture(image.target, image.id)
    gl.glGenerateMipmap(gl.GL_TEXTURE_2D)
    gl.glTexParameteri(gl.GL_TEXTURE_2D, gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR)
    gl.glTexParameteri(gl.GL_TEXTURE_2D, gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR_MIPMAP_LINEAR)
    texture = Texture(image, name)
    texture.width, texture.height = picture.width, picture.height  # how far it reaches on a wall
    return texture
