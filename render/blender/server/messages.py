"""The words that both sides of the pipe use: JSON objects, one a line.

A request is `{"id": 7, "command": "shoot", "arguments": {…}}`; its reply has the same id and either
`"result"` or `"error"` with `"traceback"`. Arrays and images go through files of a folder.
"""

from __future__ import annotations

from typing import Literal, TypedDict

SCENE_FILE = "scene.json"
ARRAYS_FILE = "arrays.npz"
"""The arrays of piece i are `i.vertices` (V, 3) float32, `i.corners` (3F,) int32, and, where there
are such, `i.uv` (3F, 2) float32 with v upwards, `i.colors` (V, 4) float32 linear, `i.normals`
(V, 3) float32, unit or zero."""

OLDEST, TOO_NEW = (4, 2), (5, 0)
"""The versions of Blender that the server knows: from the first to before the second."""

Lighting = Literal["suns", "area", "sky"]
Wrap = Literal["repeat", "clamp", "mirror"]


class Hello(TypedDict):
    """The reply to `open`: `version` as people write it, `device` of Cycles in small letters."""

    version: str
    device: str


class Texture(TypedDict):
    """An image by its number, and how it goes on outside of itself."""

    image: int
    wrap_u: Wrap
    wrap_v: Wrap


class MaterialData(TypedDict):
    """A glTF material; `alpha` says how it is to be read, whatever the file said.

    `colored` and `textured` tell whether the pieces that have it bring colours and UVs.
    """

    base_color: tuple[float, float, float, float]
    base_color_texture: Texture | None
    metallic: float
    roughness: float
    metallic_roughness_texture: Texture | None
    normal_texture: Texture | None
    normal_scale: float
    emissive: tuple[float, float, float]
    emissive_texture: Texture | None
    alpha: Literal["OPAQUE", "MASK", "BLEND"]
    alpha_cutoff: float
    colored: bool
    textured: bool


class SceneData(TypedDict):
    """An object: the material of each piece, the materials, and the names of the images' files."""

    pieces: list[int]
    materials: list[MaterialData]
    images: list[str]


class Quality(TypedDict):
    """How Cycles works; `threads` 0 takes all cores."""

    samples: int
    bounces: int
    transparent_bounces: int
    seed: int
    threads: int


class View(TypedDict):
    """A camera, OpenGL axes, `fov_y` in radians, and the pixels to render.

    `border` is left, top, right, bottom in pixels from the top left corner, right and bottom
    exclusive; without it the picture is whole.
    """

    camera_to_world: list[list[float]]
    fov_y: float
    width: int
    height: int
    border: tuple[int, int, int, int] | None
