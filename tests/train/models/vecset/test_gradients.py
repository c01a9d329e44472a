from __future__ import annotations

import torch
from torch import Tensor

from tests.train.models.vecset.sizes import questions, small_model
from train.models.vecset.gradients import gradient_by_autograd, gradient_by_differences


def _field(points: Tensor) -> Tensor:
    x, y, z = points.unbind(-1)
    return x * y + z.sin() + x**3


def _exact(points: Tensor) -> Tensor:
    x, y, z = points.unbind(-1)
    return torch.stack([y + 3 * x**2, x, z.cos()], dim=-1)


def test_both_ways_equal_the_derivative() -> None:
    points = questions().double()
    exact = gradient_by_autograd(_field, points, create_graph=False)
    torch.testing.assert_close(exact, _exact(points), rtol=0, atol=1e-14)
    step = 1e-3
    near = gradient_by_differences(_field, points, step=step)
    # The third derivative is at most 6: the error is a sixth of it times the step's square.
    torch.testing.assert_close(near, _exact(points), rtol=0, atol=1.01 * step**2)


def test_a_network_may_be_trained_on_its_gradient() -> None:
    """The derivative of a loss of gradients, against differences of that loss."""
    model = small_model("autopartgen").double()
    points, latent = questions(count=5).double(), torch.randn(2, 6, 5).double()

    def loss() -> Tensor:
        tokens = model.decode(latent)
        gradient = gradient_by_autograd(
            lambda p: model.query(tokens, p, double_backward=True)[..., 0],
            points,
            create_graph=True,
        )
        return (gradient.norm(dim=-1) - 1).square().mean()

    loss().backward()
    for weight in (
        model.field.read.attention.to_k.weight,
        model.field.point_in.weight if model.field.point_in is not None else None,
        model.decoder.get_submodule("0").get_parameter("attention.to_v.weight"),
    ):
        assert weight is not None and weight.grad is not None
        direction = torch.randn_like(weight)
        expected = (weight.grad * direction).sum()
        step, values = 1e-6, []
        for sign in (1, -1):
            with torch.no_grad():
                weight.add_(sign * step * direction)
            values.append(loss().detach())
            with torch.no_grad():
                weight.sub_(sign * step * direction)
        found = (values[0] - values[1]) / (2 * step)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-8)


def test_recomputation_and_gradients_of_gradients_go_together() -> None:
    results = []
    for save_memory in (False, True):
        model = small_model("autopartgen", checkpoint_blocks=save_memory)
        tokens = model.decode(torch.ones(2, 6, 5))
        gradient = gradient_by_autograd(
            lambda p, m=model, t=tokens: m.query(t, p, double_backward=True)[..., 0],
            questions(),
            create_graph=True,
        )
        gradient.square().sum().backward()
        results.append([p.grad for p in model.parameters() if p.grad is not None])
    assert len(results[0]) == len(results[1]) > 20
    for plain, saved in zip(*results, strict=True):
        torch.testing.assert_close(plain, saved, rtol=1e-5, atol=1e-5)
