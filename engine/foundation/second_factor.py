"""The second factor of a sign-in: codes of an authenticator (TOTP), and recovery codes for the day when it is lost."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from engine.foundation.errors import Conflict, Rejection
from engine.foundation.models import RecoveryCode, SecondFactor
from engine.foundation.sessions import settle_second_factor
from engine.foundation.text import Text

ISSUER = "Shouhou"
STEP = 30  # seconds that a code lives; the one before and the one after are good as well
RECOVERY_CODES = 10
RECOVERY_DIGITS = 20  # digits, so that the same field and keyboard take them


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator has to know: `secret` to be typed, `uri` to be scanned."""

    secret: str
    uri: str


def is_on(tx: Connection, *, person: str) -> bool:
    """Whether signing in as this person takes a second step."""
    asked = select(SecondFactor.person).where(
        SecondFactor.person == person, SecondFactor.confirmed_at.is_not(None)
    )
    return tx.execute(asked).first() is not None


def begun(tx: Connection, *, person: str) -> Enrolment | None:
    """The secret that waits for its first code, if any."""
    waiting = select(SecondFactor.secret).where(
        SecondFactor.person == person, SecondFactor.confirmed_at.is_(None)
    )
    secret = tx.execute(waiting).scalar_one_or_none()
    return None if secret is None else _enrolment(secret, person)


def begin(tx: Connection, *, person: str, now: datetime) -> Enrolment:
    """Make a secret that counts once its first code was given; the same again until then. Raises Conflict when it counts."""
    if is_on(tx, person=person):
        raise Conflict(_ON_ALREADY)
    known = begun(tx, person=person)
    if known is not None:
        return known
    secret = pyotp.random_base32()
    tx.execute(insert(SecondFactor).values(person=person, secret=secret, created_at=now))
    return _enrolment(secret, person)


def confirm(tx: Connection, *, person: str, code: str, now: datetime) -> list[str]:
    """The first code: from now on signing in asks for one. Returns the recovery codes, which cannot be shown again.

    Raises Rejection for a wrong code, Conflict when there is nothing to confirm.
    """
    waiting = begun(tx, person=person)
    if waiting is None:
        raise Conflict(_NOTHING_BEGUN)
    if not _spend(tx, person=person, code=code, now=now):
        raise Rejection(WRONG_CODE)
    tx.execute(update(SecondFactor).filter_by(person=person).values(confirmed_at=now))
    settle_second_factor(tx, person=person)
    return renew_recovery_codes(tx, person=person)


def passes(tx: Connection, *, person: str, code: str, now: datetime) -> bool:
    """Whether this is the person's code at this moment, or one of their recovery codes; neither passes twice."""
    if not is_on(tx, person=person):
        return False
    spent = delete(RecoveryCode).filter_by(person=person, code_hash=_hash(person, code))
    return _spend(tx, person=person, code=code, now=now) or tx.execute(spent).rowcount == 1


def renew_recovery_codes(tx: Connection, *, person: str) -> list[str]:
    """New recovery codes in place of the old ones; only their hashes are stored."""
    codes = [
        "".join(secrets.choice("0123456789") for _ in range(RECOVERY_DIGITS)) for _ in range(RECOVERY_CODES)
    ]
    tx.execute(delete(RecoveryCode).filter_by(person=person))
    tx.execute(insert(RecoveryCode), [{"person": person, "code_hash": _hash(person, code)} for code in codes])
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_DIGITS, 4)) for code in codes]


def recovery_codes_left(tx: Connection, *, person: str) -> int:
    """How many recovery codes were not used yet."""
    return tx.execute(select(func.count()).select_from(RecoveryCode).filter_by(person=person)).scalar_one()


def remove(tx: Connection, *, person: str) -> None:
    """Signing in takes the password alone again; whatever was begun is forgotten."""
    tx.execute(delete(SecondFactor).filter_by(person=person))
    tx.execute(delete(RecoveryCode).filter_by(person=person))


def _spend(tx: Connection, *, person: str, code: str, now: datetime) -> bool:
    """Whether the code is right and newer than the last one; it is used up in the same statement."""
    secret = tx.execute(select(SecondFactor.secret).filter_by(person=person)).scalar_one()
    step = _step(secret, _digits(code), now)
    if step is None:
        return False
    unused = or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step)
    spent = update(SecondFactor).where(SecondFactor.person == person, unused).values(last_step=step)
    return tx.execute(spent).rowcount == 1


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute to which a code belongs; None when it is wrong."""
    totp = pyotp.TOTP(secret, interval=STEP)
    steps = (totp.timecode(now) + beside for beside in (-1, 0, 1))
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)), None)


def _enrolment(secret: str, person: str) -> Enrolment:
    uri = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=person, issuer_name=ISSUER)
    return Enrolment(secret, uri)


def _hash(person: str, code: str) -> str:
    return hashlib.sha256(f"{person} {_digits(code)}".encode()).hexdigest()


def _digits(code: str) -> str:
    return "".join(sign for sign in code[:64] if sign.isascii() and sign.isdigit())


WRONG_CODE = Text(
    zh="验证码不正确或已经用过; 请等下一个验证码出现后再试, 并核对手机时间。",
    en="The code is wrong or was used before; wait for the next one, and check the clock of your phone.",
)
_ON_ALREADY = Text(
    zh="两步登录已经开启; 如需更换验证器, 请先关闭再重新开启。",
    en="Signing in with a second step is on already; turn it off first to use another authenticator.",
)
_NOTHING_BEGUN = Text(
    zh="应先开始设置两步登录, 但还没有开始或已经完成; 请从账号页面重新开始。",
    en="Expected a second step that is being set up, found none; begin again on the page of your account.",
)
