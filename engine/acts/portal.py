"""What a customer does without an account: report, add, answer and rate; a secret link says which case is theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.acts import customer_case, worklist
from engine.acts.correspondence import SCORES
from engine.acts.intake import COMPLAINT, FAULT, open_report
from engine.acts.outbox import portal_address
from engine.acts.visibility import require_visible
from engine.cases import AlreadyApplied, Cases
from engine.cases.row import no_such_case
from engine.desk import attachments, portal_links
from engine.desk.attachments import Upload
from engine.desk.people import is_mail_address
from engine.foundation.errors import Conflict, InvalidAnswers, Rejection
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Event
from engine.foundation.security import PORTAL, Actor, Target, log_access, refusals_logged, require
from engine.foundation.text import Text

KINDS = (FAULT, COMPLAINT)
FIELDS = ("customer", "contact", "phone", "email", "description", "serial", "location")
LONGEST_COMMENT = 2000
MOST_ADDED = 200  # commands of a case that its customer may cause


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the customer keeps: the number to quote, and the secret of their link."""

    number: str
    secret: str


def report(
    cases: Cases, kind: str, said: Mapping[str, str], uploads: Sequence[Upload], *, now: datetime, key: str
) -> Receipt:
    """Open a case as its customer. Raises InvalidAnswers, or Rejection that names the file that cannot be taken.

    The same `key`, a secret of the browser that sends the report, opens one case only.
    """
    answers = {name: said.get(name, "").strip() for name in FIELDS}
    _require_a_way_back(answers)
    files = attachments.checked(uploads)
    chosen = kind if kind in KINDS else FAULT
    case_id = open_report(cases, chosen, {**answers, "channel": "web"}, files, actor=PORTAL, now=now, key=key)
    with cases.database.write() as tx:
        secret = portal_links.create(tx, case_id, at=now, days=cases.settings.portal_link_days)
    return Receipt(worklist.number_of(cases, case_id), secret)


def add(
    cases: Cases, secret: str, text: str, uploads: Sequence[Upload], *, now: datetime, key: str | None
) -> None:
    """The customer adds words, files or both. Raises Rejection, NotFound."""
    files = attachments.checked(uploads)
    if not files and not text.strip():
        raise Rejection(_NOTHING)
    case_id = _case(cases, secret, now=now)
    with suppress(AlreadyApplied), cases.step(case_id, actor=PORTAL, now=now, key=key) as step:
        if text.strip():
            step.note(text, files)
        else:
            step.attach(files)


def answer(
    cases: Cases, secret: str, asked: str, raw: Mapping[str, Any], *, now: datetime, key: str | None
) -> None:
    """The customer answers what the case asks them: the task is done, whoever of us holds it.

    Raises InvalidAnswers, NotFound, Conflict when `asked` is not what the case asks now.
    """
    case_id = _case(cases, secret, now=now)
    question = customer_case.question_of(cases, case_id)
    with suppress(AlreadyApplied), cases.step(case_id, actor=PORTAL, now=now, key=key) as step:
        if question is None or question.mark != asked:
            raise Conflict(_ANSWERED)  # here, where an answer that comes a second time is known by its key
        step.complete(question.task_id, raw)


def rate(cases: Cases, secret: str, said: Mapping[str, str], *, now: datetime, key: str | None) -> None:
    """The customer says how satisfied they are, 1 to 5. Raises InvalidAnswers, NotFound, Conflict before the end."""
    rating = _rating(said)
    case_id = _case(cases, secret, now=now)
    if not customer_case.customer_case(cases, secret, now=now).may_rate:
        raise Conflict(_TOO_EARLY)
    with suppress(AlreadyApplied), cases.step(case_id, actor=PORTAL, now=now, key=key) as step:
        step.rate(rating)


def open_file(cases: Cases, secret: str, number: int, *, now: datetime) -> tuple[attachments.Kept, bytes]:
    """A file that the customer sent, by its place in the case. Raises NotFound, also for the files of others."""
    with cases.database.read() as tx:
        case_id = portal_links.case_behind(tx, secret, at=now)
        theirs = attachments.of_case(tx, case_id, by=customer_case.OUTSIDE)
        found = next((file.id for file in theirs if file.number == number), UUID(int=0))
        return attachments.content_of(tx, case_id, found)


def new_link(cases: Cases, number: str, *, actor: Actor, now: datetime) -> str:
    """Give a customer another link to their case; returns its address, which cannot be shown again. Raises Forbidden."""
    with refusals_logged(cases.database, actor=actor, at=now), cases.database.write() as tx:
        case_id = _of_staff(tx, number, actor)
        log_access(tx, actor=actor.id, act="give_customer_link", target=number, allowed=True, at=now)
        secret = portal_links.create(tx, case_id, at=now, days=cases.settings.portal_link_days)
    return portal_address(cases.settings, secret)


