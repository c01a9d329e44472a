"""A desk on either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.blobs.store import BlobStore
from annotate.database.connection import Database
from partworks.store import Store
from tests.annotate.exchange.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    return Desk(
        store=Store(str(tmp_path / "root")),
        database=database,
        blobs=BlobStore(tmp_path / "blobs"),
    )
