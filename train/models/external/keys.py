"""How the tensors of a published checkpoint correspond to ours.

Networks that are the same in formulas differ in how they name tensors, which projections they fuse
and in which order fused rows lie. All of these are permutations of numbers, so that weights can be
taken over and given back unchanged, and gradients as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Some tensors of theirs and some of ours that hold the same numbers.

    Attributes:
        theirs: keys of tensors of one shape, whose rows lie one below the other.
        ours: keys of tensors that share these rows in order.
        heads: the rows, once joined, lie head by head: for each of so many heads, those of the
            first tensor of ours, then those of the second, and so on. With 1, tensor by tensor.
        roll: columns that move from the end to the front.
    """

    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    heads: int = 1
    roll: int = 0

    def to_ours(self, theirs: Iterable[Tensor], *, rows: list[int]) -> tuple[Tensor, ...]:
        """Tensors in the order of `ours`, which have so many rows each."""
        joined = torch.cat(tuple(theirs))
        joined = _regroup(joined, self.heads, len(self.ours))
        if self.roll:
            joined = joined.roll(self.roll, dims=-1)
        return torch.split(joined, rows)

    def to_theirs(self, ours: Iterable[Tensor]) -> tuple[Tensor, ...]:
        """Tensors in the order of `theirs`."""
        joined = torch.cat(tuple(ours))
        if self.roll:
            joined = joined.roll(-self.roll, dims=-1)
        joined = _regroup(joined, len(self.ours), self.heads)
        return joined.chunk(len(self.theirs))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMap:
    """All correspondences of a network.

    Attributes:
        entries: every key of theirs and ours occurs once.
        constants: tensors that their checkpoints hold and ours compute.
        added: keys of ours that no checkpoint has; they are 0 until trained.
    """

    entries: tuple[Entry, ...]
    constants: Mapping[str, Tensor] = field(default_factory=dict)
    added: tuple[str, ...] = ()

    def to_theirs(self, ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights, or gradients, under their names."""
        return {
            key: tensor
            for entry in self.entries
            for key, tensor in zip(
                entry.theirs, entry.to_theirs(ours[key] for key in entry.ours), strict=True
            )
        }

    def to_ours(
        self, theirs: Mapping[str, Tensor], *, like: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """Weights under our names, whose rows are counted in `like`."""
        return {
            key: tensor
            for entry in self.entries
            for key, tensor in zip(
                entry.ours,
                entry.to_ours(
                    (theirs[key] for key in entry.theirs),
                    rows=[like[key].shape[0] for key in entry.ours],
                ),
                strict=True,
            )
        }


def layer(
    theirs: str | tuple[str, ...],
    ours: str | tuple[str, ...],
    *,
    bias: bool = True,
    heads: int = 1,
) -> Iterator[Entry]:
    """Weights, and biases if there are any, of layers."""
    their_names = (theirs,) if isinstance(theirs, str) else theirs
    our_names = (ours,) if isinstance(ours, str) else ours
    for kind in ("weight", "bias") if bias else ("weight",):
        yield Entry(
            theirs=tuple(f"{name}.{kind}" for name in their_names),
            ours=tuple(f"{name}.{kind}" for name in our_names),
            heads=heads,
        )


def _regroup(rows: Tensor, outer: int, inner: int) -> Tensor:
    """Rows in `outer` groups of `inner` groups each become `inner` groups of `outer` each."""
    if outer == 1 or inner == 1:
        return rows
    grouped = rows.reshape(outer, inner, -1, *rows.shape[1:])
    return grouped.transpose(0, 1).reshape(rows.shape)
