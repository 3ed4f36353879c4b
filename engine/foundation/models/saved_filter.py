"""The table of the filters that people keep for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model


class SavedFilter(Model):
    """A list that somebody looks at again and again; what was removed stays for as long as it can be taken back."""

    __tablename__ = "saved_filter"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(48))  # "cases", or a queue: "mine", "groups", a group
    asked: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
