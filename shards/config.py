"""What a user may set about the training set."""

from __future__ import annotations

from dataclasses import dataclass, field

from shards.split import SplitShares


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardsConfig:
    """How samples and shards are made.

    Attributes:
        part_points: surface points of each part.
        object_points: surface points of the whole object.
        max_parts: parts of a sample at the most; the tail of the part order is left out.
        views: views of the object, and of its boxes, at the most; spread over those rendered.
        part_views: views of each part at the most.
        webp_quality: 1 to 100, for the colours of views; their alpha and the boxes are lossless.
        webp_method: 0 (fast) to 6 (small).
        val_share: share of objects in the `val` split.
        test_share: share of objects in the `test` split.
        shard_mb: megabytes after which a shard is full.
        name: the data set's name in its card.
        url: where the data set is published, if it is.
        published: ISO date of publication, if there is one.
    """

    part_points: int = 4096
    object_points: int = 16384
    max_parts: int = 32
    views: int = 4
    part_views: int = 4
    webp_quality: int = 90
    webp_method: int = 4
    val_share: float = 0.05
    test_share: float = 0.05
    # Samples do not depend on these four, and shards are put together anew by every run.
    shard_mb: float = field(default=256.0, metadata={"affects_output": False})
    name: str = field(default="partworks", metadata={"affects_output": False})
    url: str = field(default="", metadata={"affects_output": False})
    published: str = field(default="", metadata={"affects_output": False})

    def __post_init__(self) -> None:
        for setting, low, high in (
            ("part_points", 1, 1 << 20),
            ("object_points", 1, 1 << 20),
            ("max_parts", 1, 1000),
            ("views", 0, 1000),
            ("part_views", 0, 1000),
            ("webp_quality", 1, 100),
            ("webp_method", 0, 6),
        ):
            value = getattr(self, setting)
            if not low <= value <= high:
                raise ValueError(f"shards.{setting} is {value}, expected {low} to {high}")
        if self.shard_mb <= 0:
            raise ValueError(f"shards.shard_mb is {self.shard_mb}, expected more than 0")
        _ = self.shares

    @property
    def shares(self) -> SplitShares:
        """The shares of the splits."""
        return SplitShares(val=self.val_share, test=self.test_share)
