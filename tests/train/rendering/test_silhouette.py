from __future__ import annotations

import torch

from tests.train.rendering.shapes import cameras, sphere
from train.rendering.rasteriser import rasterise
from train.rendering.silhouette import opposite_faces, soft_mask


def test_opposite_faces_of_a_closed_mesh_share_an_edge() -> None:
    faces = sphere(subdivisions=2)[1]
    opposite = opposite_faces(faces)
    assert (opposite >= 0).all()
    for edge in range(3):
        ends = faces[:, [(edge + 1) % 3, (edge + 2) % 3]]
        other = faces[opposite[:, edge]]
        assert (ends[:, :, None] == other[:, None]).any(dim=-1).all()
    back = opposite[opposite]
    numbers = torch.arange(len(faces))[:, None, None]
    assert (back == numbers).any(dim=-1).all()


def test_open_edges_have_no_opposite_and_crowded_ones_are_paired() -> None:
    assert opposite_faces(torch.tensor([[0, 1, 2]])).tolist() == [[-1, -1, -1]]
    fan = torch.tensor([[0, 1, 2], [1, 0, 3], [0, 1, 4]])
    # Edge 0-1 lies opposite the third corner.
    assert opposite_faces(fan).tolist() == [[-1, -1, 1], [-1, -1, 0], [-1, -1, -1]]


def test_edges_inside_the_silhouette_leave_no_trace() -> None:
    vertices, faces = sphere(subdivisions=2)
    views = cameras((0.1, 0.2, 2))
    seen = views.view(vertices)
    ids = rasterise(seen, faces, views)
    mask = soft_mask(seen, faces, face_id_NHW=ids, cameras=views)
    rim = torch.nn.functional.max_pool2d((ids < 0).double(), 3, 1, 1)
    assert (mask[(rim == 0) & (ids >= 0)] == 1).all()
    hull = torch.nn.functional.max_pool2d((ids >= 0).double(), 3, 1, 1)
    assert (mask[hull == 0] == 0).all()
    assert ((mask > 0) & (mask < 1)).sum() > 50
