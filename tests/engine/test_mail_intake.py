"""A mail becomes a case or lands on its own, exactly once; machines, loops and strangers' tricks change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from engine.acts import correspondence, mail_intake, steering
from engine.acts.cast import People
from engine.acts.mail_intake import MOST_AN_HOUR, take_in
from engine.acts.publishing import read_folder
from engine.acts.replay import verify_all
from engine.bpmn import releases
from engine.cases import Cases
from engine.desk.channels import message_id
from engine.desk.mail_reading import read_mail, text_of_html, without_quotation
from engine.desk.mailbox import account_of
from engine.foundation.database import Database
from engine.foundation.errors import ShouhouError, Unavailable
from engine.foundation.ids import new_id
from engine.foundation.models import Case, Customer, Event, Outbox
from engine.foundation.models.correspondence import MailSeen
from engine.foundation.settings import Settings, source_folder
from tests.conftest import Clock
from tests.engine.test_attachments import JPEG, PDF
from tests.imap_server import RECEIVED, ImapServer, StoredMail
from tests.pictures import PLACE, photo, place_in

CUSTOMER = "zhou@binjiang.example"


def mail(
    text: str = "会议主机开机后画面中断",
    *,
    sender: str = f"周晓岚 <{CUSTOMER}>",
    subject: str = "会议主机故障",
    id: str = "<1@binjiang.example>",
    files: tuple[tuple[str, bytes, str], ...] = (),
    **headers: str,
) -> bytes:
    """A mail as a person's program writes it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "service@shouhou.example", subject
    message["Message-ID"] = id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, body, kind in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(body, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


class Intake:
    """The mailbox, and the company behind it."""

    def __init__(self, database: Database, clock: Clock, people: People, server: ImapServer) -> None:
        self.database, self.clock, self.people, self.server = database, clock, people, server
        settings = Settings(
            database_url=database.url, mail_in_url=server.url, mail_from="service@shouhou.example"
        )
        self.cases = Cases(database, settings)
        with database.write() as tx:
            releases.publish(tx, read_folder(source_folder()), actor="xie_liu", at=clock.now, note="")
            tx.execute(insert(Customer).values(id=new_id(clock.now), name="滨江会展中心", email=CUSTOMER))

    def poll(self) -> list[str]:
        return [outcome.what for outcome in take_in(self.cases, now=self.clock)]

    def receive(self, content: bytes) -> tuple[str, StoredMail]:
        stored = self.server.deliver(content)
        [what] = self.poll()
        return what, stored

    def count(self, table: Any = Case) -> int:
        with self.database.read() as tx:
            return int(tx.scalar(select(func.count()).select_from(table)) or 0)

    def case(self) -> Any:
        with self.database.read() as tx:
            columns = [column for column in Case.__table__.c if column.name != "state"]
            return tx.execute(select(*columns).order_by(Case.number.desc()).limit(1)).one()

    def added(self) -> correspondence.Added:
        return correspondence.added(self.cases, self.case().number, actor=self.people.li_gong)

    def our_message(self) -> str:
        """The Message-ID of the acknowledgement that the customer got."""
        with self.database.read() as tx:
            id = tx.scalars(select(Outbox.id).where(Outbox.kind == "customer")).first()
        assert id is not None
        return message_id(id, sender="service@shouhou.example")


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with ImapServer() as running:
        yield running


@pytest.fixture
def intake(database: Database, clock: Clock, people: People, server: ImapServer) -> Intake:
    return Intake(database, clock, people, server)


class TestANewMail:
    def test_it_opens_a_case_with_its_words_and_files(self, intake: Intake) -> None:
        files = (("现场.jpg", JPEG, "image/jpeg"), ("report.pdf", PDF, "application/pdf"))
        what, stored = intake.receive(mail(files=files))
        assert what == "opened" and stored.flags == {"\\Seen"}
        case = intake.case()
        assert (case.channel, case.customer_name, case.opened_by) == ("email", "滨江会展中心", "mailbox")
        assert case.customer_id is not None and case.received_at == RECEIVED
        assert case.facts["description"] == "会议主机故障\n会议主机开机后画面中断"
        assert case.facts["email"] == CUSTOMER
        assert [line.file.name for line in intake.added().files] == ["现场.jpg", "report.pdf"]
        assert verify_all(intake.cases).whole

    def test_a_stranger_may_write_and_gets_a_case_without_a_registered_customer(self, intake: Intake) -> None:
        intake.receive(mail(sender="joe@elsewhere.example", subject="Printer", text="No power"))
        case = intake.case()
        assert (case.customer_id, case.customer_name) == (None, "joe@elsewhere.example")

    def test_it_is_taken_in_once_however_often_it_comes(self, intake: Intake) -> None:
        assert intake.receive(mail())[0] == "opened"
        assert intake.receive(mail())[0] == "seen"
        assert intake.poll() == []
        assert intake.count() == 1

    def test_a_line_that_breaks_before_it_is_marked_makes_no_second_case(self, intake: Intake) -> None:
        intake.server.deliver(mail(files=(("a.jpg", JPEG, "image/jpeg"),)))
        intake.server.drops_marks = True
        with pytest.raises(Unavailable):
            intake.poll()
        intake.server.drops_marks = False
        assert intake.poll() == ["seen"]
        assert intake.count() == 1 and intake.server.unread == 0

    def test_a_crash_between_case_and_memory_makes_no_second_case(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = mail(files=(("a.jpg", JPEG, "image/jpeg"),))
        read = read_mail(content)
        with monkeypatch.context() as crash:

            def die(*_: object, **__: object) -> None:
                raise KeyboardInterrupt

            crash.setattr(mail_intake, "_remember", die)
            with pytest.raises(KeyboardInterrupt):
                mail_intake.handle(intake.cases, read, received_at=None, now=intake.clock.now)
        assert intake.receive(content)[0] == "opened"
        assert intake.count() == 1 and len(intake.added().files) == 1

    def test_what_may_not_be_kept_is_named_and_the_rest_is_kept(self, intake: Intake) -> None:
        files = (("setup.exe", b"MZ\x90", "application/octet-stream"), ("a.jpg", JPEG, "image/jpeg"))
        intake.receive(mail(files=files))
        added = intake.added()
        assert [line.file.name for line in added.files] == ["a.jpg"]
        assert "setup.exe" in added.notes[0].text

    def test_a_photo_comes_without_the_place_and_a_cut_off_one_is_named_with_the_reason(
        self, intake: Intake
    ) -> None:
        cut = photo()[:-400]
        intake.receive(mail(files=(("现场.jpg", photo(), "image/jpeg"), ("半张.jpg", cut, "image/jpeg"))))
        added = intake.added()
        [line] = added.files
        _, kept = correspondence.open_file(
            intake.cases, intake.case().number, line.file.id, actor=intake.people.li_gong
        )
        assert line.file.name == "现场.jpg" and PLACE not in kept and not place_in(kept)
        assert "半张.jpg" in added.notes[0].text and "cut off" in added.notes[0].text

    def test_a_long_mail_is_kept_whole(self, intake: Intake) -> None:
        intake.receive(mail("长" * 5000))
        told = intake.case().facts["description"] + intake.added().notes[0].text
        assert told.count("长") == 5000

    def test_a_mail_that_is_too_large_is_left_for_a_person(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail_intake, "LARGEST_MAIL", 1000)
        what, stored = intake.receive(mail("x" * 2000))
        assert what == "too_large" and "\\Flagged" in stored.flags
        assert intake.count() == 0

    def test_nonsense_does_not_keep_the_next_mail_waiting(self, intake: Intake) -> None:
        intake.server.deliver(b"\xff\xfe\x00 no mail at all")
        intake.server.deliver(mail())
        assert intake.poll() == ["no_sender", "opened"]
        assert intake.server.unread == 0


class TestAReply:
    def test_it_lands_on_the_case_whose_message_it_answers(self, intake: Intake) -> None:
        intake.receive(mail())
        number = intake.case().number
        what, _ = intake.receive(
            mail(
                "门禁需要预约\n\n发件人: service\n> 已收到您的报告",
                id="<2@binjiang.example>",
                sender="colleague@binjiang.example",
                subject="回复",
                In_Reply_To=intake.our_message(),
                files=(("b.jpg", JPEG, "image/jpeg"),),
            )
        )
        assert what == "landed" and intake.count() == 1
        [note] = intake.added().notes
        assert "门禁需要预约" in note.text and "已收到您的报告" not in note.text
        assert "colleague@binjiang.example" in note.text and note.files == ("b.jpg",)
        assert intake.case().number == number
        assert verify_all(intake.cases).whole

    def test_the_number_in_the_subject_counts_for_the_cases_own_customer_only(self, intake: Intake) -> None:
        intake.receive(mail())
        subject = f"Re: 已收到您的报告 {intake.case().number}"
        assert intake.receive(mail("补充", subject=subject, id="<3@x>"))[0] == "landed"
        stranger = mail("补充", subject=subject, id="<4@x>", sender="thief@evil.example")
        assert intake.receive(stranger)[0] == "opened"
        assert intake.count() == 2

    def test_an_invented_reference_leads_nowhere(self, intake: Intake) -> None:
        intake.receive(mail())
        invented = message_id(UUID("01890000-0000-7000-8000-000000000000"), sender="service@shouhou.example")
        case = f"<{intake.case().id}@shouhou.example>"
        answer = mail(id="<5@x>", sender="a@b.example", References=f"{invented} {case}")
        assert intake.receive(answer)[0] == "opened"

    def test_our_own_answers_to_ourselves_never_reach_the_customers_page(self, intake: Intake) -> None:
        intake.receive(mail())
        with intake.database.write() as tx:
            tx.execute(update(Outbox).values(kind="notify"))
            id = tx.scalars(select(Outbox.id)).first()
        assert id is not None
        internal = message_id(id, sender="service@shouhou.example")
        what, stored = intake.receive(mail("别告诉客户", id="<6@x>", In_Reply_To=internal))
        assert what == "internal" and "\\Flagged" in stored.flags
        assert not intake.added().notes

    def test_it_lands_on_a_case_that_has_ended(self, intake: Intake) -> None:
        intake.receive(mail())
        steering.cancel(
            intake.cases,
            intake.case().number,
            reason="重复",
            actor=intake.people.guan_li,
            now=intake.clock.now,
        )
        answer = mail("还是不行", id="<7@x>", In_Reply_To=intake.our_message())
        assert intake.receive(answer)[0] == "landed"
        assert verify_all(intake.cases).whole

    def test_whoever_handles_the_case_hears_of_it(self, intake: Intake) -> None:
        intake.receive(mail())
        intake.receive(mail("补充", id="<8@x>", In_Reply_To=intake.our_message()))
        with intake.database.read() as tx:
            told = tx.scalars(select(Outbox.recipient).where(Outbox.message == "customer_wrote")).all()
        assert told


class TestMachines:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated; type=vacation"},
            {"Precedence": "bulk"},
            {"Precedence": "auto_reply"},
            {"List_Id": "<users.example>"},
            {"X_Auto_Response_Suppress": "All"},
            {"X_Autoreply": "yes"},
            {"Return_Path": "<>"},
        ],
    )
    def test_what_a_machine_wrote_opens_nothing_and_lands_nowhere(
        self, intake: Intake, headers: dict[str, str]
    ) -> None:
        intake.receive(mail())
        events = intake.count(Event)
        answer = mail("我在休假", id="<9@x>", In_Reply_To=intake.our_message(), **headers)
        what, stored = intake.receive(answer)
        assert what == "automatic" and stored.flags == {"\\Seen"}
        assert (intake.count(), intake.count(Event)) == (1, events)

    @pytest.mark.parametrize("sender", ["service@shouhou.example", "Service <SERVICE@shouhou.example>"])
    def test_our_own_mails_are_not_answered(self, intake: Intake, sender: str) -> None:
        assert intake.receive(mail(sender=sender))[0] == "own"

    def test_a_bounce_is_no_report(self, intake: Intake) -> None:
        assert intake.receive(mail(sender="MAILER-DAEMON@mx.example"))[0] == "automatic"

    def test_a_person_whose_program_says_no_is_a_person(self, intake: Intake) -> None:
        assert intake.receive(mail(Auto_Submitted="no"))[0] == "opened"

    def test_a_flood_of_one_sender_ends(self, intake: Intake) -> None:
        with intake.database.write() as tx:
            for number in range(MOST_AN_HOUR):
                seen = {"mail": str(number), "at": intake.clock.now, "sender": CUSTOMER, "outcome": "landed"}
                tx.execute(insert(MailSeen).values(**seen))
        what, stored = intake.receive(mail())
        assert what == "too_many" and "\\Flagged" in stored.flags
        assert intake.count() == 0


