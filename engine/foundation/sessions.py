"""Staying signed in: sessions that expire, that their person can see, and that end together."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Connection, Table, bindparam, delete, exists, insert, or_, select, update

from engine.foundation.attempts import forget_attempts
from engine.foundation.database import Database
from engine.foundation.models import Absence, HalfSignIn, Membership, Person, Session
from engine.foundation.settings import Settings

SEEN_EVERY = timedelta(minutes=1)  # reading a page seldom costs a write
OWES = "owes_second_factor"

Way = Literal["password", "two_factors", "company", "demo"]


@dataclass(frozen=True, slots=True)
class Caller:
    """From where somebody signs in: network address, and what their browser says it is."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser in which a person is signed in; `way` is how they proved who they are."""

    created_at: datetime
    seen_at: datetime
    way: Way | None
    address: str | None
    agent: str | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session a secret opens, what it remembers, and who that person is at this moment.

    `groups` are their own; when `somebody_away`, they may stand in for others besides.
    """

    person: str
    data: Mapping[str, Any]
    name: str
    language: str
    groups: frozenset[str]
    somebody_away: bool

    @property
    def owes_second_factor(self) -> bool:
        """Whether the person has to set up a second factor before anything else."""
        return bool(self.data.get(OWES))


def open_session(
    tx: Connection,
    *,
    person: str,
    now: datetime,
    settings: Settings,
    way: Way = "password",
    caller: Caller | None = None,
    owes_second_factor: bool = False,
) -> str:
    """A new session for somebody who has proved who they are; only a hash of its secret is stored."""
    secret = secrets.token_urlsafe(32)
    tx.execute(
        insert(Session).values(
            secret_hash=hashed(secret),
            person=person,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=settings.session_hours),
            data={OWES: True} if owes_second_factor else {},
            way=way,
            address=caller.address[:64] if caller else None,
            agent=caller.agent[:200] if caller else None,
        )
    )
    return secret


_SESSION, _PERSON = cast(Table, Session.__table__), cast(Table, Person.__table__)
_MEMBER, _ABSENCE = cast(Table, Membership.__table__), cast(Table, Absence.__table__)
_AWAY = exists().where(_ABSENCE.c.starts_at <= bindparam("now"), _ABSENCE.c.ends_at > bindparam("now"))
_SIGNED_IN = (
    select(
        _SESSION.c.person,
        _SESSION.c.data,
        _SESSION.c.seen_at,
        _SESSION.c.expires_at,
        _PERSON.c.name,
        _PERSON.c.language,
        _MEMBER.c.group_id,
        _AWAY.label("somebody_away"),
    )
    .join(_PERSON, _PERSON.c.id == _SESSION.c.person)
    .outerjoin(_MEMBER, _MEMBER.c.person == _PERSON.c.id)
    .where(_SESSION.c.secret_hash == bindparam("hash"), _PERSON.c.active)
)
"""Asked before every page: one row for each group of the person."""


def session_of(
    database: Database, *, secret: str, now: datetime, settings: Settings, keep_awake: bool = True
) -> SignedIn | None:
    """Whose session this is; None when it was idle too long, is too old, revoked, or its person left.

    A page that only asks for news does not keep its session awake.
    """
    with database.glance() as tx:
        rows = tx.execute(_SIGNED_IN, {"hash": hashed(secret), "now": now}).all()
    row = rows[0] if rows else None
    if row is None or now >= row.expires_at or now - row.seen_at >= _idle(settings):
        return None
    if keep_awake and now - row.seen_at >= SEEN_EVERY:
        with database.write() as tx:
            tx.execute(update(Session).filter_by(secret_hash=hashed(secret)).values(seen_at=now))
    groups = frozenset(one.group_id for one in rows if one.group_id is not None)
    return SignedIn(row.person, row.data, row.name, row.language, groups, bool(row.somebody_away))


def remember(tx: Connection, *, secret: str, data: Mapping[str, Any]) -> None:
    """Replace what the session remembers (JSON values)."""
    tx.execute(update(Session).filter_by(secret_hash=hashed(secret)).values(data=dict(data)))


def revoke(tx: Connection, *, secret: str) -> None:
    """Sign out here."""
    tx.execute(delete(Session).filter_by(secret_hash=hashed(secret)))


def revoke_all(tx: Connection, *, person: str) -> int:
    """Sign a person out everywhere, also where they are half way in; answers how many sessions that were."""
    tx.execute(delete(HalfSignIn).filter_by(person=person))
    return tx.execute(delete(Session).filter_by(person=person)).rowcount


def settle_second_factor(tx: Connection, *, person: str) -> None:
    """The person owes no second factor any more, in whichever session."""
    for row in tx.execute(select(Session.secret_hash, Session.data).filter_by(person=person)).all():
        rest = {name: value for name, value in row.data.items() if name != OWES}
        tx.execute(update(Session).filter_by(secret_hash=row.secret_hash).values(data=rest))


def sessions_of(
    tx: Connection, *, person: str, secret: str, now: datetime, settings: Settings
) -> list[OpenSession]:
    """Where a person is signed in, the last used first; `secret` tells which of them is asking."""
    alive = (Session.person == person, Session.expires_at > now, Session.seen_at > now - _idle(settings))
    columns = (Session.created_at, Session.seen_at, Session.way, Session.address, Session.agent)
    rows = tx.execute(
        select(*columns, Session.secret_hash)
        .where(*alive)
        .order_by(Session.seen_at.desc(), Session.created_at.desc())
    )
    this = hashed(secret)
    return [
        OpenSession(row.created_at, row.seen_at, row.way, row.address, row.agent, row.secret_hash == this)
        for row in rows
    ]


def forget_expired(tx: Connection, *, now: datetime, settings: Settings) -> None:
    """Remove dead sessions and forgotten attempts; called by the tick now and then."""
    tx.execute(
        delete(Session).where(or_(Session.expires_at <= now, Session.seen_at <= now - _idle(settings)))
    )
    tx.execute(delete(HalfSignIn).where(HalfSignIn.expires_at <= now))
    forget_attempts(tx, now=now)


def hashed(secret: str) -> str:
    """How a secret of a browser is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _idle(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.session_idle_minutes)
