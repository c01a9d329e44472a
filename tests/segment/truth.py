"""Objects whose true parts are known, and how well segments keep to them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ingest.samples import build_samples
from partworks.artifacts.segments import Segments
from partworks.geometry.load import load_mesh
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from segment.config import SegmentConfig
from segment.segmenter import segment_mesh
from tests.shared_assets import shared

Int32 = NDArray[np.int32]


def normalised(mesh: Mesh) -> Mesh:
    low, high = mesh.bounds
    nodes = tuple(
        replace(
            node,
            vertices=((node.vertices - (low + high) / 2) * (2 / (high - low).max())).astype(
                np.float32
            ),
        )
        for node in mesh.nodes
    )
    return replace(mesh, nodes=nodes)


def segmented(mesh: Mesh) -> Segments:
    return segment_mesh(mesh, config=SegmentConfig(), generator=np.random.default_rng(0))


@cache
def samples() -> dict[str, tuple[Mesh, Int32, Segments]]:
    """Name -> mesh, true labels, segments of every generated sample."""
    found = {}
    for sample in build_samples():
        mesh = normalised(sample.mesh)
        found[sample.name] = mesh, sample.face_labels, segmented(mesh)
    return found


def labelled_assets() -> Iterator[tuple[str, Mesh, Int32]]:
    """Shared assets whose node tree is the truth.

    Their labels follow the face order of trimesh, so faces are matched by their centroids.
    """
    for table_path in sorted(shared("assets/dev/labels").glob("*.json")):
        asset = table_path.parents[1] / f"{table_path.stem}.glb"
        mesh = load_mesh(asset.read_bytes(), "glb").mesh
        theirs = trimesh.load(asset, force="mesh", process=False).triangles_center
        guard = json.loads(table_path.read_text())["centroid_first_last"]
        labels = np.load(table_path.with_suffix(".npy"))
        assert len(labels) == len(theirs) == mesh.face_count
        assert np.allclose(theirs[[0, -1]], guard, atol=1e-4 * np.abs(theirs).max())
        distance, face = cKDTree(theirs).query(mesh.vertices[mesh.faces].mean(axis=1))
        assert distance.max() < 1e-4 * np.ptp(theirs, axis=0).max(), table_path.stem
        yield table_path.stem, normalised(mesh), labels[face].astype(np.int32)


def purity(segments: Int32, truth: Int32, mesh: Mesh) -> float:
    """The share of the area that lies in the true part which most of its segment lies in."""
    areas = face_areas(mesh.vertices, mesh.faces)
    known = truth >= 0
    overlap = np.zeros((segments.max() + 1, truth.max() + 1))
    np.add.at(overlap, (segments[known], truth[known]), areas[known])
    return float(overlap.max(axis=1).sum() / overlap.sum())
