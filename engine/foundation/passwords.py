"""Passwords: kept as argon2id hashes, never as words."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.foundation.errors import Rejection
from engine.foundation.text import Text

SHORTEST = 8
LONGEST = 128
COMMON = frozenset(
    {
        "frozenset",
        "12345678",
        "123456789",
        "1234567890",
        "password",
        "password1",
        "passw0rd",
        "qwertyui",
        "qwerty123",
        "1q2w3e4r",
        "1qaz2wsx",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "abcd1234",
        "a1234567",
        "aa123456",
        "a123456789",
        "iloveyou",
        "woaini1314",
        "5201314520",
        "letmein1",
        "welcome1",
        "admin123",
        "administrator",
        "changeme",
        "987654321",
        "147258369",
        "asdfghjk",
        "zxcvbnm1",
        "sunshine",
        "football",
        "baseball",
        "superman",
    }
)

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's least: 19 MiB, 2 passes
_AT_ONCE = BoundedSemaphore(4)  # 19 MiB each: a storm of sign-ins must not exhaust the machine
_NOBODY = _HASHER.hash("the account does not exist")


def hash_password(password: str, *, account: str) -> str:
    """The argon2id hash of a new password; a Rejection when it is too short, too long or easily guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Rejection(_LENGTH.format(shortest=SHORTEST, longest=LONGEST, found=len(password)))
    if password.lower() in COMMON or password.lower() == account.lower():
        raise Rejection(_GUESSED)
    with _AT_ONCE:
        return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` belongs to the hash; takes as long for an account that has none."""
    try:
        with _AT_ONCE:
            _HASHER.verify(password_hash or _NOBODY, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


_LENGTH = Text(
    zh="密码长度应为 {shortest} 到 {longest} 个字符, 实际为 {found} 个; 请重新设置。",
    en="Expected a password of {shortest} to {longest} characters, found {found}; choose another one.",
)
_GUESSED = Text(
    zh="密码应不易被猜到, 而它是常见密码或与登录名相同; 请重新设置。",
    en="Expected a password that is hard to guess, found a common one or the login name; choose another one.",
)
