"""The tables of the people: who they are, what they can do, when they are away, and how they sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model


class Person(Model):
    """Somebody who signs in; `id` is the login name and appears in histories."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]
    last_dispatched_at: Mapped[datetime | None]
    region_id: Mapped[UUID | None]


class Membership(Model):
    """Who belongs to which group."""

    __tablename__ = "membership"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    group_id: Mapped[str] = mapped_column(String(48), primary_key=True, index=True)


class Skill(Model):
    """What a person can do, used by dispatch."""

    __tablename__ = "skill"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    skill: Mapped[str] = mapped_column(String(64), primary_key=True)


class Absence(Model):
    """A period in which a person takes no work, and who stands in."""

    __tablename__ = "absence"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    substitute: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(200))


class Session(Model):
    """A signed-in browser; only the hash of its secret is stored."""

    __tablename__ = "session"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    way: Mapped[str | None] = mapped_column(String(16))  # how the person proved who they are
    address: Mapped[str | None] = mapped_column(String(64))
    agent: Mapped[str | None] = mapped_column(String(200))


class SecondFactor(Model):
    """The secret that a person's authenticator shares with us; counts once `confirmed_at` is set."""

    __tablename__ = "second_factor"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(
        BigInteger
    )  # the half minute of the last code: none is used twice


class RecoveryCode(Model):
    """A code for the day when the authenticator is lost; only its hash is stored, and using it removes it."""

    __tablename__ = "recovery_code"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class HalfSignIn(Model):
    """Somebody whose password was right and whose second factor is still asked for; opens no page."""

    __tablename__ = "half_sign_in"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime]


class SignInAttempt(Model):
    """Failed sign-ins of one account from one address, for the back-off."""

    __tablename__ = "sign_in_attempt"

    account: Mapped[str] = mapped_column(String(200), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class RateCount(Model):
    """How often one network address did something that only so many may do within a stretch of time."""

    __tablename__ = "rate_count"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    hits: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class AccessLog(Model):
    """Refused acts, sign-ins, and who read which history."""

    __tablename__ = "access_log"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(200))
    allowed: Mapped[bool] = mapped_column(Boolean)
    address: Mapped[str | None] = mapped_column(String(64))
