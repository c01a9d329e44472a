from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.train.models.joint.made import rows, small_config, small_inputs, small_model
from train.models.dit.config import DiTConfig
from train.models.dit.model import DiT
from train.models.joint.config import JointConfig
from train.models.joint.inputs import JointInputs, JointNoise
from train.models.joint.model import JointDenoiser

EXACT = {"scope": "self", "branch_embedding": "add_zero"}


def _run(model: JointDenoiser, inputs: JointInputs) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        noise = model(inputs)
    assert noise.geometry is not None and noise.images is not None
    return noise.geometry, noise.images


def _loss(noise: JointNoise) -> Tensor:
    total = torch.zeros(())
    for tensor in (noise.geometry, noise.images):
        if tensor is not None:
            total = total + tensor.square().mean()
    return total


def test_at_first_one_part_is_denoised_by_the_two_base_networks_bit_for_bit() -> None:
    """The base networks are diffusers' own program and ours, filled with the same weights."""
    from diffusers import PixArtTransformer2DModel

    model = small_model(**EXACT)
    inputs = small_inputs((1,), views=1)
    assert model.geometry is not None and model.images is not None
    assert inputs.geometry is not None and inputs.images is not None
    geometry, images = _run(model, inputs)
    with torch.no_grad():
        assert torch.equal(
            geometry,
            model.geometry.network(
                inputs.geometry,
                timesteps_B=inputs.timesteps,
                context_BMC=model.geometry.text(inputs.text),
                mask_BM=inputs.text_mask,
            ),
        )
        assert model.config.images is not None
        base = PixArtTransformer2DModel(**model.config.images.arguments()).eval()
        base.load_state_dict(model.images.network.state_dict())
        both = base(
            inputs.images[:, 0],
            encoder_hidden_states=inputs.text,
            timestep=inputs.timesteps,
            encoder_attention_mask=inputs.text_mask,
            added_cond_kwargs={"resolution": None, "aspect_ratio": None},
        ).sample
        assert torch.equal(images[:, 0], both.chunk(2, dim=1)[0])


