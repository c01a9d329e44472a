from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from partworks.errors import UsageError
from tests.train.models.joint.made import CHANNELS, SIDE, TEXT, TOKENS, VIEWS, WORDS, small_model
from tests.train.models.part_vae.made import SMALL
from tests.train.models.vecset.sizes import small_config
from tests.train.sampling.made import CHAIR
from train.models.part_vae.module import PartVAEModule
from train.models.part_vae.objective import ObjectiveConfig
from train.models.vecset.config import VecSetConfig
from train.optimisation import AdamWConfig
from train.rendering.portable import TorchRenderer
from train.sampling.assembly import assemble
from train.sampling.config import SamplingConfig
from train.sampling.denoising import Latents
from train.sampling.editing import Edit, PartChange, edit_task
from train.sampling.generation import Task, generate
from train.sampling.generator import LatentSizes
from train.sampling.networks import NetworkGenerator
from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import CRAFTSMAN, PIXART

SIZES = LatentSizes(geometry=(TOKENS, CHANNELS), images=(VIEWS, 4, SIDE, SIDE), pixels=8 * SIDE)
NETWORK = replace(SMALL, tokens=TOKENS, latent_dim=CHANNELS)
CONFIG = SamplingConfig(steps=3, box_points=64)


class Mirrors:
    """An image VAE whose latents are means of squares of 8 by 8 pixels."""

    def encode(self, images_K3HW: Tensor) -> Tensor:
        means = torch.nn.functional.avg_pool2d(images_K3HW, 8)
        return torch.cat([means, torch.zeros_like(means[:, :1])], dim=1)

    def decode(self, latents_K4HW: Tensor) -> Tensor:
        return latents_K4HW[:, :3].repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)


def text(texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    words = torch.arange(WORDS * TEXT).reshape(WORDS, TEXT)
    features = torch.stack([torch.sin(words * (len(each) + 1.0)) for each in texts])
    return features, torch.ones(len(texts), WORDS, dtype=torch.bool)


def vae_of(network: VecSetConfig) -> PartVAEModule:
    torch.manual_seed(0)
    module = PartVAEModule(
        network=network,
        objective=ObjectiveConfig(kind="l1_mse" if network.output == "sdf" else "bce"),
        optimizer=AdamWConfig(),
    )
    return module.eval()


def made(**changes: object) -> NetworkGenerator:
    settings: dict[str, object] = {
        "vae": vae_of(NETWORK),
        "images": Mirrors(),
        "text": text,
        "sizes": SIZES,
        "geometry_schedule": NoiseSchedule(CRAFTSMAN),
        "image_schedule": NoiseSchedule(PIXART),
        "resolution": 8,
        "device": torch.device("cpu"),
        **changes,
    }
    return NetworkGenerator(small_model(trained=True), **settings)  # type: ignore[arg-type]


def test_the_whole_way_with_real_networks() -> None:
    generator = made()
    (latents,) = generate(generator, [Task(layout=CHAIR)], config=CONFIG)
    generated = assemble(generator, CHAIR, latents=latents, renderer=TorchRenderer())
    assert latents.parts.geometry is not None
    assert latents.parts.geometry.shape == (4, TOKENS, CHANNELS)
    assert latents.parts.geometry.isfinite().all()
    for part in generated.parts:
        assert part.images is not None
        assert part.images.shape == (VIEWS, 32, 32, 3)


def test_editing_keeps_parts_and_their_meshes_exactly() -> None:
    generator = made()
    (before,) = generate(generator, [Task(layout=CHAIR)], config=CONFIG)
    edit = Edit(parts=(PartChange(name="back", text="a bench with a long name"),))
    task = edit_task(CHAIR, before.parts, edit=edit)
    (after,) = generate(generator, [task], config=CONFIG)
    first, second = (
        assemble(generator, layout, latents=latents, renderer=TorchRenderer())
        for layout, latents in ((CHAIR, before), (task.layout, after))
    )
    assert before.parts.geometry is not None and after.parts.geometry is not None
    assert torch.equal(before.parts.geometry[[0, 2, 3]], after.parts.geometry[[0, 2, 3]])
    assert not torch.allclose(before.parts.geometry[1], after.parts.geometry[1])
    for row in (0, 2, 3):
        old, new = first.parts[row], second.parts[row]
        assert (old.mesh.vertices == new.mesh.vertices).all()
        assert old.images is not None and new.images is not None
        assert (old.images == new.images).all()


def test_what_is_kept_is_seen_by_the_others() -> None:
    generator = made()
    (before,) = generate(generator, [Task(layout=CHAIR)], config=CONFIG)
    moved = Latents(
        geometry=None if before.parts.geometry is None else before.parts.geometry + 1,
        images=before.parts.images,
    )
    found = [
        generate(generator, [Task(layout=CHAIR, kept=(0, 2), latents=each)], config=CONFIG)[0]
        for each in (before.parts, moved)
    ]
    first, second = found[0].parts.geometry, found[1].parts.geometry
    assert first is not None and second is not None
    assert not torch.allclose(first[1], second[1], atol=1e-3)


def test_points_are_encoded_as_the_vae_does() -> None:
    generator, vae = made(), vae_of(NETWORK)
    surface = torch.randn(20, 32, 6, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        together = vae.encode(surface).mean_BTD
        torch.testing.assert_close(generator.encode_points(surface), together)


def test_pictures_keep_their_order_and_range() -> None:
    generator = made()
    drawn = torch.rand(3, 2, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(2))
    images = drawn.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
    latents = generator.encode_images(images)
    assert latents.shape == (3, 2, 4, SIDE, SIDE)
    torch.testing.assert_close(generator.decode_images(latents), images)


def test_equal_texts_are_encoded_once() -> None:
    asked: list[list[str]] = []

    def counting(texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        asked.append(list(texts))
        return text(texts)

    found = made(text=counting).text_features(["leg", "a seat", "leg", ""])
    assert asked == [["leg", "a seat", ""]]
    assert torch.equal(found.tokens, text(["leg", "a seat", "leg", ""])[0])


def test_what_cannot_be_put_together_is_refused() -> None:
    with pytest.raises(ValueError, match="a VAE for each modality"):
        made(images=None)
    with pytest.raises(UsageError, match="reads points on sharp edges"):
        made(vae=vae_of(small_config("dora")))
    with pytest.raises(ValueError, match="neither"):
        LatentSizes(geometry=None, images=None)
    with pytest.raises(ValueError, match="pixels"):
        LatentSizes(geometry=None, images=(1, 4, 2, 2))
