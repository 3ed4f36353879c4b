"""The tables of the releases: which content each path has, stored once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model


class Release(Model):
    """An immutable, numbered snapshot of every diagram, decision table, form and message."""

    __tablename__ = "release"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String)
    digest: Mapped[str] = mapped_column(String(64))


class ReleaseFile(Model):
    """Which content a path has in a release."""

    __tablename__ = "release_file"

    release: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))


class Content(Model):
    """The bytes of a source file, stored once whatever the number of releases that hold them."""

    __tablename__ = "content"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
