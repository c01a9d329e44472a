from __future__ import annotations

import torch

from tests.train.rendering.shapes import cameras, sphere, square
from train.rendering.rasteriser import rasterise
from train.rendering.rays import cast

VIEWS = cameras((0, 0, 2), (1.1, 0.7, -1.2), (-0.4, -1.6, 0.6), size=256)


def test_rays_see_what_the_rasteriser_sees() -> None:
    generator = torch.Generator().manual_seed(0)
    vertices, faces = sphere(subdivisions=5)
    vertices = vertices * (1 + 0.2 * torch.sin(9 * vertices).prod(dim=1, keepdim=True))
    strewn = torch.rand(30, 3, generator=generator, dtype=torch.float64) - 0.5
    faces = torch.cat([faces, len(vertices) + torch.arange(30).reshape(10, 3)])
    vertices = torch.cat([vertices, strewn])
    rays, raster = cast(vertices, faces, VIEWS), rasterise(VIEWS.view(vertices), faces, VIEWS)
    both = (rays >= 0) & (raster >= 0)
    assert both.float().mean() > 0.2
    assert (rays == raster)[both].float().mean() >= 0.999
    assert ((rays >= 0) == (raster >= 0)).float().mean() >= 0.9999


def test_bad_faces_keep_the_ids_of_others() -> None:
    vertices, faces = square()
    vertices = torch.cat([vertices, torch.tensor([[torch.nan, 0.0, 1.0]])])
    bad = torch.tensor([[0, 1, 4], [0, 0, 0]])
    found = cast(vertices, torch.cat([bad, faces]), VIEWS)
    assert torch.equal(found[0].unique(), torch.tensor([2, 3]))


def test_no_faces_are_background() -> None:
    vertices, faces = square()
    assert (cast(vertices, faces[:0], VIEWS) == -1).all()
