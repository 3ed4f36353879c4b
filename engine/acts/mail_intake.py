"""E-mail intake: what comes into the mailbox opens a case or lands on the one it answers, each mail exactly once.

Case and note are made under keys that follow from the mail's own Message-ID: a crash, a second node or a repeated
delivery does it again without effect. Only then the mail is remembered, and only then marked as read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.acts import undelivered
from engine.acts.intake import FAULT, open_report
from engine.cases import AlreadyApplied, Cases
from engine.cases.step import Step
from engine.desk import attachments
from engine.desk.attachments import CheckedFile
from engine.desk.bounces import Bounce
from engine.desk.mail_reading import Mail, read_mail, without_quotation
from engine.desk.mailbox import Mailbox, Waiting, account_of, opened
from engine.desk.notifications import CONTACT_FIELDS, TO_CUSTOMER
from engine.desk.people import is_mail_address
from engine.foundation.errors import Rejection, Unavailable
from engine.foundation.models import Case, Customer, Outbox
from engine.foundation.models.correspondence import MailSeen
from engine.foundation.models.registers import Contact
from engine.foundation.security import MAILBOX

LARGEST_MAIL = 30 * 1024 * 1024  # bytes
MOST_FILES = 10
MOST_AN_HOUR = 30  # mails of one sender
LONGEST_DESCRIPTION = 3500  # letters; the rest of a longer mail becomes a note
LONGEST_NOTE = 6800
LONGEST_REASONS = 800  # letters about attachments that are not kept
KEPT = timedelta(days=400)  # how long a mail is remembered

OPENED, LANDED, SEEN, BOUNCED = "opened", "landed", "seen", "bounced"
TO_BE_SEEN_TO = frozenset(
    {"too_large", "too_many", "internal", "failed"}
)  # flagged in the mailbox for a person

_NUMBER = re.compile(r"\bSH-\d{4}-\d{6,}\b")
_OWN_ID = re.compile(r"<([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})@[^<>@]+>")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail: opened, landed, told of a return, seen before, refused and why, or left for a person."""

    what: str
    case_id: UUID | None = None


def take_in(cases: Cases, *, now: Callable[[], datetime]) -> list[Outcome]:
    """Read the mailbox of the settings once; nothing without one. Raises Unavailable when it does not answer."""
    if not cases.settings.mail_in_url:
        return []
    account = account_of(cases.settings.mail_in_url)
    with opened(account) as mailbox:
        return [_settled(cases, mailbox, waiting, now=now()) for waiting in mailbox.waiting()]


def handle(cases: Cases, mail: Mail, *, received_at: datetime | None, now: datetime) -> Outcome:
    """Take one mail in, or refuse it; the same mail a second time does nothing."""
    if _was_seen(cases, mail):
        return Outcome(SEEN)
    if mail.bounce is not None and (bounced := _came_back(cases, mail, mail.bounce, now=now)):
        return bounced
    refused = _refusal(cases, mail, now=now)
    outcome = Outcome(refused) if refused else _land(cases, mail, received_at=received_at, now=now)
    _remember(cases, mail, outcome, now=now)
    return outcome


def _came_back(cases: Cases, mail: Mail, bounce: Bounce, *, now: datetime) -> Outcome | None:
    """Mark the mail of ours that is returned, and remember the notification, in one transaction."""
    ids = _own_ids(bounce.returned)
    with cases.database.write() as tx:
        case_id = undelivered.came_back(tx, ids, reason=bounce.reason) if ids else None
        if case_id is None:
            return None
        outcome = Outcome(BOUNCED, case_id)
        _note(tx, mail, outcome, now=now)
    return outcome


def forget_old(tx: Connection, *, now: datetime) -> int:
    """Forget mails of long ago; returns how many."""
    return tx.execute(delete(MailSeen).where(MailSeen.at < now - KEPT)).rowcount


def _settled(cases: Cases, mailbox: Mailbox, waiting: Waiting, *, now: datetime) -> Outcome:
    outcome = _taken(cases, mailbox, waiting, now=now)
    mailbox.settle(waiting.uid, flagged=outcome.what in TO_BE_SEEN_TO)
    return outcome


