"""Messages that did not arrive: given up on the way, or sent back by the other server; a person sees to each.

They are sent again, to another address if need be, or struck off when the reader was informed another way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, select, update

from engine.acts.message_names import message_name
from engine.acts.visibility import require_visible, visible_to
from engine.cases import Cases
from engine.cases.row import no_such_case
from engine.desk.notifications import CUSTOMER, GROUP, failed_words
from engine.desk.people import GROUPS, is_mail_address
from engine.foundation.errors import Rejection
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Outbox, Person
from engine.foundation.security import Actor, log_access, require
from engine.foundation.text import Text, same


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that was given up; `failure` says why in both languages."""

    id: UUID
    case_id: UUID
    number: str
    channel: str
    recipient: str
    message: str
    created_at: datetime
    attempts: int
    failure: str
    release: int

    @property
    def reason(self) -> Text:
        """Why, language by language."""
        parts = self.failure.split(" / ")
        half = len(parts) // 2
        if len(parts) % 2:
            return same(self.failure)
        return Text(zh=" / ".join(parts[:half]), en=" / ".join(parts[half:]))

    @property
    def address(self) -> str:
        """The mail address that it went to, empty when none was on record."""
        return self.recipient if is_mail_address(self.recipient) else ""


@dataclass(frozen=True, slots=True)
class LostLine:
    """A lost message with the name that its text gives it, and who should have read it."""

    lost: Lost
    name: Text
    reader: Text


def lost(tx: Connection, *, actor: Actor, limit: int = 100) -> list[Lost]:
    """What was given up, newest first, in cases that the actor may see. Raises Forbidden."""
    require(actor, "see_outbox")
    return _lost(tx, visible_to(actor), limit=limit)


def lost_lines(cases: Cases, *, actor: Actor) -> list[LostLine]:
    """What was given up, as a page shows it. Raises Forbidden."""
    with cases.database.read() as tx:
        return _lines(cases, tx, lost(tx, actor=actor))


def lost_of_case(cases: Cases, number: str, *, actor: Actor) -> list[LostLine]:
    """What did not arrive of one case's messages. Raises NotFound, Forbidden."""
    with cases.database.read() as tx:
        row = tx.execute(
            select(Case.id, Case.number, Case.kept_out).where(Case.number == number)
        ).one_or_none()
        if row is None:
            raise no_such_case(number)
        require_visible(row, actor)
        rows = _lost(tx, Outbox.shard_key == shard_key(row.id), Outbox.case_id == row.id, limit=20)
        return _lines(cases, tx, rows)


def send_again(
    tx: Connection, *, actor: Actor, at: datetime, ids: Sequence[UUID], to: str | None = None
) -> int:
    """Give lost messages another round of tries, to the address `to` if told; answers how many.

    Raises Forbidden, or Rejection when there is no address to send to.
    """
    require(actor, "resend")
    known = _known(tx, ids, actor)
    if any(not is_mail_address(to or row.recipient) for row in known if row.channel == "mail"):
        raise Rejection(_NO_ADDRESS)
    values: dict[str, Any] = {"next_attempt_at": at, "attempts": 0, "failure": None, "lease_until": None}
    mails = [row.id for row in known if row.channel == "mail"]
    if to and mails:
        tx.execute(update(Outbox).where(Outbox.id.in_(mails)).values(recipient=to))
    return _change(tx, known, values, act="resend", actor=actor, at=at)


def strike_off(tx: Connection, *, actor: Actor, at: datetime, ids: Sequence[UUID]) -> int:
    """The reader was informed another way; why it did not arrive stays on record. Raises Forbidden."""
    require(actor, "resend")
    return _change(
        tx, _known(tx, ids, actor), {"done_at": at}, act="informed_another_way", actor=actor, at=at
    )


def came_back(tx: Connection, ids: Collection[UUID], *, reason: str) -> UUID | None:
    """Mark the sent mail among `ids` as not delivered; answers its case, None when none of them is such a mail.

    One that is still, or again, being tried is left alone: the last try decides.
    """
    found = tx.execute(
        select(Outbox.id, Outbox.shard_key, Outbox.case_id).where(
            Outbox.id.in_(sorted(ids)), Outbox.channel == "mail", Outbox.done_at.is_not(None)
        )
    ).first()
    if found is None:
        return None
    own = (Outbox.shard_key == found.shard_key, Outbox.case_id == found.case_id, Outbox.id == found.id)
    said = failed_words(_CAME_BACK.format(why=reason.replace(" / ", ", ")))
    tx.execute(update(Outbox).where(*own).values(done_at=None, next_attempt_at=None, failure=said))
    return found.case_id  # type: ignore[no-any-return]


def _lost(tx: Connection, *conditions: Any, limit: int) -> list[Lost]:
    names = ("id", "case_id", "channel", "recipient", "message", "created_at", "attempts", "failure")
    chosen = (
        select(*(getattr(Outbox, name) for name in names), Case.number, Case.release)
        .join(Case, and_(Case.shard_key == Outbox.shard_key, Case.id == Outbox.case_id))
        .where(_given_up(), *conditions)
        .order_by(Outbox.created_at.desc(), Outbox.id)
        .limit(limit)
    )
    return [Lost(**row) for row in tx.execute(chosen).mappings()]


def _lines(cases: Cases, tx: Connection, rows: list[Lost]) -> list[LostLine]:
    texts = {row.release: cases.library(row.release).messages for row in rows}
    people = dict(tx.execute(select(Person.id, Person.name)).tuples().all()) if rows else {}
    return [
        LostLine(row, _name(texts[row.release].get(row.message), row.message), _reader(row.recipient, people))
        for row in rows
    ]


def _reader(recipient: str, people: Mapping[str, str]) -> Text:
    kind, _, name = recipient.partition(":")
    if kind == CUSTOMER:
        return _THE_CUSTOMER
    if recipient.startswith(GROUP):
        return GROUPS.get(name, same(name))
    return _NOBODY if recipient == "-" else same(people.get(recipient, recipient))


def _name(text: Any, key: str) -> Text:
    return message_name(text.subject) if text is not None else same(key)


def _known(tx: Connection, ids: Sequence[UUID], actor: Actor) -> list[Lost]:
    return _lost(tx, Outbox.id.in_(list(ids)), visible_to(actor), limit=len(ids))


def _change(
    tx: Connection, rows: list[Lost], values: dict[str, Any], *, act: str, actor: Actor, at: datetime
) -> int:
    for row in rows:
        log_access(tx, actor=actor.id, act=act, target=row.number, allowed=True, at=at, address=actor.address)
    return tx.execute(update(Outbox).where(Outbox.id.in_([row.id for row in rows])).values(**values)).rowcount


def _given_up() -> Any:
    return and_(Outbox.done_at.is_(None), Outbox.next_attempt_at.is_(None), Outbox.failure.is_not(None))


_THE_CUSTOMER = Text(zh="客户", en="the customer")
_NOBODY = Text(zh="无人(未确定收件人)", en="nobody (no reader was named)")
_NO_ADDRESS = Text(
    zh="应有收件地址, 但没有登记; 请填写一个邮件地址再发送。",
    en="Expected an address to send to, but none is on record; enter a mail address and send again.",
)
_CAME_BACK = Text(
    zh="邮件已发出, 但被对方服务器退回({why}); 请核对地址后重发, 或改用电话通知。",
    en="It was sent, but the other server returned it ({why}); check the address and send it again, or call them.",
)
