"""Messages reach people once the step is committed: at least once, in their language, and failures are seen."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Connection, insert, select

from engine.acts.cast import People
from engine.acts.outbox import LEASE, TRIES, WAITS, deliver_due
from engine.acts.undelivered import lost, send_again
from engine.desk.absences import set_absence
from engine.desk.notifications import bell, mark_read, queue, render, unread
from engine.desk.people import set_language
from engine.desk.portal_links import case_behind
from engine.foundation.database import Database
from engine.foundation.errors import Forbidden
from engine.foundation.ids import new_id, shard_key
from engine.foundation.models import Case, Customer, Outbox
from engine.foundation.security import SYSTEM, require
from engine.foundation.settings import Settings
from engine.foundation.text import Text
from tests.conftest import MONDAY, Clock

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # inside apprise

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Message:
    subject: Text
    body: Text


RECEIVED = Message(
    Text(zh="[{number}] 已受理", en="[{number}] received"),
    Text(
        zh="{customer}您好: 我们将于 {due} 前答复。{link}",
        en="Dear {customer}, we shall answer by {due}. {link}",
    ),
)
MESSAGES = {"received": RECEIVED}


def texts(_release: int) -> Mapping[str, Message]:
    return MESSAGES


class MailServer:
    """A real SMTP server on the loopback that keeps what it gets and refuses whom it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.victim: int | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"mailto://127.0.0.1:{self.port}"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        if self.victim is not None:
            os.kill(self.victim, signal.SIGKILL)
        return "250 OK"

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


@pytest.fixture
def server() -> Iterator[MailServer]:
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def settings(server: MailServer) -> Settings:
    return Settings(mail_url=server.url, mail_from="service@shouhou.example")


@pytest.fixture
def case(database: Database, people: People) -> dict[str, Any]:
    case_id = new_id(MONDAY)
    moments = dict.fromkeys(("received_at", "opened_at", "changed_at"), MONDAY)
    values: dict[str, Any] = {
        "shard_key": shard_key(case_id),
        "id": case_id,
        "number": "SH-2026-000001",
        "process": "service_case",
        "kind": "fault",
        "title": "打印机卡纸",
        "status": "new",
        "customer_id": None,
        "customer_name": "华东测绘院",
        "opened_by": "chen_min",
        "release": 1,
        "version": 1,
        "facts": {"contact_email": "wang@huadong.example"},
        "head_seq": 0,
        "head_hash": b"",
    }
    with database.write() as tx:
        tx.execute(insert(Case).values(**values, **moments))
    return values


def wish(tx: Connection, case: dict[str, Any], to: str, at: datetime = MONDAY, **values: Any) -> None:
    if "message" not in values:
        values["message"] = "received"
    message = values.pop("message")
    queue(tx, case=case, wish={"to": to, "message": message, "values": values}, messages=MESSAGES, at=at)


def deliver(database: Database, at: datetime, settings: Settings) -> int:
    return deliver_due(database, now=at, settings=settings, texts=texts)


def rows(database: Database) -> list[Any]:
    with database.read() as tx:
        chosen = select(Outbox.channel, Outbox.recipient, Outbox.language, Outbox.done_at, Outbox.failure)
        return list(tx.execute(chosen.order_by(Outbox.channel, Outbox.recipient)).all())


class TestTheText:
    def test_values_moments_and_gaps_are_filled_in_the_readers_language_and_zone(self) -> None:
        values = {"number": "SH-1", "customer": {"zh": "您", "en": "you"}, "due": "2026-03-02T01:00:00+00:00"}
        chinese = render(RECEIVED, values, language="zh", zone=ZONE)
        english = render(RECEIVED, values, language="en", zone=ZONE)
        assert chinese.body == "您您好: 我们将于 2026-03-02 09:00 前答复。-"
        assert (english.subject, english.body) == (
            "[SH-1] received",
            "Dear you, we shall answer by 2026-03-02 09:00. -",
        )

    def test_a_value_is_never_read_as_a_template_and_a_subject_stays_one_line(self) -> None:
        values = {"number": "{customer}\r\nBcc: all@example.com", "customer": "x"}
        assert render(RECEIVED, values, language="en", zone=ZONE).subject == (
            "[{customer} Bcc: all@example.com] received"
        )


