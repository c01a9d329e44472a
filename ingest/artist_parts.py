"""The parts that an artist has made: the node tree of a file, merged until it is coarse enough.

AutoPartGen (2025, section 4, training data): an asset of more than 15 meshes has its meshes merged
from the bottom of the hierarchy up, until there are no more than 15.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from partworks.artifacts.parts import Parts
from partworks.geometry.mesh import Int32, Mesh, TreeNode

MOST_PARTS = 15
SOURCE = "artist"


def artist_parts(mesh: Mesh, *, most: int = MOST_PARTS) -> Parts | None:
    """The parts that the node tree tells of, or None where it tells of none or of one.

    The primitives of one node are one mesh. While there are more than `most`, a node whose meshes
    lie deepest in the tree takes in all that hang from it; of several such nodes the one with the
    fewest faces below it, then the first of the file. A tree that has all its many meshes side by
    side ends as one part, which is none.

    Args:
        mesh: as loaded, or in the object frame; its nodes know their place in the tree.
        most: parts at the most.
    """
    places = [
        node.place or TreeNode(name=node.name or node.mesh_name, parent=None, depth=0)
        for node in mesh.nodes
    ]
    owners = _merge(places, [len(node.faces) for node in mesh.nodes], most=most)
    number = {owner: index for index, owner in enumerate(dict.fromkeys(owners))}
    if len(number) < 2:
        return None
    labels: Int32 = np.array([number[owner] for owner in owners], np.int32)[mesh.face_node]
    names: list[str] = [""] * len(number)
    for node, owner in zip(mesh.nodes, owners, strict=True):
        assert owner is not None  # the one above all roots owns everything or nothing
        names[number[owner]] = names[number[owner]] or owner.name or node.mesh_name
    return Parts(
        face_labels=labels,
        part_names=tuple(names),
        source=SOURCE,
        geometry_hash=mesh.geometry_hash,
    )


def _merge(places: Sequence[TreeNode], faces: Sequence[int], *, most: int) -> list[TreeNode | None]:
    """The node that each mesh belongs to; None is above all roots."""
    members: dict[TreeNode | None, list[int]] = {}
    for index, place in enumerate(places):
        members.setdefault(place, []).append(index)
    levels: dict[int, list[TreeNode]] = {}
    for node in members:
        assert node is not None
        levels.setdefault(node.depth, []).append(node)
    for depth in range(max(levels, default=-1), -1, -1):
        children: dict[TreeNode | None, list[TreeNode]] = {}
        for node in levels.get(depth, ()):
            children.setdefault(node.parent, []).append(node)
        weight = {
            parent: sum(faces[index] for node in nodes for index in members[node])
            for parent, nodes in children.items()
        }
        for parent in sorted(children, key=weight.__getitem__):
            if len(members) <= most:
                break
            if parent is not None and parent not in members:
                levels.setdefault(depth - 1, []).append(parent)
            taken = [index for node in children[parent] for index in members.pop(node)]
            members[parent] = sorted([*members.get(parent, []), *taken])
    owners: list[TreeNode | None] = [None] * len(places)
    for owner, indices in members.items():
        for index in indices:
            owners[index] = owner
    return owners
