"""The visual scene of a COLLADA file, flattened: where each geometry stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from collada import Collada
from collada.asset import UP_AXIS
from collada.controller import Morph, Skin
from collada.scene import ControllerNode, GeometryNode, Node, NodeNode

from partworks.errors import Rejected
from partworks.geometry.transform import Matrix, multiply

_TURNS = {
    UP_AXIS.X_UP: [[0, -1, 0], [1, 0, 0], [0, 0, 1]],
    UP_AXIS.Y_UP: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    UP_AXIS.Z_UP: [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """One appearance of a geometry.

    Attributes:
        geometry: pycollada's.
        matrix: (4, 4) float64, geometry frame -> metres, y up.
        name: of the node.
        materials: symbol -> pycollada's MaterialNode.
    """

    geometry: Any
    matrix: Matrix
    name: str
    materials: dict[str, Any]


def walk(document: Collada, *, max_nodes: int) -> Iterator[Placed]:
    """Every geometry of the default scene, depth first; a skin stands as it was bound.

    Raises:
        Rejected: `empty_scene` or `too_many_nodes`; nodes may be instanced in each other, so that
            a short file can hold any number.
    """
    scene = document.scene or next(iter(document.scenes), None)
    if scene is None:
        raise Rejected("empty_scene", "the COLLADA file has no visual scene")
    upright = _upright(document)
    waiting: list[tuple[Any, Matrix, str]] = [(n, upright, "") for n in reversed(scene.nodes)]
    met = 0
    while waiting:
        node, matrix, name = waiting.pop()
        met += 1
        if met > max_nodes:
            raise Rejected("too_many_nodes", f"the scene has more than {max_nodes} nodes")
        if isinstance(node, Node | NodeNode):
            inner = multiply(matrix, np.asarray(node.matrix, np.float64))
            own = _name(node)
            waiting += [(child, inner, own) for child in reversed(node.children)]
        elif isinstance(node, GeometryNode):
            yield _placed(node.geometry, matrix, name, node)
        elif isinstance(node, ControllerNode):
            yield from _controlled(node, upright, matrix, name)


def _controlled(node: Any, upright: Matrix, matrix: Matrix, name: str) -> Iterator[Placed]:
    """A skin leaves its node for its joints' frame, which at the time of binding is the scene's."""
    controller = node.controller
    if isinstance(controller, Skin):
        bound = np.asarray(controller.bind_shape_matrix, np.float64).reshape(4, 4)
        yield _placed(controller.geometry, multiply(upright, bound), name, node)
    elif isinstance(controller, Morph):
        yield _placed(controller.source_geometry, matrix, name, node)


def _placed(geometry: Any, matrix: Matrix, name: str, node: Any) -> Placed:
    materials = {use.symbol: use for use in node.materials}
    return Placed(geometry=geometry, matrix=matrix, name=name, materials=materials)


def _name(node: Any) -> str:
    inner = node.node if isinstance(node, NodeNode) else node
    return str(inner.xmlnode.get("name") or inner.id or "")


def _upright(document: Collada) -> Matrix:
    """(4, 4) float64: the file's frame -> metres, y up."""
    asset = document.assetInfo
    unit = asset.unitmeter
    scale = unit if unit is not None and np.isfinite(unit) and unit > 0 else 1.0
    matrix = np.eye(4)
    matrix[:3, :3] = scale * np.asarray(_TURNS.get(asset.upaxis, _TURNS[UP_AXIS.Y_UP]), np.float64)
    return matrix
