from __future__ import annotations

from pathlib import Path

import pytest

from train.quiet import REMARKS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Lightning remarks about choices made on purpose is no error here either."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for remark in REMARKS:
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{remark}"))
