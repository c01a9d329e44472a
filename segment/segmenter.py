"""From a mesh to its over-segmentation with a merge tree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.segments import Segments
from partworks.geometry.adjacency import number_by_first
from partworks.geometry.mesh import Mesh
from segment.config import SegmentConfig
from segment.graph import RegionGraph, boundary_rows, build_graph, crease_strength, totals
from segment.lifting import Lifted, lift
from segment.mask_links import with_masks
from segment.patches import cut_patches
from segment.proposers.base import Proposer
from segment.proximity import bridge_rows, near_rows, spread_samples
from segment.regions import absorb_crumbs, grow_regions
from segment.regularise import regularise
from segment.surface import Surface, read_surface
from segment.tree import build_tree, shrink
from segment.views import render_views

Int32 = NDArray[np.int32]


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
    3. Patches: regions that bend inwards without a crease are cut up.
    4. Masks are lifted to the faces, and cut regions where their labels change.
    5. Graph: shared boundaries, near surfaces, and bridges to what stands alone; and for each
       pair, what masks say for and against its being one thing.
    6. Leaves: the smallest regions merge until `max_segments` are left.
    7. Tree: cheapest neighbours first, see `segment.linkage`.

    The mesh must have faces.
    """
    assert mesh.face_count
    surface = read_surface(
        mesh, weld_tolerance=config.weld_tolerance, soup_tolerance=config.soup_tolerance
    )
    labels = grow_regions(
        surface, concave_crease=config.concave_crease, convex_crease=config.convex_crease
    )
    labels = absorb_crumbs(labels, surface, min_share=config.min_region_share)
    if config.patches:
        labels = cut_patches(labels, surface, patches=config.patches)
    lifted = None
    if proposer is not None:
        lifted = lift_masks(mesh, proposer, config=config, generator=generator)
        labels = cut_along(labels, regularise(lifted, surface, config=config.regularise))
        labels = absorb_crumbs(labels, surface, min_share=config.min_region_share)
    graph = region_graph(labels, surface, samples=config.samples, generator=generator)
    group = shrink(graph, most=config.max_segments, diagonal=surface.diagonal)
    labels, graph = group[labels], graph.contract(group)
    if lifted is not None:
        graph = with_masks(graph, lifted.counts, labels)
    tree = build_tree(graph, diagonal=surface.diagonal, trust=config.mask_trust)
    return Segments(
        face_labels=labels.astype(np.int32),
        merge_children=tree.children,
        merge_height=tree.height,
        segment_area=graph.area.astype(np.float32),
        segment_score=border_scores(labels, surface),
        geometry_hash=mesh.geometry_hash,
        method="structure" if proposer is None else proposer.name,
    )


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
    labels: Int32, surface: Surface, *, samples: int, generator: np.random.Generator
) -> RegionGraph:
    """The connected graph of regions: boundaries, near surfaces, bridges."""
    touching, touching_sums = boundary_rows(labels, surface)
    spread = spread_samples(labels, surface, count=samples, generator=generator)
    near, near_sums, near_gap = near_rows(labels, surface, spread)
    linked = np.concatenate([touching, near])
    bridges, bridge_sums, bridge_gap = bridge_rows(labels, surface, spread, linked)
    return build_graph(
        totals(labels, surface.areas),
        np.concatenate([linked, bridges]),
        np.concatenate([touching_sums, near_sums, bridge_sums]),
        np.concatenate([np.zeros(len(touching)), near_gap, bridge_gap]),
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