def _taken(cases: Cases, mailbox: Mailbox, waiting: Waiting, *, now: datetime) -> Outcome:
    if waiting.size > LARGEST_MAIL:
        log.warning("mail too large", size=waiting.size)
        return Outcome("too_large")
    content = mailbox.content(waiting.uid)
    try:
        return handle(cases, read_mail(content), received_at=waiting.received_at, now=now)
    except Unavailable:
        raise  # the database: the same mail is read again at the next turn
    except Exception:  # one mail that nobody foresaw must not keep the others waiting
        log.exception("mail not taken in", size=waiting.size)
        return Outcome("failed")


def _refusal(cases: Cases, mail: Mail, *, now: datetime) -> str | None:
    settings = cases.settings
    own = {
        settings.mail_from.lower(),
        account_of(settings.mail_in_url).user.lower() if settings.mail_in_url else "",
    }
    if mail.automatic is not None:
        return "automatic"
    if mail.sender in own:
        return "own"
    if not is_mail_address(mail.sender):
        return "no_sender"
    if not (mail.text.strip() or mail.subject or mail.files):
        return "empty"
    lately = (MailSeen.sender == mail.sender, MailSeen.at > now - timedelta(hours=1))
    with cases.database.read() as tx:
        count = tx.execute(select(func.count()).select_from(MailSeen).where(*lately)).scalar_one()
    return "too_many" if count >= MOST_AN_HOUR else None


def _land(cases: Cases, mail: Mail, *, received_at: datetime | None, now: datetime) -> Outcome:
    with cases.database.read() as tx:
        answered = _answered(tx, mail)
        case_id = answered.case_id if answered else _named(tx, mail)
        known = _customer_of(tx, mail.sender)
    if answered is not None and answered.kind != TO_CUSTOMER:
        return Outcome("internal")  # an answer of ours to ourselves must not become readable for the customer
    files, left_out = _sorted(mail)
    if case_id is not None:
        _add_note(cases, case_id, mail, files, left_out, now=now)
        return Outcome(LANDED, case_id)
    return Outcome(OPENED, _open(cases, mail, known, files, left_out, received_at=received_at, now=now))


def _open(
    cases: Cases,
    mail: Mail,
    known: str | None,
    files: list[CheckedFile],
    left_out: list[str],
    *,
    received_at: datetime | None,
    now: datetime,
) -> UUID:
    said = "\n".join(filter(None, (mail.subject, mail.text.strip()))) or "-"
    answers = {
        "channel": "email",
        "customer": known or mail.sender_name,
        "contact": mail.sender_name,
        "email": mail.sender,
        "description": said[:LONGEST_DESCRIPTION],
    }
    case_id = open_report(
        cases, FAULT, answers, files, actor=MAILBOX, now=now, key=mail.mark, received_at=received_at
    )
    rest = said[LONGEST_DESCRIPTION : LONGEST_DESCRIPTION + LONGEST_NOTE]
    if rest or left_out:
        words = "\n\n".join(filter(None, (rest, _left_out_words(left_out))))
        _once(cases, case_id, str(uuid5(case_id, "rest")), lambda step: step.note(words), now=now)
    return case_id


def _add_note(
    cases: Cases, case_id: UUID, mail: Mail, files: list[CheckedFile], left_out: list[str], *, now: datetime
) -> None:
    said = without_quotation(mail.text)[:LONGEST_NOTE] or mail.subject
    head = f"{mail.sender_name} <{mail.sender}>" if mail.sender_name != mail.sender else mail.sender

    def words(left_out: list[str]) -> str:
        return "\n\n".join(filter(None, (head[:250], said, _left_out_words(left_out))))

    key = mail.mark[:60]
    try:
        _once(cases, case_id, key, lambda step: step.note(words(left_out), files), now=now)
    except Rejection:  # no room for more files: the words count
        names = [file.name for file in files]
        _once(cases, case_id, key, lambda step: step.note(words([*left_out, *names])), now=now)


