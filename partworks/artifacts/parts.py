"""Reviewed parts of an object: a label per face and a name per part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.npz import from_npz, to_npz


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Parts of one object.

    Attributes:
        face_labels: (F,) int32, 0…P-1, -1 = dropped by the reviewer.
        part_names: P names; they need not be unique.
        source: `auto`, or the ids of the reviewers.
        geometry_hash: `Mesh.geometry_hash` of the object.
    """

    face_labels: NDArray[np.int32]
    part_names: tuple[str, ...]
    source: str
    geometry_hash: str

    def __post_init__(self) -> None:
        assert self.face_labels.dtype == np.int32 and self.face_labels.ndim == 1
        assert self.face_labels.max(initial=-1) < len(self.part_names)

    @property
    def count(self) -> int:
        """P, the number of parts."""
        return len(self.part_names)

    def to_bytes(self) -> bytes:
        """The npz of the contract."""
        return to_npz(
            {
                "face_labels": self.face_labels,
                "part_names": np.asarray(self.part_names, np.str_),
                "source": np.asarray(self.source),
                "geometry_hash": np.asarray(self.geometry_hash),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Parts:
        """The inverse of `to_bytes`."""
        arrays = from_npz(data)
        return cls(
            face_labels=arrays["face_labels"],
            part_names=tuple(str(name) for name in arrays["part_names"]),
            source=str(arrays["source"]),
            geometry_hash=str(arrays["geometry_hash"]),
        )
