"""The outbox is carried out after the commit: at least once, each message under a key that never changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select, update

from engine.acts import across
from engine.cases import Cases
from engine.desk import portal_links
from engine.desk.channels import Undelivered, message_id, send_chat, send_mail
from engine.desk.notifications import NO_TEXT, TO_CUSTOMER, MessageText, Rendered, failed_words, render
from engine.foundation.database import Database
from engine.foundation.errors import ShouhouError
from engine.foundation.models import Case, Outbox
from engine.foundation.settings import Settings
from engine.foundation.text import Text

LEASE = timedelta(minutes=2)  # longer than any try; a message whose process died is sent again after it
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
TRIES = len(WAITS) + 1
AT_ONCE = 100

Texts = Callable[[int], Mapping[str, MessageText]]
"""The messages of a release."""
OpenCase = Callable[[UUID, str, Mapping[str, Any], datetime], None]
"""Open a case with this id in this process with these values; must do nothing when it exists."""
Tell = Callable[["Parcel", datetime], None]
"""Tell other cases what this one posted to them; must do nothing to a case that was told."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed row of the outbox with what its text needs from the case."""

    shard_key: int
    case_id: UUID
    id: UUID
    kind: str
    channel: str
    recipient: str
    message: str
    values: Mapping[str, Any]
    language: str
    attempts: int
    number: str
    title: str
    customer: str | None
    release: int


def carry_out(cases: Cases, *, now: datetime) -> int:
    """Carry out what is due in the outbox of these cases; answers how much was. The tick calls it."""

    def open_case(id: UUID, process: str, values: Mapping[str, Any], at: datetime) -> None:
        across.open_case(cases, id, process, values, now=at)

    def tell(parcel: Parcel, at: datetime) -> None:
        across.tell(cases, parcel, now=at)

    return deliver_due(
        cases.database,
        now=now,
        settings=cases.settings,
        texts=lambda release: cases.library(release).messages,
        open_case=open_case,
        tell=tell,
    )


def deliver_due(
    database: Database,
    *,
    now: datetime,
    settings: Settings,
    texts: Texts,
    open_case: OpenCase | None = None,
    tell: Tell | None = None,
) -> int:
    """Carry out what is due, one message at a time; answers how many were delivered.

    Each is claimed with a lease, sent outside any transaction, then marked: a crash in between sends it again with
    the same key. Without a mail or chat address in the settings such messages stay in the outbox.
    """
    ways = _ways(settings, open_case)
    delivered = 0
    for _ in range(AT_ONCE):
        parcel = _claim(database, now=now, channels=ways)
        if parcel is None:
            break
        delivered += _carry(
            database, parcel, now=now, settings=settings, texts=texts, open_case=open_case, tell=tell
        )
    return delivered


def _ways(settings: Settings, open_case: OpenCase | None) -> list[str]:
    open_ways = {"mail": settings.mail_url, "chat": settings.chat_urls, "case": open_case}
    return [channel for channel, way in open_ways.items() if way]


def _claim(database: Database, *, now: datetime, channels: Collection[str]) -> Parcel | None:
    with database.read() as tx:  # most of the time nothing is due, and looking must not cost a write
        if tx.execute(_due(now, channels)).first() is None:
            return None
    with database.write() as tx:
        row = tx.execute(_due(now, channels).with_for_update(skip_locked=True, of=Outbox)).mappings().first()
        if row is None:
            return None
        parcel = Parcel(**{**row, "attempts": row["attempts"] + 1})
        values = {"lease_until": now + LEASE, "attempts": parcel.attempts}
        tx.execute(update(Outbox).where(*_key(parcel)).values(**values))
    return parcel


def _due(now: datetime, channels: Collection[str]) -> Any:
    return (
        select(
            Outbox.shard_key,
            Outbox.case_id,
            Outbox.id,
            Outbox.kind,
            Outbox.channel,
            Outbox.recipient,
            Outbox.message,
            Outbox.values,
            Outbox.language,
            Outbox.attempts,
            Case.number,
            Case.title,
            Case.customer_name.label("customer"),
            Case.release,
        )
        .join(Case, _its_case())
        .where(
            Outbox.next_attempt_at <= now,
            or_(Outbox.lease_until.is_(None), Outbox.lease_until <= now),
            Outbox.channel.in_(sorted(channels)),
        )
        .order_by(Outbox.next_attempt_at, Outbox.id)
        .limit(1)
    )


