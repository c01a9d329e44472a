"""The account of a checkpoint: what became of each of its tensors and of each of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

import torch
from torch import Tensor

from train.models.external.errors import CheckpointError
from train.models.external.keys import KeyMap


class Fate(StrEnum):
    """What became of a tensor; the last five are errors."""

    LOADED = "loaded"
    CONSTANT = "constant"
    IGNORED = "ignored"
    ADDED = "added"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    SHAPE = "wrong shape"
    VALUE = "wrong value"
    UNMAPPED = "unmapped"


SOUND = frozenset({Fate.LOADED, Fate.CONSTANT, Fate.IGNORED, Fate.ADDED})
_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tensor: its name in the checkpoint, or ours if it is only ours."""

    key: str
    fate: Fate
    shape: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """Every key of both sides, once."""

    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Tensors by fate."""
        return dict(Counter(row.fate.value for row in self.rows))

    @property
    def problems(self) -> tuple[Row, ...]:
        """The rows that are errors."""
        return tuple(row for row in self.rows if row.fate not in SOUND)

    def require_total(self) -> None:
        """Raise `CheckpointError` if anything is unaccounted for."""
        if self.problems:
            lines = [_line(row) for row in self.problems[:_SHOWN]]
            if len(self.problems) > _SHOWN:
                lines.append(f"and {len(self.problems) - _SHOWN} more")
            raise CheckpointError(
                "the checkpoint does not fit the network; choose the variant and format that it"
                f" was published as ({_summary(self.counts)}):\n  " + "\n  ".join(lines)
            )

    def table(self) -> str:
        """All rows as aligned text, and a line of counts."""
        width = max((len(row.key) for row in self.rows), default=0)
        lines = [
            f"{row.key:<{width}}  {row.fate.value:<11}  {row.shape:<12}  {row.note}".rstrip()
            for row in self.rows
        ]
        return "\n".join([*lines, _summary(self.counts)])


def cover(
    theirs: Mapping[str, Tensor],
    ours: Mapping[str, Tensor],
    *,
    keys: KeyMap,
    ignored: Mapping[str, str],
) -> CoverageReport:
    """Account for a checkpoint without changing anything. Works on the meta device.

    Args:
        theirs: of the checkpoint.
        ours: the network's state.
        keys: how they correspond.
        ignored: patterns of their keys that the network has no use for, each with its reason.
    """
    meta = {key: tensor.detach().to("meta") for key, tensor in ours.items()}
    mapped = {key for entry in keys.entries for key in entry.ours}
    wanted = keys.to_theirs(meta) if mapped <= meta.keys() else {}
    names = {key: ", ".join(entry.ours) for entry in keys.entries for key in entry.theirs}
    rows = [
        *(_known(key, theirs.get(key), like=like, note=names[key]) for key, like in wanted.items()),
        *(_constant(key, theirs.get(key), value) for key, value in keys.constants.items()),
        *_left_over(theirs.keys() - wanted.keys() - keys.constants.keys(), theirs, ignored),
        *(_our_row(key, Fate.ADDED, "starts at 0") for key in keys.added),
    ]
    lost = sorted((ours.keys() - mapped - set(keys.added)) | (mapped - ours.keys()))
    rows += [_our_row(key, Fate.UNMAPPED, "the format and the network disagree") for key in lost]
    return CoverageReport(tuple(rows))


def _known(key: str, tensor: Tensor | None, *, like: Tensor, note: str) -> Row:
    shape = str(tuple(like.shape))
    if tensor is None:
        return Row(key=key, fate=Fate.MISSING, shape=shape)
    if tensor.shape != like.shape:
        found = str(tuple(tensor.shape))
        return Row(key=key, fate=Fate.SHAPE, shape=found, note=f"expected {shape}")
    if not tensor.is_floating_point() or tensor.layout != torch.strided:
        found = f"{tensor.dtype}, {tensor.layout}"
        return Row(key=key, fate=Fate.VALUE, shape=shape, note=f"{found}; expected dense floats")
    if not tensor.is_meta and not bool(tensor.isfinite().all()):
        return Row(key=key, fate=Fate.VALUE, shape=shape, note="has values that are not finite")
    if tensor.dtype != like.dtype:
        note = f"{note} ({tensor.dtype} -> {like.dtype})".replace("torch.", "")
    return Row(key=key, fate=Fate.LOADED, shape=shape, note=note)


def _constant(key: str, tensor: Tensor | None, value: Tensor) -> Row:
    if tensor is None:
        return Row(key=key, fate=Fate.MISSING, shape=str(tuple(value.shape)))
    shape = str(tuple(tensor.shape))
    if tensor.shape != value.shape:
        return Row(key=key, fate=Fate.SHAPE, shape=shape, note=f"expected {tuple(value.shape)}")
    if not tensor.is_meta and not torch.allclose(tensor.to(value), value, rtol=1e-5):
        return Row(key=key, fate=Fate.VALUE, shape=shape, note="not what the network computes")
    return Row(key=key, fate=Fate.CONSTANT, shape=shape, note="computed")


def _left_over(
    left: set[str], theirs: Mapping[str, Tensor], ignored: Mapping[str, str]
) -> Iterator[Row]:
    for key in sorted(left):
        reason = next((why for pattern, why in ignored.items() if fnmatchcase(key, pattern)), None)
        shape = str(tuple(theirs[key].shape))
        if reason is None:
            yield Row(key=key, fate=Fate.UNEXPECTED, shape=shape)
        else:
            yield Row(key=key, fate=Fate.IGNORED, shape=shape, note=reason)


def _our_row(key: str, fate: Fate, note: str) -> Row:
    return Row(key=key, fate=fate, note=note)


def _line(row: Row) -> str:
    return " ".join(part for part in (f"{row.key}: {row.fate.value}", row.shape, row.note) if part)


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {fate}" for fate, count in counts.items())
