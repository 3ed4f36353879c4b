"""Messages that did not arrive: seen on the case and in a list, sent again to the right address, or struck off."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, update

from engine.foundation.models import Outbox
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words

REASON = "邮件被退回(550 no such user) / It came back (550 no such user)"


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


@pytest.fixture
def number(desk: Desk) -> str:
    """A case of which one mail to staff came back."""
    found = desk.report()
    with desk.web.database.write() as tx:
        id = tx.scalars(select(Outbox.id).where(Outbox.channel == "mail")).first()
        lost = {"done_at": None, "next_attempt_at": None, "recipient": "he@old.example", "failure": REASON}
        tx.execute(update(Outbox).where(Outbox.id == id).values(**lost))
        rest = update(Outbox).where(Outbox.id != id)
        tx.execute(rest.values(done_at=desk.web.clock(), next_attempt_at=None, failure=None))
    return found


def row(web: Web) -> tuple[UUID, str, bool]:
    """The mail: its id, whom it goes to, and whether it waits to be sent."""
    with web.database.read() as tx:
        mail = select(Outbox.id, Outbox.recipient, Outbox.next_attempt_at).where(Outbox.channel == "mail")
        [found] = [one for one in tx.execute(mail) if one.recipient.endswith(".example")]
    return found.id, found.recipient, found.next_attempt_at is not None


def test_the_case_says_what_did_not_arrive_and_why(desk: Desk, number: str) -> None:
    page = words(desk.web.as_("he_jie").get(f"/cases/{number}").text)
    assert "未送达的消息" in page and "550 no such user" in page and "It came back" not in page
    assert "/undelivered" not in desk.web.get(f"/cases/{number}").text, "she may not send it again"


def test_a_manager_sends_it_again_to_the_right_address(desk: Desk, number: str) -> None:
    web = desk.web.as_("sun_jing")
    listed = web.get("/undelivered").text
    assert number in listed and "he@old.example" in listed and "/undelivered" in web.get("/inbox/").text
    id, _, _ = row(web)
    refused = web.post(f"/undelivered/{id}", {"act": "again", "address": "何洁"})
    assert (
        refused.status_code == 422 and "应为一个邮件地址" in refused.text and 'value="何洁"' in refused.text
    )
    assert web.post(f"/undelivered/{id}", {"act": "again", "address": "he@new.example"}).status_code == 303
    assert row(web) == (id, "he@new.example", True)
    assert "消息都已送达" in words(web.get("/undelivered").text)


def test_it_is_struck_off_when_the_reader_was_informed_another_way(desk: Desk, number: str) -> None:
    web = desk.web.as_("sun_jing")
    answer = web.post(f"/undelivered/{row(web)[0]}", {"act": "informed"}, follow_redirects=True)
    assert "已用其他方式通知" in words(answer.text) and number not in words(answer.text)
    assert "undelivered-title" not in web.get(f"/cases/{number}").text


def test_others_neither_see_the_list_nor_send(desk: Desk, number: str) -> None:
    web = desk.web.as_("he_jie")
    assert web.get("/undelivered").status_code == 403
    assert web.post(f"/undelivered/{row(web)[0]}", {"act": "again"}).status_code == 403
    assert row(web)[1:] == ("he@old.example", False)
