"""Signing in with a password, in two steps where the person has a second factor."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from engine.foundation import second_factor
from engine.foundation.attempts import count_attempt, forgive, take_back
from engine.foundation.database import Database
from engine.foundation.errors import Rejection
from engine.foundation.models import HalfSignIn, Membership, Person
from engine.foundation.passwords import password_matches
from engine.foundation.security import log_access
from engine.foundation.sessions import Caller, Way, hashed, open_session
from engine.foundation.settings import Settings
from engine.foundation.text import Text

UNKNOWN = "unknown"  # never what was typed: people type passwords into the wrong field
HALFWAY = timedelta(minutes=10)  # how long the second step may take


@dataclass(frozen=True, slots=True)
class Entered:
    """What a right password earns: the secret of a session, or, `halfway`, one that only the second step takes."""

    secret: str
    halfway: bool = False


class StartAgain(Rejection):
    """The second step came too late, or without the first."""


def sign_in(
    database: Database,
    *,
    account: str,
    password: str,
    address: str,
    now: datetime,
    settings: Settings,
    agent: str = "",
) -> Entered:
    """The first step; raises TooManyAttempts, or a Rejection that does not say which word was wrong."""
    account, caller = account.strip()[:64], Caller(address[:64], agent)
    with database.write() as tx:
        count_attempt(tx, account=account, address=caller.address, now=now)
    with database.read() as tx:
        found = tx.execute(
            select(Person.id, Person.password_hash, Person.active).filter_by(id=account)
        ).first()
    matches = password_matches(found.password_hash if found and found.active else None, password)
    with database.write() as tx:
        who = found.id if found else UNKNOWN
        log_access(tx, actor=who, act="sign_in", target=who, allowed=matches, at=now, address=caller.address)
        if matches and second_factor.is_on(tx, person=account):
            take_back(
                tx, account=account, address=caller.address
            )  # guesses at the code are not forgiven by it
            return Entered(_half(tx, person=account, now=now), halfway=True)
        if matches:
            forgive(tx, account=account, address=caller.address)
            return Entered(_enter(tx, account, "password", caller, now=now, settings=settings))
    raise Rejection(_WRONG)


def give_code(
    database: Database,
    *,
    secret: str,
    code: str,
    address: str,
    now: datetime,
    settings: Settings,
    agent: str = "",
) -> str:
    """The second step: a code of the authenticator or a recovery code; the secret of the session.

    Raises StartAgain when the first step is too long ago, TooManyAttempts, Rejection for a wrong or used code.
    """
    caller = Caller(address[:64], agent)
    with database.read() as tx:
        half = select(HalfSignIn.person).where(
            HalfSignIn.secret_hash == hashed(secret), HalfSignIn.expires_at > now
        )
        person = tx.execute(half).scalar_one_or_none()
    if person is None:
        raise StartAgain(_START_AGAIN)
    right = proved(
        database,
        person=person,
        address=caller.address,
        now=now,
        act="second_factor",
        proof=lambda tx: second_factor.passes(tx, person=person, code=code, now=now),
    )
    if not right:
        raise Rejection(second_factor.WRONG_CODE)
    with database.write() as tx:
        if tx.execute(delete(HalfSignIn).filter_by(secret_hash=hashed(secret))).rowcount != 1:
            raise StartAgain(_START_AGAIN)
        return _enter(tx, person, "two_factors", caller, now=now, settings=settings)


def proved(
    database: Database,
    *,
    person: str,
    address: str,
    now: datetime,
    act: str,
    proof: Callable[[Connection], bool],
) -> bool:
    """Whether `proof` holds, each try counted and written to the access log. Raises TooManyAttempts."""
    with database.write() as tx:
        count_attempt(tx, account=person, address=address[:64], now=now)
    with database.write() as tx:
        right = proof(tx)
        log_access(tx, actor=person, act=act, target=person, allowed=right, at=now, address=address[:64])
        if right:
            forgive(tx, account=person, address=address[:64])
    return right


def _enter(
    tx: Connection, person: str, way: Way, caller: Caller, *, now: datetime, settings: Settings
) -> str:
    owes = way == "password" and _is_required(tx, person, settings)
    return open_session(
        tx, person=person, now=now, settings=settings, way=way, caller=caller, owes_second_factor=owes
    )


def _is_required(tx: Connection, person: str, settings: Settings) -> bool:
    """Whether the person belongs to a group whose members need a second factor."""
    asked = settings.second_factor_groups.split()
    theirs = select(Membership.person).where(Membership.person == person, Membership.group_id.in_(asked))
    return bool(asked) and tx.execute(theirs.limit(1)).first() is not None


def _half(tx: Connection, *, person: str, now: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    tx.execute(insert(HalfSignIn).values(secret_hash=hashed(secret), person=person, expires_at=now + HALFWAY))
    return secret


_WRONG = Text(
    zh="登录名或密码不正确; 请核对后重试, 或请系统管理员重设密码。",
    en="The login name or the password is wrong; check both, or ask the administrator for a new password.",
)
_START_AGAIN = Text(
    zh="验证码应在输入密码后 10 分钟内填写, 现已超时; 请重新登录。",
    en="Expected the code within 10 minutes of the password, but that is over; sign in again.",
)
