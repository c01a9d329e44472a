"""Settings of composites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Style = Literal["box", "annulet"]
ImageFormat = Literal["png", "webp"]


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class CompositeConfig:
    """What a model that sees is shown.

    Attributes:
        style: how a part is marked in the object: `box`, a red box (PartVerse); `annulet`, a red
            ring, the rest faded (PartGen).
        panel: side of each picture in a composite, in pixels.
        neighbours: a part whose box is shorter than this share of the object's is shown once more,
            enlarged, with what is around it; 0 for never.
        views: views of the object in the picture for its own caption.
        background: grey level behind what is shown, 0 to 255; white if unset, with grey behind
            what is nearly white itself.
        image: `png` or `webp` (lossy, quality 90).
    """

    style: Style = "box"
    panel: int = 448
    neighbours: float = 0.25
    views: int = 4
    background: int | None = None
    image: ImageFormat = "png"

    def __post_init__(self) -> None:
        if self.style not in ("box", "annulet"):
            raise ValueError(f"style must be box or annulet, not {self.style!r}")
        if self.image not in ("png", "webp"):
            raise ValueError(f"image must be png or webp, not {self.image!r}")
        for name, low, high in (
            ("panel", 96, 4096),
            ("neighbours", 0, 1),
            ("views", 1, 16),
            ("background", 0, 255),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} must be {low} to {high}, not {value}")
