from __future__ import annotations

import torch
from torch import Tensor, nn

from train.models.joint.running import run, touch


class _Counting(nn.Linear):
    calls = 0

    def forward(self, input: Tensor) -> Tensor:
        self.calls += 1
        return super().forward(input).sin()


def test_a_module_is_run_again_only_for_gradients() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3)
    gradients = []
    for save_memory in (False, True):
        torch.manual_seed(1)
        module = _Counting(3, 3)
        run(module, x, save_memory=save_memory).sum().backward()
        assert module.calls == 1 + save_memory
        gradients.append(module.weight.grad)
        with torch.no_grad():
            run(module, x, save_memory=save_memory)
        assert module.calls == 2 + save_memory
    assert gradients[0] is not None and gradients[1] is not None
    assert torch.equal(gradients[0], gradients[1])


def test_touching_changes_nothing_and_reaches_every_weight() -> None:
    modules = [nn.Linear(2, 2), nn.Linear(3, 1)]
    modules[1].bias.requires_grad_(False)
    output = torch.randn(4)
    touched = touch(output, modules)
    assert torch.equal(touched, output)
    touched.sum().backward()
    for module in modules:
        for weight in module.parameters():
            if weight.requires_grad:
                assert weight.grad is not None and not weight.grad.any()
            else:
                assert weight.grad is None
