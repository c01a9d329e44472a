"""An over-segmentation with its merge tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.npz import from_npz, to_npz


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Segments of one object.

    Attributes:
        face_labels: (F,) int32, 0…S-1, none unlabelled.
        merge_children: (S - 1, 2) int32; row k makes inner node S + k out of two earlier nodes.
        merge_height: (S - 1,) float32 in [0, 1], never falling: how sure it is that the two are
            different parts.
        default_height: where the tree is cut unless somebody moves the slider.
        segment_area: (S,) float32, in squared units of the object frame.
        segment_score: (S,) float32 in [0, 1]: how sure the segmenter is.
        geometry_hash: `Mesh.geometry_hash` of the object.
        method: what made it, such as `structure`; a default that stands in for a model says so.
    """

    face_labels: NDArray[np.int32]
    merge_children: NDArray[np.int32]
    merge_height: NDArray[np.float32]
    segment_area: NDArray[np.float32]
    segment_score: NDArray[np.float32]
    geometry_hash: str
    method: str
    default_height: float = 0.0

    def __post_init__(self) -> None:
        count = self.count
        assert self.face_labels.dtype == np.int32 and self.face_labels.ndim == 1
        assert self.merge_children.shape == (max(count - 1, 0), 2)
        assert self.merge_height.shape == (max(count - 1, 0),)
        assert self.segment_score.shape == (count,)

    @property
    def count(self) -> int:
        """S, the number of segments."""
        return len(self.segment_area)

    def to_bytes(self) -> bytes:
        """The npz of the contract."""
        return to_npz(
            {
                "face_labels": self.face_labels,
                "merge_children": self.merge_children,
                "merge_height": self.merge_height,
                "segment_area": self.segment_area,
                "segment_score": self.segment_score,
                "geometry_hash": np.asarray(self.geometry_hash),
                "method": np.asarray(self.method),
                "default_height": np.asarray(self.default_height, np.float32),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Segments:
        """The inverse of `to_bytes`."""
        arrays: dict[str, Any] = dict(from_npz(data))
        for name in ("geometry_hash", "method"):
            arrays[name] = str(arrays[name])
        if "default_height" not in arrays:
            raise ValueError(
                "the segments have no default_height, so an earlier version made them; run the "
                "segment stage again"
            )
        arrays["default_height"] = float(arrays["default_height"])
        return cls(**arrays)

    def count_at(self, height: float) -> int:
        """How many groups are left when everything up to `height` is merged."""
        return int((self.merge_height > height).sum()) + 1

    @property
    def default_labels(self) -> NDArray[np.int32]:
        """(F,) int32: the output as it is shown first, cut at `default_height`."""
        return self.at_count(self.count_at(self.default_height))

    def at_count(self, count: int) -> NDArray[np.int32]:
        """(F,) int32 labels 0…count-1 after merging, lowest heights first, down to `count` groups.

        Groups are numbered by their smallest segment.
        """
        parent = np.arange(2 * self.count - 1 if self.count else 0)
        for row in range(max(self.count - max(count, 1), 0)):
            parent[self.merge_children[row]] = self.count + row
        for node in range(len(parent) - 1, -1, -1):  # parents come after their children
            parent[node] = parent[parent[node]]
        _, first, group = np.unique(parent[: self.count], return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))
        return rank[group].astype(np.int32)[self.face_labels]
