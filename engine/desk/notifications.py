"""Messages to people: who gets which, in which language, and what it says."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select, update

from engine.desk.absences import stand_in
from engine.desk.people import is_mail_address, members
from engine.foundation.ids import new_id, shard_key
from engine.foundation.models import Case, Customer, Outbox, Person
from engine.foundation.text import Text

CUSTOMER = "customer"
TO_CUSTOMER = "customer"  # kind of the messages in which `{link}` leads to the customer's own page
OF_CUSTOMERS = "customer:"  # before the id of a customer who is not that of the case
GROUP = "group:"
CONTACT_FIELDS = ("contact_email", "email")  # answers of the start form that name who reported
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


class MessageText(Protocol):
    """A message of the library: `{name}` in it stands for a value."""

    @property
    def subject(self) -> Text:
        """One line."""

    @property
    def body(self) -> Text:
        """Plain text."""


class CaseColumns(Protocol):
    """The row of the case that sends: `id`, `customer_id` and `facts` (the answers of its start form) are read."""

    def __getitem__(self, column: str, /) -> Any:
        """The value of a column."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one language with its values filled in."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Bell:
    """One in-app message of a person, newest first in lists; `release` says which library holds its text."""

    id: UUID
    case_id: UUID
    number: str
    title: str
    release: int
    message: str
    values: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Addressee:
    channel: str
    recipient: str
    language: str


def queue(
    tx: Connection,
    *,
    case: CaseColumns,
    wish: Mapping[str, Any],
    messages: Collection[str],
    at: datetime,
    chat: bool = False,
    kept_out: Collection[str] = (),
) -> None:
    """Write a message into the outbox, in the transaction of the step that wished for it.

    The wish names `to` (`customer`, `customer:<id>`, `group:<id>`, a person, or a list of these), `message` (a key
    among `messages`) and `values`. Staff get it in the product and, when they have an address, by mail; a group also
    in its chat when `chat` is set. Who is `kept_out` of the case hears nothing. A customer without an address, a
    message for nobody, or one without a text leaves a failed row for a person to see.
    """
    if isinstance(wish["to"], list):
        for one in wish["to"]:
            queue(
                tx,
                case=case,
                wish={**wish, "to": one},
                messages=messages,
                at=at,
                chat=chat,
                kept_out=kept_out,
            )
        return
    to, message = str(wish["to"] or "-"), str(wish["message"])
    if to.startswith(OF_CUSTOMERS):
        name, case = _named(tx, case, to)
        to, wish = CUSTOMER, {**wish, "values": {**(wish.get("values") or {}), "customer": name}}
    reached = _Reach(at=at, chat=chat and not kept_out, kept_out=frozenset(kept_out))
    found = _addressees(tx, to, reached, customer_id=case["customer_id"], facts=case["facts"])
    failure = None if message in messages else NO_TEXT.format(found=message)
    kind = (
        TO_CUSTOMER if wish["to"] == CUSTOMER else "notify"
    )  # not another customer: the link opens this case
    rows = [
        _row(one, case_id=case["id"], message=message, values=wish.get("values") or {}, at=at)
        | {"kind": kind}
        for one in found or [_Addressee("mail", to[:200], "zh")]
    ]
    if failure is not None:
        rows = [
            row | {"next_attempt_at": None, "done_at": None, "failure": failed_words(failure)} for row in rows
        ]
    tx.execute(insert(Outbox), rows)


def _named(tx: Connection, case: CaseColumns, to: str) -> tuple[str | None, CaseColumns]:
    """Another customer in place of the case's own."""
    identity = UUID(to.removeprefix(OF_CUSTOMERS))
    name = tx.scalar(select(Customer.name).where(Customer.id == identity))
    return name, {"id": case["id"], "customer_id": identity, "facts": {}}


def render(text: MessageText, values: Mapping[str, Any], *, language: str, zone: str) -> Rendered:
    """Fill a message in: moments in the reader's zone, missing values as a dash; values are never read as templates."""

    def fill(template: str) -> str:
        return _PLACEHOLDER.sub(lambda found: _shown(values.get(found[1]), language, zone), template)

    subject = " ".join(fill(text.subject.in_(language)).split())
    return Rendered(subject=subject, body=fill(text.body.in_(language)))


def bell(tx: Connection, *, person: str, limit: int = 20, unread: bool = False) -> list[Bell]:
    """The newest in-app messages of a person, or only the unread ones."""
    chosen = (
        select(
            Outbox.id,
            Outbox.case_id,
            Case.number,
            Case.title,
            Case.release,
            Outbox.message,
            Outbox.values.label("given"),  # a row of SQLAlchemy has a `values` of its own
            Outbox.created_at,
            Outbox.read_at,
        )
        .join(Case, (Case.shard_key == Outbox.shard_key) & (Case.id == Outbox.case_id))
        .where(Outbox.channel == "inbox", Outbox.recipient == person)
        .order_by(Outbox.created_at.desc(), Outbox.id.desc())
        .limit(limit)
    )
    if unread:
        chosen = chosen.where(Outbox.read_at.is_(None))
    return [Bell(*row._tuple()) for row in tx.execute(chosen)]


