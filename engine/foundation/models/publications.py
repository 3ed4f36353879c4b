"""The tables of published figures: what was told to the company stays as it was told; a correction is a new row."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model


class Told:
    """A figure of a period (a month such as 2026-10) by one version of its definition; `content` holds the cases."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    release: Mapped[int]
    value: Mapped[float | None] = mapped_column(Float)
    numerator: Mapped[float | None] = mapped_column(Float)
    denominator: Mapped[float | None] = mapped_column(Float)
    content: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(String(1000))
    quality_by: Mapped[str | None] = mapped_column(String(64))
    vice_president_by: Mapped[str | None] = mapped_column(String(64))


class PublishedFigure(Told, Model):
    """A figure as it was published; append-only. The highest revision counts, and names the one it replaces."""

    __tablename__ = "published_figure"

    revision: Mapped[int] = mapped_column(SmallInteger)
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(64))
    supersedes: Mapped[UUID | None]

    __table_args__ = (
        Index(None, "figure", "period", "revision", unique=True),
        Index("ix_published_figure_period", "period"),
    )


class FigureChange(Told, Model):
    """A recalculation that differs from what was published, waiting for two signatures."""

    __tablename__ = "figure_change"

    replaces: Mapped[UUID]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str] = mapped_column(String(64))
    quality_at: Mapped[datetime | None]
    vice_president_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(64))
    accepted: Mapped[bool | None]

    __table_args__ = (
        Index(
            "ix_figure_change_open",
            "figure",
            "period",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )
