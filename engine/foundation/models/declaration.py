"""How a table is declared: fixed constraint names, our column types, and the keys of everything that belongs to a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, SmallInteger, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.foundation.columns import Document, Identifier, Moment


class Model(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Moment(),
        UUID: Identifier(),
        dict[str, Any]: Document(),
        list[Any]: Document(),
    }


def only(condition: str) -> dict[str, Any]:
    """Index options: only the rows that meet a condition, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class OfCase:
    """The two leading key columns of everything that belongs to a case."""

    # Sorted before a table's own columns, so that they lead its primary key and a case is found without a scan.
    shard_key: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, sort_order=-2)
    case_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