def _carry(
    database: Database,
    parcel: Parcel,
    *,
    now: datetime,
    settings: Settings,
    texts: Texts,
    open_case: OpenCase | None,
    tell: Tell | None,
) -> bool:
    try:
        if parcel.attempts > TRIES:
            raise Undelivered(_INTERRUPTED, final=True)
        if parcel.channel == "case":
            _across(parcel, now=now, open_case=open_case, tell=tell)
        else:
            rendered = _rendered(database, parcel, now=now, settings=settings, texts=texts)
            _send(parcel, rendered, now=now, settings=settings)
    except Exception as error:  # whatever goes wrong with one message must not keep the others waiting
        final = getattr(error, "final", False) or parcel.attempts >= TRIES
        again = None if final else now + WAITS[parcel.attempts - 1]
        said = error.text if isinstance(error, ShouhouError) else _BROKE.format(why=repr(error))
        _settle(database, parcel, next_attempt_at=again, lease_until=None, failure=failed_words(said))
        return False
    _settle(database, parcel, next_attempt_at=None, lease_until=None, done_at=now, failure=None)
    return True


def _across(parcel: Parcel, *, now: datetime, open_case: OpenCase | None, tell: Tell | None) -> None:
    if parcel.message == "open_case":
        assert open_case is not None
        open_case(parcel.id, parcel.recipient, parcel.values, now)
    if tell is not None:
        tell(parcel, now)


def _send(parcel: Parcel, rendered: Rendered, *, now: datetime, settings: Settings) -> None:
    if parcel.channel == "chat":
        send_chat(settings.chat_urls, rendered=rendered)
    else:
        send_mail(
            settings.mail_url,
            sender=settings.mail_from,
            to=parcel.recipient,
            rendered=rendered,
            message_id=message_id(parcel.id, sender=settings.mail_from),
            language=parcel.language,
            at=now,
        )


def _rendered(
    database: Database, parcel: Parcel, *, now: datetime, settings: Settings, texts: Texts
) -> Rendered:
    known = texts(parcel.release)
    if parcel.message not in known:
        raise Undelivered(NO_TEXT.format(found=parcel.message), final=True)
    linked = "{link}" in known[parcel.message].body.in_(parcel.language)
    of_case = {
        "number": parcel.number,
        "title": parcel.title,
        "customer": parcel.customer,
        "link": _link(database, parcel, now=now, settings=settings) if linked else None,
    }
    values = of_case | dict(parcel.values)
    return render(known[parcel.message], values, language=parcel.language, zone=settings.time_zone)


def _link(database: Database, parcel: Parcel, *, now: datetime, settings: Settings) -> str:
    """Where the reader finds the case: staff after signing in, a customer by a secret that only this message holds."""
    if parcel.kind != TO_CUSTOMER:
        return f"{settings.base_url}/cases/{parcel.number}"
    with database.write() as tx:
        secret = portal_links.create(tx, parcel.case_id, at=now, days=settings.portal_link_days)
    spoken = "" if parcel.language == "zh" else f"?lang={parcel.language}"
    return portal_address(settings, secret) + spoken


def portal_address(settings: Settings, secret: str) -> str:
    """The address of the page behind a customer's link."""
    return f"{settings.base_url}/portal/cases/{secret}"


def _settle(database: Database, parcel: Parcel, **values: Any) -> None:
    # Fenced by the attempt: whoever claimed it again after our lease ran out decides.
    with database.write() as tx:
        tx.execute(update(Outbox).where(*_key(parcel), Outbox.attempts == parcel.attempts).values(**values))


def _key(parcel: Parcel) -> tuple[Any, ...]:
    return (
        Outbox.shard_key == parcel.shard_key,
        Outbox.case_id == parcel.case_id,
        Outbox.id == parcel.id,
    )


def _its_case() -> Any:
    return and_(Case.shard_key == Outbox.shard_key, Case.id == Outbox.case_id)


_INTERRUPTED = Text(
    zh="应能送达, 但每次发送都被中断; 请系统管理员查看运行日志后重发。",
    en="Expected delivery, but every try was cut short; the administrator should look at the log and send it again.",
)
_BROKE = Text(
    zh="应能送达, 但发送程序出错({why}); 请系统管理员查看运行日志后重发。",
    en="Expected delivery, but sending broke ({why}); the administrator should look at the log and send it again.",
)
