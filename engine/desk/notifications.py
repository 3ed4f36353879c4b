"""Messages to people: who gets which, in which language, and what it says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, Table, bindparam, func, insert, select, update

from engine.desk.absences import AWAY, stand_in
from engine.desk.people import GROUPS, is_mail_address
from engine.foundation.ids import new_id, shard_key
from engine.foundation.models import Case, Customer, Membership, Outbox, Person
from engine.foundation.prepared import among, numbered
from engine.foundation.text import Text, same

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
    reach = _Reach(at=at, chat=chat and not kept_out, kept_out=frozenset(kept_out))
    everybody = wish["to"] if isinstance(wish["to"], list) else [wish["to"]]
    rows = [row for to in everybody for row in _rows(tx, str(to or "-"), case, wish, reach)]
    if wish["message"] not in messages:
        words = failed_words(NO_TEXT.format(found=str(wish["message"])))
        rows = [row | {"next_attempt_at": None, "done_at": None, "failure": words} for row in rows]
    if rows:
        tx.execute(_INSERT, rows)


def _rows(
    tx: Connection, to: str, case: CaseColumns, wish: Mapping[str, Any], reach: _Reach
) -> list[dict[str, Any]]:
    """The rows for one of those whom the wish names; mail to nobody when nobody can be reached."""
    values, customer = dict(wish.get("values") or {}), to == CUSTOMER
    if to.startswith(OF_CUSTOMERS):  # another one than the case's, who gets no link: it would open this case
        values["customer"], found = _other_customer(tx, UUID(to.removeprefix(OF_CUSTOMERS)))
    elif customer:
        found = _customer(tx, case["customer_id"], case["facts"])
    else:
        found = _colleagues(tx, to, reach)
    kind, message = TO_CUSTOMER if customer else "notify", str(wish["message"])
    return [
        _row(one, kind=kind, case_id=case["id"], message=message, values=values, at=reach.at)
        for one in found or [_Addressee("mail", to[:200], "zh")]
    ]


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


def _colleagues(tx: Connection, to: str, reach: _Reach) -> list[_Addressee]:
    """A person with whoever stands in for them, or the members of a group who are there, else all of them."""
    if not to.startswith(GROUP):
        people = sorted({to, stand_in(tx, to, at=reach.at) or to} - reach.kept_out)
        return _staff(tx.execute(_named(len(people)), numbered(people)).all()) if people else []
    members = tx.execute(_OF_GROUP, {"group": to.removeprefix(GROUP), "at": reach.at}).all()
    there = [one for one in members if not one.away] or members
    chat = [_Addressee("chat", to, "zh")] if reach.chat else []
    return _staff([one for one in there if one.id not in reach.kept_out]) + chat


def _customer(tx: Connection, customer_id: UUID | None, facts: Mapping[str, Any]) -> list[_Addressee]:
    registered = tx.execute(_REGISTERED, {"id": customer_id}).first() if customer_id is not None else None
    told = next((str(facts[name]) for name in CONTACT_FIELDS if facts.get(name)), None)
    address = told or (registered.email if registered else None)
    return [_Addressee("mail", address, registered.language if registered else "zh")] if address else []


def _other_customer(tx: Connection, identity: UUID) -> tuple[str | None, list[_Addressee]]:
    """What they are called, and how they are reached."""
    name = tx.execute(_CALLED, {"id": identity}).scalar_one_or_none()
    return name, _customer(tx, identity, {})


def _staff(rows: Iterable[Any]) -> list[_Addressee]:
    people = list(rows)
    inbox = [_Addressee("inbox", row.id, row.language) for row in people]
    return inbox + [_Addressee("mail", row.email, row.language) for row in people if row.email]


_OUTBOX, _CUSTOMER = cast(Table, Outbox.__table__), cast(Table, Customer.__table__)
_PERSON, _MEMBER = cast(Table, Person.__table__), cast(Table, Membership.__table__)
_INSERT = insert(_OUTBOX)
_REGISTERED = select(_CUSTOMER.c.email, _CUSTOMER.c.language).where(_CUSTOMER.c.id == bindparam("id"))
_CALLED = select(_CUSTOMER.c.name).where(_CUSTOMER.c.id == bindparam("id"))
_OF_STAFF = select(_PERSON.c.id, _PERSON.c.email, _PERSON.c.language).where(_PERSON.c.active)
_OF_GROUP = (
    _OF_STAFF.add_columns(_PERSON.c.id.in_(AWAY).label("away"))
    .join(_MEMBER, _MEMBER.c.person == _PERSON.c.id)
    .where(_MEMBER.c.group_id == bindparam("group"))
    .order_by(_PERSON.c.id)
)


@lru_cache(maxsize=8)
def _named(many: int) -> Select[Any]:
    return _OF_STAFF.where(among(_PERSON.c.id, many)).order_by(_PERSON.c.id)


def _row(
    one: _Addressee, *, kind: str, case_id: UUID, message: str, values: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    leaves = one.channel == "chat" or (one.channel == "mail" and is_mail_address(one.recipient))
    lost = one.channel == "mail" and not leaves
    return {
        "shard_key": shard_key(case_id),
        "case_id": case_id,
        "id": new_id(at),
        "kind": kind,
        "channel": one.channel,
        "recipient": one.recipient[:200],
        "message": message[:64],
        "values": dict(values),
        "language": one.language,
        "created_at": at,
        "next_attempt_at": at if leaves else None,
        "attempts": 0,
        "done_at": at if one.channel == "inbox" else None,
        "failure": failed_words(_NO_ADDRESS.format(to=_called(one.recipient))) if lost else None,
    }


def _called(recipient: str) -> Text:
    """Whom a message was for, in words; a person's login is how colleagues find them."""
    if recipient == CUSTOMER:
        return _THE_CUSTOMER
    group = recipient.removeprefix(GROUP)
    return GROUPS[group] if recipient.startswith(GROUP) and group in GROUPS else same(recipient)


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
_THE_CUSTOMER = Text(zh="客户", en="the customer")
_NO_ADDRESS = Text(
    zh="应有收件地址, 但 {to} 没有登记电子邮件; 请用其他方式通知。",
    en="Expected an address, but {to} has no mail address on record; inform them another way.",
)
NO_TEXT = Text(
    zh="应有消息 {found} 的文本, 但该发布版本中没有; 请流程负责人补充 messages.json。",
    en="Expected a text for the message {found}, but the release has none; the process owner should add it.",
)
