"""From a mesh to its over-segmentation with a merge tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.segments import Segments
from partworks.geometry.adjacency import number_by_first
from partworks.geometry.mesh import Mesh
from partworks.geometry.visibility import EmbreeCaster
from segment.config import SegmentConfig
from segment.graph import (
    RegionGraph,
    boundary_rows,
    build_graph,
    crease_strength,
    region_traits,
    totals,
    whole_of,
)
from segment.lifting import Lifted, lift
from segment.mask_links import with_masks
from segment.patches import cut_patches
from segment.proposers.base import Proposer
from segment.proximity import bridge_rows, near_rows, spread_samples
from segment.regions import absorb_crumbs, grow_regions
from segment.regularise import regularise
from segment.shape_diameter import shape_diameter
from segment.surface import Surface, read_surface
from segment.symmetry import (
    Mirror,
    find_mirrors,
    mirror_patches,
    region_twins,
    same_for_twins,
)
from segment.tree import build_tree, shrink
from segment.turning import border_turns
from segment.views import render_views

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


def segment_mesh(
    mesh: Mesh,
    *,
    config: SegmentConfig,
    generator: np.random.Generator,
    proposer: Proposer | None = None,
) -> Segments:
    """Over-segment a mesh by its structure, and by masks of its views if there is a `proposer`.

    1. Shells: faces that are connected and share source node and material.
    2. Regions: within a shell, grown up to sharp creases; crumbs join a neighbour.
    3. Patches: regions that bend inwards without a crease are cut up, alike on both sides of a
       plane of symmetry.
    4. Masks are lifted to the faces, and cut regions where their labels change.
    5. Graph: shared boundaries, near surfaces, and bridges to what stands alone; and for each
       pair, what masks say for and against its being one thing.
    6. Leaves: the smallest regions merge until `max_segments` are left; what belongs to mirror
       twins is averaged.
    7. Tree: cheapest neighbours first, see `segment.linkage`.

    The mesh must have faces.
    """
    leaves = find_leaves(mesh, config=config, generator=generator, proposer=proposer)
    tree = build_tree(leaves.graph, weights=config.weights, twin=leaves.twin)
    return Segments(
        face_labels=leaves.labels,
        merge_children=tree.children,
        merge_height=tree.height,
        default_height=config.default_height,
        segment_area=totals(leaves.labels, leaves.surface.areas).astype(np.float32),
        segment_score=border_scores(leaves.labels, leaves.surface),
        geometry_hash=mesh.geometry_hash,
        method="structure" if proposer is None else proposer.name,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaves:
    """The leaves of a merge tree before it is built.

    Attributes:
        labels: (F,) int32 the leaf of each face.
        graph: of the leaves.
        surface: of the mesh.
        twin: (R,) int64 the mirror twin of each leaf, itself where it has none.
    """

    labels: Int32
    graph: RegionGraph
    surface: Surface
    twin: Int64


def find_leaves(
    mesh: Mesh,
    *,
    config: SegmentConfig,
    generator: np.random.Generator,
    proposer: Proposer | None = None,
) -> Leaves:
    """Steps 1 to 6 of `segment_mesh`."""
    assert mesh.face_count
    surface = read_surface(
        mesh, weld_tolerance=config.weld_tolerance, soup_tolerance=config.soup_tolerance
    )
    labels = grow_regions(
        surface, concave_crease=config.concave_crease, convex_crease=config.convex_crease
    )
    labels = absorb_crumbs(labels, surface, min_share=config.min_region_share)
    mirrors: tuple[Mirror, ...] = ()
    if config.symmetry:
        mirrors = find_mirrors(surface, samples=config.samples, generator=generator)
    if config.patches:
        labels = symmetric_patches(labels, surface, mirrors, patches=config.patches)
    lifted = None
    if proposer is not None:
        lifted = lift_masks(mesh, proposer, config=config, generator=generator)
        labels = cut_along(labels, regularise(lifted, surface, config=config.regularise))
        labels = absorb_crumbs(labels, surface, min_share=config.min_region_share)
    graph = region_graph(labels, surface, config=config, generator=generator)
    group = shrink(graph, most=config.max_segments, weights=config.weights)
    labels, graph = group[labels].astype(np.int32), graph.contract(group)
    if lifted is not None:
        graph = with_masks(graph, lifted.counts, labels)
    twins = [region_twins(labels, surface, mirror) for mirror in mirrors]
    return Leaves(
        labels=labels,
        graph=same_for_twins(graph, twins),
        surface=surface,
        twin=twins[0] if twins else np.arange(len(graph.area)),
    )


def symmetric_patches(
    labels: Int32, surface: Surface, mirrors: Sequence[Mirror], *, patches: int
) -> Int32:
    """(F,) int32: regions that bend inwards cut into patches, on both sides of mirrors alike."""
    patched = cut_patches(labels, surface, patches=patches)
    for mirror in mirrors:
        patched = mirror_patches(patched, labels, surface, mirror)
    return patched


def lift_masks(
    mesh: Mesh, proposer: Proposer, *, config: SegmentConfig, generator: np.random.Generator
) -> Lifted:
    """Look at the mesh from all around, have masks proposed, and lift them to its faces."""
    views = render_views(mesh, config=config.views, generator=generator)
    masks = proposer.propose(views, generator=generator)
    return lift([view.face_id for view in views], masks, face_count=mesh.face_count)


def cut_along(labels: Int32, borders: Int32) -> Int32:
    """(F,) int32: regions of `labels`, cut where `borders` (F,) changes."""
    base = int(borders.max(initial=0)) + 2
    return number_by_first(labels.astype(np.int64) * base + borders + 1)


def region_graph(
    labels: Int32, surface: Surface, *, config: SegmentConfig, generator: np.random.Generator
) -> RegionGraph:
    """The connected graph of regions: boundaries, near surfaces, bridges."""
    turn = border_turns(labels, surface, samples=config.samples, generator=generator)
    touching, touching_sums = boundary_rows(labels, surface, turn)
    spread = spread_samples(labels, surface, count=config.samples, generator=generator)
    near, near_sums, near_gap = near_rows(labels, surface, spread)
    linked = np.concatenate([touching, near])
    bridges, bridge_sums, bridge_gap = bridge_rows(labels, surface, spread, linked)
    thickness = shape_diameter(
        surface.vertices,
        surface.faces,
        caster=EmbreeCaster(surface.vertices, surface.faces),
        signs=surface.sign,
        diagonal=surface.diagonal,
        points=config.diameter_points,
        rays=config.diameter_rays,
        generator=generator,
    )
    return build_graph(
        region_traits(labels, surface, thickness),
        np.concatenate([linked, bridges]),
        np.concatenate([touching_sums, near_sums, bridge_sums]),
        np.concatenate([np.zeros(len(touching)), near_gap, bridge_gap]),
        whole=whole_of(surface),
    )


def border_scores(labels: Int32, surface: Surface) -> NDArray[np.float32]:
    """(S,) float32 in [0, 1]: the share of a segment's border that something real draws.

    A concave crease of 60°, another material and another source node count in full, a flat edge
    nothing; a segment without shared edges is a shell of its own and scores 1.
    """
    outer = labels[surface.pairs[:, 0]] != labels[surface.pairs[:, 1]]
    pairs, length = surface.pairs[outer], surface.length[outer]
    drawn = np.where(
        surface.shell[pairs[:, 0]] != surface.shell[pairs[:, 1]],
        1.0,
        crease_strength(surface.angle[outer]),
    )
    count = int(labels.max(initial=-1)) + 1
    beside = labels[pairs].reshape(-1)
    border = np.bincount(beside, np.repeat(length, 2), count)
    strong = np.bincount(beside, np.repeat(length * drawn, 2), count)
    return np.divide(strong, border, out=np.ones(count), where=border > 0).astype(np.float32)
