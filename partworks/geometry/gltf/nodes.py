"""The node graph, flattened: where each mesh of the scene stands, in depth-first order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from partworks.errors import Rejected
from partworks.geometry.gltf.accessors import Accessors
from partworks.geometry.gltf.document import Document
from partworks.geometry.gltf.fields import Fields
from partworks.geometry.mesh import TreeNode
from partworks.geometry.transform import Matrix, multiply


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """One appearance of a mesh in the scene.

    Attributes:
        node: index of the glTF node.
        mesh: index of the glTF mesh.
        matrix: (4, 4) float64, mesh frame -> scene frame.
        skin: index of the skin that moves the mesh instead of `matrix`, or None.
    """

    node: int
    mesh: int
    matrix: Matrix
    skin: int | None


class NodeGraph:
    """The nodes of a document.

    Raises:
        Rejected: `node_with_two_parents`, `recursive_nodes`, `dangling_reference` or
            `too_many_nodes`.
    """

    def __init__(self, document: Document, *, max_nodes: int) -> None:
        self._document = document
        self.nodes = document.table("nodes")
        if len(self.nodes) > max_nodes:
            raise Rejected(
                "too_many_nodes", f"the file has {len(self.nodes)} nodes, the limit is {max_nodes}"
            )
        self._children = [node.indices("children") for node in self.nodes]
        self._parents = self._find_parents()
        self.order = self._parents_first()
        self.world = self._world_matrices()
        self._places: dict[int, TreeNode] = {}

    def _find_parents(self) -> list[int]:
        parents = [-1] * len(self.nodes)
        for index, children in enumerate(self._children):
            for child in children:
                self._document.entry("nodes", child, asked_by=f"nodes[{index}]")
                if parents[child] >= 0:
                    raise Rejected(
                        "node_with_two_parents",
                        f"nodes[{child}] is a child of nodes[{parents[child]}] and of "
                        f"nodes[{index}]; glTF wants a tree",
                    )
                parents[child] = index
        return parents

    def _parents_first(self) -> list[int]:
        roots = [index for index, parent in enumerate(self._parents) if parent < 0]
        order = list(self._below(roots))
        if len(order) < len(self.nodes):
            lost = min(set(range(len(self.nodes))) - set(order))
            raise Rejected("recursive_nodes", f"nodes[{lost}] is among its own descendants")
        return order

    def _below(self, roots: list[int]) -> Iterator[int]:
        """Depth first, a node before its children, children in order."""
        waiting = roots[::-1]
        while waiting:
            index = waiting.pop()
            yield index
            waiting += self._children[index][::-1]

    def _world_matrices(self) -> list[Matrix]:
        world = [np.eye(4)] * len(self.nodes)
        for index in self.order:
            local, parent = local_matrix(self.nodes[index]), self._parents[index]
            if parent < 0:
                world[index] = local
            else:
                world[index] = multiply(world[parent], local)
        return world

    def scene_nodes(self) -> Iterator[int]:
        """The nodes of the default scene as three.js walks them; hidden ones are left out.

        Without `scene` the first scene counts, without scenes all roots do.
        """
        roots = self._scene_roots()
        seen: set[int] = set()
        hidden: set[int] = set()
        for index in self._below(roots):
            if index in seen:
                raise Rejected(
                    "node_with_two_parents", f"nodes[{index}] appears twice in the scene"
                )
            seen.add(index)
            visibility = self.nodes[index].extension("KHR_node_visibility")
            if self._parents[index] in hidden or (
                visibility is not None and not visibility.flag("visible", True)
            ):
                hidden.add(index)
            else:
                yield index

    def _scene_roots(self) -> list[int]:
        scenes = self._document.table("scenes")
        if not scenes:
            return [index for index, parent in enumerate(self._parents) if parent < 0]
        chosen = self._document.root.integer("scene", 0)
        scene = self._document.entry("scenes", chosen, asked_by="scene")
        roots = scene.indices("nodes")
        for root in roots:
            self._document.entry("nodes", root, asked_by=scene.where)
        return roots

    def place(self, index: int) -> TreeNode:
        """A node in the tree of those above it."""
        way = []
        above = index
        while above >= 0 and above not in self._places:  # a loop: trees may be deep
            way.append(above)
            above = self._parents[above]
        for each in reversed(way):
            parent = self._places.get(self._parents[each])
            self._places[each] = TreeNode(
                name=self.nodes[each].text("name"),
                parent=parent,
                depth=0 if parent is None else parent.depth + 1,
            )
        return self._places[index]

    def placements(self, accessors: Accessors, *, max_count: int) -> Iterator[Placement]:
        """Every mesh of the scene in walk order, GPU instances one after another."""
        for index in self.scene_nodes():
            node = self.nodes[index]
            mesh = node.integer("mesh", None)
            if mesh is None:
                continue
            self._document.entry("meshes", mesh, asked_by=node.where)
            instancing = node.extension("EXT_mesh_gpu_instancing")
            matrices = (
                np.eye(4)[None]
                if instancing is None
                else instance_matrices(instancing, accessors, max_count=max_count)
            )
            for matrix in matrices:
                yield Placement(
                    node=index,
                    mesh=mesh,
                    matrix=multiply(self.world[index], matrix),
                    skin=node.integer("skin", None),
                )


def local_matrix(node: Fields) -> Matrix:
    """(4, 4) float64: node frame -> parent frame."""
    columns = node.numbers("matrix", 16)
    if columns is not None:
        return np.asarray(columns, np.float64).reshape(4, 4).T
    if not any(key in node for key in ("translation", "rotation", "scale")):
        return np.eye(4)
    translation = np.asarray(node.numbers("translation", 3) or [0.0, 0.0, 0.0])
    rotation = np.asarray(node.numbers("rotation", 4) or [0.0, 0.0, 0.0, 1.0])
    scale = np.asarray(node.numbers("scale", 3) or [1.0, 1.0, 1.0])
    matrix: Matrix = compose(translation[None], rotation[None], scale[None])[0]
    return matrix


def compose(translation: Matrix, rotation: Matrix, scale: Matrix) -> Matrix:
    """(N, 4, 4) matrices translation × rotation × scale.

    Args:
        translation: (N, 3).
        rotation: (N, 4) quaternions x, y, z, w; normalised here, a zero one turns nothing.
        scale: (N, 3).
    """
    length = np.linalg.norm(rotation, axis=1, keepdims=True)
    safe = np.where(length > 0, rotation / np.where(length > 0, length, 1), [0.0, 0.0, 0.0, 1.0])
    x, y, z, w = safe.T
    turn = np.zeros((len(safe), 3, 3))
    turn[:, 0] = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], 1)
    turn[:, 1] = np.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], 1)
    turn[:, 2] = np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], 1)
    matrices = np.tile(np.eye(4), (len(safe), 1, 1))
    matrices[:, :3, :3] = turn * scale[:, None, :]
    matrices[:, :3, 3] = translation
    return matrices


def instance_matrices(extension: Fields, accessors: Accessors, *, max_count: int) -> Matrix:
    """(N, 4, 4) float64: instance frame -> node frame, of EXT_mesh_gpu_instancing."""
    attributes = extension.integers("attributes")
    defaults = {"TRANSLATION": [0.0] * 3, "ROTATION": [0.0, 0.0, 0.0, 1.0], "SCALE": [1.0] * 3}
    counts = {
        accessors.describe(attributes[name], asked_by=extension.where).needed_integer("count")
        for name in defaults
        if name in attributes
    }
    if len(counts) != 1:
        raise Rejected(
            "bad_accessor", f"{extension.where} has instance attributes of lengths {sorted(counts)}"
        )
    count = counts.pop()
    if count > max_count:
        raise Rejected("too_many_nodes", f"{count} instances in {extension.where}")
    parts = []
    for name, default in defaults.items():
        if name in attributes:
            kind = (f"VEC{len(default)}",)
            where = f"{extension.where}.{name}"
            values = accessors.read_float(attributes[name], asked_by=where, types=kind)
            parts.append(values.astype(np.float64))
        else:
            parts.append(np.tile(default, (count, 1)))
    matrices: Matrix = compose(*parts)
    return matrices
