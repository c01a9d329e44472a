from __future__ import annotations

import numpy as np
import torch

from train.encode.boxes import box_points
from train.study.codec import decode_solids, encode_boxes, encode_solids
from train.study.objects import made_objects


def test_solids_come_back() -> None:
    solids = [solid for made in made_objects(8, seed=3) for solid in [*made.solids, made.whole]]
    back = decode_solids(encode_solids(solids))
    for one, two in zip(solids, back, strict=True):
        assert one.is_round == two.is_round
        np.testing.assert_allclose(one.box, two.box, atol=1e-6)
        assert abs(one.taper - two.taper) < 1e-6


def test_a_latent_is_a_set() -> None:
    """Tokens are read as their mean, so that their order says nothing and errors even out."""
    (solid,) = made_objects(1, seed=0)[0].solids[:1]
    latent = encode_solids([solid])
    apart = torch.linspace(-1, 1, latent.shape[1])[None, :, None]
    np.testing.assert_allclose(decode_solids(latent + apart)[0].box, solid.box, atol=1e-6)


def test_numbers_of_many_objects_are_about_standard_normal() -> None:
    solids = [solid for made in made_objects(200, seed=0) for solid in made.solids]
    rows = encode_solids(solids)[:, 0]
    assert float(rows.mean(dim=0).abs().max()) < 0.6
    assert float(rows.std(dim=0).min()) > 0.5
    assert float(rows.std(dim=0).max()) < 1.3


def test_a_box_has_the_code_of_the_block_that_fills_it() -> None:
    box = np.array([[-0.5, -1.0, 0.0], [0.5, 0.2, 0.4]], np.float32)
    points = box_points(box, count=256, generator=np.random.default_rng(0))
    (found,) = decode_solids(encode_boxes(torch.from_numpy(points)[None]))
    np.testing.assert_allclose(found.box, box, atol=1e-6)
    assert not found.is_round
    assert found.taper == 1.0


def test_nonsense_is_still_a_solid() -> None:
    (found,) = decode_solids(torch.full((1, 4, 8), -50.0))
    assert (found.box[1] > found.box[0]).all()
    assert 0 < found.taper <= 1
    assert found.mesh().faces.shape[1] == 3
