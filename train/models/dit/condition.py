"""Image features that CraftsMan's diffusion transformer is conditioned on."""

from __future__ import annotations

from torch import Tensor, nn

from train.models.dit.block import make_norm
from train.models.dit.config import DiTConfig


class ImageCondition(nn.Module):
    """Features of CLIP, of DINOv2 or of both, which are added token by token."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.config = config
        self.clip = _projection(config) if config.condition != "dinov2" else None
        self.dino = _projection(config) if config.condition != "clip" else None

    def forward(self, features_BMF: Tensor) -> Tensor:
        """(B, M or M / 2, C) condition tokens.

        Args:
            features_BMF: the views' features one after another; of a view all of CLIP's, then, if
                both are used, as many of DINOv2's.
        """
        if self.clip is None or self.dino is None:
            only = self.dino if self.clip is None else self.clip
            assert only is not None
            tokens: Tensor = only(features_BMF)
            return tokens
        views = features_BMF.reshape(
            features_BMF.shape[0], self.config.condition_views, -1, features_BMF.shape[-1]
        )
        clip, dino = views.chunk(2, dim=2)
        both: Tensor = self.config.clip_weight * self.clip(clip.flatten(1, 2))
        both = both + self.config.dino_weight * self.dino(dino.flatten(1, 2))
        return both


def _projection(config: DiTConfig) -> nn.Module:
    layer = nn.Linear(config.condition_width, config.width)
    if not config.condition_norm:
        return layer
    return nn.Sequential(make_norm(config, config.condition_width, eps=None), layer)
