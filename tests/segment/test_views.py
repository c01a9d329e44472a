from dataclasses import fields, replace

import numpy as np
import pytest
import trimesh

from partworks.geometry.mesh import Material, Mesh, MeshNode
from segment.views import ViewConfig, ViewImages, hidden_faces, render_views
from tests.segment.shapes import box, mesh, node, soup


def views(whole: Mesh, *, seed: int = 0, **settings: object) -> list[ViewImages]:
    config = ViewConfig(**{"size": 96, "diameter_points": 1000, **settings})  # type: ignore[arg-type]
    return render_views(whole, config=config, generator=np.random.default_rng(seed))


def ball(**changes: object) -> Mesh:
    return mesh(replace(node(trimesh.creation.icosphere(subdivisions=4)), **changes))  # type: ignore[arg-type]


def test_twelve_views_of_a_ball_agree_with_its_geometry() -> None:
    whole = ball()
    found = views(whole)
    assert len(found) == 12
    for view in found:
        assert view.face_id.shape == (96, 96) and view.hit.sum() > 2000
        assert not view.hit[[0, -1]].any() and not view.hit[:, [0, -1]].any()
        rays = view.camera.rays()
        distance = view.depth / (rays @ view.camera.forward)
        places = view.camera.position + rays[view.hit] * distance[view.hit][:, None]
        assert np.linalg.norm(places, axis=1) == pytest.approx(1, abs=0.01)
        assert np.einsum("nc,nc->n", places, view.normal[view.hit]).min() > 0.995
        assert view.curvature[view.hit] == pytest.approx(2 * np.sqrt(3), rel=0.15)
        assert view.diameter[view.hit] == pytest.approx(0.75 / np.sqrt(3), rel=0.05)


def test_where_nothing_is() -> None:
    view = views(ball(), rig="hammersley", count=1)[0]
    empty = ~view.hit
    assert (view.face_id[empty] == -1).all() and np.isinf(view.depth[empty]).all()
    for image in (view.normal, view.color, view.diameter, view.curvature):
        assert not image[empty].any()
    assert (view.material[empty] == -1).all()
    kinds = {f.name: getattr(view, f.name).dtype.name for f in fields(view) if f.name != "camera"}
    assert kinds == {
        "face_id": "int32", "depth": "float32", "normal": "float32", "color": "uint8",
        "diameter": "float32", "curvature": "float32", "material": "int32",
    }  # fmt: skip


def test_hammersley_takes_a_count() -> None:
    assert len(views(ball(), rig="hammersley", count=5)) == 5


def test_normals_face_the_camera_however_faces_are_wound() -> None:
    whole = ball()
    turned = Mesh(nodes=(replace(whole.nodes[0], faces=whole.faces[:, ::-1].copy()),))
    for first, second in zip(views(whole), views(turned), strict=True):
        assert np.abs(first.normal - second.normal).max() < 1e-5
        assert np.allclose(first.curvature, second.curvature, atol=1e-3)
        inner = first.hit & (first.depth < np.median(first.depth[first.hit]))
        assert np.allclose(first.diameter[inner], second.diameter[inner], rtol=0.05)


def test_a_soup_looks_as_its_welded_mesh() -> None:
    whole = mesh(node(box((1, 1, 1), cuts=2)))
    for first, second in zip(views(whole), views(soup(whole)), strict=True):
        assert np.array_equal(first.face_id, second.face_id)
        assert np.allclose(first.normal, second.normal, atol=1e-5)
        assert np.allclose(first.curvature, second.curvature, atol=1e-3)


def test_colors_of_factors_are_srgb_and_materials_are_told() -> None:
    left, right = node(box((1, 1, 1)), material=1), node(box((1, 1, 1)), move=(2, 0, 0))
    materials = (Material(), Material(base_color=(0.2, 0.0, 1.0, 1.0)))
    for view in views(Mesh(nodes=(left, right), materials=materials)):
        painted = (view.face_id >= 0) & (view.face_id < 12)
        assert (view.color[painted] == (124, 0, 255)).all()
        assert (view.color[view.face_id >= 12] == 255).all()
        assert set(np.unique(view.material)) <= {-1, 1} and (view.material[painted] == 1).all()


def test_colors_of_vertices_are_interpolated() -> None:
    shape = node(box((1, 1, 1)))
    colors = np.ones((len(shape.vertices), 4), np.float32)
    colors[:, 0] = shape.vertices[:, 1] > 0
    for view in views(Mesh(nodes=(replace(shape, colors=colors),))):
        red = view.color[view.hit][:, 0]
        assert (view.color[view.hit][:, 1:] == 255).all()
        if red.min() < 250:
            assert len(np.unique(red)) > 5


def test_faces_inside_are_hidden() -> None:
    whole = mesh(node(box((2, 2, 2))), node(box((1, 1, 1))))
    assert hidden_faces(views(whole), whole.face_count).tolist() == [False] * 12 + [True] * 12
    assert hidden_faces([], 3).all()


def test_same_seed_same_bytes() -> None:
    whole = mesh(node(box((1, 2, 1), cuts=2)))
    first, again, other = (views(whole, seed=seed) for seed in (0, 0, 1))
    for field in fields(ViewImages):
        if field.name == "camera":
            continue
        images = [
            b"".join(getattr(view, field.name).tobytes() for view in each)
            for each in (first, again, other)
        ]
        assert images[0] == images[1]
        assert (images[0] == images[2]) == (field.name != "diameter")


@pytest.mark.parametrize("faces", [[], [[0, 0, 1]], [[0, 1, 2]]])
def test_hardly_any_mesh(faces: list[list[int]]) -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    triangles = np.array(faces, np.int32).reshape(-1, 3)
    found = views(Mesh(nodes=(MeshNode(vertices=points, faces=triangles),)))
    hidden = hidden_faces(found, len(triangles))
    assert hidden.tolist() == ([False] if faces == [[0, 1, 2]] else [True] * len(faces))
    assert all(np.isfinite(view.normal).all() for view in found)


def test_edges_of_many_sheets_and_loose_vertices_are_no_matter() -> None:
    fan = np.array([[0, 0, -1], [0, 0, 1], [1, 0, 0], [0, 1, 0], [-1, -1, 0], [9e3, 0, 0]])
    triangles = np.array([[0, 1, 2], [0, 1, 3], [0, 1, 4]], np.int32)
    found = views(Mesh(nodes=(MeshNode(vertices=fan.astype(np.float32), faces=triangles),)))
    assert not hidden_faces(found, 3).any()
    assert max(view.hit.mean() for view in found) > 0.1


@pytest.mark.parametrize(
    "wrong", [{"rig": "cube"}, {"count": 0}, {"size": 2}, {"diameter_rays": 0}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ViewConfig(**wrong)  # type: ignore[arg-type]
