"""URDF in and out: kinematics before and after must be the same."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from partworks.errors import UsageError
from tests.train.sampling.made import CABINET, CHAIR
from train.sampling.layout import Layout
from train.sampling.rigid import Y_UP, motion, rotation_of
from train.sampling.urdf_reading import layout_of_urdf
from train.sampling.urdf_writing import link_origins, write_urdf

LAMP = b"""<robot name="lamp">
  <link name="world"/>
  <link name="foot"><visual><origin xyz="0 0 .5"/><geometry><box size="2 2 1"/></geometry>
  </visual></link>
  <link name="arm"><visual><origin xyz="1 0 0"/><geometry><cylinder radius=".1" length="2"/>
    </geometry></visual><collision><geometry><box size="9 9 9"/></geometry></collision></link>
  <link name="head"><collision><geometry><sphere radius=".5"/></geometry></collision></link>
  <joint name="stand" type="fixed"><parent link="world"/><child link="foot"/>
    <origin xyz="0 0 1"/></joint>
  <joint name="shoulder" type="revolute"><parent link="foot"/><child link="arm"/>
    <origin xyz="0 0 1" rpy="0 0 1.5707963267948966"/><axis xyz="0 1 0"/>
    <limit lower="-1" upper="2" effort="1" velocity="1"/></joint>
  <joint name="neck" type="prismatic"><parent link="arm"/><child link="head"/>
    <origin xyz="2 0 0" rpy="0.3 0.2 0.1"/><axis xyz="0 0 1"/><limit lower="0" upper=".5"/></joint>
