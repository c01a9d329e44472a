from __future__ import annotations

import torch
from torch import Tensor

from train.models.dit.attention import Attention, attend


def _noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_attention_is_a_softmax_over_keys_head_by_head() -> None:
    q, k, v = _noise(2, 3, 8), _noise(2, 5, 8), _noise(2, 5, 9)[..., :8]
    found = attend(q, k, v, heads=2)
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        scores = torch.softmax(q[..., part] @ k[..., part].transpose(1, 2) / 2, dim=-1)
        torch.testing.assert_close(found[..., part], scores @ v[..., part])


def test_a_mask_is_as_absent_keys() -> None:
    q, k, v = _noise(1, 3, 8), _noise(1, 5, 8), _noise(1, 5, 8) + 1
    seen = torch.tensor([True, False, True, True, False])
    wanted = attend(q, k[:, seen], v[:, seen], heads=4)
    torch.testing.assert_close(attend(q, k, v, heads=4, mask=seen[None, None, None]), wanted)
    added = torch.where(seen, 0.0, -10_000.0)[None, None, None]
    torch.testing.assert_close(attend(q, k, v, heads=4, mask=added), wanted)


def test_tokens_of_another_width_are_asked() -> None:
    torch.manual_seed(0)
    layer = Attention(8, heads=2, bias=True, context_width=6)
    out = layer(_noise(2, 3, 8), _noise(2, 5, 6))
    assert out.shape == (2, 3, 8)
    assert {name for name, _ in layer.named_parameters() if name.endswith("bias")} == {
        f"to_{name}.bias" for name in ("q", "k", "v", "out")
    }


def test_a_scope_takes_the_place_of_the_sequence() -> None:
    torch.manual_seed(0)
    layer, x = Attention(8, heads=2, bias=False), _noise(2, 3, 8)
    asked = []

    def scope(q_BNC: Tensor, k_BMC: Tensor, v_BMC: Tensor, *, heads: int) -> Tensor:
        asked.append((q_BNC.shape, k_BMC.shape, heads))
        return v_BMC

    with torch.no_grad():
        torch.testing.assert_close(layer(x, scope=scope), layer.to_out(layer.to_v(x)))
    assert asked == [((2, 3, 8), (2, 3, 8), 2)]
