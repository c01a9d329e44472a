"""Views of meshes and masks drawn from true labels, with faults like those of a real proposer."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from partworks.geometry.cameras import bounding_sphere, icosahedron
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from partworks.geometry.visibility import EmbreeCaster
from segment.counts import MaskCounts, count_masks
from segment.proposers.base import ViewMasks
from segment.surface import Surface, read_surface

Int32 = NDArray[np.int32]


def surface_of(mesh: Mesh) -> Surface:
    return read_surface(mesh, weld_tolerance=0.0, soup_tolerance=1e-4)


def seen_faces(mesh: Mesh, *, size: int = 256) -> list[Int32]:
    center, radius = bounding_sphere(mesh.vertices)
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    rig = icosahedron(size=size, center=center, radius=radius)
    return [caster.cast(camera).face_id for camera in rig]


def paint(
    face_ids: Sequence[Int32],
    levels: Sequence[Int32],
    *,
    generator: np.random.Generator,
    jitter: float = 0.0,
    dropped: float = 0.0,
    halved: float = 0.0,
) -> list[ViewMasks]:
    """A mask for each label of each level in each view.

    Borders are moved by `jitter` pixels (a smooth field, standard deviation); a share of the masks
    is dropped and a share is cut in two.
    """
    return [
        _paint_view(image, levels, generator, jitter=jitter, dropped=dropped, halved=halved)
        for image in face_ids
    ]


def _paint_view(
    image: Int32,
    levels: Sequence[Int32],
    generator: np.random.Generator,
    *,
    jitter: float,
    dropped: float,
    halved: float,
) -> ViewMasks:
    height, width = image.shape
    cells = (height // 16 + 1, width // 16 + 1)
    shift = [
        zoom(generator.normal(0, jitter, cells), 16, order=1)[:height, :width] for _ in range(2)
    ]
    places = [
        np.clip(np.rint(place + moved), 0, side - 1).astype(int)
        for place, moved, side in zip(np.indices(image.shape), shift, image.shape, strict=True)
    ]
    moved = image[places[0], places[1]]
    pixels = []
    for level in levels:
        labels = np.where(moved >= 0, level[moved], -1).reshape(-1)
        for label in np.unique(labels[labels >= 0]):
            mask = np.flatnonzero(labels == label)
            cut = len(mask) // 2 if generator.random() < halved else 0
            if generator.random() >= dropped:
                pixels += [mask[:cut], mask[cut:]]
    return ViewMasks.from_pixels(pixels, generator.uniform(0.6, 1, len(pixels)), shape=image.shape)


def flat_counts(images: Sequence[Sequence[int]], masks: Sequence[Sequence[str]]) -> MaskCounts:
    """Counts of views of one row of pixels; a mask is a string such as `.##.` over them."""
    faces = [np.asarray([image], np.int32) for image in images]
    drawn = [flat_masks(view) for view in masks]
    return count_masks(faces, drawn, face_count=int(max(image.max() for image in faces)) + 1)


def flat_masks(view: Sequence[str], *, score: Sequence[float] | None = None) -> ViewMasks:
    pixels = [np.flatnonzero(np.asarray(list(mask)) == "#") for mask in view]
    width = len(view[0]) if view else 1
    return ViewMasks.from_pixels(pixels, score or [1.0] * len(view), shape=(1, width))


def achievable_accuracy(labels: Int32, truth: Int32, mesh: Mesh) -> float:
    """The share of the area that lies in the true part which most of its label's area lies in."""
    areas = face_areas(mesh.vertices, mesh.faces)
    known = (truth >= 0) & (labels >= 0)
    overlap = np.zeros((labels.max() + 1, truth.max() + 1))
    np.add.at(overlap, (labels[known], truth[known]), areas[known])
    return float(overlap.max(axis=1).sum() / overlap.sum())


def cells_of(mesh: Mesh, count: int, *, seed: int = 0) -> Int32:
    """The nearest of some random points to each face: parts that no crease draws."""
    centers = mesh.vertices[mesh.faces].mean(axis=1)
    points = centers[np.random.default_rng(seed).choice(len(centers), count, replace=False)]
    return np.argmin(((centers[:, None] - points) ** 2).sum(axis=2), axis=1).astype(np.int32)
