from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tests.train.sampling.made import CHAIR
from tests.train.sampling.standin import StandIn, color_of
from train.metrics.mesh import TriangleMesh
from train.rendering.portable import TorchRenderer
from train.sampling.assembly import GeneratedObject, assemble
from train.sampling.config import SamplingConfig
from train.sampling.generation import Task, generate
from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import PIXART

PLAIN = SamplingConfig(steps=4, geometry_scale=1, image_scale=1)


def generated(generator: StandIn, **settings: object) -> GeneratedObject:
    # Its last step ends at the clean sample, so that boxes are met exactly.
    generator.geometry_schedule = NoiseSchedule(PIXART)
    (latents,) = generate(generator, [Task(layout=CHAIR)], config=PLAIN)
    return assemble(
        generator,
        CHAIR,
        latents=latents,
        renderer=TorchRenderer(),
        **settings,  # type: ignore[arg-type]
    )


def test_parts_fill_their_boxes_in_the_layouts_unit() -> None:
    made = generated(StandIn())
    for part, box in zip(made.parts, CHAIR.boxes, strict=True):
        corners = [part.mesh.vertices.min(axis=0), part.mesh.vertices.max(axis=0)]
        # Points on a box come close to its corners.
        np.testing.assert_allclose(corners, box, atol=0.02)


def test_parts_have_the_colours_of_their_pictures() -> None:
    made = generated(StandIn())
    for part, layout in zip(made.parts, CHAIR.parts, strict=True):
        assert part.colors is not None and part.images is not None
        wanted = color_of(layout.prompt).numpy()
        np.testing.assert_allclose(part.colors, np.tile(wanted, (8, 1)), atol=1e-3)
        np.testing.assert_allclose(part.images.mean(axis=(0, 1, 2)), wanted, atol=1e-3)


@pytest.mark.parametrize("only", ["geometry", "images"])
def test_one_modality_alone(only: str) -> None:
    made = generated(StandIn(geometry=only == "geometry", images=only == "images"))
    assert all(part.mesh.is_empty == (only == "images") for part in made.parts)
    assert all((part.images is None) == (only == "geometry") for part in made.parts)
    assert all(part.colors is None for part in made.parts)


def test_empty_parts_are_named() -> None:
    class Hollow(StandIn):
        def decode_geometry(self, latents_NTD: torch.Tensor) -> list[TriangleMesh]:
            meshes = super().decode_geometry(latents_NTD)
            return [TriangleMesh.empty(), *meshes[1:]]

    assert generated(Hollow()).empty == ("seat",)


def test_refinement_replaces_parts_and_not_the_whole() -> None:
    asked: list[tuple[int, ...]] = []

    def smaller(mesh: TriangleMesh, images: np.ndarray | None) -> TriangleMesh:
        assert images is not None
        asked.append(images.shape)
        middle = mesh.vertices.mean(axis=0)
        return dataclasses.replace(mesh, vertices=middle + 0.5 * (mesh.vertices - middle))

    plain, refined = generated(StandIn()), generated(StandIn(), refinement=smaller)
    assert asked == [(4, 32, 32, 3)] * 4
    for before, after in zip(plain.parts, refined.parts, strict=True):
        np.testing.assert_allclose(
            np.ptp(after.mesh.vertices, axis=0), np.ptp(before.mesh.vertices, axis=0) / 2
        )
    np.testing.assert_array_equal(plain.whole.mesh.vertices, refined.whole.mesh.vertices)
