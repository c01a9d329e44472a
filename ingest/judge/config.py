"""Thresholds of the rules, and what decides the measurements."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from partworks.geometry.signature import TOLERANCE


def settled(default: Any) -> Any:
    """A setting that is applied to measurements: changing it makes no object's work stale."""
    return field(default=default, metadata={"affects_output": False})


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class AestheticConfig:
    """How beautiful an object looks to the LAION predictor; off unless both models are given.

    Attributes:
        clip: a folder, or a name on the Hugging Face hub, of the CLIP model whose image features
            the predictor was trained on: ViT-L/14.
        predictor: a file with the predictor's weights, `.pth` or `.safetensors`, or `REPO:FILE` on
            the hub.
        views: views that are looked at; the score is their mean.
        size: pixels along each side of a view.
    """

    clip: str = ""
    predictor: str = ""
    views: int = 4
    size: int = 336

    def __post_init__(self) -> None:
        if bool(self.clip) != bool(self.predictor):
            raise ValueError(
                f"aesthetic.clip is {self.clip!r} and aesthetic.predictor {self.predictor!r}; "
                "give both or neither"
            )
        if self.views < 1:
            raise ValueError(f"aesthetic.views is {self.views}, expected at least 1")
        if not 32 <= self.size <= 2048:
            raise ValueError(f"aesthetic.size is {self.size}, expected 32 to 2048 pixels")

    @property
    def enabled(self) -> bool:
        """Whether objects are scored."""
        return bool(self.clip)


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """Thresholds; all but `aesthetic` are applied to what the ledger knows, without any decoding.

    Attributes:
        min_faces: an object with fewer faces is rejected.
        max_faces: an object with more faces is rejected.
        min_components: an object of fewer connected pieces is rejected.
        max_components: an object of more connected pieces is rejected.
        min_resolution: an object whose longest side spans fewer float32 steps than this, at the
            place where it lies, is rejected: it lost its shape before it came here.
        min_thickness: an object whose thinnest side is less than this share of its longest, however
            it is turned, is rejected as flat.
        blob_faces: an object of one mesh with at least so many faces, nearly all of them in one
            connected piece, is rejected as the blob of a scan.
        max_islands: an object that falls into more separate groups of pieces, any ground left out,
            is rejected as a scene.
        require_texture: reject an object without any image or vertex colours.
        require_whole_textures: reject an object of which an image is missing or cannot be decoded.
        min_color_spread: an object with images or vertex colours is rejected as blank if its
            colours are on average less than this far from their mean, of 1.
        min_opacity: an object whose surface is on average less opaque is rejected as blank.
        min_aesthetic: an object with a lower aesthetic score is rejected; scores go from 1 to 10.
        exact_duplicates: `reject` all but one of the objects with the same bytes, or with the same
            geometry and appearance.
        near_duplicates: `reject` all but one of the objects that were turned, rescaled, exported
            anew, simplified or recoloured.
        shape_tolerance: distance of the shape signatures of near duplicates at the most.
        plain_convexity: from this convexity on a shape says nothing of its own, such as a box or a
            ball; near duplicates of it must look alike as well.
        appearance_tolerance: how far the colours of two plain shapes that look alike are apart at
            the most, from 0 to 1.
        aesthetic: how the aesthetic score is measured.
    """

    min_faces: int = settled(4)
    max_faces: int = settled(1_000_000)
    min_components: int = settled(1)
    max_components: int = settled(10_000)
    min_resolution: int = settled(1024)
    min_thickness: float = settled(1e-3)
    blob_faces: int = settled(100_000)
    max_islands: int = settled(8)
    require_texture: bool = settled(False)
    require_whole_textures: bool = settled(True)
    min_color_spread: float = settled(0.004)
    min_opacity: float = settled(0.02)
    min_aesthetic: float = settled(4.5)
    exact_duplicates: Literal["reject", "keep"] = settled("reject")
    near_duplicates: Literal["reject", "keep"] = settled("reject")
    shape_tolerance: float = settled(TOLERANCE)
    plain_convexity: float = settled(0.9)
    appearance_tolerance: float = settled(0.1)
    aesthetic: AestheticConfig = AestheticConfig()

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):
            value = getattr(self, each.name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
                raise ValueError(f"judge.{each.name} is {value}, expected at least 0")
        for what in ("faces", "components"):
            least, most = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            if most < least:
                raise ValueError(f"judge.max_{what} is {most}, below min_{what} {least}")
        for name in ("exact_duplicates", "near_duplicates"):
            if getattr(self, name) not in ("reject", "keep"):
                raise ValueError(
                    f"judge.{name} is {getattr(self, name)!r}, expected 'reject' or 'keep'"
                )
