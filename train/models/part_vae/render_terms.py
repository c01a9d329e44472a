"""Terms of the loss that look at the mesh: rendered depth, normals and masks, and regularisers.

Every term is a sum over items divided by the whole batch; an item without a surface adds 0 and is
counted.

Shape suffixes: B items, T latent tokens, C width, N views, H rows, W columns, P points.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor
from torch.nn.functional import pad

from partworks.errors import UsageError
from train.flexicubes.extraction import Extraction
from train.flexicubes.grid import Bounds
from train.flexicubes.parameters import CHANNELS
from train.flexicubes.regularisers import sign_loss, weight_penalty
from train.flexicubes.sparse import Query, extract_sparse
from train.frames import BOUND
from train.models.part_vae.field_terms import signed_field
from train.models.part_vae.noise import VIEWS, generator_of
from train.models.part_vae.objective import COMPARED, RenderConfig
from train.models.vecset.model import VecSetAutoencoder
from train.rendering.base import Renderer, Rendering, ground_truth
from train.rendering.cameras import Cameras, bounding_sphere, part_cameras
from train.samples import Batch

MARGIN = 0.05


def grid_bounds(batch: Batch, row: int, *, config: RenderConfig) -> Bounds:
    """Where the grid of an item lies."""
    if not config.fit:
        return -BOUND, BOUND
    points = batch["surface"][row, :, :3]
    low, high = points.amin(dim=0), points.amax(dim=0)
    margin = MARGIN * (high - low).max()
    return tuple((low - margin).tolist()), tuple((high + margin).tolist())


def cell_sizes(batch: Batch, *, config: RenderConfig) -> Tensor:
    """(B,) the longest side of the cells of each item's grid."""
    sizes = []
    for row in range(len(batch["surface"])):
        low, high = (torch.tensor(end) for end in grid_bounds(batch, row, config=config))
        sizes.append((high - low).max() / config.resolution)
    return torch.stack(sizes).to(batch["surface"])


def mesh_query(
    model: VecSetAutoencoder, tokens_1TC: Tensor, *, cell_size_1: Tensor | None
) -> Query:
    """What FlexiCubes ask of one item: 25 numbers a point, neutral ones where a network has 1."""

    def query(points_P3: Tensor) -> Tensor:
        raw = model.query(tokens_1TC, points_P3[None], cell_size_B=cell_size_1)[0]
        if model.config.output == "flexicubes":
            return raw
        return pad(signed_field(raw, model.config)[:, None], (0, CHANNELS - 1))

    return query


def render_terms(
    model: VecSetAutoencoder,
    tokens_BTC: Tensor,
    batch: Batch,
    *,
    config: RenderConfig,
    renderer: Renderer,
    cell_size_B: Tensor | None,
    wanted: Collection[str],
    seed: int,
) -> dict[str, Tensor]:
    """The wanted of `RENDERED`, and `empty`, the share of items without a surface."""
    count = len(tokens_BTC)
    if "mesh" not in batch and set(wanted) & set(COMPARED):
        raise UsageError(
            "depth, normal and mask are compared with those of true meshes; set --data.meshes true"
        )
    totals = {name: tokens_BTC.sum() * 0 for name in wanted}
    empty = 0
    for row, place in enumerate(batch["place"].tolist()):
        extraction = extract_sparse(
            mesh_query(
                model,
                tokens_BTC[row : row + 1],
                cell_size_1=None if cell_size_B is None else cell_size_B[row : row + 1],
            ),
            resolution=config.resolution,
            bounds=grid_bounds(batch, row, config=config),
            coarse=min(config.coarse, config.resolution),
            training=torch.is_grad_enabled(),
            device=tokens_BTC.device,
        )
        empty += extraction.is_empty
        with torch.autocast(tokens_BTC.device.type, enabled=False):
            terms = _regularisers(extraction, wanted)
            if set(wanted) & set(COMPARED):
                generator = generator_of(seed, VIEWS, place)
                mesh = batch["mesh"][row]
                terms |= _compared(extraction, mesh, config, renderer, generator=generator)
        for name in wanted:
            totals[name] = totals[name] + terms[name] / count
    return {**totals, "empty": torch.tensor(empty / count, device=tokens_BTC.device)}


def _regularisers(extraction: Extraction, wanted: Collection[str]) -> dict[str, Tensor]:
    terms = {"deviation": extraction.deviation}
    if "sign" in wanted:
        terms["sign"] = sign_loss(extraction)
    if "weights" in wanted:
        terms["weights"] = weight_penalty(extraction)
    return terms


def _compared(
    extraction: Extraction,
    mesh: tuple[Tensor, Tensor],
    config: RenderConfig,
    renderer: Renderer,
    *,
    generator: torch.Generator,
) -> dict[str, Tensor]:
    """Depth, normal and mask of an item; 0 where it, or the true mesh, has no surface."""
    vertices, faces = mesh
    if extraction.is_empty or not len(faces):
        # Empty, and still part of the graph.
        return dict.fromkeys(COMPARED, extraction.vertices.sum())
    center, radius = bounding_sphere(vertices)
    cameras: Cameras = part_cameras(
        config.views, center_3=center, radius=radius, generator=generator, size=config.size
    )
    true = ground_truth(renderer, vertices, faces, cameras)
    ours = renderer.render(extraction.vertices, extraction.faces, cameras)
    return picture_terms(ours, true)


def picture_terms(ours: Rendering, true: Rendering) -> dict[str, Tensor]:
    """L1 of depth and normals where both see the item, and of the mask everywhere (TRELLIS)."""
    both_NHW = ours.seen_NHW & true.seen_NHW
    pixels = both_NHW.sum().clamp(min=1)
    depth_NHW = (ours.depth_NHW - true.depth_NHW).abs()
    normal_NHW = (ours.normal_NHW3 - true.normal_NHW3).abs().mean(dim=-1)
    return {
        "depth": torch.where(both_NHW, depth_NHW, 0).sum() / pixels,
        "normal": torch.where(both_NHW, normal_NHW, 0).sum() / pixels,
        "mask": (ours.mask_NHW - true.mask_NHW).abs().mean(),
    }