class TestWhoGetsIt:
    def test_the_customer_gets_a_mail_at_the_address_told_at_intake(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        with database.write() as tx:
            wish(tx, case, "customer", due="2026-03-02T01:00:00+00:00")
        assert deliver(database, MONDAY, settings) == 1
        [mail] = server.mails
        assert (mail["To"], mail["From"], mail["Subject"]) == (
            "wang@huadong.example",
            "service@shouhou.example",
            "[SH-2026-000001] 已受理",
        )
        said, address = mail.get_content().strip().split("http://127.0.0.1:8000/portal/cases/")
        assert said == "华东测绘院您好: 我们将于 2026-03-02 09:00 前答复。"
        with database.read() as tx:
            assert case_behind(tx, address, at=MONDAY) == case["id"]

    def test_only_the_cases_own_customer_gets_the_way_to_it(
        self, database: Database, case: dict[str, Any], people: People, server: MailServer, settings: Settings
    ) -> None:
        with database.write() as tx:
            wish(tx, case, "li_gong")
        deliver(database, MONDAY, settings)
        [mail] = server.mails
        assert mail.get_content().strip().endswith("http://127.0.0.1:8000/cases/SH-2026-000001")

    def test_several_are_told_at_once_each_in_their_own_name(
        self, database: Database, case: dict[str, Any]
    ) -> None:
        one = new_id(MONDAY)
        with database.write() as tx:
            known = {"id": one, "name": "北岭水务", "email": "gao@beiling.example", "language": "en"}
            tx.execute(insert(Customer).values(**known))
            told = {"to": [f"customer:{one}", "group:sales"], "message": "received", "values": {}}
            queue(tx, case=case, wish=told, messages=MESSAGES, at=MONDAY)
            letter = select(Outbox.values.label("given")).where(Outbox.recipient == "gao@beiling.example")
            assert tx.execute(letter).scalar_one()["customer"] == "北岭水务"
        assert {(row.channel, row.recipient) for row in rows(database)} == {
            ("mail", "gao@beiling.example"),
            ("inbox", "qin_xiao"),
            ("mail", "qin_xiao@example.invalid"),
        }

    def test_a_registered_customer_gets_it_in_their_language(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        customer = new_id(MONDAY)
        known = {"id": customer, "name": "Acme", "email": "joe@acme.example", "language": "en"}
        with database.write() as tx:
            tx.execute(insert(Customer).values(**known))
            wish(tx, case | {"customer_id": customer, "facts": {}}, "customer")
        deliver(database, MONDAY, settings)
        assert [mail["Subject"] for mail in server.mails] == ["[SH-2026-000001] received"]

    @pytest.mark.parametrize("facts", [{}, {"contact_email": "a@b.example, c@d.example"}])
    def test_a_customer_without_one_usable_address_leaves_a_failure_that_is_seen(
        self,
        database: Database,
        people: People,
        case: dict[str, Any],
        settings: Settings,
        facts: dict[str, Any],
    ) -> None:
        with database.write() as tx:
            wish(tx, case | {"facts": facts}, "customer")
        assert deliver(database, MONDAY, settings) == 0
        with database.read() as tx:
            [failed] = lost(tx, actor=people.guan_li)
            assert "has no mail address on record" in failed.failure and "没有登记" in failed.failure
            assert "但 customer" not in failed.failure, "a word that only the diagrams know"

    def test_a_group_is_told_in_the_product_and_by_mail_each_in_their_language(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        with database.write() as tx:
            set_language(tx, person="wang_gong", language="en")
            wish(tx, case, "group:service_engineer")
            assert (unread(tx, person="li_gong"), unread(tx, person="chen_min")) == (1, 0)
        assert deliver(database, MONDAY, settings) == 2
        assert {mail["To"]: mail["Subject"] for mail in server.mails} == {
            "li_gong@example.invalid": "[SH-2026-000001] 已受理",
            "wang_gong@example.invalid": "[SH-2026-000001] received",
        }

    def test_who_is_away_is_told_together_with_their_substitute(
        self, database: Database, case: dict[str, Any]
    ) -> None:
        with database.write() as tx:
            until = MONDAY + timedelta(days=1)
            set_absence(
                tx,
                "li_gong",
                actor=SYSTEM,
                at=MONDAY,
                starts_at=MONDAY,
                ends_at=until,
                substitute="tang_lei",
            )
            wish(tx, case, "li_gong")
            wish(tx, case, "group:service_engineer")
            told = {name: unread(tx, person=name) for name in ("li_gong", "tang_lei", "wang_gong")}
        assert told == {"li_gong": 1, "tang_lei": 1, "wang_gong": 1}

    @pytest.mark.parametrize("to", ["", "nobody_here"])
    def test_a_message_for_nobody_is_a_visible_failure(
        self, database: Database, people: People, case: dict[str, Any], to: str
    ) -> None:
        with database.write() as tx:
            wish(tx, case, to)
            [failed] = lost(tx, actor=people.guan_li)
        assert f"{to or '-'} has no mail address on record" in failed.failure

    def test_a_message_without_a_text_is_a_visible_failure_and_no_crash(
        self, database: Database, people: People, case: dict[str, Any], settings: Settings
    ) -> None:
        with database.write() as tx:
            wish(tx, case, "customer", message="forgotten")
        deliver(database, MONDAY, settings)
        with database.read() as tx:
            assert "Expected a text for the message forgotten" in lost(tx, actor=people.guan_li)[0].failure

    def test_nothing_is_told_when_the_step_is_rolled_back(
        self, database: Database, people: People, case: dict[str, Any]
    ) -> None:
        with pytest.raises(Forbidden), database.write() as tx:  # noqa: PT012
            wish(tx, case, "customer")
            require(people.li_gong, "publish")
        assert rows(database) == []


class TestTheBell:
    def test_the_newest_comes_first_and_reading_counts_down(
        self, database: Database, case: dict[str, Any], clock: Clock
    ) -> None:
        with database.write() as tx:
            for number in range(3):
                wish(tx, case, "li_gong", at=clock.advance(minutes=1), count=number)
            mine = bell(tx, person="li_gong")
            assert [line.values["count"] for line in mine] == [2, 1, 0]
            assert (mine[0].number, mine[0].message) == ("SH-2026-000001", "received")
            assert mark_read(tx, person="li_gong", at=clock.now, only=[mine[0].id]) == 1
            assert mark_read(tx, person="wang_gong", at=clock.now, only=[mine[1].id]) == 0
            assert [line.values["count"] for line in bell(tx, person="li_gong", unread=True)] == [1, 0]
            assert mark_read(tx, person="li_gong", at=clock.now) == 2
            assert unread(tx, person="li_gong") == 0


class TestDelivery:
    def test_a_delivered_message_is_not_sent_again(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        with database.write() as tx:
            wish(tx, case, "customer")
        assert [deliver(database, MONDAY + n * LEASE, settings) for n in range(3)] == [1, 0, 0]
        assert len(server.mails) == 1

    def test_without_a_mail_server_in_the_settings_mail_waits(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        with database.write() as tx:
            wish(tx, case, "customer")
        assert deliver(database, MONDAY, Settings()) == 0
        assert deliver(database, MONDAY + timedelta(days=9), settings) == 1

    def test_a_busy_recipient_is_tried_again_later_and_later_and_then_given_up_visibly(
        self,
        database: Database,
        people: People,
        case: dict[str, Any],
        server: MailServer,
        settings: Settings,
    ) -> None:
        server.refused["wang@huadong.example"] = "451 mailbox busy"
        with database.write() as tx:
            wish(tx, case, "customer")
        at = MONDAY
        for wait in WAITS:
            assert deliver(database, at, settings) == 0
            assert deliver(database, at + wait - timedelta(seconds=1), settings) == 0
            with database.read() as tx:
                assert lost(tx, actor=people.guan_li) == []
            at += wait
        assert deliver(database, at, settings) == 0
        with database.read() as tx:
            [failed] = lost(tx, actor=people.guan_li)
        assert failed.attempts == TRIES and "451 mailbox busy" in failed.failure

        server.refused.clear()
        with database.write() as tx:
            with pytest.raises(Forbidden):
                send_again(tx, actor=people.li_gong, at=at, ids=[failed.id])
            assert send_again(tx, actor=people.guan_li, at=at, ids=[failed.id]) == 1
        assert deliver(database, at, settings) == 1

    def test_an_address_that_does_not_exist_is_given_up_at_once(
        self,
        database: Database,
        people: People,
        case: dict[str, Any],
        server: MailServer,
        settings: Settings,
    ) -> None:
        server.refused["wang@huadong.example"] = "550 no such user"
        with database.write() as tx:
            wish(tx, case, "customer")
        deliver(database, MONDAY, settings)
        with database.read() as tx:
            assert "550 no such user" in lost(tx, actor=people.sun_jing)[0].failure

    def test_one_bad_address_does_not_hold_up_the_others(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        server.refused["li_gong@example.invalid"] = "451 busy"
        with database.write() as tx:
            wish(tx, case, "group:service_engineer")
        assert deliver(database, MONDAY, settings) == 1
        assert [mail["To"] for mail in server.mails] == ["wang_gong@example.invalid"]

    def test_a_server_that_is_down_is_tried_again(
        self, database: Database, case: dict[str, Any], settings: Settings
    ) -> None:
        with database.write() as tx:
            wish(tx, case, "customer")
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            down = Settings(mail_url=f"mailto://127.0.0.1:{closed.getsockname()[1]}")
            assert deliver(database, MONDAY, down) == 0
        assert deliver(database, MONDAY + WAITS[0], settings) == 1

    def test_a_process_killed_between_sending_and_committing_sends_again_under_the_same_message_id(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        with database.write() as tx:
            wish(tx, case, "customer")
        script = (
            "import sys\n"
            "from tests.engine.test_notifications import MONDAY, Settings, deliver, Database\n"
            "sys.stdin.readline()\n"
            "settings = Settings(mail_url=sys.argv[2], mail_from='service@shouhou.example')\n"
            "deliver(Database(sys.argv[1]), MONDAY, settings)\n"
        )
        doomed = subprocess.Popen(
            [sys.executable, "-c", script, database.url, server.url], stdin=subprocess.PIPE
        )
        server.victim = doomed.pid
        doomed.communicate(b"go\n")
        assert doomed.returncode == -signal.SIGKILL
        server.victim = None
        assert deliver(database, MONDAY + LEASE - timedelta(seconds=1), settings) == 0
        assert deliver(database, MONDAY + LEASE, settings) == 1
        assert len(server.mails) == 2 and len(set(server.ids())) == 1
        assert server.ids()[0].endswith("@shouhou.example>")

    def test_several_processes_share_the_work_and_send_each_message_once(
        self, database: Database, case: dict[str, Any], server: MailServer, settings: Settings
    ) -> None:
        with database.write() as tx:
            for _ in range(12):
                wish(tx, case, "customer")
        others = [Database(database.url) for _ in range(3)]
        threads = [Thread(target=deliver, args=(other, MONDAY, settings)) for other in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for other in others:
            other.dispose()
        assert len(server.mails) == len(set(server.ids())) == 12

    def test_a_wish_for_another_case_is_carried_out_under_the_id_of_its_row(
        self, database: Database, case: dict[str, Any]
    ) -> None:
        row = {"kind": "open_case", "channel": "case", "recipient": "consultation", "message": "open_case"}
        wanted = {"reason": "leftover", "data": {"summary": "x"}}
        key = new_id(MONDAY)
        with database.write() as tx:
            tx.execute(
                insert(Outbox).values(
                    shard_key=case["shard_key"],
                    case_id=case["id"],
                    id=key,
                    language="zh",
                    created_at=MONDAY,
                    next_attempt_at=MONDAY,
                    values=wanted,
                    **row,
                )
            )
        opened: list[tuple[UUID, str, Mapping[str, Any]]] = []

        def open_case(id: UUID, process: str, values: Mapping[str, Any], at: datetime) -> None:
            opened.append((id, process, values))

        for _ in range(2):
            deliver_due(database, now=MONDAY, settings=Settings(), texts=texts, open_case=open_case)
        assert opened == [(key, "consultation", wanted)]