class TestReadingMail:
    def test_a_page_becomes_its_words(self) -> None:
        page = (
            "<html><head><title>t</title><style>p{}</style></head><body><p>您好,&nbsp;主机<b>黑屏</b></p>"
            "<script>alert(1)</script><ul><li>一</li><li>二</li></ul><img src=x onerror=alert(1)></body>"
        )
        assert text_of_html(page) == "您好, 主机黑屏\n\n一\n\n二"

    def test_a_mail_without_plain_text_is_read_from_its_page(self) -> None:
        message = EmailMessage()
        message["From"] = "a@b.example"
        message.set_content("<p>主机黑屏</p><script>x</script>", subtype="html")
        assert read_mail(message.as_bytes()).text == "主机黑屏"

    @pytest.mark.parametrize(
        "charset", ["gb2312", "gbk", "gb18030", "GB2312", "x-gbk", "unknown-8bit", "utf-8"]
    )
    def test_chinese_of_every_make_is_read(self, charset: str) -> None:
        coding = "utf-8" if charset == "utf-8" else "gb18030"
        content = (
            b"From: =?gb2312?B?"
            + __import__("base64").b64encode("镕基".encode("gb18030"))
            + b"?= <a@b.example>\r\n"
            b"Subject: " + "主机黑屏".encode("gb18030") + b"\r\n"
            b"Content-Type: text/plain; charset="
            + charset.encode()
            + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + "镕镕 主机黑屏 ㍿".encode(coding)
        )
        read = read_mail(content)
        assert (read.sender_name, read.subject, read.text) == ("镕基", "主机黑屏", "镕镕 主机黑屏 ㍿")

    def test_a_logo_in_the_text_is_no_attachment_and_a_photo_is(self) -> None:
        message = EmailMessage()
        message["From"] = "a@b.example"
        message.set_content("x")
        message.add_alternative("<img src=cid:logo><img src=cid:photo>", subtype="html")
        page = message.get_payload()[1]  # type: ignore[index]
        page.add_related(JPEG, "image", "jpeg", cid="<logo>")  # type: ignore[union-attr]
        page.add_related(JPEG.ljust(9000, b"x"), "image", "jpeg", cid="<photo>")  # type: ignore[union-attr]
        assert [len(file.content) for file in read_mail(message.as_bytes()).files] == [9000]

    @pytest.mark.parametrize(
        "quoted",
        [
            "好的\n\n> 原文",
            "好的\n-----原始邮件-----\n原文",
            "好的\nOn Mon, 2 Mar 2026 at 09:00, Service wrote:\n> 原文",
            "好的\n\n发件人: service@shouhou.example\n原文",
            "好的\n在 2026-03-02, 售后 写道:\n原文",
        ],
    )
    def test_only_what_was_added_is_kept_of_an_answer(self, quoted: str) -> None:
        assert without_quotation(quoted) == "好的"

    def test_an_answer_that_is_all_quotation_is_kept_whole(self) -> None:
        assert without_quotation("> 见下\n> 原文") == "> 见下\n> 原文"

    @pytest.mark.parametrize("seed", [b"", b"\n\n", b"From: \n", b"Content-Type: multipart/mixed\n\nx"])
    def test_broken_mails_are_read_without_an_error(self, seed: bytes) -> None:
        assert read_mail(seed).mark

    @given(st.binary(max_size=600))
    def test_any_bytes_are_read_without_an_error(self, content: bytes) -> None:
        read_mail(content)
        read_mail(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" + content)

    def test_the_same_mail_has_the_same_mark_and_another_sender_cannot_take_it(self) -> None:
        first, again = read_mail(mail()), read_mail(mail("forwarded"))
        assert first.mark == again.mark
        assert first.mark != read_mail(mail(sender="thief@evil.example")).mark


class TestTheMailbox:
    def test_a_wrong_password_is_unavailable_and_never_repeated_in_words(self, intake: Intake) -> None:
        intake.server.password = "another"
        with pytest.raises(Unavailable) as refused:
            intake.poll()
        assert "s3cret" not in refused.value.text.en + refused.value.text.zh

    @pytest.mark.parametrize("url", ["pop3://a:b@c/d", "imap://host/folder", "imaps://a:pw@/x", "nonsense"])
    def test_an_address_that_cannot_be_read_says_what_is_expected(self, url: str) -> None:
        with pytest.raises(ShouhouError, match="imaps://user:password@host/folder") as refused:
            account_of(url)
        assert "pw" not in refused.value.text.zh

    def test_no_mailbox_is_no_work(self, database: Database, clock: Clock) -> None:
        assert take_in(Cases(database), now=clock) == []

    def test_mails_of_long_ago_are_forgotten(self, intake: Intake) -> None:
        intake.receive(mail())
        forget: Callable[[int], int] = lambda days: _forget(intake, days)  # noqa: E731
        assert (forget(399), forget(2)) == (0, 1)


def _forget(intake: Intake, days: int) -> int:
    with intake.database.write() as tx:
        return mail_intake.forget_old(tx, now=intake.clock.advance(days=days))
