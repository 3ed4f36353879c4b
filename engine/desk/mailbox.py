"""A mailbox read over IMAP: what is new is looked at without marking it; what was dealt with is marked as read."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from engine.foundation.errors import ShouhouError, Unavailable
from engine.foundation.text import Text

SECONDS = 20.0  # how long a mail server may take to answer
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Account:
    """Where the mailbox is: `imap://` or `imaps://user:password@host:port/folder`."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str
    folder: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that was not read yet; `size` in bytes, `received_at` as the server says."""

    uid: str
    size: int
    received_at: datetime | None


def account_of(url: str) -> Account:
    """The account of a URL. Raises ShouhouError that does not repeat the password."""
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise ShouhouError(_BAD_URL)
    encrypted = parts.scheme == "imaps"
    return Account(
        host=parts.hostname,
        port=parts.port or (993 if encrypted else 143),
        encrypted=encrypted,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


class Mailbox:
    """An open folder."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def waiting(self) -> list[Waiting]:
        """The oldest mails that were not read yet."""
        _kind, found = self._server.uid("SEARCH", "UNSEEN")
        uids = found[0].split() if found and found[0] else []
        return [self._looked_at(uid.decode()) for uid in uids[:AT_ONCE]]

    def content(self, uid: str) -> bytes:
        """The whole mail, not marked as read."""
        _kind, parts = self._server.uid("FETCH", uid, "(BODY.PEEK[])")
        return next((part[1] for part in parts if isinstance(part, tuple)), b"")

    def settle(self, uid: str, *, flagged: bool = False) -> None:
        """Mark a mail as read, and with a flag when a person should look at it."""
        self._server.uid("STORE", uid, "+FLAGS", r"(\Seen \Flagged)" if flagged else r"(\Seen)")

    def _looked_at(self, uid: str) -> Waiting:
        _kind, parts = self._server.uid("FETCH", uid, "(RFC822.SIZE INTERNALDATE)")
        told = b" ".join(part if isinstance(part, bytes) else part[0] for part in parts if part).decode(
            "ascii", "replace"
        )
        return Waiting(uid, _size(told), _moment(told))


@contextmanager
def opened(account: Account) -> Iterator[Mailbox]:
    """Sign in and open the folder. Raises Unavailable when the server does not answer or refuses."""
    try:
        server = _connected(account)
    except (OSError, imaplib.IMAP4.error) as error:
        raise _out_of_reach(error) from error
    try:
        server.login(account.user, account.password)
        kind, _said = server.select(_quoted(account.folder))
        if kind != "OK":
            raise imaplib.IMAP4.error(f"no folder {account.folder}")
        yield Mailbox(server)
    except (OSError, imaplib.IMAP4.error) as error:
        raise _out_of_reach(error) from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _connected(account: Account) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if account.encrypted:
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=SECONDS)
    server = imaplib.IMAP4(account.host, account.port, timeout=SECONDS)
    if "STARTTLS" in server.capabilities:
        server.starttls(context)
    return server


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _size(told: str) -> int:
    _, _, rest = told.partition("RFC822.SIZE ")
    digits = rest.split(" ")[0].rstrip(")")
    return int(digits) if digits.isdigit() else 0


def _moment(told: str) -> datetime | None:
    _, _, rest = told.partition('INTERNALDATE "')
    try:
        return parsedate_to_datetime(rest.partition('"')[0].strip().replace("-", " ", 2)).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def _out_of_reach(error: Exception) -> Unavailable:
    return Unavailable(_NO_ANSWER.format(why=type(error).__name__))


_BAD_URL = Text(
    zh="mail_in_url 应形如 imaps://用户:密码@主机/文件夹; 请系统管理员更正。",
    en="Expected mail_in_url such as imaps://user:password@host/folder; the administrator should correct it.",
)
_NO_ANSWER = Text(
    zh="收信邮箱无法连接({why}); 系统会自动重试, 请系统管理员检查地址和密码。",
    en="The mailbox is out of reach ({why}); it is tried again; the administrator should check address and password.",
)
