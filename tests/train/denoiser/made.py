"""Latents of a few tables, and the command line on them."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
import torch

from tests.shards.made import SMALL
from tests.train.command import SOURCE
from train.cli import main
from train.denoiser.sample import ObjectLatents

STAGE = dataclasses.replace(SMALL, views=2, part_views=2)
TOKENS, CHANNELS, VIEWS, SIDE, TEXT = 6, 5, 2, 4, 12
ENCODED = {
    "image_codec": "pixels", "views": VIEWS, "pixels": 8 * SIDE, "text_encoder": "words",
    "text_width": TEXT, "frame": "object", "tokens": TOKENS, "box_points": 64,
}  # fmt: skip
"""Settings of `encode`."""

CONFIG = str(SOURCE / "tests/train/denoiser/small.yaml")


def run(command: str, root: str, *more: str, config: str = CONFIG) -> int:
    """In this process; the exit code."""
    arguments = ["train", command, "--config", config, "--data.root", root, *more]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        return main()


def fit(root: str, *more: str) -> None:
    assert run("fit", root, *more) == 0


def made_object(
    parts: int = 2, *, place: int = 0, has_global: bool = True, images: bool = True
) -> ObjectLatents:
    """Random latents that hang on the place."""
    generator = torch.Generator().manual_seed(place)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    branches = parts + has_global
    return ObjectLatents(
        key=f"object {place}",
        place=place,
        geometry=noise(branches, TOKENS, CHANNELS),
        images=noise(branches, VIEWS, 4, SIDE, SIDE) if images else None,
        text=tuple(noise(1 + (place + row) % 3, TEXT) for row in range(branches)),
        null_text=noise(1, TEXT),
        boxes=noise(parts, TOKENS, CHANNELS),
        box_images=noise(VIEWS, 4, SIDE, SIDE) if images else None,
        has_global=has_global,
    )


def run_folder(version: int) -> Path:
    return Path(f"runs/small-denoiser/version_{version}")
