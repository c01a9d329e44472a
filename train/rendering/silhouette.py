"""Masks whose rim moves with the vertices: coverage of pixels that a silhouette crosses.

A z-buffer says seen or not seen, which has no gradient. Where a pixel that sees the mesh touches
one that does not, the silhouette between them is found by walking from face to face, and the place
where it crosses the line between the two centres says how much of which pixel is covered. That is
the analytic antialiasing of Laine et al. 2020, Modular Primitives for High-Performance
Differentiable Rendering, for the mask alone; the walk is added, for near a silhouette faces are
seen from their edges and most are narrower than a pixel.

Shape suffixes: N cameras, V vertices, F faces, K and L pairs of pixels, 3 corners or edges of a
face; edge e of a face lies opposite its corner e.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.rendering.barycentric import edge_functions
from train.rendering.cameras import Cameras

_AXES = ((0, 1), (1, 0))
"""Steps, in rows and columns, from a pixel to those it is paired with."""

_HOPS = 16
"""Faces between a pixel's centre and the silhouette, at most."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scene:
    """A mesh as cameras see it, and what lies behind the edges of its faces, (F, 3) int64."""

    vertices_NV3: Tensor
    faces_F3: Tensor
    opposite_F3: Tensor
    cameras: Cameras

    def corners(self, view_K: Tensor, face_K: Tensor) -> Tensor:
        """(K, 3, 3) corners of faces, without gradients."""
        return self.vertices_NV3.detach()[view_K[:, None], self.faces_F3[face_K]]


def soft_mask(
    vertices_NV3: Tensor, faces_F3: Tensor, *, face_id_NHW: Tensor, cameras: Cameras
) -> Tensor:
    """(N, H, W) in 0…1: 1 on the mesh, 0 beside it, and shares of it in pixels on the rim.

    The sum over an image is about the area of the silhouette in pixels, and so are its derivatives.
    Corners of the silhouette within a pixel, and things narrower than pixels, are approximate.

    Args:
        vertices_NV3: (N, V, 3) float, vertices in the frames of the cameras.
        faces_F3: (F, 3) int64.
        face_id_NHW: (N, H, W) int64, which face each pixel sees, -1 = none.
        cameras: with dtype and device of the vertices.
    """
    seen_NHW = face_id_NHW >= 0
    mask_NHW = seen_NHW.to(vertices_NV3.dtype)
    if not len(faces_F3):
        return mask_NHW
    scene = _Scene(
        vertices_NV3=vertices_NV3,
        faces_F3=faces_F3,
        opposite_F3=opposite_faces(faces_F3),
        cameras=cameras,
    )
    flat = mask_NHW.flatten()
    for axis in _AXES:
        inside_K3, outside_K3 = _rim(seen_NHW, axis)
        face_K = face_id_NHW[inside_K3.unbind(dim=1)]
        place_L, face_L, edge_L = _walk(scene, face_K, inside_K3, outside_K3)
        inside_L3, outside_L3 = inside_K3[place_L], outside_K3[place_L]
        # Up to the half the crossing lies in the inner pixel, beyond it in the outer one.
        gain_L = _crossing(scene, face_L, edge_L, inside_L3, outside_L3) - 0.5
        pixel_L3 = torch.where((gain_L > 0)[:, None], outside_L3, inside_L3)
        flat = flat.index_add(0, _flat(pixel_L3, face_id_NHW.shape), gain_L)
    return flat.reshape(mask_NHW.shape).clamp(0, 1)


def opposite_faces(faces_F3: Tensor) -> Tensor:
    """(F, 3) int64: the face on the other side of each edge, -1 where there is none.

    Of more than two faces at an edge, neighbours in the order of their ids are paired.
    """
    ends_F32 = torch.stack([faces_F3.roll(-1, dims=1), faces_F3.roll(-2, dims=1)], dim=-1)
    low, high = ends_F32.amin(dim=-1).flatten(), ends_F32.amax(dim=-1).flatten()
    key = low * (int(faces_F3.max()) + 1) + high
    key, order = key.sort(stable=True)
    # Places in a run of equal edges: the even ones pair with the odd ones behind them.
    run, size = torch.unique_consecutive(key, return_inverse=True, return_counts=True)[1:]
    place = torch.arange(len(key), device=key.device) - (size.cumsum(dim=0) - size)[run]
    first = ((place % 2 == 0) & (place + 1 < size[run])).nonzero()[:, 0]
    opposite = torch.full_like(key, -1)
    opposite[order[first]] = order[first + 1] // 3
    opposite[order[first + 1]] = order[first] // 3
    return opposite.reshape(-1, 3)


