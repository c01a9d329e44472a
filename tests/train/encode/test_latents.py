from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from partworks.errors import UsageError
from tests.train.encode.made import Holder
from train.encode.clouds import Clouds
from train.encode.config import EncodeConfig
from train.encode.latents import latent_arrays

CONFIG = EncodeConfig(frame="part")
SURFACE = np.random.default_rng(0).uniform(-1, 1, (5, 40, 6)).astype(np.float32)
CLOUDS: Any = {
    "part": Clouds(surface=SURFACE, sharp=None),
    "object": Clouds(surface=SURFACE[:1], sharp=None),
}


def latents(**changes: Any) -> dict[str, Any]:
    key = changes.pop("key", "a")
    config = dataclasses.replace(CONFIG, **changes)
    return latent_arrays(Holder().model, CLOUDS, key=key, config=config)


def test_they_are_the_means_of_the_posterior() -> None:
    found = latents(logvar=True)
    with torch.no_grad():
        posterior = Holder().model.encode(torch.from_numpy(SURFACE))
    assert np.array_equal(found["part_latent"], posterior.mean_BTD.numpy())
    assert np.array_equal(found["part_logvar"], posterior.logvar_BTD.numpy())
    assert found["object_latent"].shape == (6, 5)
    assert found["object_latent"] == pytest.approx(found["part_latent"][0], abs=1e-5)
    assert found["part_token_points"].shape == (5, 6, 3)


def test_a_draw_hangs_on_seed_and_key_and_has_the_spread_of_the_posterior() -> None:
    mean, drawn = latents(logvar=True), latents(latent="sample")
    noise = (drawn["part_latent"] - mean["part_latent"]) / np.exp(mean["part_logvar"] / 2)
    assert abs(noise.mean()) < 0.3 and 0.8 < noise.std() < 1.2
    assert np.array_equal(drawn["part_latent"], latents(latent="sample")["part_latent"])
    for other in ({"seed": 1}, {"key": "b"}):
        assert not np.array_equal(
            drawn["part_latent"], latents(latent="sample", **other)["part_latent"]
        )


@pytest.mark.parametrize("latent", ["mean", "sample"])
def test_how_many_at_a_time_changes_no_more_than_rounding(latent: str) -> None:
    one, all_at_once = (latents(latent=latent, chunk=chunk)["part_latent"] for chunk in (1, 16))
    assert one == pytest.approx(all_at_once, abs=1e-5)


def test_half_precision_and_other_numbers_of_tokens() -> None:
    found = latents(dtype="float16", tokens=9)
    assert found["part_latent"].dtype == np.float16
    assert found["part_latent"].shape == (5, 9, 5)
    assert found["part_latent"] == pytest.approx(latents(tokens=9)["part_latent"], rel=1e-3)


def test_a_network_without_normals_gets_none() -> None:
    network = Holder(point_features=0).model
    assert latent_arrays(network, CLOUDS, key="a", config=CONFIG)["part_latent"].shape == (5, 6, 5)


@pytest.mark.parametrize(("value", "dtype"), [(float("nan"), "float32"), (1e5, "float16")])
def test_what_is_not_finite_is_refused(value: float, dtype: Any) -> None:
    network = Holder().model
    torch.nn.init.constant_(network.to_moments.bias, value)
    with pytest.raises(UsageError, match=f"latents of a are not finite as {dtype}"):
        latent_arrays(network, CLOUDS, key="a", config=dataclasses.replace(CONFIG, dtype=dtype))
