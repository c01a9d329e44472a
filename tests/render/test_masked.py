from __future__ import annotations

import numpy as np

from partworks.geometry.cameras import ring
from partworks.geometry.visibility import EmbreeCaster
from render.masked import cut_out, keep_pixels
from tests.render.scenes import tower


def test_only_the_masked_pixels_of_what_is_seen_remain() -> None:
    mesh, parts = tower()
    (camera,) = ring(1, radius=1.8, size=32)
    seen = EmbreeCaster(mesh.vertices, mesh.faces).cast(camera)
    mask = seen.hit & (np.where(seen.hit, parts.face_labels[seen.face_id], -1) == 1)
    kept = keep_pixels(seen, mask)
    assert 0 < mask.sum() < seen.hit.sum()
    np.testing.assert_array_equal(kept.hit, mask)
    assert np.isinf(kept.depth[~mask]).all() and (kept.depth[mask] == seen.depth[mask]).all()
    assert not kept.normal[~mask].any() and (kept.normal[mask] == seen.normal[mask]).all()
    assert kept.face_id.dtype == np.int32 and kept.depth.dtype == np.float32


def test_a_picture_is_cut_along_the_mask() -> None:
    picture = np.full((2, 2, 4), 200, np.uint8)
    mask = np.array([[True, False], [False, True]])
    cut = cut_out(picture, mask)
    assert cut.dtype == np.uint8 and (cut[mask] == 200).all() and not cut[~mask].any()
