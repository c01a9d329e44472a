from __future__ import annotations

import torch

from train.denoiser.randomness import GEOMETRY, IMAGES, draw_drops, draw_noise, draw_times


def test_times_are_even_and_hang_on_seed_and_place_alone() -> None:
    times = draw_times(range(4000), times=10, seed=0)
    shares = torch.bincount(times, minlength=10) / 4000
    assert ((shares - 0.1).abs() < 0.02).all()
    assert torch.equal(times[7:9], draw_times([7, 8], times=10, seed=0))
    assert not torch.equal(times, draw_times(range(4000), times=10, seed=1))


def test_shares_of_what_is_dropped() -> None:
    """A standard deviation of these shares is 0.005 or less."""
    drops = draw_drops(range(4000), text=0.1, boxes=0.15, both=0.05, seed=0)
    both = drops.text & drops.boxes
    found = [(drops.text & ~both), (drops.boxes & ~both), both]
    for each, share in zip(found, (0.1, 0.15, 0.05), strict=True):
        assert abs(float(each.float().mean()) - share) < 0.02
    nothing = draw_drops(range(100), text=0, boxes=0, both=0, seed=0)
    assert not nothing.text.any() and not nothing.boxes.any()
    everything = draw_drops(range(100), text=0, boxes=0, both=1, seed=0)
    assert everything.text.all() and everything.boxes.all()


def test_noise_of_an_object_does_not_hang_on_its_neighbours() -> None:
    like = torch.zeros(5, 3, 2)
    noise = draw_noise(like, [4, 9], counts=[2, 3], kind=GEOMETRY, seed=0)
    alone = draw_noise(like[:3], [9], counts=[3], kind=GEOMETRY, seed=0)
    assert torch.equal(noise[2:], alone)
    other = draw_noise(like, [4, 9], counts=[2, 3], kind=IMAGES, seed=0)
    assert not torch.equal(noise, other)
    many = draw_noise(torch.zeros(200, 30, 2), [0], counts=[200], kind=GEOMETRY, seed=0)
    assert abs(float(many.mean())) < 0.03 and abs(float(many.var()) - 1) < 0.04