def unread(tx: Connection, *, person: str) -> int:
    """How many in-app messages a person has not read."""
    mine = (Outbox.channel == "inbox", Outbox.recipient == person, Outbox.read_at.is_(None))
    return tx.execute(select(func.count()).select_from(Outbox).where(*mine)).scalar_one()


def mark_read(tx: Connection, *, person: str, at: datetime, only: Sequence[UUID] | None = None) -> int:
    """Mark a person's in-app messages as read, all of them or `only` some; answers how many were unread."""
    mine = update(Outbox).where(
        Outbox.channel == "inbox", Outbox.recipient == person, Outbox.read_at.is_(None)
    )
    if only is not None:
        mine = mine.where(Outbox.id.in_(list(only)))
    return tx.execute(mine.values(read_at=at)).rowcount


def failed_words(text: Text) -> str:
    """How a failure is kept in the outbox: both languages in one line."""
    return f"{text.zh} / {text.en}"


@dataclass(frozen=True, slots=True)
class _Reach:
    """When a message leaves, whether a group's chat is open, and whom it must not reach."""

    at: datetime
    chat: bool
    kept_out: frozenset[str]


def _addressees(
    tx: Connection, to: str, reach: _Reach, *, customer_id: UUID | None, facts: Mapping[str, Any]
) -> list[_Addressee]:
    if to == CUSTOMER:
        return _customer(tx, customer_id, facts)
    if not to.startswith(GROUP):
        away_to = stand_in(tx, to, at=reach.at)
        return _staff(tx, sorted({to, away_to or to} - reach.kept_out))
    group = to.removeprefix(GROUP)
    people = members(tx, group, reach.at) or members(tx, group)
    chat = [_Addressee("chat", to, "zh")] if reach.chat else []
    return _staff(tx, [one for one in people if one not in reach.kept_out]) + chat


def _customer(tx: Connection, customer_id: UUID | None, facts: Mapping[str, Any]) -> list[_Addressee]:
    known = select(Customer.email, Customer.language).where(Customer.id == customer_id)
    registered = tx.execute(known).first() if customer_id is not None else None
    told = next((str(facts[name]) for name in CONTACT_FIELDS if facts.get(name)), None)
    address = told or (registered.email if registered else None)
    return [_Addressee("mail", address, registered.language if registered else "zh")] if address else []


def _staff(tx: Connection, people: Sequence[str]) -> list[_Addressee]:
    chosen = select(Person.id, Person.email, Person.language).where(Person.id.in_(people), Person.active)
    rows = tx.execute(chosen.order_by(Person.id)).all()
    inbox = [_Addressee("inbox", row.id, row.language) for row in rows]
    return inbox + [_Addressee("mail", row.email, row.language) for row in rows if row.email]


def _row(
    one: _Addressee, *, case_id: UUID, message: str, values: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    leaves = one.channel == "chat" or (one.channel == "mail" and is_mail_address(one.recipient))
    lost = one.channel == "mail" and not leaves
    return {
        "shard_key": shard_key(case_id),
        "case_id": case_id,
        "id": new_id(at),
        "kind": "notify",
        "channel": one.channel,
        "recipient": one.recipient[:200],
        "message": message[:64],
        "values": dict(values),
        "language": one.language,
        "created_at": at,
        "next_attempt_at": at if leaves else None,
        "attempts": 0,
        "done_at": at if one.channel == "inbox" else None,
        "failure": failed_words(_NO_ADDRESS.format(to=one.recipient)) if lost else None,
    }


def _shown(value: Any, language: str, zone: str) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, Mapping):
        return _shown(value.get(language, value.get("zh")), language, zone)
    if isinstance(value, bool):
        return _YES_NO[value].in_(language)
    if isinstance(value, str) and _ISO_MOMENT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return ", ".join(_shown(one, language, zone) for one in value)
    return str(value)


_YES_NO = {True: Text(zh="是", en="yes"), False: Text(zh="否", en="no")}
_NO_ADDRESS = Text(
    zh="应有收件地址, 但 {to} 没有登记电子邮件; 请用其他方式通知。",
    en="Expected an address, but {to} has no mail address on record; inform them another way.",
)
NO_TEXT = Text(
    zh="应有消息 {found} 的文本, 但该发布版本中没有; 请流程负责人补充 messages.json。",
    en="Expected a text for the message {found}, but the release has none; the process owner should add it.",
)
