"""Attention between kinds of tokens that the pretrained networks never met.

Shape suffixes: P branches, N tokens that ask, M tokens that are asked, C and K their widths, T
geometry tokens, G their width, I image tokens of all views, J their width.
"""

from __future__ import annotations

from torch import Tensor, nn

from train.models.dit.attention import Attention

_EPS = 1e-6


class GuidedAttention(nn.Module):
    """What is added to tokens after asking others; 0 until the last layer is trained.

    Of the layers behind one another only the last starts at 0, since two would never learn.

    Args:
        context_width: channels of the tokens that are asked.
        context_norm: normalise these too. Tokens inside a network grow from block to block.
    """

    def __init__(
        self, width: int, *, context_width: int, heads: int, context_norm: bool = True
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=_EPS, elementwise_affine=False)
        self.context_norm = (
            nn.LayerNorm(context_width, eps=_EPS, elementwise_affine=False)
            if context_norm
            else nn.Identity()
        )
        self.attention = Attention(width, heads=heads, bias=False, context_width=context_width)
        self.zero = nn.Linear(width, width)
        nn.init.zeros_(self.zero.weight)
        nn.init.zeros_(self.zero.bias)

    def forward(self, x_PNC: Tensor, context_PMK: Tensor, mask: Tensor | None = None) -> Tensor:
        """(P, N, C) what is added to the tokens.

        Args:
            mask: of `train.models.dit.attention.attend`.
        """
        asked, context = self.norm(x_PNC), self.context_norm(context_PMK)
        out_PNC: Tensor = self.zero(self.attention(asked, context, mask=mask))
        return out_PNC


class Exchange(nn.Module):
    """Geometry and images of a part tell each other (CoPart eq. 3), both from before the exchange.

    Args:
        geometry: width and heads of the denoiser of geometry.
        images: width and heads of the denoiser of images.
    """

    def __init__(self, *, geometry: tuple[int, int], images: tuple[int, int]) -> None:
        super().__init__()
        (g_width, g_heads), (i_width, i_heads) = geometry, images
        self.to_geometry = GuidedAttention(g_width, context_width=i_width, heads=g_heads)
        self.to_images = GuidedAttention(i_width, context_width=g_width, heads=i_heads)

    def forward(self, geometry_PTG: Tensor, images_PIJ: Tensor) -> tuple[Tensor, Tensor]:
        """Both renewed: (P, T, G) from all views of the part, (P, I, J) each view from the part."""
        return (
            geometry_PTG + self.to_geometry(geometry_PTG, images_PIJ),
            images_PIJ + self.to_images(images_PIJ, geometry_PTG),
        )
