"""Failed attempts to prove who one is: each counts, and the wait after it grows; nobody is locked out for good."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.foundation.errors import Rejection
from engine.foundation.models import SignInAttempt
from engine.foundation.text import Text

ANY = "*"
FORGOTTEN = timedelta(hours=1)  # a quiet hour, and failures count from nought again


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


def count_attempt(tx: Connection, *, account: str, address: str, now: datetime) -> None:
    """Count a failure before it is tried, so that guesses sent at the same moment cannot slip through together.

    Raises TooManyAttempts while one has to wait.
    """
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


def forgive(tx: Connection, *, account: str, address: str) -> None:
    """It was the right person after all: what failed here is forgotten, elsewhere only this attempt."""
    tx.execute(delete(SignInAttempt).filter_by(account=account, address=address))
    for who, where in ((account, ANY), (ANY, address)):
        this_one = update(SignInAttempt).filter_by(account=who, address=where)
        tx.execute(this_one.values(failures=SignInAttempt.failures - 1, locked_until=None))


def take_back(tx: Connection, *, account: str, address: str) -> None:
    """This attempt was no failure, but proves too little to forgive the others."""
    for who, where in ((account, address), (account, ANY), (ANY, address)):
        this_one = update(SignInAttempt).filter_by(account=who, address=where)
        tx.execute(this_one.values(failures=SignInAttempt.failures - 1, locked_until=None))


def forget_attempts(tx: Connection, *, now: datetime) -> None:
    """Remove what has been quiet for long."""
    tx.execute(delete(SignInAttempt).where(SignInAttempt.last_at < now - FORGOTTEN))


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


_LOCKED = Text(
    zh="登录失败次数过多; 请在 {seconds} 秒后再试。",
    en="Too many failed sign-ins; try again in {seconds} seconds.",
)
