"""The tables of what a company sets for itself: days that its calendar corrects, and settings changed while it runs."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model


class CalendarDay(Model):
    """A company's own correction of the public calendar: this date is worked, or is not."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    working: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(String(200))


class Setting(Model):
    """A value that the administrator may change while the product runs."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]