def _once(cases: Cases, case_id: UUID, key: str, act: Callable[[Step], None], *, now: datetime) -> None:
    with suppress(AlreadyApplied), cases.step(case_id, actor=MAILBOX, now=now, key=key) as step:
        act(step)


def _sorted(mail: Mail) -> tuple[list[CheckedFile], list[str]]:
    """The files that may be kept, and of each of the others its name or the reason, which names it."""
    kept: list[CheckedFile] = []
    left_out: list[str] = []
    for upload in mail.files:
        try:
            file = attachments.check(upload)
        except Rejection as refusal:
            left_out.append(f"{refusal.text.zh} {refusal.text.en}")
            continue
        if len(kept) < MOST_FILES:
            kept.append(file)
        else:
            left_out.append(file.name)
    return kept, left_out


def _left_out_words(left_out: list[str]) -> str:
    said = "\n".join(left_out)[:LONGEST_REASONS]
    return f"未保存的附件 / Attachments not kept:\n{said}" if said else ""


def _answered(tx: Connection, mail: Mail) -> Outbox | None:
    """Which of our messages a mail replies to; its id is a secret that only its readers know."""
    ids = _own_ids(mail.answers)
    if not ids:
        return None
    query = select(Outbox.case_id, Outbox.kind).where(Outbox.id.in_(ids)).order_by(Outbox.created_at.desc())
    return tx.execute(query).first()  # type: ignore[return-value]


def _own_ids(message_ids: Iterable[str]) -> list[UUID]:
    return [UUID(found[1]) for one in message_ids if (found := _OWN_ID.fullmatch(one))]


def _named(tx: Connection, mail: Mail) -> UUID | None:
    """The case whose number the subject names, if it is this sender's: a number alone can be guessed."""
    for number in _NUMBER.findall(mail.subject):
        query = select(Case.id, Case.customer_id, Case.facts).where(Case.number == number)
        row = tx.execute(query).one_or_none()
        if row is not None and mail.sender in _addresses(tx, row.id, row.customer_id, row.facts):
            return row.id  # type: ignore[no-any-return]
    return None


def _addresses(tx: Connection, case_id: UUID, customer_id: UUID | None, facts: dict[str, object]) -> set[str]:
    told = {str(facts[name]) for name in CONTACT_FIELDS if facts.get(name)}
    written = select(Outbox.recipient).where(Outbox.case_id == case_id, Outbox.kind == TO_CUSTOMER)
    found = {*told, *tx.scalars(written)}
    if customer_id is not None:
        found |= set(tx.scalars(select(Customer.email).where(Customer.id == customer_id)))
        found |= set(tx.scalars(select(Contact.email).where(Contact.customer_id == customer_id)))
    return {address.lower() for address in found if address}


def _customer_of(tx: Connection, sender: str) -> str | None:
    """The registered customer who writes from this address, unless several share it."""
    theirs = select(Contact.customer_id).where(
        func.lower(Contact.email) == sender, Contact.retired_at.is_(None)
    )
    query = select(Customer.name).where(
        Customer.retired_at.is_(None), or_(func.lower(Customer.email) == sender, Customer.id.in_(theirs))
    )
    names = list(tx.scalars(query.limit(2)))
    return names[0] if len(names) == 1 else None


def _was_seen(cases: Cases, mail: Mail) -> bool:
    with cases.database.read() as tx:
        return tx.execute(select(MailSeen.mail).where(MailSeen.mail == mail.mark)).first() is not None


def _remember(cases: Cases, mail: Mail, outcome: Outcome, *, now: datetime) -> None:
    with cases.database.write() as tx:
        _note(tx, mail, outcome, now=now)


def _note(tx: Connection, mail: Mail, outcome: Outcome, *, now: datetime) -> None:
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    number = tx.scalar(select(Case.number).where(Case.id == outcome.case_id)) if outcome.case_id else None
    row = insert(MailSeen).values(
        mail=mail.mark, at=now, sender=mail.sender, outcome=outcome.what, case_number=number
    )
    tx.execute(row.on_conflict_do_nothing(index_elements=["mail"]))
