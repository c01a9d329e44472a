"""Which views of an object are shown of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from caption.views import FRONT


def spread_views(
    directions: NDArray[np.float64], *, allowed: Sequence[int], count: int
) -> list[int]:
    """At most `count` views that look from sides that differ as much as they can, in order.

    The one nearest to the front goes first, then each time the one that is farthest from all
    chosen; among equals the first.

    Args:
        directions: (V, 3) unit vectors towards the cameras.
        allowed: views to choose from; all of them if there are none.
        count: of views.
    """
    views = list(allowed) or list(range(len(directions)))
    cosine = np.round(directions[views] @ directions[views].T, 6)
    chosen = [int(np.round(directions[views] @ FRONT, 6).argmax())]
    while len(chosen) < min(count, len(views)):
        nearest = cosine[:, chosen].max(axis=1)
        nearest[chosen] = np.inf
        chosen.append(int(nearest.argmin()))
    return sorted(views[index] for index in chosen)
