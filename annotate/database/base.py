"""What all tables share: naming of constraints, so that migrations can name them too."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Double, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only where the key is spelt INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")

Json = dict[str, Any]


class Base(DeclarativeBase):
    """The root of the tables. Times are seconds since 1970, UTC, float64."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        float: Double(),
        int: BigInteger(),
        Json: JSON(),
        list[Json]: JSON(),
    }
