"""Lights: three suns, lamps that move with what is photographed, or a clear sky.

The object's frame has y up, and its longest side is 2.
"""

from __future__ import annotations

from math import pi, radians
from typing import Any, Protocol

import bpy
from mathutils import Matrix, Vector

from render.blender.server.messages import Lighting

SUNS = (
    # towards the sun (x, y, z of the object's frame), strength in W/m², diameter in radians
    ((0.6, 1.0, 0.8), 1.5, 0.5),
    ((-0.9, 0.4, 0.5), 0.5, 0.8),
    ((-0.2, 0.6, -1.0), 0.7, 0.8),
)
"""Key, fill and rim. Suns, unlike lamps, light a part as they light the whole object, whatever its
size. A white surface gets strength × cosine / π from each and the sky's light, 0.97 at the most."""

SURROUNDINGS = 0.35
"""Radiance of the white surroundings of the suns, which are lit but not seen."""

LAMPS = (
    # kind, place, power in W, side in m; for an object whose longest side is 1 m
    ("POINT", (4.0, 6.0, -1.0), 1000.0, 0.0),
    ("AREA", (0.0, 10.0, 0.0), 10000.0, 100.0),
    ("AREA", (0.0, -10.0, 0.0), 1000.0, 100.0),
)
"""TRELLIS' lamps, which PartVerse took over, save the last: there it is small and shines down, away
from the object. Here it faces the object, as large as the one above and a tenth as strong; small,
it would be the stronger of the two."""

UNIT = 2.0
"""The longest side of a subject in its own frame, in the metres of `LAMPS`."""

SUN_ELEVATION, SUN_ROTATION = radians(40.0), radians(140.0)
"""High, and over the right shoulder of who looks at the object's front."""

SUN_DIAMETER, SUN_INTENSITY, SKY_STRENGTH = radians(3.0), 0.3, 0.07
"""A sun larger and weaker than ours, and an exposure with which white paint in it does not clip and
black paint in the shade is not lost."""


class Lights(Protocol):
    """The lights of a scene."""

    def frame(self, center: tuple[float, float, float], scale: float) -> None:
        """Light a subject whose bounding box has this centre, and 2 × `scale` as longest side."""
        ...


def make_lights(scene: Any, lighting: Lighting) -> Lights:
    """Put the lights into the scene, framed for the whole object."""
    if lighting == "suns":
        return _Suns(scene)
    return _Lamps(scene) if lighting == "area" else _Sky(scene)


class _Suns:
    def __init__(self, scene: Any) -> None:
        background = _surroundings(scene).nodes["Background"]
        background.inputs["Color"].default_value = (1, 1, 1, 1)
        background.inputs["Strength"].default_value = SURROUNDINGS
        for towards, strength, diameter in SUNS:
            sun = bpy.data.lights.new("sun", "SUN")
            sun.energy, sun.angle = strength, diameter
            _put(scene, sun).matrix_world = _aimed(Vector(towards))

    def frame(self, center: tuple[float, float, float], scale: float) -> None:
        """Suns are far away: they light all subjects alike."""


class _Lamps:
    def __init__(self, scene: Any) -> None:
        # The tree thinks little of lamps as large as these: at 16 samples it costs 2 dB.
        scene.cycles.use_light_tree = False
        self._items = []
        for kind, _, _, side in LAMPS:
            lamp = bpy.data.lights.new("lamp", kind)
            if kind == "POINT":
                lamp.shadow_soft_size = 0.0
            else:
                lamp.size = side
            self._items.append(_put(scene, lamp))
        self.frame((0.0, 0.0, 0.0), 1.0)

    def frame(self, center: tuple[float, float, float], scale: float) -> None:
        """Move the lamps with the subject; what falls on it stays the same."""
        unit = UNIT * scale
        for item, (kind, place, power, side) in zip(self._items, LAMPS, strict=True):
            item.matrix_world = Matrix.Translation(center) @ _aimed(unit * Vector(place))
            item.data.energy = power * unit * unit
            if kind == "AREA":
                item.data.size = side * unit


class _Sky:
    def __init__(self, scene: Any) -> None:
        tree = _surroundings(scene)
        background = tree.nodes["Background"]
        background.inputs["Strength"].default_value = SKY_STRENGTH
        sky = tree.nodes.new("ShaderNodeTexSky")
        sky.sky_type = "NISHITA"
        sky.sun_elevation = SUN_ELEVATION
        sky.sun_rotation = SUN_ROTATION
        sky.sun_size = SUN_DIAMETER
        sky.sun_intensity = SUN_INTENSITY
        # The texture has z up. Its own mapping, unlike a node's, also moves where the sun is
        # looked for.
        sky.texture_mapping.rotation = (pi / 2, 0.0, 0.0)
        tree.links.new(sky.outputs["Color"], background.inputs["Color"])

    def frame(self, center: tuple[float, float, float], scale: float) -> None:
        """The sky is far away: it lights all subjects alike."""


def _surroundings(scene: Any) -> Any:
    """The node tree of a new world."""
    scene.world = bpy.data.worlds.new("surroundings")
    scene.world.use_nodes = True
    return scene.world.node_tree


def _put(scene: Any, light: Any) -> Any:
    item = bpy.data.objects.new(light.name, light)
    scene.collection.objects.link(item)
    return item


def _aimed(place: Vector) -> Any:
    """The matrix of a lamp at a place that shines at the origin; lamps shine along their -z."""
    turned = place.to_track_quat("Z", "Y").to_matrix().to_4x4()
    return Matrix.Translation(place) @ turned
