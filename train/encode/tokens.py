"""Where latent tokens start: the farthest points that an encoder takes its queries from.

Shape suffixes: B clouds, S points, T latent tokens.
"""

from __future__ import annotations

import torch
from torch import Tensor

from train.models.vecset.config import VecSetConfig
from train.models.vecset.farthest import farthest_points


def token_points(
    config: VecSetConfig, surface_BSF: Tensor, *, sharp_BSF: Tensor | None, tokens: int
) -> Tensor | None:
    """(B, T, 3) positions of the points whose features `SurfaceEncoder`'s tokens start as.

    Args:
        surface_BSF: (B, S, 3 or more) what the network is given.
        sharp_BSF: (B, M, 3 or more) likewise; then half of the tokens start on either cloud.

    Returns:
        None where queries are a learned table, whose tokens start nowhere.
    """
    if config.query_kind != "farthest":
        return None
    if sharp_BSF is None:
        return _chosen(config, surface_BSF, tokens)
    half = tokens // 2
    clouds = ((surface_BSF, half), (sharp_BSF, tokens - half))
    return torch.cat([_chosen(config, cloud, count) for cloud, count in clouds], dim=1)


def _chosen(config: VecSetConfig, cloud_BSF: Tensor, count: int) -> Tensor:
    position_BS3 = cloud_BSF[..., :3]
    if config.max_points is not None and position_BS3.shape[1] > config.max_points:
        position_BS3 = _farthest(config, position_BS3, config.max_points)
    return _farthest(config, position_BS3, count)


def _farthest(config: VecSetConfig, position_BS3: Tensor, count: int) -> Tensor:
    rows = farthest_points(position_BS3, count, half_precision=config.half_precision_sampling)
    return position_BS3.gather(1, rows[..., None].expand(-1, -1, 3))
