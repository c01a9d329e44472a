"""An articulated object as URDF, with a GLB for each link.

All frames of links are turned as the world is when everything is at rest, and lie at their joints.
The meshes are glTF's, y up, and URDF turns them to z up: a viewer shows a link the right way up,
and so does a simulator, which takes a mesh's coordinates as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

import numpy as np

from train.sampling.layout import Float64, Joint, Layout
from train.sampling.rigid import Z_UP, Z_UP_RPY

BASE = "base"
"""The link that holds together what no joint does: URDF has one root."""

_EFFORT, _VELOCITY = "100", "1"
"""URDF wants limits of these; nothing is known of them."""


def link_origins(layout: Layout) -> dict[str, Float64]:
    """Part or link to (3,) float64: where its frame lies at rest, in the layout's frame."""
    above = {joint.child: np.array(joint.origin) for joint in layout.joints}
    names = [*(part.name for part in layout.parts), *layout.links]
    return {name: above.get(name, np.zeros(3)) for name in names}


def write_urdf(layout: Layout, *, meshes: Mapping[str, str]) -> bytes:
    """The URDF.

    Args:
        meshes: part to the path of its GLB, whose vertices lie around the part's `link_origins`; a
            part without a surface has none.
    """
    robot = ElementTree.Element("robot", name=layout.name)
    origins = link_origins(layout)
    for name in origins:
        _add_link(robot, name, meshes.get(name))
    children = {joint.child for joint in layout.joints}
    roots = [name for name in origins if name not in children]
    if len(roots) > 1:
        base = _unused(BASE, set(origins))
        ElementTree.SubElement(robot, "link", name=base)
        joint_names = {joint.name for joint in layout.joints}
        for root in roots:
            name = _unused(f"{base}_{root}", joint_names)
            _add_joint(robot, Joint(name=name, kind="fixed", parent=base, child=root), np.zeros(3))
    for joint in layout.joints:
        offset = np.array(joint.origin) - origins[joint.parent]
        _add_joint(robot, joint, Z_UP @ offset)
    ElementTree.indent(robot)
    text: bytes = ElementTree.tostring(robot, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add_link(robot: ElementTree.Element, name: str, mesh: str | None) -> None:
    link = ElementTree.SubElement(robot, "link", name=name)
    if mesh is None:
        return
    for use in ("visual", "collision"):
        shape = ElementTree.SubElement(link, use)
        ElementTree.SubElement(shape, "origin", xyz="0 0 0", rpy=_words(np.array(Z_UP_RPY)))
        geometry = ElementTree.SubElement(shape, "geometry")
        ElementTree.SubElement(geometry, "mesh", filename=mesh)


def _add_joint(robot: ElementTree.Element, joint: Joint, offset: Float64) -> None:
    element = ElementTree.SubElement(robot, "joint", name=joint.name, type=joint.kind)
    ElementTree.SubElement(element, "parent", link=joint.parent)
    ElementTree.SubElement(element, "child", link=joint.child)
    ElementTree.SubElement(element, "origin", xyz=_words(offset), rpy="0 0 0")
    if joint.kind != "fixed":
        axis = Z_UP @ np.array(joint.axis)
        ElementTree.SubElement(element, "axis", xyz=_words(axis / np.linalg.norm(axis)))
    if joint.limits is not None:
        low, high = (_words(np.array([limit])) for limit in joint.limits)
        ElementTree.SubElement(
            element, "limit", lower=low, upper=high, effort=_EFFORT, velocity=_VELOCITY
        )


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _words(values: Float64) -> str:
    # No -0.
    return " ".join(f"{round(float(value), 9) + 0.0:.9g}" for value in values)
