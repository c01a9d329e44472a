"""Hand-made COLLADA files for tests."""

from __future__ import annotations

POSITIONS = "0 0 0  2 0 0  2 2 0  0 2 0  1 1 3"
UVS = "0 0  1 0  1 1  0 1"
PYRAMID = """<polylist count="5" material="paint">
  <input semantic="VERTEX" source="#v" offset="0"/>
  <input semantic="TEXCOORD" source="#uv" offset="1" set="0"/>
  <vcount>4 3 3 3 3</vcount>
  <p>3 3 2 2 1 1 0 0  0 0 1 1 4 2  1 0 2 1 4 2  2 0 3 1 4 2  3 0 0 1 4 2</p>
</polylist>"""
TRIANGLE = """<triangles count="1" material="paint">
  <input semantic="VERTEX" source="#v" offset="0"/><p>0 1 4</p></triangles>"""
NODE = """<node id="n" name="Roof">{place}<instance_geometry url="#g"><bind_material>
  <technique_common><instance_material symbol="paint" target="#m"/></technique_common>
</bind_material></instance_geometry></node>"""
EFFECT = """<diffuse><color>0.5 0.25 0.125 1</color></diffuse>"""


def source(name: str, numbers: str, parameters: str) -> str:
    """A `source` of floats."""
    count = len(numbers.split())
    names = "".join(f'<param name="{each}" type="float"/>' for each in parameters)
    return (
        f'<source id="{name}"><float_array id="{name}-a" count="{count}">{numbers}</float_array>'
        f'<technique_common><accessor source="#{name}-a" count="{count // len(parameters)}" '
        f'stride="{len(parameters)}">{names}</accessor></technique_common></source>'
    )


def dae(
    *,
    primitives: str = PYRAMID,
    nodes: str = NODE.format(place=""),
    asset: str = "<up_axis>Y_UP</up_axis>",
    effect: str = EFFECT,
    parameters: str = "",
    libraries: str = "",
    head: str = "",
) -> bytes:
    """A pyramid whose square base lies on z = 0, in a scene of one node."""
    text = f"""<?xml version="1.0" encoding="utf-8"?>{head}
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset>{asset}</asset>
{libraries}
<library_effects><effect id="e"><profile_COMMON>{parameters}<technique sid="common"><phong>{effect}
</phong></technique></profile_COMMON></effect></library_effects>
<library_materials><material id="m" name="Paint"><instance_effect url="#e"/></material>
</library_materials>
<library_geometries><geometry id="g" name="Pyramid"><mesh>
{source("p", POSITIONS, "XYZ")}{source("uv", UVS, "ST")}
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
{primitives}</mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="s">{nodes}</visual_scene></library_visual_scenes>
<scene><instance_visual_scene url="#s"/></scene></COLLADA>"""
    return text.encode()
