"""Mail that comes back: the message is marked as not delivered, with the other server's words, and can be sent again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from engine.acts import outbox, undelivered
from engine.acts.cast import People
from engine.acts.replay import verify_all
from engine.cases import Cases
from engine.desk.bounces import bounce_in
from engine.desk.mail_reading import read_mail
from engine.foundation.database import Database
from engine.foundation.errors import Forbidden, NotFound, Rejection
from engine.foundation.ids import new_id
from engine.foundation.models import AccessLog, Case, Event, Outbox
from tests.conftest import Clock
from tests.engine.test_mail_intake import CUSTOMER, Intake, mail
from tests.engine.test_notifications import MailServer, server
from tests.imap_server import ImapServer

__all__ = ["server"]
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # inside apprise

SAID = "550 5.1.1 <zhou@binjiang.example>: user unknown"


def notification(
    returned: EmailMessage | str, *, action: str = "failed", said: str = SAID, headers_only: bool = False
) -> bytes:
    """A delivery status notification as RFC 3464 draws it, over a mail of ours or over one of this Message-ID."""
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"], report["To"] = (
        "Mail Delivery System <MAILER-DAEMON@mx.example>",
        "service@shouhou.example",
    )
    report["Subject"], report["Message-ID"] = "Undelivered Mail Returned to Sender", f"<{action}@mx.example>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText("This is the mail system at host mx.example."))
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    about, recipient = Message(), Message()
    about["Reporting-MTA"] = "dns; mx.example"
    recipient["Final-Recipient"], recipient["Action"] = f"rfc822; {CUSTOMER}", action
    recipient["Status"] = "5.1.1"
    if said:
        recipient["Diagnostic-Code"] = f"smtp; {said}"
    status.set_payload([about, recipient])
    report.attach(status)
    text = returned if isinstance(returned, str) else str(returned["Message-ID"])
    if headers_only:
        part = MIMEText(f"Subject: x\nMessage-ID: {text}\n", "rfc822-headers")
    else:
        inner = (
            returned
            if isinstance(returned, EmailMessage)
            else message_from_bytes(f"Message-ID: {text}\n\nx".encode())
        )
        part = Message()  # type: ignore[assignment]
        part["Content-Type"] = "message/rfc822"
        part.set_payload([inner])
    report.attach(part)
    return report.as_bytes()


class Post(Intake):
    """The company with both its mail servers; `acknowledge` sends the customer their first message."""

    def __init__(
        self, database: Database, clock: Clock, people: People, imap: ImapServer, smtp: MailServer
    ) -> None:
        super().__init__(database, clock, people, imap)
        self.smtp = smtp
        self.cases = Cases(database, replace(self.cases.settings, mail_url=smtp.url))

    def acknowledge(self) -> EmailMessage:
        self.receive(mail())
        outbox.carry_out(self.cases, now=self.clock.advance(minutes=1))
        [sent] = [one for one in self.smtp.mails if one["To"] == CUSTOMER]
        return sent

    def lost(self) -> list[undelivered.Lost]:
        with self.database.read() as tx:
            return undelivered.lost(tx, actor=self.people.guan_li)


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer() as running:
        yield running


@pytest.fixture
def post(database: Database, clock: Clock, people: People, imap: ImapServer, server: MailServer) -> Post:
    return Post(database, clock, people, imap, server)


class TestAReturnedMail:
    def test_it_is_shown_with_the_other_servers_words_and_changes_no_history(self, post: Post) -> None:
        sent = post.acknowledge()
        assert post.lost() == []
        events = post.count(Event)
        what, stored = post.receive(notification(sent))
        assert what == "bounced" and stored.flags == {"\\Seen"}
        [failed] = post.lost()
        assert (failed.number, failed.address) == (post.case().number, CUSTOMER)
        assert SAID in failed.reason.en and SAID in failed.reason.zh and "退回" in failed.reason.zh
        assert "退回" not in failed.reason.en
        assert (post.count(), post.count(Event)) == (1, events)
        assert verify_all(post.cases).whole

    def test_it_stands_on_its_case_for_whoever_may_see_the_case(self, post: Post) -> None:
        post.receive(notification(post.acknowledge()))
        number, actor = post.case().number, post.people.li_gong
        [line] = undelivered.lost_of_case(post.cases, number, actor=actor)
        assert "受理" in line.name.zh or "收到" in line.name.zh
        with post.database.write() as tx:
            tx.execute(update(Case).values(kept_out=["li_gong", "sun_jing"]))
            assert undelivered.lost(tx, actor=post.people.sun_jing) == []
        with pytest.raises(NotFound):
            undelivered.lost_of_case(post.cases, number, actor=actor)

    def test_it_goes_out_again_to_the_address_that_is_right(self, post: Post) -> None:
        post.receive(notification(post.acknowledge()))
        [failed] = post.lost()
        with post.database.write() as tx:
            again = {"at": post.clock.now, "ids": [failed.id], "to": "zhou.new@binjiang.example"}
            with pytest.raises(Forbidden):
                undelivered.send_again(tx, actor=post.people.li_gong, **again)
            assert undelivered.send_again(tx, actor=post.people.guan_li, **again) == 1
        assert post.lost() == []
        outbox.carry_out(post.cases, now=post.clock.now)
        assert post.smtp.mails[-1]["To"] == "zhou.new@binjiang.example"
        with post.database.read() as tx:
            assert tx.scalars(select(AccessLog.act).where(AccessLog.target == failed.number)).all() == [
                "resend"
            ]

    def test_what_has_no_address_cannot_go_out_again_without_one(self, post: Post) -> None:
        post.receive(notification(post.acknowledge()))
        with post.database.write() as tx:
            tx.execute(update(Outbox).values(recipient="customer"))
        [failed] = post.lost()
        with post.database.write() as tx, pytest.raises(Rejection, match="none is on record"):
            undelivered.send_again(tx, actor=post.people.guan_li, at=post.clock.now, ids=[failed.id])

    def test_it_is_struck_off_when_the_customer_was_called(self, post: Post) -> None:
        post.receive(notification(post.acknowledge()))
        [failed] = post.lost()
        with post.database.write() as tx:
            assert (
                undelivered.strike_off(tx, actor=post.people.sun_jing, at=post.clock.now, ids=[failed.id])
                == 1
            )
        assert post.lost() == []

    def test_the_same_notification_a_second_time_does_nothing(self, post: Post) -> None:
        returned = notification(post.acknowledge())
        post.receive(returned)
        with post.database.write() as tx:
            undelivered.send_again(tx, actor=post.people.guan_li, at=post.clock.now, ids=[post.lost()[0].id])
        outbox.carry_out(post.cases, now=post.clock.now)
        assert post.receive(returned)[0] == "seen"
        assert post.lost() == []

    def test_a_message_that_is_being_sent_again_is_not_touched_by_an_old_return(self, post: Post) -> None:
        sent = post.acknowledge()
        with post.database.write() as tx:
            tx.execute(update(Outbox).values(done_at=None, next_attempt_at=post.clock.now))
        assert post.receive(notification(sent))[0] == "automatic"
        assert post.lost() == []

    @pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
    def test_only_a_final_failure_counts(self, post: Post, action: str) -> None:
        assert post.receive(notification(post.acknowledge(), action=action))[0] == "automatic"
        assert post.lost() == []

    def test_a_return_of_what_we_never_sent_is_ignored(self, post: Post) -> None:
        post.acknowledge()
        invented = f"<{new_id(post.clock.now)}@shouhou.example>"
        assert post.receive(notification(invented))[0] == "automatic"
        assert post.lost() == []


class TestReadingNotifications:
    ID = "<01890000-0000-7000-8000-000000000000@shouhou.example>"

    def test_the_returned_headers_alone_are_enough(self) -> None:
        bounce = read_mail(notification(self.ID, headers_only=True)).bounce
        assert bounce is not None and (bounce.returned, bounce.reason) == ((self.ID,), SAID)

    def test_without_a_diagnosis_the_status_is_told(self) -> None:
        bounce = read_mail(notification(self.ID, said="")).bounce
        assert bounce is not None and bounce.reason == "status 5.1.1"

    def test_an_old_server_that_only_quotes_is_understood(self) -> None:
        content = (
            "From: Mail Delivery Subsystem <mailer-daemon@old.example>\nSubject: returned mail\n\n"
            f"zhou@binjiang.example\n   550 no such mailbox\n\n--- headers follow ---\nMessage-ID: {self.ID}\n"
        )
        bounce = read_mail(content.encode()).bounce
        assert bounce is not None and (bounce.returned, bounce.reason) == ((self.ID,), "550 no such mailbox")

    def test_a_person_who_quotes_an_error_is_no_server(self) -> None:
        content = mail(f"错误 550 no such mailbox\nMessage-ID: {self.ID}\n", In_Reply_To=self.ID)
        assert read_mail(content).bounce is None

    def test_a_mail_that_is_all_blank_lines_keeps_nobody_waiting(self) -> None:
        began = process_time()
        blank = (
            b"From: MAILER-DAEMON@mx.example\n\n550 unknown\n"
            + b"\n" * 100_000
            + b"Message-ID: <a@b.example>"
        )
        found = read_mail(blank).bounce
        assert process_time() - began < 5, (
            "ten times more than it takes; reading line after line anew takes minutes"
        )
        assert found is None, "what follows so far behind is not read"

    def test_a_vacation_answer_is_no_failure(self) -> None:
        content = mail("我在休假, 请致电 550 8899", In_Reply_To=self.ID, Auto_Submitted="auto-replied")
        bounce = read_mail(content).bounce
        assert bounce is None

    @given(st.binary(max_size=400), st.integers(0, 2000))
    def test_any_notification_is_read_without_an_error(self, noise: bytes, at: int) -> None:
        whole = notification(self.ID)
        read_mail(whole[: at % len(whole)] + noise + whole[at % len(whole) :])
        bounce_in(message_from_bytes(noise), from_a_server=True)
