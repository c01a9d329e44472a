"""True labels in the face order of an object, whichever order they were written in.

Ingest keeps the faces of a source in the order in which the loader reads them, and drops none, so
labels in that order fit as they are. Other tools walk a file in other orders; then faces are known
by their centroids, and labels that cannot be placed beyond doubt are refused.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.evaluation.truth import Truth, TruthMismatch
from partworks.geometry.mesh import Mesh

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

CLOSE = 1e-4
"""Centroids this close are one, as a share of the longest side."""

WRITTEN = 1e-5
"""Centroids in JSON are rounded to five decimals."""

DOUBTFUL = 0.02
"""Labels are refused where a larger share of the faces cannot be told from one another."""


def labels_in_object_order(
    truth: Truth, mesh: Mesh, *, read_source: Callable[[], tuple[bytes, str]]
) -> Int32:
    """(H, F) int32: true labels in the numbering of an object's GLB, -1 where in doubt.

    1. Labels with a `geometry_hash` are for that very mesh.
    2. Labels with centroids are matched by them.
    3. Labels whose guard, the first and last centroid, is that of the object fit as they are, and
       so do labels without a guard.
    4. Labels with another guard are taken to be in the order of trimesh, which is asked.

    Args:
        truth: as read.
        mesh: with `to_source` among its extras, unless it is in the source frame.
        read_source: gives the source's bytes and ending, for the last case.

    Raises:
        TruthMismatch: with what was found and what to do.
    """
    if truth.geometry_hash:
        if truth.geometry_hash != mesh.geometry_hash:
            raise TruthMismatch("the labels are for another geometry; write them again")
        return truth.labels
    if truth.labels.shape[1] != mesh.face_count:
        raise TruthMismatch(
            f"{truth.labels.shape[1]} labels, and the object has {mesh.face_count} faces; "
            "expected one for each face that the loader reads"
        )
    ours = source_centroids(mesh)
    if truth.centroids is not None:
        return move_labels(truth.labels, truth.centroids, ours)
    if truth.guard is None or _agrees(truth.guard, ours):
        return truth.labels
    theirs = _trimesh_centroids(*read_source())
    if len(theirs) != len(ours) or not _agrees(truth.guard, theirs):
        raise TruthMismatch(
            "the first and last face are neither where the loader nor where trimesh has them; "
            "store `centroids` (F, 3) of the faces beside the labels in an .npz"
        )
    return move_labels(truth.labels, theirs, ours)


def source_centroids(mesh: Mesh) -> Float64:
    """(F, 3) float64: the middles of the faces in the source's own frame."""
    middle = mesh.vertices.astype(np.float64)[mesh.faces].mean(axis=1)
    matrix = np.asarray(mesh.extras.get("to_source", np.eye(4)), np.float64)
    return np.asarray(middle @ matrix[:3, :3].T + matrix[:3, 3])


def move_labels(labels: Int32, theirs: Float64, ours: Float64) -> Int32:
    """(H, F) int32: each of our faces gets the labels of the one of theirs in the same place.

    Faces that lie on one another are told apart by their neighbours in the order: a face that
    follows another in one order mostly does so in the other. Where that does not help and their
    labels differ, ours get -1.

    Args:
        labels: (H, F) int32 in their order.
        theirs: (F, 3) centroids. ours: (F, 3), the same in another order.

    Raises:
        TruthMismatch: some face has no counterpart, or too many are in doubt.
    """
    reach = CLOSE * max(float(np.ptp(ours, axis=0).max()), 1e-300)
    tree: Any = cKDTree(theirs)
    distance, nearest = tree.query(ours, k=range(1, min(2, len(theirs)) + 1))
    lost = int((distance[:, 0] > reach).sum())
    if lost:
        raise TruthMismatch(
            f"{lost} of {len(ours)} faces have no counterpart among the centroids of the labels; "
            "the labels are for another mesh"
        )
    single = (distance[:, 1:] > reach).all(axis=1)
    found: Int64 = np.where(single, nearest[:, 0], -1).astype(np.int64)
    several = np.flatnonzero(~single)
    choices = tree.query_ball_point(ours[several], reach) if len(several) else []
    _follow(found, several, choices)
    if len(np.unique(found[found >= 0])) != (found >= 0).sum():
        raise TruthMismatch("two faces have one counterpart; the labels are for another mesh")
    moved = labels[:, np.maximum(found, 0)]
    for face, choice in zip(several.tolist(), choices, strict=True):
        if found[face] < 0:
            alike = (labels[:, choice] == labels[:, choice[:1]]).all(axis=1)
            moved[:, face] = np.where(alike, labels[:, choice[0]], -1)
            found[face] = choice[0] if alike.all() else -1
    doubtful = int((found < 0).sum())
    if doubtful > DOUBTFUL * len(ours):
        raise TruthMismatch(
            f"{doubtful} of {len(ours)} faces lie on others with other labels; write the labels "
            "in the order in which the loader reads the faces"
        )
    return moved


def _follow(found: Int64, doubtful: Int64, candidates: Any) -> None:
    """Decide faces in doubt by the face before, then by the face behind, in place."""
    for face, choice in zip(doubtful.tolist(), candidates, strict=True):
        if face > 0 and found[face - 1] >= 0 and found[face - 1] + 1 in choice:
            found[face] = found[face - 1] + 1
    last = len(found) - 1
    for face, choice in zip(doubtful.tolist()[::-1], candidates[::-1], strict=True):
        if found[face] < 0 and face < last and found[face + 1] - 1 in choice:
            found[face] = found[face + 1] - 1


def _agrees(guard: Float64, centroids: Float64) -> bool:
    reach = CLOSE * float(np.ptp(centroids, axis=0).max()) + WRITTEN
    return bool(np.abs(centroids[[0, -1]] - guard).max() <= reach)


def _trimesh_centroids(data: bytes, ext: str) -> Float64:
    try:
        import trimesh
    except ImportError as error:
        raise TruthMismatch(
            "the labels are in another face order than the loader's; install trimesh, whose order "
            "they may be in, or store `centroids` (F, 3) beside them in an .npz"
        ) from error
    try:
        loaded = trimesh.load(io.BytesIO(data), file_type=ext, force="mesh", process=False)
    except Exception as error:  # its readers raise whatever damaged bytes lead them to
        raise TruthMismatch(f"trimesh cannot read the source: {error}") from error
    triangles: Any = loaded
    return np.asarray(triangles.triangles_center, np.float64)