def _rim(seen_NHW: Tensor, axis: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """View, row and column, (K, 3) int64, of the inner and the outer pixel of pairs on the rim."""
    step = torch.tensor([0, *axis], device=seen_NHW.device)
    height, width = seen_NHW.shape[1] - axis[0], seen_NHW.shape[2] - axis[1]
    first, second = seen_NHW[:, :height, :width], seen_NHW[:, axis[0] :, axis[1] :]
    near_K3 = (first != second).nonzero()
    far_K3 = near_K3 + step
    begins_K1 = first[near_K3.unbind(dim=1)][:, None]
    return torch.where(begins_K1, near_K3, far_K3), torch.where(begins_K1, far_K3, near_K3)


def _walk(
    scene: _Scene, face_K: Tensor, inside_K3: Tensor, outside_K3: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Follow lines between pixels over the mesh to its silhouette, if it lies across their way.

    Returns:
        (L,) int64 each: which pair, and the face and the edge of it that make the silhouette.
    """
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    place_L, face_L = torch.arange(len(face_K), device=face_K.device), face_K
    for _ in range(_HOPS):
        inside_L3, outside_L3 = inside_K3[place_L], outside_K3[place_L]
        edge_L, leaves_L = _exit(scene, face_L, inside_L3, outside_L3)
        behind_L = scene.opposite_F3[face_L, edge_L]
        rim_L = (behind_L < 0) | _folds(scene, inside_L3[:, 0], face_L, behind_L.clamp(min=0))
        across_L = _runs_across(scene, face_L, edge_L, outside_L3 - inside_L3, inside_L3[:, 0])
        ends_L = leaves_L & rim_L & across_L
        found.append((place_L[ends_L], face_L[ends_L], edge_L[ends_L]))
        goes_on_L = leaves_L & ~rim_L
        place_L, face_L = place_L[goes_on_L], behind_L[goes_on_L]
    place, face, edge = (torch.cat(column) for column in zip(*found, strict=True))
    return place, face, edge


def _exit(
    scene: _Scene, face_L: Tensor, inside_L3: Tensor, outside_L3: Tensor
) -> tuple[Tensor, Tensor]:
    """(L,) int64 edge through which a line leaves a face, and (L,) bool whether it does."""
    corners_L33 = scene.corners(inside_L3[:, 0], face_L)
    here_L3 = edge_functions(corners_L33, scene.cameras.ray_slopes(*inside_L3.unbind(dim=1)))
    there_L3 = edge_functions(corners_L33, scene.cameras.ray_slopes(*outside_L3.unbind(dim=1)))
    # The sides of edges swap where the face is seen from behind.
    first, second, third = corners_L33.unbind(dim=1)
    turn_L1 = -(first * torch.linalg.cross(second, third)).sum(dim=-1, keepdim=True).sign()
    here_L3, there_L3 = here_L3 * turn_L1, there_L3 * turn_L1
    leaves_L3 = (here_L3 >= 0) & (there_L3 < 0)
    share_L3 = here_L3 / torch.where(leaves_L3, here_L3 - there_L3, 1.0)
    edge_L = torch.where(leaves_L3, share_L3, torch.inf).argmin(dim=-1)
    return edge_L, leaves_L3.any(dim=-1)


def _runs_across(
    scene: _Scene, face_L: Tensor, edge_L: Tensor, step_L3: Tensor, view_L: Tensor
) -> Tensor:
    """(L,) bool: the edge runs across the step rather than along it.

    An edge is thus seen along one axis only; along both, its area would count twice.
    """
    corners_L33 = scene.corners(view_L, face_L)
    rows = torch.arange(len(edge_L), device=edge_L.device)
    first, second = (corners_L33[rows, (edge_L + shift) % 3] for shift in (1, 2))
    ahead = (first[:, 2] < 0) & (second[:, 2] < 0)
    run_L2 = (first[:, :2] / first[:, 2:] - second[:, :2] / second[:, 2:]).abs()
    sideways = step_L3[:, 2] != 0
    return ahead & torch.where(sideways, run_L2[:, 1] >= run_L2[:, 0], run_L2[:, 0] > run_L2[:, 1])


def _folds(scene: _Scene, view_L: Tensor, face_L: Tensor, behind_L: Tensor) -> Tensor:
    """(L,) bool: two faces with a common edge lie on the same side of it in the image."""
    own_L3, other_L3 = scene.faces_F3[face_L], scene.faces_F3[behind_L]
    shared_L3 = (own_L3[:, :, None] == other_L3[:, None]).any(dim=-1)
    known_L3 = (other_L3[:, :, None] == own_L3[:, None]).any(dim=-1)
    rows = torch.arange(len(face_L), device=face_L.device)
    # The corner that a face does not share with the other, and the ends of the common edge.
    tip_L = shared_L3.int().argmin(dim=-1)
    ends = [own_L3[rows, (tip_L + shift) % 3] for shift in (1, 2)]
    far_L = other_L3[rows, known_L3.int().argmin(dim=-1)]
    points = scene.vertices_NV3.detach()
    a, b, own, other = (points[view_L, index] for index in (*ends, own_L3[rows, tip_L], far_L))
    # The plane through the camera and the edge.
    plane = torch.linalg.cross(a, b)
    folds: Tensor = (plane * own).sum(dim=-1) * (plane * other).sum(dim=-1) > 0
    return folds


def _crossing(
    scene: _Scene, face_L: Tensor, edge_L: Tensor, inside_L3: Tensor, outside_L3: Tensor
) -> Tensor:
    """(L,) in 0…1, differentiable: where an edge crosses the line between two pixels."""
    view_L = inside_L3[:, 0]
    corners_L33 = scene.vertices_NV3[view_L[:, None], scene.faces_F3[face_L]]
    here_L3 = edge_functions(corners_L33, scene.cameras.ray_slopes(*inside_L3.unbind(dim=1)))
    there_L3 = edge_functions(corners_L33, scene.cameras.ray_slopes(*outside_L3.unbind(dim=1)))
    here_L, there_L = (x.gather(1, edge_L[:, None])[:, 0] for x in (here_L3, there_L3))
    return (here_L / (here_L - there_L)).clamp(0, 1)


def _flat(pixel_K3: Tensor, shape: torch.Size) -> Tensor:
    view, row, column = pixel_K3.unbind(dim=1)
    return (view * shape[1] + row) * shape[2] + column
