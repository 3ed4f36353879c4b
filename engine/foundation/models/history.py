"""The tables of the history: append-only rows, each hashed over the one before, and the signed statements over them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model, OfCase


class Event(OfCase, Model):
    """One command and all that it caused; append-only, each row hashed over the one before."""

    __tablename__ = "event"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32))
    process: Mapped[str | None] = mapped_column(String(64))
    element: Mapped[str | None] = mapped_column(String(64))
    task_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    release: Mapped[int]
    data: Mapped[str] = mapped_column(String)  # canonical JSON, exactly as hashed
    key: Mapped[str | None] = mapped_column(String(64))
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)

    # That a key counts once is asked under the case's lock: an index over random keys would be a ninth of what is kept.
    __table_args__ = (Index("ix_event_at", "at"),)


class Checkpoint(Model):
    """A signed statement of how far every history had got; append-only, and kept outside as well."""

    __tablename__ = "checkpoint"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    cases: Mapped[int]
    events: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    release: Mapped[int]
    releases: Mapped[bytes] = mapped_column(LargeBinary)
    moved: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