def test_at_first_guidance_adds_nothing_to_many_parts() -> None:
    """Exact for any parts and views: boxes, wireframes and the exchange start at 0."""
    model, inputs = small_model(), small_inputs()
    found = _run(model, inputs)
    bare = small_model(exchange=False, boxes=False, control=False)
    bare.load_state_dict(model.state_dict(), strict=False)
    for one, other in zip(found, _run(bare, inputs.without_boxes()), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("trained", [False, True])
def test_order_of_parts_does_not_matter(trained: bool) -> None:
    model, inputs = small_model(trained=trained, global_boxes="all"), small_inputs((4, 3))
    order = [2, 0, 1, 3, 5, 4, 6]
    before, after = _run(model, inputs), _run(model, rows(inputs, order, objects=[0, 1]))
    for one, other in zip(before, after, strict=True):
        assert one.std() > 0.1
        torch.testing.assert_close(one[order], other, rtol=0, atol=2e-5)
        assert (one - other).abs().max() > 0.1


def test_packed_objects_are_as_each_alone() -> None:
    model = small_model(trained=True)
    for counts in ((3, 4, 2), (3, 3)):
        inputs = small_inputs(counts)
        together = _run(model, inputs)
        for index, (start, count) in enumerate(zip(inputs.starts, counts, strict=True)):
            own = list(range(start, start + count))
            alone = _run(model, rows(inputs, own, objects=[index]))
            for one, other in zip(together, alone, strict=True):
                torch.testing.assert_close(one[own], other, rtol=0, atol=2e-5)


def test_objects_do_not_see_each_other() -> None:
    model, inputs = small_model(trained=True), small_inputs((3, 4))
    assert inputs.geometry is not None and inputs.images is not None
    changed = replace(
        inputs,
        geometry=torch.cat([inputs.geometry[:3], inputs.geometry[3:] + 1]),
        images=torch.cat([inputs.images[:3], inputs.images[3:] + 1]),
    )
    for one, other in zip(_run(model, inputs), _run(model, changed), strict=True):
        assert torch.equal(one[:3], other[:3])
        assert not torch.equal(one[3:], other[3:])


@pytest.mark.parametrize("modality", ["geometry", "images"])
@pytest.mark.parametrize("exchange", [False, True])
@pytest.mark.parametrize("scope", ["self", "parts"])
def test_whom_a_part_moves(modality: str, exchange: bool, scope: str) -> None:
    """Itself; through the exchange its other modality; through parts all of its object."""
    model = small_model(trained=True, exchange=exchange, scope=scope)
    inputs = small_inputs((4,))
    moved = getattr(inputs, modality).clone()
    moved[0] += 1
    pairs = zip(_run(model, inputs), _run(model, replace(inputs, **{modality: moved})), strict=True)
    for name, (one, other) in zip(("geometry", "images"), pairs, strict=True):
        differs = (one != other).flatten(1).any(dim=1).tolist()
        if name != modality and not exchange:
            assert differs == [False] * 4
        else:
            assert differs == [True] + [scope == "parts"] * 3


def test_views_see_one_another_only_where_placed() -> None:
    inputs = small_inputs((2,))
    assert inputs.images is not None
    moved = inputs.images.clone()
    moved[0, 1] += 1
    for scope in ("self", "parts"):
        model = small_model(trained=True, exchange=False, scope=scope)
        found = [
            _run(model, replace(inputs, images=images))[1] for images in (inputs.images, moved)
        ]
        differs = (found[0] != found[1]).flatten(2).any(dim=2)[0].tolist()
        assert differs == [scope == "parts", True, scope == "parts"]


def test_views_may_come_in_any_order_without_wireframes() -> None:
    model, inputs = small_model(trained=True), small_inputs()
    assert inputs.images is not None and inputs.box_images is not None
    order = [2, 0, 1]
    turned = replace(inputs, images=inputs.images[:, order], box_images=inputs.box_images[:, order])
    before, after = _run(model, inputs), _run(model, turned)
    torch.testing.assert_close(before[0], after[0], rtol=0, atol=2e-5)
    torch.testing.assert_close(before[1][:, order], after[1], rtol=0, atol=2e-5)


def test_wireframes_move_the_global_images_alone() -> None:
    """With no way from branch to branch; with one, all of the object and no other."""
    inputs = small_inputs((3, 4))
    assert inputs.box_images is not None
    hints = inputs.box_images.clone()
    hints[0] += 1
    changed = replace(inputs, box_images=hints)
    apart = small_model(trained=True, scope="self", exchange=False)
    geometry, images = (
        (one != other).flatten(1).any(dim=1).tolist()
        for one, other in zip(_run(apart, inputs), _run(apart, changed), strict=True)
    )
    assert geometry == [False] * 7 and images == [False, False, True] + [False] * 4
    joint = small_model(trained=True)
    for one, other in zip(_run(joint, inputs), _run(joint, changed), strict=True):
        assert (one != other).flatten(1).any(dim=1).tolist() == [True] * 3 + [False] * 4


@pytest.mark.parametrize("global_boxes", ["none", "all"])
def test_a_box_moves_its_part(global_boxes: str) -> None:
    inputs = small_inputs((3, 2))
    assert inputs.boxes is not None
    boxes = inputs.boxes.clone()
    boxes[1] += 1
    boxes[[2, 4]] = torch.nan
    model = small_model(trained=True, scope="self", exchange=False, global_boxes=global_boxes)
    geometry, images = (
        (one != other).flatten(1).any(dim=1).tolist()
        for one, other in zip(
            _run(model, inputs), _run(model, replace(inputs, boxes=boxes)), strict=True
        )
    )
    assert geometry == [False, True, global_boxes == "all", False, False]
    assert images == [False] * 5


@pytest.mark.parametrize("global_boxes", ["none", "all"])
def test_dropped_boxes_are_as_none(global_boxes: str) -> None:
    model, inputs = small_model(trained=True, global_boxes=global_boxes), small_inputs((3, 2))
    untold = replace(inputs, box_mask=torch.zeros(5, dtype=torch.bool))
    told = replace(inputs, box_mask=torch.ones(5, dtype=torch.bool))
    none = _run(model, inputs.without_boxes())
    for index, noise in enumerate(_run(model, untold)):
        assert torch.equal(noise, none[index])
    for index, noise in enumerate(_run(model, told)):
        assert torch.equal(noise, _run(model, inputs)[index])
        assert not torch.equal(noise, none[index])
    model.train()
    _loss(model(untold)).backward()
    assert all(bool(w.grad.isfinite().all()) for w in model.parameters() if w.grad is not None)


def test_the_whole_and_a_part_are_told_apart() -> None:
    model, inputs = small_model(scope="self"), small_inputs((1,))
    whole = _run(model, inputs)
    part = _run(model, replace(inputs, has_global=False))
    assert all(not torch.equal(one, other) for one, other in zip(whole, part, strict=True))


def test_every_new_weight_learns_after_one_step() -> None:
    """At first only what starts at 0 does, of what lies before and behind it."""
    model, inputs = small_model().train(), small_inputs()
    before = {name: w.detach().clone() for name, w in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(2):
        optimizer.zero_grad()
        _loss(model(inputs)).backward()
        optimizer.step()
        new = {id(w) for w in model.new_parameters()}
        silent = {
            name
            for name, w in model.named_parameters()
            if w.requires_grad and (w.grad is None or not w.grad.any())
        }
        zeros = {name for name, w in model.named_parameters() if id(w) in new and ".zero" in name}
        assert zeros and not silent & zeros
        if step == 0:
            assert {name.split(".attention.")[0] for name in silent if ".attention." in name} >= {
                "exchanges.3.to_geometry",
                "geometry.boxes.1.ask",
            }
            assert all(torch.equal(before[n], dict(model.named_parameters())[n]) for n in silent)
    assert not silent


def test_gradients_do_not_cross_modalities_before_the_exchange_has_learnt() -> None:
    model, inputs = small_model().train(), small_inputs()
    noise = model(inputs)
    noise.geometry.square().mean().backward()
    assert model.images is not None
    assert not any(w.grad is not None and w.grad.any() for w in model.images.parameters())


@pytest.mark.parametrize("left_out", ["geometry", "images", "boxes", "box_images"])
def test_what_is_left_out_gets_gradients_of_0(left_out: str) -> None:
    """Data-parallel training wants one of every weight, and no other number may change."""
    model, inputs = small_model(trained=True).train(), replace(small_inputs(), **{left_out: None})
    noise = model(inputs)
    _loss(noise).backward()
    assert all(w.grad is not None for w in model.parameters() if w.requires_grad)
    model.eval()
    with torch.no_grad():
        quiet = model(inputs)
    for name in ("geometry", "images"):
        one, other = getattr(noise, name), getattr(quiet, name)
        assert (one is None) == (other is None) == (name == left_out)
        assert one is None or torch.equal(one, other)


@pytest.mark.parametrize("modality", ["geometry", "images"])
def test_one_modality_alone(modality: str) -> None:
    other = "images" if modality == "geometry" else "geometry"
    model, inputs = small_model(trained=True), small_inputs()
    alone = JointDenoiser(small_config(**{other: None})).eval()
    weights = {k: w for k, w in model.state_dict().items() if k.startswith(f"{modality}.")}
    alone.load_state_dict(weights)
    with torch.no_grad():
        one = getattr(alone(replace(inputs, **{other: None})), modality)
        both = getattr(model(replace(inputs, **{other: None})), modality)
    assert torch.equal(one, both)
    with pytest.raises(ValueError, match=f"{other} is given to a network without"):
        alone(inputs)


@pytest.mark.parametrize("counts", [(3, 4), (3, 3)])
def test_forgetting_blocks_changes_no_gradient(counts: tuple[int, ...]) -> None:
    gradients = []
    for checkpointed in (False, True):
        model = small_model(trained=True, checkpoint_blocks=checkpointed, global_boxes="all")
        _loss(model.train()(small_inputs(counts))).backward()
        gradients.append({n: w.grad for n, w in model.named_parameters() if w.requires_grad})
    for name, gradient in gradients[0].items():
        assert gradient is not None and gradients[1][name] is not None
        assert torch.equal(gradient, gradients[1][name]), name


def test_mixed_precision() -> None:
    model, inputs = small_model(trained=True), small_inputs()
    exact = _run(model, inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = _run(model, inputs)
    for one, other in zip(exact, mixed, strict=True):
        assert not torch.equal(one, other.float())
        assert (one - other.float()).norm() < 0.05 * one.norm()


def test_parameters_are_pretrained_or_new() -> None:
    model = small_model()
    assert model.geometry is not None and model.geometry.network.condition is not None
    pretrained, new = list(model.pretrained_parameters()), list(model.new_parameters())
    ids = [id(weight) for weight in (*pretrained, *new)]
    trainable = [id(weight) for weight in model.parameters() if weight.requires_grad]
    assert sorted(ids) == sorted(trainable)
    frozen = {id(weight) for weight in model.parameters()} - set(ids)
    assert frozen == {id(weight) for weight in model.geometry.network.condition.parameters()}
    assert {id(w) for w in model.exchanges.parameters()} <= {id(w) for w in new}


def test_full_size() -> None:
    """Trainer reference, section 4.4: 547 + 611 + 83 + 26 + 295 M."""
    with torch.device("meta"):
        model = JointDenoiser(JointConfig())
    assert model.geometry is not None and model.images is not None
    assert model.images.control is not None

    def count(module: torch.nn.Module) -> int:
        return sum(weight.numel() for weight in module.parameters())

    assert count(model.geometry.network) == 547_277_888
    assert count(model.images.network) == 610_856_096
    assert round(count(model.exchanges) / 1e6) == 83
    assert round(count(model.geometry.boxes) / 1e6) == 26
    assert round(count(model.images.control) / 1e6) == 295
    assert len(model.images.control.copies) == 13 and len(model.exchanges) == 7
    assert len(model.geometry.boxes) == 8
    assert 1.56e9 < count(model) < 1.57e9


def test_a_network_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected config\.geometry"):
        JointDenoiser(small_config(), geometry=DiT(DiTConfig(width=8, layers=1, heads=2)))


def test_weights_in_half_precision() -> None:
    """As the networks are sampled from: nothing needs autocast."""
    model, inputs = small_model(trained=True), small_inputs()
    exact = _run(model, inputs)
    halves = {
        name: getattr(inputs, name).bfloat16()
        for name in ("geometry", "images", "text", "boxes", "box_images")
    }
    half = _run(model.bfloat16(), replace(inputs, **halves))
    for one, other in zip(exact, half, strict=True):
        assert other.dtype == torch.bfloat16
        assert (one - other.float()).norm() < 0.1 * one.norm()
