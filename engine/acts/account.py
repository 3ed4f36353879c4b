"""One's own account: where one is signed in, the password, and the second factor; and its reset by an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.desk import people
from engine.foundation import second_factor
from engine.foundation.database import Database
from engine.foundation.errors import Rejection
from engine.foundation.models import Person
from engine.foundation.passwords import password_matches
from engine.foundation.second_factor import Enrolment
from engine.foundation.security import Actor, Target, log_access, require
from engine.foundation.sessions import OpenSession, revoke_all, sessions_of
from engine.foundation.settings import Settings
from engine.foundation.sign_in import proved
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Account:
    """What a person sees of their own account; `enrolment` is there while a second factor is being set up."""

    sessions: tuple[OpenSession, ...]
    has_password: bool
    second_factor: bool
    enrolment: Enrolment | None
    recovery_codes: int


def account(database: Database, *, actor: Actor, secret: str, now: datetime, settings: Settings) -> Account:
    """The account of whoever asks; `secret` is that of the session that asks."""
    with database.read() as tx:
        return Account(
            sessions=tuple(sessions_of(tx, person=actor.id, secret=secret, now=now, settings=settings)),
            has_password=_password_of(tx, actor.id) is not None,
            second_factor=second_factor.is_on(tx, person=actor.id),
            enrolment=second_factor.begun(tx, person=actor.id),
            recovery_codes=second_factor.recovery_codes_left(tx, person=actor.id),
        )


def sign_out_everywhere(database: Database, *, actor: Actor, now: datetime) -> int:
    """End every session of one's own, this one too; answers how many they were."""
    with database.write() as tx:
        _log(tx, actor, "sign_out_everywhere", now)
        return revoke_all(tx, person=actor.id)


def change_password(database: Database, *, current: str, new: str, actor: Actor, now: datetime) -> None:
    """Take another password; every session ends. Raises Rejection, TooManyAttempts for guesses at the current one."""
    with database.read() as tx:
        known = _password_of(tx, actor.id)
    right = password_matches(known, current)
    if not proved(
        database,
        person=actor.id,
        address=actor.address or "",
        now=now,
        act="change_password",
        proof=lambda _tx: right,
    ):
        raise Rejection(_WRONG_PASSWORD)
    with database.write() as tx:
        people.set_password(tx, actor.id, new, actor=actor)


def begin_second_factor(database: Database, *, actor: Actor, now: datetime) -> Enrolment:
    """A secret for one's authenticator; it counts once its first code was given. Raises Conflict."""
    with database.write() as tx:
        return second_factor.begin(tx, person=actor.id, now=now)


def confirm_second_factor(database: Database, *, code: str, actor: Actor, now: datetime) -> list[str]:
    """Turn it on with its first code; the recovery codes cannot be shown again. Raises Rejection, Conflict."""
    with database.write() as tx:
        codes = second_factor.confirm(tx, person=actor.id, code=code, now=now)
        _log(tx, actor, "second_factor_on", now)
    return codes


def renew_recovery_codes(database: Database, *, code: str, actor: Actor, now: datetime) -> list[str]:
    """New recovery codes in place of the old ones, for a code. Raises Rejection, TooManyAttempts."""
    _require_code(database, code, actor=actor, now=now, act="recovery_codes")
    with database.write() as tx:
        return second_factor.renew_recovery_codes(tx, person=actor.id)


def turn_off_second_factor(database: Database, *, code: str, actor: Actor, now: datetime) -> None:
    """Sign in with the password alone again; takes a code, as a stolen session must not. Raises Rejection, TooManyAttempts."""
    _require_code(database, code, actor=actor, now=now, act="second_factor_off")
    with database.write() as tx:
        second_factor.remove(tx, person=actor.id)


def has_second_factor(database: Database, person: str) -> bool:
    """Whether signing in as this person takes a second step."""
    with database.read() as tx:
        return second_factor.is_on(tx, person=person)


def reset_second_factor(database: Database, person: str, *, actor: Actor, now: datetime) -> None:
    """Somebody lost authenticator and recovery codes: the password alone lets them in again, and their sessions end.

    Logged. Raises Forbidden, NotFound.
    """
    with database.write() as tx:
        require(actor, "reset_second_factor", Target(label=person))
        people.person(tx, person)
        second_factor.remove(tx, person=person)
        revoke_all(tx, person=person)
        _log(tx, actor, "reset_second_factor", now, target=person)


def _require_code(database: Database, code: str, *, actor: Actor, now: datetime, act: str) -> None:
    if not proved(
        database,
        person=actor.id,
        address=actor.address or "",
        now=now,
        act=act,
        proof=lambda tx: second_factor.passes(tx, person=actor.id, code=code, now=now),
    ):
        raise Rejection(second_factor.WRONG_CODE)


def _password_of(tx: Connection, person: str) -> str | None:
    return tx.execute(select(Person.password_hash).where(Person.id == person)).scalar_one_or_none()


def _log(tx: Connection, actor: Actor, act: str, now: datetime, *, target: str | None = None) -> None:
    log_access(
        tx, actor=actor.id, act=act, target=target or actor.id, allowed=True, at=now, address=actor.address
    )


_WRONG_PASSWORD = Text(
    zh="当前密码不正确, 没有更改; 请核对后重试。",
    en="The current password is wrong, so nothing was changed; check it and try again.",
)
