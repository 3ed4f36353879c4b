"""The tables of what comes from outside and belongs to a case: files, the customer's links, mails that were taken in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model, OfCase


class Blob(Model):
    """The bytes of an attachment, stored once under their SHA-256; in the database, so that every node has them."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Attachment(OfCase, Model):
    """A file of a case; its SHA-256 also stands in the case's history."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer)  # from 1, in the order of the case
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)  # bytes
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(64))


class PortalLink(OfCase, Model):
    """A customer's way to one case; only the hash of its secret is stored."""

    __tablename__ = "portal_link"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_portal_link_secret_hash", "secret_hash"),
        Index("ix_portal_link_expires_at", "expires_at"),
    )


class MailSeen(Model):
    """A mail that was taken in or refused, so that it is never taken in again."""

    __tablename__ = "mail_seen"

    mail: Mapped[str] = mapped_column(String(64), primary_key=True)  # hash of its Message-ID and sender
    at: Mapped[datetime] = mapped_column(index=True)
    sender: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(32))
    case_number: Mapped[str | None] = mapped_column(String(32))
