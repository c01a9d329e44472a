"""The calls to nvdiffrast, against a stand-in that does what its documentation says."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch
from torch import Tensor

from tests.train.rendering.shapes import cameras, sphere, square
from train.rendering import nvdiffrast
from train.rendering.nvdiffrast import NvdiffrastRenderer, clip_space
from train.rendering.portable import TorchRenderer


class Library(ModuleType):
    """Rasterises in clip space, pixel by pixel, with the first row at y = -1."""

    def __init__(self) -> None:
        super().__init__("nvdiffrast.torch")
        self.devices: list[torch.device] = []

    def RasterizeCudaContext(self, *, device: torch.device) -> str:
        self.devices.append(device)
        return "context"

    def rasterize(
        self, context: str, pos: Tensor, tri: Tensor, *, resolution: list[int]
    ) -> tuple[Tensor, Tensor]:
        assert context == "context"
        assert pos.dtype == torch.float32 and tri.dtype == torch.int32
        assert pos.is_contiguous() and tri.is_contiguous()
        height, width = resolution
        row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        place = torch.stack([(column + 0.5) / width, (row + 0.5) / height], dim=-1) * 2 - 1
        images = []
        for view in pos.double():
            corners = view[tri.long()]
            # Edges of the homogeneous triangle in x, y, w; their sum is positive or negative.
            x, y, w = (corners[..., axis][None] for axis in (0, 1, 3))
            px, py = place.reshape(-1, 2).double().unbind(dim=1)
            x, y = x - px[:, None, None] * w, y - py[:, None, None] * w
            edges = x.roll(-1, 2) * y.roll(-2, 2) - y.roll(-1, 2) * x.roll(-2, 2)
            share = edges / edges.sum(dim=2, keepdim=True)
            point = (share[..., None] * corners[None]).sum(dim=2)
            depth = point[..., 2] / point[..., 3]
            hit = (share >= 0).all(dim=2) & (depth.abs() <= 1) & (point[..., 3] > 0)
            nearest, face = torch.where(hit, depth, torch.inf).min(dim=1)
            found = nearest.isfinite()
            at = share[torch.arange(len(face)), face]
            made = torch.stack([at[:, 0], at[:, 1], nearest, face + 1.0], dim=1)
            images.append(torch.where(found[:, None], made, 0.0))
        raster = torch.stack(images).reshape(len(pos), height, width, 4).float()
        return raster, torch.zeros(0)

    def interpolate(self, attr: Tensor, rast: Tensor, tri: Tensor) -> tuple[Tensor, Tensor]:
        assert attr.is_contiguous()
        face = rast[..., 3].long() - 1
        weights = torch.stack([rast[..., 0], rast[..., 1], 1 - rast[..., :2].sum(-1)], dim=-1)
        rows = torch.arange(len(attr))[:, None, None, None]
        values = attr[rows, tri.long()[face.clamp(min=0)]]
        out = (weights[..., None] * values).sum(dim=-2)
        return torch.where((face >= 0)[..., None], out, 0.0), torch.zeros(0)

    def antialias(self, color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor) -> Tensor:
        assert color.shape == (*rast.shape[:3], 1)
        assert pos.requires_grad and len(tri)
        # Something that shows where it came from, and that gradients pass.
        return 0.5 * color + 0 * pos.sum()


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    monkeypatch.setitem(sys.modules, "nvdiffrast", ModuleType("nvdiffrast"))
    monkeypatch.setitem(sys.modules, "nvdiffrast.torch", made)
    return made


def test_it_sees_what_torch_sees(library: Library) -> None:
    renderer = NvdiffrastRenderer(torch.device("cuda:1"))
    assert library.devices == [torch.device("cuda:1")]
    vertices, faces = sphere(subdivisions=2)
    vertices = vertices.float() + torch.tensor([0.1, 0.05, 0.0])
    vertices.requires_grad_()
    views = cameras((0, 0.3, 2), (1.1, 0.7, -1.2), size=24, width=40, unit=0.5)
    ours = renderer.render(vertices, faces, views)
    theirs = TorchRenderer().render(vertices, faces, views)
    assert (ours.face_id_NHW == theirs.face_id_NHW).float().mean() > 0.998
    common = ours.face_id_NHW == theirs.face_id_NHW
    torch.testing.assert_close(ours.depth_NHW[common], theirs.depth_NHW[common], rtol=0, atol=1e-4)
    assert torch.equal(ours.normal_NHW3[common], theirs.normal_NHW3[common])
    assert torch.equal(ours.mask_NHW, 0.5 * ours.seen_NHW)
    (ours.depth_NHW.sum() + ours.mask_NHW.sum()).backward()
    assert vertices.grad is not None and vertices.grad.abs().sum() > 0


def test_the_planes_hold_every_vertex_in_front_and_depth_is_kept_in_w() -> None:
    vertices, _ = sphere()
    views = cameras((0, 0, 2), (0.1, 0, 0.2))
    clip = clip_space(views.view(vertices), views)
    torch.testing.assert_close(clip[..., 3], -views.view(vertices)[..., 2])
    place = clip[..., 2] / clip[..., 3]
    assert (place[0].abs() <= 1).all()
    front = clip[1, :, 3] > 1e-3
    assert front.any() and not front.all()
    assert (place[1][front].abs() <= 1).all()


def test_faces_behind_the_camera_are_not_seen(library: Library) -> None:
    vertices, faces = square()
    vertices = vertices.float().requires_grad_()
    renderer = NvdiffrastRenderer(torch.device("cuda"))
    assert not renderer.render(
        vertices, faces, cameras((0, 0, -2), target=(0, 0, -5), size=8)
    ).seen_NHW.any()


def test_an_empty_mesh_never_reaches_it(library: Library) -> None:
    renderer = NvdiffrastRenderer(torch.device("cuda"))
    maps = renderer.render(torch.zeros(3, 3), torch.zeros(0, 3).long(), cameras((0, 0, 2)))
    assert maps.face_id_NHW.shape == (1, 48, 48)
    assert not maps.seen_NHW.any() and not maps.mask_NHW.any()
    assert maps.normal_NHW3.shape == (1, 48, 48, 3)


def test_doubles_are_refused(library: Library) -> None:
    vertices, faces = square()
    with pytest.raises(ValueError, match=r"expected torch\.float32"):
        NvdiffrastRenderer(torch.device("cuda")).render(vertices, faces, cameras((0, 0, 2)))


@pytest.mark.gpu
@pytest.mark.skipif(
    not (torch.cuda.is_available() and nvdiffrast.is_installed()),
    reason="needs nvdiffrast and a CUDA device",
)
def test_the_real_one_sees_what_torch_sees() -> None:
    vertices, faces = sphere(subdivisions=4)
    on_gpu, faces = vertices.float().cuda().requires_grad_(), faces.cuda()
    views = cameras((0, 0.3, 2), (1.1, 0.7, -1.2), size=256)
    maps = [
        renderer.render(on_gpu, faces, views)
        for renderer in (NvdiffrastRenderer(on_gpu.device), TorchRenderer())
    ]
    common = maps[0].face_id_NHW == maps[1].face_id_NHW
    assert common.float().mean() > 0.99
    gap = (maps[0].depth_NHW - maps[1].depth_NHW)[common].abs()
    assert gap.max() < 1e-4
    growth = [torch.autograd.grad((on_gpu * 0).sum() + m.mask_NHW.sum(), on_gpu)[0] for m in maps]
    pulls = [float((g * on_gpu).sum()) for g in growth]
    assert pulls[0] == pytest.approx(pulls[1], rel=0.1)
