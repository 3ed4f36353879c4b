"""Signing in and staying signed in: attempts that back off, and sessions that expire."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.foundation.database import Database
from engine.foundation.errors import Rejection
from engine.foundation.models import Absence, Membership, Person, Session, SignInAttempt
from engine.foundation.passwords import password_matches
from engine.foundation.security import log_access
from engine.foundation.settings import Settings
from engine.foundation.text import Text

ANY = "*"
UNKNOWN = "unknown"  # never what was typed: people type passwords into the wrong field
FORGOTTEN = timedelta(hours=1)  # a quiet hour, and failures count from nought again
SEEN_EVERY = timedelta(minutes=1)  # reading a page seldom costs a write


@dataclass(frozen=True, slots=True)
class BackOff:
    """How many failures are free, and how long the wait grows after that: doubling from `first`, up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after this many failures the next try is refused."""
        if failures < self.free:
            return timedelta(0)
        return min(self.longest, self.first * (1 << min(failures - self.free, 20)))


HERE = BackOff(5, timedelta(seconds=30), timedelta(minutes=15))
ANYWHERE = BackOff(20, timedelta(seconds=10), timedelta(minutes=1))  # guessing from many addresses
ANYBODY = BackOff(50, timedelta(seconds=10), timedelta(minutes=1))  # trying many accounts from one address


class TooManyAttempts(Rejection):
    """Signing in is refused until `until`, right password or not."""

    def __init__(self, *, until: datetime, now: datetime) -> None:
        seconds = max(1, math.ceil((until - now).total_seconds()))
        super().__init__(_LOCKED.format(seconds=seconds))
        self.until = until


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


def sign_in(
    database: Database, *, account: str, password: str, address: str, now: datetime, settings: Settings
) -> str:
    """The secret of a new session; raises TooManyAttempts, or a Rejection that does not say which word was wrong."""
    account, address = account.strip()[:64], address[:64]
    with database.write() as tx:
        # Counted as failed before it is tried, so that guesses sent at the same moment cannot slip through together.
        _count_attempt(tx, account=account, address=address, now=now)
    with database.read() as tx:
        found = tx.execute(
            select(Person.id, Person.password_hash, Person.active).filter_by(id=account)
        ).first()
    matches = password_matches(found.password_hash if found and found.active else None, password)
    with database.write() as tx:
        who = found.id if found else UNKNOWN
        log_access(tx, actor=who, act="sign_in", target=who, allowed=matches, at=now, address=address)
        if matches:
            _forgive(tx, account=account, address=address)
            return open_session(tx, person=account, now=now, settings=settings)
    raise Rejection(_WRONG)


def open_session(tx: Connection, *, person: str, now: datetime, settings: Settings) -> str:
    """A new session for somebody who has proved who they are; only a hash of its secret is stored."""
    secret = secrets.token_urlsafe(32)
    tx.execute(
        insert(Session).values(
            secret_hash=_hashed(secret),
            person=person,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=settings.session_hours),
            data={},
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
    with database.read() as tx:
        rows = tx.execute(_SIGNED_IN, {"hash": _hashed(secret), "now": now}).all()
    row = rows[0] if rows else None
    if row is None or now >= row.expires_at or now - row.seen_at >= _idle(settings):
        return None
    if keep_awake and now - row.seen_at >= SEEN_EVERY:
        with database.write() as tx:
            tx.execute(update(Session).filter_by(secret_hash=_hashed(secret)).values(seen_at=now))
    groups = frozenset(one.group_id for one in rows if one.group_id is not None)
    return SignedIn(row.person, row.data, row.name, row.language, groups, bool(row.somebody_away))


def remember(tx: Connection, *, secret: str, data: Mapping[str, Any]) -> None:
    """Replace what the session remembers (JSON values)."""
    tx.execute(update(Session).filter_by(secret_hash=_hashed(secret)).values(data=dict(data)))


def revoke(tx: Connection, *, secret: str) -> None:
    """Sign out here."""
    tx.execute(delete(Session).filter_by(secret_hash=_hashed(secret)))


def revoke_all(tx: Connection, *, person: str) -> int:
    """Sign a person out everywhere; answers how many sessions that were."""
    return tx.execute(delete(Session).filter_by(person=person)).rowcount


def forget_expired(tx: Connection, *, now: datetime, settings: Settings) -> None:
    """Remove dead sessions and forgotten attempts; called by the tick now and then."""
    tx.execute(
        delete(Session).where(or_(Session.expires_at <= now, Session.seen_at <= now - _idle(settings)))
    )
    tx.execute(delete(SignInAttempt).where(SignInAttempt.last_at < now - FORGOTTEN))


def _count_attempt(tx: Connection, *, account: str, address: str, now: datetime) -> None:
    for who, where, back_off in ((account, address, HERE), (account, ANY, ANYWHERE), (ANY, address, ANYBODY)):
        row = _attempts(tx, account=who, address=where, now=now)
        if row.locked_until is not None and row.locked_until > now:
            raise TooManyAttempts(until=row.locked_until, now=now)
        failures = row.failures + 1 if now - row.last_at < FORGOTTEN else 1
        wait = back_off.wait(failures)
        tx.execute(
            update(SignInAttempt)
            .filter_by(account=who, address=where)
            .values(failures=failures, last_at=now, locked_until=now + wait if wait else None)
        )


def _attempts(tx: Connection, *, account: str, address: str, now: datetime) -> Row[Any]:
    found = (
        select(SignInAttempt.failures, SignInAttempt.last_at, SignInAttempt.locked_until)
        .filter_by(account=account, address=address)
        .with_for_update()
    )
    if (row := tx.execute(found).first()) is None:
        with (
            suppress(IntegrityError),
            tx.begin_nested(),
        ):  # somebody else may make the same row at this moment
            tx.execute(
                insert(SignInAttempt).values(account=account, address=address, failures=0, last_at=now)
            )
        row = tx.execute(found).one()
    return row


def _forgive(tx: Connection, *, account: str, address: str) -> None:
    tx.execute(delete(SignInAttempt).filter_by(account=account, address=address))
    for who, where in ((account, ANY), (ANY, address)):
        this_one = update(SignInAttempt).filter_by(account=who, address=where)
        tx.execute(this_one.values(failures=SignInAttempt.failures - 1, locked_until=None))


def _idle(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.session_idle_minutes)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


_WRONG = Text(
    zh="登录名或密码不正确; 请核对后重试, 或请系统管理员重设密码。",
    en="The login name or the password is wrong; check both, or ask the administrator for a new password.",
)
_LOCKED = Text(
    zh="登录失败次数过多; 请在 {seconds} 秒后再试。",
    en="Too many failed sign-ins; try again in {seconds} seconds.",
)
