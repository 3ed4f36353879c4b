"""The ways out of the house: mail through the SMTP server of an Apprise URL, chat through any other Apprise URL."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from engine.desk.notifications import Rendered
from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text

SECONDS = 15.0  # how long a mail server may take to answer


class Undelivered(ShouhouError):
    """A message could not be handed over; `final` when another try cannot help."""

    def __init__(self, text: Text, *, final: bool = False) -> None:
        super().__init__(text)
        self.final = final


def message_id(id: UUID, *, sender: str) -> str:
    """The Message-ID of an outbox row: the same on every try, so that a mail server can drop a repetition."""
    return f"<{id}@{sender.rpartition('@')[2] or 'shouhou.invalid'}>"


def send_mail(
    url: str, *, sender: str, to: str, rendered: Rendered, message_id: str, language: str, at: datetime
) -> None:
    """Hand one mail to the SMTP server of an Apprise `mailto://` or `mailtos://` URL. Raises Undelivered."""
    account = _account(url, sender=sender, to=to)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, rendered.subject
    mail["Message-ID"], mail["Date"] = message_id, format_datetime(at)
    mail["Auto-Submitted"], mail["Content-Language"] = (
        "auto-generated",
        {"zh": "zh-CN"}.get(language, language),
    )
    mail.set_content(rendered.body)
    try:
        with _connected(account) as server:
            server.send_message(mail, from_addr=sender, to_addrs=[to])
    except (smtplib.SMTPException, OSError) as error:
        raise Undelivered(_REFUSED.format(why=_reason(error)), final=_is_final(error)) from error


def send_chat(urls: str, *, rendered: Rendered) -> None:
    """Send to every chat of `urls` (Apprise URLs separated by spaces). Raises Undelivered when one fails."""
    import apprise  # loads slowly, and most commands never send

    chats = apprise.Apprise()
    if not all(chats.add(url) for url in urls.split()):
        raise Undelivered(_BAD_URL, final=True)
    if not chats.notify(title=rendered.subject, body=rendered.body):
        raise Undelivered(_REFUSED.format(why="Apprise"))


def _account(url: str, *, sender: str, to: str) -> Any:
    import apprise
    from apprise.plugins.email import NotifyEmail

    joined = "&" if "?" in url else "?"
    account = apprise.Apprise.instantiate(f"{url}{joined}from={sender}&to={to}", suppress_exceptions=True)
    if not isinstance(account, NotifyEmail):
        raise Undelivered(_BAD_URL, final=True)
    return account


def _connected(account: Any) -> smtplib.SMTP:
    # Apprise reads the URL; it cannot send it, because it gives every try another Message-ID.
    context = ssl.create_default_context()
    if not account.verify_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    server = (
        smtplib.SMTP_SSL(account.smtp_host, account.port, timeout=SECONDS, context=context)
        if account.secure_mode == "ssl"
        else smtplib.SMTP(account.smtp_host, account.port, timeout=SECONDS)
    )
    try:
        if account.secure_mode == "starttls":
            server.starttls(context=context)
        if account.user and account.password:
            server.login(account.user, account.password)
    except BaseException:
        server.close()
        raise
    return server


def _is_final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and error.smtp_code >= 500


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_words(said)}" for code, said in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"
    return str(error) or type(error).__name__


def _words(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


_REFUSED = Text(
    zh="应能送达, 但对方服务器未接受({why}); 系统会自动重试, 多次失败后请人工通知并检查地址。",
    en="Expected delivery, but the other server did not accept it ({why}); it is tried again; if that fails too, inform them another way.",
)
_BAD_URL = Text(
    zh="应为 Apprise 地址, 邮件为 mailto:// 或 mailtos:// ; 请系统管理员检查通知设置。",
    en="Expected Apprise URLs, mailto:// or mailtos:// for mail; the administrator should check the notification settings.",
)