</robot>"""


def read(data: bytes, **texts: str) -> Layout:
    return layout_of_urdf(data, text="", texts=texts, source="lamp.urdf")


def test_boxes_stand_where_the_links_are_with_y_up() -> None:
    layout = read(LAMP, head="a glass head")
    boxes = dict(zip([part.name for part in layout.parts], layout.boxes, strict=True))
    assert layout.links == ("world",)
    np.testing.assert_allclose(boxes["foot"], [[-1, 1, -1], [1, 2, 1]])
    # The arm's x axis is turned to the world's y, which is away from the viewer in a layout.
    np.testing.assert_allclose(boxes["arm"], [[-0.1, 1, -1.1], [0.1, 3, -0.9]], atol=1e-9)
    assert layout.parts[2].text == "a glass head"
    middle = boxes["head"].mean(axis=0)
    np.testing.assert_allclose(middle, [0, 2, -2], atol=1e-9)


def test_joints_lie_where_they_do_at_rest() -> None:
    shoulder, neck = read(LAMP).joints[1:]
    np.testing.assert_allclose(shoulder.origin, [0, 2, 0], atol=1e-9)
    # The arm's y axis is the world's -x.
    np.testing.assert_allclose(shoulder.axis, [-1, 0, 0], atol=1e-9)
    assert (shoulder.kind, shoulder.limits) == ("revolute", (-1, 2))
    assert (neck.kind, neck.limits) == ("prismatic", (0, 0.5))


def poses(data: bytes, angles: dict[str, float]) -> dict[str, np.ndarray]:
    """Forward kinematics: link to its (4, 4) pose in the root, z up."""
    robot = ElementTree.fromstring(data)
    joints = {each.find("child").get("link"): each for each in robot.findall("joint")}  # type: ignore[union-attr]

    def numbers(element: ElementTree.Element | None, name: str, default: str) -> list[float]:
        text = default if element is None else element.get(name, default)
        return [float(word) for word in text.split()]

    def pose(link: str) -> np.ndarray:
        joint = joints.get(link)
        if joint is None:
            return np.eye(4)
        origin = joint.find("origin")
        own = motion(numbers(origin, "xyz", "0 0 0"), numbers(origin, "rpy", "0 0 0"))
        axis = np.array(numbers(joint.find("axis"), "xyz", "1 0 0"))
        moved = np.eye(4)
        value = angles.get(joint.get("name", ""), 0.0)
        if joint.get("type") == "prismatic":
            moved[:3, 3] = value * axis
        elif joint.get("type") != "fixed":
            x, y, z = axis
            cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
            moved[:3, :3] += np.sin(value) * cross + (1 - np.cos(value)) * cross @ cross
        parent = joint.find("parent")
        assert parent is not None
        return pose(parent.get("link", "")) @ own @ moved

    return {link.get("name", ""): pose(link.get("name", "")) for link in robot.findall("link")}


@pytest.mark.parametrize("angles", [{}, {"shoulder": 0.7}, {"shoulder": -0.4, "neck": 0.3}])
def test_what_is_written_moves_as_what_was_read(angles: dict[str, float]) -> None:
    layout = read(LAMP)
    meshes = {part.name: f"links/{part.name}.glb" for part in layout.parts}
    written = write_urdf(layout, meshes=meshes)
    before, after = poses(LAMP, angles), poses(written, angles)
    rest_before, origins = poses(LAMP, {}), link_origins(layout)
    place = np.array([0.3, -0.2, 0.5, 1.0])
    for name in ("world", "foot", "arm", "head"):
        # A point that is fixed to the link, in the frames of both.
        in_world = rest_before[name] @ place
        local = np.append(in_world[:3] - Y_UP.T @ origins[name], 1.0)
        np.testing.assert_allclose(after[name] @ local, before[name] @ place, atol=1e-6)


def test_meshes_are_turned_to_z_up() -> None:
    robot = ElementTree.fromstring(write_urdf(CABINET, meshes={"door": "links/door.glb"}))
    door = next(each for each in robot.findall("link") if each.get("name") == "door")
    for use in ("visual", "collision"):
        origin = door.find(f"{use}/origin")
        mesh = door.find(f"{use}/geometry/mesh")
        assert origin is not None and mesh is not None
        turned = rotation_of([float(word) for word in origin.get("rpy", "").split()])
        np.testing.assert_allclose(turned @ [0, 1, 0], [0, 0, 1], atol=1e-8)
        assert mesh.get("filename") == "links/door.glb"
    body = next(each for each in robot.findall("link") if each.get("name") == "body")
    assert len(body) == 0


def test_there_is_one_root() -> None:
    robot = ElementTree.fromstring(write_urdf(CHAIR, meshes={}))
    links = {each.get("name") for each in robot.findall("link")}
    children = {each.find("child").get("link") for each in robot.findall("joint")}  # type: ignore[union-attr]
    assert links - children == {"base"}
    alone = ElementTree.fromstring(write_urdf(CABINET, meshes={}))
    assert {each.get("name") for each in alone.findall("link")} == {"body", "door"}


def test_limits_are_written_for_those_that_have_them() -> None:
    robot = ElementTree.fromstring(write_urdf(CABINET, meshes={}))
    limit = robot.find("joint/limit")
    axis = robot.find("joint/axis")
    assert limit is not None and axis is not None
    assert (limit.get("lower"), limit.get("upper")) == ("0", "1.5")
    assert axis.get("xyz") == "0 0 1"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<robot", "is no URDF"),
        (b"<sdf/>", "begins with <sdf>"),
        (b'<robot name="a"><link name="b"/></robot>', "no parts"),
        (b'<robot name="a"><link/></robot>', "a <link> has no name"),
        (LAMP.replace(b'<sphere radius=".5"/>', b'<mesh filename="a"/>'), "has a mesh"),
        (LAMP.replace(b'size="2 2 1"', b'size="2 two 1"'), "expected 3 numbers"),
        (LAMP.replace(b'size="2 2 1"', b'size="2 2 nan"'), "expected 3 numbers"),
        (LAMP.replace(b'"prismatic"', b'"planar"'), "expected one of"),
        (LAMP.replace(b'<parent link="arm"/>', b'<parent link="leg"/>'), "which is no link"),
        (LAMP.replace(b'<parent link="world"/>', b'<parent link="head"/>'), "in a circle"),
    ],
)
def test_what_cannot_be_a_layout_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read(data)
    assert "lamp.urdf" in str(caught.value)


def test_texts_for_links_that_are_not_there_are_refused() -> None:
    with pytest.raises(UsageError, match="text for 'haed'"):
        read(LAMP, haed="a head")
