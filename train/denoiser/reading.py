"""Objects of a set of latents, decoded.

Shape suffixes: N parts, T geometry tokens, D channels of one, V views, H W sides of an image
latent, L text tokens, E channels of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.encode.config import IMAGES, LATENTS, TEXTS
from train.encode.texts import split_features

_OPTIONS = {IMAGES: "settings.image_codec", TEXTS: "settings.text_encoder"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is read of an object.

    Attributes:
        geometry: latents of geometry.
        images: latents of views.
        boxes: what says where parts are: box tokens and wireframes.
        whole: the object as one.
    """

    geometry: bool = True
    images: bool = True
    boxes: bool = True
    whole: bool = True

    @property
    def members(self) -> tuple[str, ...]:
        """Of a sample."""
        chosen = {LATENTS: self.geometry, IMAGES: self.images}
        return ("json", TEXTS, *(name for name, needed in chosen.items() if needed))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredLatents:
    """All branches of an object, parts first, the whole last, in single precision.

    Attributes:
        key: of the object.
        levels: (N,) int64 area level of each part's box.
        geometry: (N + 1, T, D) or, without the whole, (N, T, D); None where it is not wanted.
        logvar: like `geometry`, log variances of the posterior; None where latents have none.
        images: (N + 1, V, 4, H, W) or (N, …); None likewise.
        image_known: (N + 1) or (N) bool, which have pictures.
        text: (L, E) for each part, for the whole, and for the empty text.
        boxes: (N, T, D) or None.
        box_variants: (K, N, T, D) of the same, moved a little; None where latents have none.
        box_images: (V, 4, H, W) or None.
    """

    key: str
    levels: np.ndarray[tuple[int], np.dtype[np.int64]]
    geometry: Tensor | None
    logvar: Tensor | None
    images: Tensor | None
    image_known: Tensor | None
    text: tuple[Tensor, ...]
    boxes: Tensor | None
    box_variants: Tensor | None
    box_images: Tensor | None

    @classmethod
    def of(cls, key: str, members: Mapping[str, Any], *, wanted: Wanted) -> StoredLatents:
        """From decoded members.

        Raises:
            UsageError: an array is not there that is wanted.
        """
        latents, images = members.get(LATENTS, {}), members.get(IMAGES, {})
        geometry = known = logvar = pictures = boxes = variants = hints = None
        if wanted.geometry:
            geometry = _branches(latents, "part_latent", "object_latent", wanted=wanted)
            if "part_logvar" in latents:
                logvar = _branches(latents, "part_logvar", "object_logvar", wanted=wanted)
            boxes = _array(latents, "box_latent") if wanted.boxes else None
            if wanted.boxes and "box_variant_latent" in latents:
                variants = _array(latents, "box_variant_latent")
        if wanted.images:
            names = ("part_image_latent", "object_image_latent")
            pictures = _branches(images, *names, wanted=wanted)
            names = ("part_image_known", "object_image_known")
            known = _branches(images, *names, wanted=wanted).bool()
            hints = _array(images, "hint_image_latent") if wanted.boxes and wanted.whole else None
        return cls(
            key=key,
            levels=np.array([row["level"] for row in members["json"]["parts"]], np.int64),
            geometry=geometry,
            logvar=logvar,
            images=pictures,
            image_known=known,
            text=tuple(split_features(members[TEXTS])),
            boxes=boxes,
            box_variants=variants,
            box_images=hints,
        )

    @property
    def part_count(self) -> int:
        """N."""
        return len(self.levels)


def check_members(index: ShardIndex, key: str, *, wanted: Wanted) -> None:
    """Raise UsageError if an object lacks what is wanted."""
    missing = [name for name in wanted.members if name not in index.members(key)]
    if missing:
        option = _OPTIONS.get(missing[0])
        how = f"with --{option}" if option else "a training set by `python -m train encode`"
        raise UsageError(
            f"the latents at {index.url} have no {missing[0]}; encode {how}, or train without: "
            "--data.images false, --data.geometry false"
        )


def _branches(arrays: Mapping[str, Any], parts: str, whole: str, *, wanted: Wanted) -> Tensor:
    found = _array(arrays, parts)
    return torch.cat([found, _array(arrays, whole)[None]]) if wanted.whole else found


def _array(arrays: Mapping[str, Any], name: str) -> Tensor:
    if name not in arrays:
        raise UsageError(
            f"the latents have no array {name}; encode again with settings.wholes and "
            "settings.boxes true, or set --data.whole false or --data.boxes false"
        )
    return torch.from_numpy(np.asarray(arrays[name], np.float32))
