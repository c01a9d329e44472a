from __future__ import annotations

from typing import Any

import pytest

from ingest.config import IngestConfig


@pytest.mark.parametrize(
    "settings",
    [
        {"max_faces": 0},
        {"max_nodes": 0},
        {"max_source_mb": 0},
        {"max_image_megapixels": 0},
        {"max_archive_entries": 0},
        {"max_archive_ratio": 0.5},
        {"up_axis": "x"},
    ],
)
def test_senseless_settings_are_refused_by_name(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=list(settings)[-1]):
        IngestConfig(**settings)


def test_limits_follow_the_settings() -> None:
    config = IngestConfig(max_source_mb=2, max_faces=10, max_nodes=3, max_archive_entries=5)
    assert config.load_limits.max_bytes == config.archive_limits.max_bytes == 2 << 20
    assert config.load_limits.max_faces == 10
    assert config.load_limits.max_nodes == 3
    assert config.archive_limits.max_entries == 5
