from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.cameras import ring
from render.config import RenderConfig
from render.passes import depth_scale, encode_passes, look, part_image
from render.subject import whole_object
from tests.render.scenes import decode, tower

CONFIG = RenderConfig(size=64, object_views=2)


def test_part_images_hold_labels_and_leave_dropped_faces_out() -> None:
    mesh, parts = tower()
    (seen,) = look(mesh, ring(1, radius=1.6, size=96, azimuth_offset=0.6), layers=4)
    image = part_image(seen, parts)
    assert set(np.unique(image)) == {-1, 0, 1}  # the core is inside the block
    ball = seen.hit & (mesh.face_node[seen.face_id] == 2)
    assert ball.sum() > 20 and (image[ball] == -1).all()


def test_passes_are_what_the_cameras_see() -> None:
    mesh, parts = tower()
    whole = whole_object(mesh, config=CONFIG, generator=np.random.default_rng(0))
    views = look(mesh, whole.cameras, layers=4)
    scale = depth_scale(views)
    images = [part_image(seen, parts) for seen in views]
    members = encode_passes(whole, views, images, config=CONFIG, scale=scale)
    assert sorted(members) == [
        f"object/{view:03d}.{kind}.png" for view in (0, 1) for kind in ("depth", "normal", "part")
    ]
    for view, seen in enumerate(views):
        depth = decode(members[f"object/{view:03d}.depth.png"])
        np.testing.assert_allclose(depth[seen.hit] * scale, seen.depth[seen.hit], atol=scale)
        assert not depth[~seen.hit].any()
        normal = decode(members[f"object/{view:03d}.normal.png"]) / 127.5 - 1
        np.testing.assert_allclose(normal[seen.hit], seen.normal[seen.hit], atol=0.005)
        part = decode(members[f"object/{view:03d}.part.png"])
        np.testing.assert_array_equal(part, images[view] + 1)
    farthest = max(seen.depth[seen.hit].max() for seen in views)
    assert scale * 65535 == pytest.approx(farthest)


def test_only_the_passes_asked_for_are_made() -> None:
    mesh, parts = tower()
    config = RenderConfig(size=16, object_views=1, passes=("part",))
    whole = whole_object(mesh, config=config, generator=np.random.default_rng(0))
    views = look(mesh, whole.cameras, layers=1)
    images = [part_image(seen, parts) for seen in views]
    members = encode_passes(whole, views, images, config=config, scale=depth_scale(views))
    assert list(members) == ["object/000.part.png"]


def test_an_empty_view_has_a_scale_too() -> None:
    assert depth_scale([]) > 0
