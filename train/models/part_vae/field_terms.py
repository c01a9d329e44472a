"""Terms of the loss that compare the field with known distances.

Every term is a sum over items divided by the whole batch, items without known signs adding 0: so
processes that share a batch sum up to what one would have, however such items are spread.

Shape suffixes: B items, Q queries, P some of them.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor

from partworks.errors import UsageError
from train.models.part_vae.objective import ObjectiveConfig
from train.models.vecset.config import VecSetConfig
from train.models.vecset.gradients import gradient_by_autograd, gradient_by_differences
from train.models.vecset.losses import eikonal_loss, field_loss, normal_loss, truncated
from train.models.vecset.model import VecSetAutoencoder
from train.samples import Batch


def signed_field(raw: Tensor, config: VecSetConfig) -> Tensor:
    """(...,) the field, negative inside, of (..., channels) raw outputs."""
    return raw[..., 0] if config.inside == "negative" else -raw[..., 0]


def compare(signed_BQ: Tensor, batch: Batch, *, objective: ObjectiveConfig) -> Tensor:
    """A scalar: how far the field is from the true one.

    Args:
        signed_BQ: negative inside; a distance in units of the truncation, or a negative logit.
    """
    trusted_B = batch["trusted"]
    signed, distance = signed_BQ[trusted_B], batch["distance"][trusted_B]
    if not len(signed):
        # Every weight takes part in every step, even with nothing.
        return signed_BQ.sum() * 0
    if objective.kind == "bce":
        # A point on the surface is neither inside nor outside.
        loss = field_loss(-signed, (1 - distance.sign()) / 2, kind="bce")
    else:
        check_truncation(batch, objective=objective)
        target = truncated(distance, truncation=objective.truncation)
        loss = field_loss(signed, target, kind=objective.kind)
    return loss * (len(signed) / len(signed_BQ))


def check_truncation(batch: Batch, *, objective: ObjectiveConfig) -> None:
    """UsageError if the shards cut distances off before the objective does."""
    known = float(batch["truncation"][batch["trusted"]].min())
    if known < objective.truncation * (1 - 1e-5):
        raise UsageError(
            f"objective.truncation is {objective.truncation:g}, but distances of "
            f"{batch['key'][0]} are known up to {known:g} only; make it less, make shards with a "
            "larger --shards.field.truncation, or use --data.frame part or objective.kind bce"
        )


def slope_terms(
    model: VecSetAutoencoder,
    tokens_BTC: Tensor,
    batch: Batch,
    *,
    objective: ObjectiveConfig,
    cell_size_B: Tensor | None,
    wanted: Collection[str],
) -> dict[str, Tensor]:
    """`surface_normal` and `eikonal`, those of them that are wanted (AutoPartGen, section 4.1).

    Normals count on the surface; lengths there and at near points that are not truncated.
    """
    count, surface = objective.gradient_points, batch["normals"].shape[1]
    normals_BP3 = batch["normals"][:, :count]
    rows = torch.cat([torch.arange(surface)[:count], surface + torch.arange(count)])
    rows = rows[rows < batch["queries"].shape[1]].to(normals_BP3.device)
    if "eikonal" not in wanted:
        rows = rows[: normals_BP3.shape[1]]
    by_autograd = objective.gradient == "autograd"

    def field(points_BP3: Tensor) -> Tensor:
        raw = model.query(
            tokens_BTC, points_BP3, cell_size_B=cell_size_B, double_backward=by_autograd
        )
        return signed_field(raw, model.config)

    points_BP3 = batch["queries"][:, rows]
    gradient_BP3 = (
        gradient_by_autograd(field, points_BP3, create_graph=True)
        if by_autograd
        else gradient_by_differences(field, points_BP3)
    )
    trusted_B = batch["trusted"]
    share = float(trusted_B.float().mean())
    nothing = gradient_BP3.sum() * 0
    terms = {}
    if "surface_normal" in wanted:
        own = gradient_BP3[:, : normals_BP3.shape[1]][trusted_B]
        terms["surface_normal"] = (
            normal_loss(own, normals_BP3[trusted_B]) * share if own.numel() else nothing
        )
    if "eikonal" in wanted:
        inner_BP = (batch["distance"][:, rows].abs() < objective.truncation) & trusted_B[:, None]
        slope = 1 / objective.truncation
        # Item by item, since they differ in how many of their points count.
        lengths = [
            eikonal_loss(own[inner], slope=slope)
            for own, inner in zip(gradient_BP3, inner_BP, strict=True)
            if inner.any()
        ]
        terms["eikonal"] = nothing + sum(lengths) / len(inner_BP)
    return terms


def volume_iou(signed_BQ: Tensor, batch: Batch) -> Tensor:
    """(B,) intersection over union of the insides, judged at the uniform queries.

    Where there is nothing inside in either, the two agree: 1.
    """
    after = batch["normals"].shape[1] + int(batch["near"][0].sum())
    ours, true = signed_BQ[:, after:] < 0, batch["distance"][:, after:] < 0
    union_B, both_B = (ours | true).sum(dim=-1), (ours & true).sum(dim=-1)
    return torch.where(union_B > 0, both_B / union_B.clamp(min=1), 1.0)
