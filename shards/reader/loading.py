"""The stream as a data set of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from shards.reader.streaming import ShardStream


class LoaderStream(ShardStream, IterableDataset[dict[str, Any]]):
    """A stream that knows which loader worker it is in."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        info = get_worker_info()
        if info is None:
            return super().__iter__()
        # Loaders take batches from their workers in turn, and a new loader begins with its first:
        # so the first goes on with what the one whose turn it would have been has left.
        worker = (info.id + self._batches) % info.num_workers
        batches = max(0, -(-(self._batches - worker) // info.num_workers))
        return self._samples(worker, info.num_workers, batches=batches)
