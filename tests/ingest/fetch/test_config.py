from __future__ import annotations

from typing import Any

import pytest

from ingest.config import IngestConfig
from ingest.fetch.config import FetchConfig
from partworks.plan import settings_that_matter


@pytest.mark.parametrize(
    "setting",
    [{"attempts": 0}, {"per_host": 0}, {"deadline_s": 0}, {"read_s": -1.0}, {"backoff_s": -0.1},
     {"connect_s": float("nan")}, {"max_redirects": -1}],
)  # fmt: skip
def test_senseless_settings_are_refused_by_name(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"fetch.{next(iter(setting))} is "):
        FetchConfig(**setting)


def test_patience_changes_nothing_that_is_done() -> None:
    impatient = IngestConfig(fetch=FetchConfig(attempts=1, deadline_s=1))
    assert settings_that_matter(impatient) == settings_that_matter(IngestConfig())