def withdraw_links(cases: Cases, number: str, *, actor: Actor, now: datetime) -> int:
    """Withdraw every link to a case; returns how many were good. Raises Forbidden."""
    with refusals_logged(cases.database, actor=actor, at=now), cases.database.write() as tx:
        case_id = _of_staff(tx, number, actor)
        log_access(tx, actor=actor.id, act="withdraw_customer_links", target=number, allowed=True, at=now)
        keys = {"shard_key": shard_key(case_id), "case_id": case_id}
        return portal_links.revoke_all(tx, keys, at=now)


def _case(cases: Cases, secret: str, *, now: datetime) -> UUID:
    with cases.database.read() as tx:
        case_id = portal_links.case_behind(tx, secret, at=now)
        where = (Event.shard_key == shard_key(case_id), Event.case_id == case_id, Event.actor == PORTAL.id)
        if tx.execute(select(func.count()).select_from(Event).where(*where)).scalar_one() >= MOST_ADDED:
            raise Rejection(_ENOUGH)
    return case_id


def _of_staff(tx: Connection, number: str, actor: Actor) -> UUID:
    row = tx.execute(select(Case.id, Case.number, Case.kept_out).where(Case.number == number)).one_or_none()
    if row is None:
        raise no_such_case(number)
    require_visible(row, actor)
    require(actor, "manage_customer_links", Target(label=number))
    return row.id  # type: ignore[no-any-return]


def _require_a_way_back(answers: Mapping[str, str]) -> None:
    errors: dict[str, Text] = {}
    if not answers["phone"] and not answers["email"]:
        errors["phone"] = _NO_WAY_BACK
    if answers["phone"] and not re.fullmatch(r"[\d\s()+,;/转-]{5,40}", answers["phone"]):
        errors["phone"] = _BAD_PHONE
    if answers["email"] and not is_mail_address(answers["email"]):
        errors["email"] = _BAD_MAIL
    errors |= {name: text for name, text in _NEEDED.items() if not answers[name]}
    if errors:
        raise InvalidAnswers({name: errors[name] for name in FIELDS if name in errors})


def _rating(said: Mapping[str, str]) -> dict[str, Any]:
    errors: dict[str, Text] = {name: _SCORE for name in SCORES if said.get(name) not in set("12345")}
    if said.get("solved") not in ("yes", "no"):
        errors = {"solved": _SOLVED, **errors}
    if len(said.get("comment", "")) > LONGEST_COMMENT:
        errors["comment"] = _LONG.format(most=LONGEST_COMMENT)
    if errors:
        raise InvalidAnswers(errors)
    rating: dict[str, Any] = {"solved": said["solved"], **{name: int(said[name]) for name in SCORES}}
    comment = said.get("comment", "").strip()
    return rating | ({"comment": comment} if comment else {})


_NEEDED = {
    "customer": Text(zh="请填写您的单位或姓名。", en="Write the name of your organisation, or your own."),
    "description": Text(zh="请说明出了什么问题。", en="Say what is wrong."),
}
_NO_WAY_BACK = Text(
    zh="请留下电话或电子邮箱, 我们才能联系您。",
    en="Leave a telephone number or an e-mail address, so that we can reach you.",
)
_BAD_PHONE = Text(
    zh="电话应由数字组成, 例如 021-5555 0100。", en="Expected a telephone number such as 021-5555 0100."
)
_BAD_MAIL = Text(
    zh="电子邮箱应形如 name@example.com。", en="Expected an e-mail address such as name@example.com."
)
_NOTHING = Text(zh="请写几句话, 或选择一张照片。", en="Write a few words, or choose a photo.")
_ANSWERED = Text(
    zh="这个问题已经有答复, 不需要再填写。请查看下面的最新进展。",
    en="This has been answered already; nothing more is needed. See below how it goes on.",
)
_TOO_EARLY = Text(
    zh="处理还没有结束, 结束后请再来评价。", en="The work is not finished yet; please rate it when it is."
)
_ENOUGH = Text(
    zh="这个案例通过链接提交的内容已经很多。请致电我们, 并告知案例号。",
    en="A great deal was sent through this link already; please call us and quote your case number.",
)
_SCORE = Text(zh="请选择 1 到 5 分。", en="Choose a score from 1 to 5.")
_SOLVED = Text(zh="请选择问题是否已解决。", en="Choose whether the problem is solved.")
_LONG = Text(zh="意见最多 {most} 字。", en="Expected at most {most} letters.")
