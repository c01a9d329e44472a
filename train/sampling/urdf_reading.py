"""Layouts of articulated objects from URDF (CoPart, section 4.2).

A link becomes a part, whose box is that of its geometry with all joints at zero; a link without
geometry stays one. URDF's z axis points up, a layout's y axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import cast, get_args
from xml.etree import ElementTree

import numpy as np

from partworks.errors import UsageError
from train.sampling.layout import Float64, Joint, JointKind, Layout, PartLayout, Point
from train.sampling.rigid import Y_UP, motion

_CORNERS = np.array(list(product((-0.5, 0.5), repeat=3)))


def layout_of_urdf(data: bytes, *, text: str, texts: Mapping[str, str], source: str) -> Layout:
    """The layout that a URDF describes.

    Args:
        data: the file.
        text: what the whole is, instead of the robot's name.
        texts: link to what it is, instead of its name.
        source: of the data, for messages.

    Raises:
        UsageError: it is no URDF, or has what a layout cannot hold.
    """
    try:
        robot = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise UsageError(f"{source} is no URDF: {error}") from error
    if robot.tag != "robot":
        raise UsageError(f"{source} is no URDF: it begins with <{robot.tag}>, expected <robot>")
    try:
        return _layout(robot, text=text, texts=texts)
    except ValueError as error:
        raise UsageError(f"{source} cannot be a layout: {error}") from error


def _layout(robot: ElementTree.Element, *, text: str, texts: Mapping[str, str]) -> Layout:
    names = [_named(link) for link in robot.findall("link")]
    unknown = sorted(set(texts) - set(names))
    if unknown:
        raise ValueError(f"there is a text for {unknown[0]!r}, but its links are {names}")
    poses = _poses(robot, names)
    parts, links = [], []
    for name, link in zip(names, robot.findall("link"), strict=True):
        corners = _corners(link)
        if not len(corners):
            links.append(name)
            continue
        placed = (corners @ poses[name][:3, :3].T + poses[name][:3, 3]) @ Y_UP.T
        parts.append(
            PartLayout(
                name=name,
                text=texts.get(name, name.replace("_", " ")),
                box=(_point(placed.min(axis=0)), _point(placed.max(axis=0))),
            )
        )
    own = "".join(each if each.isalnum() or each in "_-" else "_" for each in _named(robot))
    return Layout(
        name=own[:64],
        text=text or _named(robot).replace("_", " "),
        parts=tuple(parts),
        joints=tuple(_joint(each, poses) for each in robot.findall("joint")),
        links=tuple(links),
    )


def _poses(robot: ElementTree.Element, names: list[str]) -> dict[str, Float64]:
    """Link to its (4, 4) pose with all joints at zero, in the frame of the root."""
    above: dict[str, tuple[str, Float64]] = {}
    for joint in robot.findall("joint"):
        parent, child = _end(joint, "parent"), _end(joint, "child")
        for end in (parent, child):
            if end not in names:
                raise ValueError(f"joint {_named(joint)} is at {end!r}, which is no link")
        above[child] = (parent, _origin(joint))
    poses: dict[str, Float64] = {}
    for name in names:
        pose, now, steps = np.eye(4), name, 0
        while now in above:
            now, own = above[now]
            pose, steps = own @ pose, steps + 1
            if steps > len(names):
                raise ValueError(f"its joints go in a circle through {now}")
        poses[name] = pose
    return poses


def _joint(joint: ElementTree.Element, poses: Mapping[str, Float64]) -> Joint:
    kind = joint.get("type", "")
    if kind not in get_args(JointKind):
        raise ValueError(
            f"joint {_named(joint)} is of type {kind!r}, expected one of "
            f"{', '.join(get_args(JointKind))}"
        )
    child = _end(joint, "child")
    axis = joint.find("axis")
    direction = _numbers(axis, "xyz", "1 0 0")
    pose = poses[child]
    limits = None
    if kind in ("revolute", "prismatic"):
        limit = joint.find("limit")
        # URDF's own defaults are zero.
        low, high = (_numbers(limit, name, "0", count=1)[0] for name in ("lower", "upper"))
        limits = (float(low), float(high))
    return Joint(
        name=_named(joint),
        kind=cast(JointKind, kind),
        parent=_end(joint, "parent"),
        child=child,
        origin=_point(Y_UP @ pose[:3, 3]),
        axis=_point(Y_UP @ pose[:3, :3] @ direction),
        limits=limits,
    )


def _corners(link: ElementTree.Element) -> Float64:
    """(K, 3) corners, in the link's frame, of the boxes around its shapes."""
    shapes = link.findall("visual") or link.findall("collision")
    found = [np.zeros((0, 3))]
    for shape in shapes:
        pose = _origin(shape)
        for size in _sizes(shape, _named(link)):
            found.append((_CORNERS * size) @ pose[:3, :3].T + pose[:3, 3])
    return np.concatenate(found)


def _sizes(shape: ElementTree.Element, link: str) -> Iterator[Float64]:
    """Sides of the box around each geometry."""
    sides: dict[str, Callable[[ElementTree.Element], Float64]] = {
        "box": lambda form: _numbers(form, "size", ""),
        "sphere": lambda form: np.full(3, 2 * _numbers(form, "radius", "", count=1)[0]),
        "cylinder": lambda form: np.array(
            [
                *[2 * _numbers(form, "radius", "", count=1)[0]] * 2,
                _numbers(form, "length", "", count=1)[0],
            ]
        ),
    }
    for form in shape.findall("geometry/*"):
        if form.tag not in sides:
            raise ValueError(
                f"link {link} has a {form.tag}; a layout is made of boxes, so write a <box> in its "
                "place"
            )
        yield sides[form.tag](form)


def _origin(element: ElementTree.Element) -> Float64:
    origin = element.find("origin")
    return motion(
        _numbers(origin, "xyz", "0 0 0").tolist(), _numbers(origin, "rpy", "0 0 0").tolist()
    )


def _numbers(
    element: ElementTree.Element | None, name: str, default: str, *, count: int = 3
) -> Float64:
    told = default if element is None else element.get(name, default)
    try:
        values = np.array([float(word) for word in told.split()])
    except ValueError:
        values = np.zeros(0)
    if len(values) != count or not np.isfinite(values).all():
        tag = "" if element is None else f" of <{element.tag}>"
        raise ValueError(f"{name}{tag} is {told!r}, expected {count} numbers")
    return values


def _named(element: ElementTree.Element) -> str:
    name = element.get("name")
    if not name:
        raise ValueError(f"a <{element.tag}> has no name")
    return name


def _end(joint: ElementTree.Element, which: str) -> str:
    end = joint.find(which)
    return "" if end is None else end.get("link", "")


def _point(values: Float64) -> Point:
    # Nine digits: sums of products differ in the last bits between processors. No -0.0.
    x, y, z = (round(float(value), 9) + 0.0 for value in values)
    return x, y, z
