"""The customer's side without an account: their own case and nothing else, in plain words, and nothing twice."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update
from werkzeug.test import TestResponse

from engine.acts import portal, worklist
from engine.acts.replay import verify_case
from engine.cases.row import id_of
from engine.desk.attachments import LARGEST
from engine.foundation.ids import new_id
from engine.foundation.models import Case, Contract, Event, Outbox, Task
from engine.foundation.models import Customer as Customer_
from engine.foundation.models.correspondence import Attachment, PortalLink
from engine.foundation.text import Text
from tests.engine.test_attachments import JPEG, PDF
from tests.pictures import PLACE, photo, place_in
from tests.webapp.conftest import MakeApp, Web
from tests.webapp.desk import FAULT, Desk, words
from webapp.portal import REPORTS, VISITS

REPORT = {
    "kind": "fault",
    "customer": "滨江会展中心",
    "description": "会议主机开机后画面中断",
    "phone": "138 0000 5521",
    "email": "zhou@binjiang.example",
    "location": "三层会议区",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The engine's own tests run on both kinds of database."""
    return sqlite_url


class Customer:
    """Somebody with a phone: no account, one cookie jar, and whatever address they were given."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.desk = Desk(web)
        self.address = ""
        covered = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "coverage": "gold"}
        id = new_id(web.clock())
        with web.database.write() as tx:
            tx.execute(
                insert(Customer_).values(id=id, name=REPORT["customer"], email="zhou@binjiang.example")
            )
            tx.execute(
                insert(Contract).values(id=new_id(web.clock()), customer_id=id, number="C-1", **covered)
            )

    def report(self, *files: tuple[bytes, str], key: str = "", **changes: str) -> TestResponse:
        sent = {**REPORT, **changes, "files": [(io.BytesIO(body), name) for body, name in files]}
        answer = self.web.post(
            "/portal/",
            {**sent, **({"idempotency_key": key} if key else {})},
            content_type="multipart/form-data",
        )
        if answer.status_code == 303:
            self.address = answer.location.partition("?")[0]
        return answer

    def send(self, act: str, *files: tuple[bytes, str], **said: object) -> TestResponse:
        sent = {"act": act, **said, "files": [(io.BytesIO(body), name) for body, name in files]}
        return self.web.post(self.address, sent, content_type="multipart/form-data")

    def page(self, address: str = "") -> str:
        answer = self.web.get(address or self.address)
        assert answer.status_code == 200, answer.text
        return words(answer.text)

    @property
    def number(self) -> str:
        found = re.search(r"SH-\d{4}-\d{6}", self.page())
        assert found
        return found[0]

    @property
    def case_id(self) -> UUID:
        with self.web.database.read() as tx:
            return id_of(tx, self.number)

    def events(self) -> list[tuple[str, str]]:
        with self.web.database.read() as tx:
            query = select(Event.kind, Event.actor).where(Event.case_id == self.case_id).order_by(Event.seq)
            return [row._tuple() for row in tx.execute(query)]

    def work(self, element: str, by: str = "li_gong", **answers: object) -> None:
        """A colleague does the case's task `element`."""
        with self.web.database.read() as tx:
            query = select(Task.id).where(Task.case_id == self.case_id, Task.element == element)
            task = tx.execute(query).scalar_one()
        worklist.complete(
            self.desk.cases, self.number, task, answers, actor=self.desk.people[by], now=self.web.clock()
        )

    def until_confirmation(self) -> None:
        """The fault is repaired; only the customer's word is missing."""
        self.work("triage", "chen_min", **FAULT)
        self.accept()
        for element, answers in REPAIR:
            self.work(element, **answers)

    def accept(self) -> None:
        with self.web.database.read() as tx:
            waiting = tx.execute(select(Task).where(Task.case_id == self.case_id, Task.kind == "task")).all()
        if any(task.element == "assign_engineer" for task in waiting):
            self.work("assign_engineer", "sun_jing", engineer="li_gong")
        self.work("accept_case", decision="accept")

    def whole(self) -> None:
        verification = verify_case(self.desk.cases, self.case_id)
        assert verification.whole, verification.text


REPAIR: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "analyse_fault",
        {
            "nature": "hardware",
            "cause": "电源",
            "section": "电源",
            "severity": "normal",
            "next_step": "phone",
        },
    ),
    ("agree_solution", {"solution": "换电源", "agreed": "yes", "agreed_with": "周晓岚"}),
    ("advise_by_phone", {"means": "phone", "advice": "重新插电源"}),
    ("test_and_verify", {"result": "pass", "test": "开机半小时"}),
)

WAIVER: tuple[str, dict[str, object]] = (
    "waive_remote_diagnosis",
    {"reason": "obvious_hardware", "explanation": "电源烧毁"},
)


@pytest.fixture
def customer(web: Web) -> Customer:
    """A customer before the procedures as they are shipped."""
    return Customer(web)


class TestReporting:
    def test_a_report_with_photos_opens_a_case_and_leads_to_its_page(self, customer: Customer) -> None:
        answer = customer.report((JPEG, "现场.jpg"), (PDF, "说明.pdf"))
        assert answer.status_code == 303
        page = customer.page(answer.location)
        assert "我们已收到您的报告" in page and customer.number in page
        assert "会议主机开机后画面中断" in page and "现场.jpg" in page
        assert customer.events()[0] == ("case:start", "portal")
        with customer.web.database.read() as tx:
            case = tx.execute(select(Case.channel, Case.opened_by, Case.process, Case.facts)).one()
        assert (case.channel, case.opened_by, case.process) == ("web", "portal", "service_case")
        assert case.facts["location"] == "三层会议区"
        customer.whole()

    def test_staff_find_the_report_with_its_photos(self, customer: Customer) -> None:
        customer.report((JPEG, "现场.jpg"))
        number = customer.number
        page = words(customer.web.as_("chen_min").get(f"/cases/{number}").text)
        assert "现场.jpg" in page and "客户(网页)" in page and "portal" not in page
        task = customer.desk.url(number, "?tab=attachments")
        assert "现场.jpg" in customer.web.get(task).text

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"phone": "", "email": ""}, "请留下电话或电子邮箱"),
            ({"phone": "call me"}, "电话应由数字组成"),
            ({"email": "a@b, c@d"}, "电子邮箱应形如"),
            ({"customer": " "}, "请填写您的单位或姓名"),
            ({"description": ""}, "请说明出了什么问题"),
            ({"description": "长" * 4001}, "4000"),
        ],
    )
    def test_what_is_missing_is_said_and_what_was_typed_stays(
        self, customer: Customer, changes: dict[str, str], sentence: str
    ) -> None:
        answer = customer.report(**changes)
        assert answer.status_code == 422
        assert sentence in answer.text and 'value="三层会议区"' in answer.text

    @pytest.mark.parametrize(
        ("body", "name", "sentence"),
        [
            (b"MZ\x90\x00", "photo.jpg", "按内容判断不是"),
            (b"<svg onload='alert(1)'/>", "a.svg", "按内容判断不是"),
            (JPEG.ljust(LARGEST + 1, b"x"), "big.jpg", "超过 10 MB"),
            (b"", "empty.jpg", "是空的"),
            (photo()[:-400], "cut.jpg", "可能已损坏或没有传完"),
        ],
    )
    def test_a_file_that_cannot_be_kept_opens_no_case(
        self, customer: Customer, body: bytes, name: str, sentence: str
    ) -> None:
        answer = customer.report((body, name))
        assert answer.status_code == 422 and sentence in answer.text
        with customer.web.database.read() as tx:
            assert tx.scalar(select(func.count()).select_from(Case)) == 0

    def test_more_than_a_request_may_hold_is_refused_before_it_is_read(self, customer: Customer) -> None:
        answer = customer.report(*[(JPEG.ljust(9 * 1024 * 1024, b"x"), f"{n}.jpg") for n in range(5)])
        assert answer.status_code == 413

    def test_a_report_sent_twice_is_one_case_and_another_person_cannot_claim_it(
        self, customer: Customer
    ) -> None:
        for _ in range(2):
            assert customer.report((JPEG, "a.jpg"), key="0123456789abcdef0123456789abcdef").status_code == 303
        with customer.web.database.read() as tx:
            assert tx.scalar(select(func.count()).select_from(Case)) == 1
            assert tx.scalar(select(func.count()).select_from(Attachment)) == 1
            known = tx.scalar(select(Case.id))
        assert known is not None
        customer.report(key=known.hex)
        with customer.web.database.read() as tx:
            assert tx.scalar(select(func.count()).select_from(Case)) == 2, "a case's id is not its key"

    def test_one_address_may_report_only_so_often(self, customer: Customer) -> None:
        answers = [customer.report(description="").status_code for _ in range(REPORTS.most + 1)]
        assert answers == [422] * REPORTS.most + [429]
        customer.web.clock.advance(hours=1)
        assert customer.report(description="").status_code == 422

    def test_the_rate_holds_over_all_processes_and_says_when_to_come_again(
        self, customer: Customer, make_app: MakeApp
    ) -> None:
        web = customer.web
        doors = (web, Web(make_app(), web.database, web.clock, web.settings))
        empty: dict[str, object] = {**REPORT, "description": ""}
        answers = [doors[n % 2].post("/portal/", empty).status_code for n in range(REPORTS.most)]
        assert answers == [422] * REPORTS.most
        web.clock.advance(minutes=18)
        for door in doors:
            refused = door.post("/portal/", empty)
            assert refused.status_code == 429 and "请在 42 分钟后再试" in refused.text

    def test_a_complaint_is_told_from_a_fault(self, customer: Customer) -> None:
        assert customer.report(kind="complaint").status_code == 303
        with customer.web.database.read() as tx:
            case = tx.execute(select(Case.process, Case.kind)).one()
        library = customer.desk.cases.current_library()
        expected = "complaint" if "complaint" in library.diagrams else "service_case"
        assert case.process == expected

    def test_the_acknowledgement_carries_a_link_that_opens_the_case(self, customer: Customer) -> None:
        customer.report()
        with customer.web.database.read() as tx:
            [told] = tx.execute(select(Outbox.kind, Outbox.message).where(Outbox.kind == "customer")).all()
        assert told.message in customer.desk.cases.current_library().messages


class TestTheLink:
    def test_its_secret_has_256_bits_and_is_not_stored(self, customer: Customer) -> None:
        customer.report()
        secret = customer.address.rpartition("/")[2]
        assert len(secret) == 43
        with customer.web.database.read() as tx:
            assert secret not in str(tx.execute(select(PortalLink.secret_hash)).all())

    @pytest.mark.parametrize("guess", ["x", "A" * 43, "A" * 5000, "..%2f..%2fetc", "%00", "' OR 1=1 --"])
    def test_a_guess_finds_nothing(self, customer: Customer, guess: str) -> None:
        customer.report()
        answer = customer.web.get(f"/portal/cases/{guess}")
        assert answer.status_code == (422 if guess == "%00" else 404)
        assert "会议主机" not in answer.text

    def test_neither_number_nor_id_of_a_case_opens_it(self, customer: Customer) -> None:
        customer.report()
        for name in (customer.number, str(customer.case_id), customer.case_id.hex):
            assert customer.web.get(f"/portal/cases/{name}").status_code == 404

    def test_it_ends_after_so_many_days(self, customer: Customer) -> None:
        customer.report()
        customer.web.clock.advance(days=customer.web.settings.portal_link_days - 1)
        customer.page()
        customer.web.clock.advance(days=1)
        answer = customer.web.get(customer.address)
        assert answer.status_code == 404 and "无效或已过期" in answer.text
        assert 'href="/portal/"' in answer.text and 'href="/"' not in answer.text, (
            "nothing leads to the staff"
        )

    def test_staff_may_give_another_and_withdraw_all(self, customer: Customer) -> None:
        customer.report()
        number = customer.number
        customer.web.as_("chen_min")
        given = customer.web.post(f"/cases/{number}/customer-link", {"act": "new"}).text
        found = re.search(r'value="http://[^/]+(/portal/cases/[\w-]+)"', given)
        assert found
        assert number in customer.page(found[1])
        assert customer.web.post(f"/cases/{number}/customer-link", {"act": "withdraw"}).status_code == 303
        assert customer.web.get(found[1]).status_code == 404
        assert customer.web.get(customer.address).status_code == 404
        assert customer.web.as_("li_gong").post(f"/cases/{number}/customer-link").status_code == 403

    def test_it_opens_one_case_and_its_own_files_only(self, customer: Customer) -> None:
        customer.report((JPEG, "a.jpg"))
        theirs = customer.address
        customer.report((PDF, "b.pdf"), description="别的故障")
        assert "会议主机" not in customer.page()
        assert customer.web.get(f"{theirs}/files/1").data == JPEG
        assert customer.web.get(f"{customer.address}/files/1").data == PDF
        assert customer.web.get(f"{customer.address}/files/2").status_code == 404

    def test_photos_are_kept_without_the_place_where_they_were_taken_whoever_sends_them(
        self, customer: Customer
    ) -> None:
        customer.report((photo(), "现场.jpg"))
        assert not place_in(customer.web.get(f"{customer.address}/files/1").data)
        staff, number = customer.web.as_("chen_min"), customer.number
        sent = {"files": [(io.BytesIO(photo("PNG")), "铭牌.png")]}
        staff.post(f"/cases/{number}/attachments", sent, content_type="multipart/form-data")
        shown = re.findall(rf"/cases/{number}/attachments/[\w-]{{36}}", staff.get(f"/cases/{number}").text)
        kept = [staff.get(address).data for address in dict.fromkeys(shown)]
        assert len(kept) == 2 and not any(place_in(content) or PLACE in content for content in kept)

    def test_what_staff_attach_stays_with_staff(self, customer: Customer) -> None:
        customer.report((JPEG, "a.jpg"))
        number = customer.number
        web = customer.web.as_("li_gong")
        sent = {"text": "内部说明", "files": [(io.BytesIO(PDF), "内部.pdf")]}
        assert (
            web.post(f"/cases/{number}/attachments", sent, content_type="multipart/form-data").status_code
            == 303
        )
        assert "内部.pdf" in web.get(f"/cases/{number}").text
        assert "内部" not in customer.page()
        assert customer.web.get(f"{customer.address}/files/2").status_code == 404

    def test_a_file_is_saved_and_never_shown_in_place(self, customer: Customer) -> None:
        customer.report((JPEG, "现场.jpg"))
        headers = customer.web.get(f"{customer.address}/files/1").headers
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in headers["Content-Security-Policy"]

    def test_no_proxy_or_search_engine_keeps_the_page(self, customer: Customer) -> None:
        customer.report()
        headers = customer.web.get(customer.address).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert "noindex" in headers["X-Robots-Tag"]

    def test_a_page_shows_no_id_of_anything(self, customer: Customer) -> None:
        customer.report((JPEG, "a.jpg"))
        customer.until_confirmation()
        page = customer.web.get(customer.address).text
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", page)
        assert "li_gong" not in page and "李工" in page
        with customer.web.database.read() as tx:
            for id in (*tx.scalars(select(Task.id)), *tx.scalars(select(Attachment.id)), customer.case_id):
                assert str(id) not in page and id.hex not in page

    def test_guessing_is_slowed_down_whichever_process_is_asked(
        self, customer: Customer, make_app: MakeApp
    ) -> None:
        web = customer.web
        doors = (web, Web(make_app(), web.database, web.clock, web.settings))
        answers = [doors[n % 2].get(f"/portal/cases/{n}").status_code for n in range(VISITS.most + 2)]
        assert answers == [404] * VISITS.most + [429] * 2


class TestTheCase:
    def test_it_says_in_plain_words_how_it_stands_and_who_looks_after_it(self, customer: Customer) -> None:
        customer.report()
        assert "正在安排工程师" in customer.page()
        customer.work("triage", "chen_min", **FAULT)
        customer.accept()
        page = customer.page()
        assert "工程师正在处理" in page and "李工负责您的案例" in page and "如需上门" in page
        with customer.web.database.write() as tx:
            tx.execute(update(Case).values(restored_at=customer.web.clock(), status="closing"))
        page = customer.page()
        assert "李工负责您的案例" in page and "如需上门" not in page

    @pytest.mark.parametrize(
        ("visitor", "who"), [("own", "由李工上门"), ("manufacturer", "由原厂工程师上门")]
    )
    def test_it_says_who_comes_and_when_until_they_are_there(
        self, customer: Customer, visitor: str, who: str
    ) -> None:
        customer.report()
        customer.work("triage", "chen_min", **FAULT)
        customer.accept()
        for element, answers in (
            ("analyse_fault", {**REPAIR[0][1], "next_step": "on_site"}),
            REPAIR[1],
            WAIVER,
        ):
            customer.work(element, **answers)
        assert "谁来" not in customer.page()
        arranged = {"visit_at": "2026-03-03T14:30", "place": "三层会议区", "agreed_with": "周晓岚"}
        customer.work("arrange_visit", **arranged, visitor=visitor)
        page = customer.page()
        assert who in page and "2026-03-03 14:30" in page and "三层会议区" in page
        assert ("李工上门" in page) == (visitor == "own")
        with customer.web.database.write() as tx:
            tx.execute(update(Case).values(arrived_at=customer.web.clock.advance(days=1)))
        assert "谁来" not in customer.page()

    def test_words_and_photos_are_added_and_the_engineer_hears_of_it(self, customer: Customer) -> None:
        customer.report()
        customer.work("triage", "chen_min", **FAULT)
        customer.accept()
        answer = customer.send("add", (JPEG, "铭牌.jpg"), text="门禁需要预约")
        assert answer.status_code == 303
        page = customer.page()
        assert "门禁需要预约" in page and "铭牌.jpg" in page
        assert customer.events()[-1] == ("note:add", "portal")
        with customer.web.database.read() as tx:
            told = tx.scalars(select(Outbox.recipient).where(Outbox.message == "customer_wrote")).all()
        assert "li_gong" in told
        customer.whole()

    def test_nothing_is_nothing_to_add(self, customer: Customer) -> None:
        customer.report()
        answer = customer.send("add", text=" ")
        assert answer.status_code == 422 and "请写几句话" in answer.text

    def test_what_is_typed_is_shown_as_typed(self, customer: Customer) -> None:
        customer.report()
        customer.send("add", text="<script>alert(1)</script>{{ 7*7 }}")
        page = customer.web.get(customer.address).text
        assert "&lt;script&gt;alert(1)" in page and "{{ 7*7 }}" in page

    def test_a_submit_without_the_pages_token_is_refused(self, customer: Customer) -> None:
        customer.report()
        assert customer.web.client.post(customer.address, data={"act": "add", "text": "a"}).status_code == 400

    def test_both_languages_by_the_address(self, customer: Customer) -> None:
        customer.report()
        answer = customer.web.get(f"{customer.address}?lang=en", follow_redirects=True)
        assert (
            "we are finding an engineer" in answer.text and "lang" not in answer.request.query_string.decode()
        )
        assert "Report a fault" in customer.web.get("/portal/").text


class TestTheAnswer:
    def asked(self, customer: Customer) -> str:
        found = re.search(r'name="question" value="(\w+)"', customer.web.get(customer.address).text)
        assert found
        return found[1]

    def test_the_customer_confirms_and_signs_and_the_case_goes_on(self, customer: Customer) -> None:
        customer.report()
        customer.until_confirmation()
        assert "请您确认" in customer.page()
        mark = self.asked(customer)
        answer = customer.send(
            "answer", question=mark, confirmed="yes", confirmed_by="周晓岚", signature__typed="周晓岚"
        )
        assert answer.status_code == 303
        assert customer.events()[-1] == ("task:complete", "portal")
        assert "请确认" not in customer.page()
        with customer.web.database.read() as tx:
            assert tx.scalar(select(Case.confirmed_at)) is not None
            assert tx.scalar(select(Case.handler)) == "li_gong", "confirming is not handling"
        customer.whole()

    def test_the_customer_rejects_and_the_repair_goes_on(self, customer: Customer) -> None:
        customer.report()
        customer.until_confirmation()
        answer = customer.send("answer", question=self.asked(customer), confirmed="no", objection="还是黑屏")
        assert answer.status_code == 303
        with customer.web.database.read() as tx:
            waiting = tx.scalars(select(Task.element).where(Task.kind == "task")).all()
            assert tx.scalar(select(Case.confirmed_at)) is None
        assert "confirm_with_customer" not in waiting and waiting
        customer.whole()

    def test_an_answer_needs_what_the_form_needs(self, customer: Customer) -> None:
        customer.report()
        customer.until_confirmation()
        answer = customer.send("answer", question=self.asked(customer), confirmed="no", objection="")
        assert answer.status_code == 422 and "哪里还不对" in answer.text
        nothing = customer.send("answer", question=self.asked(customer))
        assert nothing.status_code == 422 and "请回答“结果是否认可?”" in nothing.text
        assert customer.events()[-1][1] == "li_gong"

    def test_an_answer_to_what_is_no_longer_asked_changes_nothing(self, customer: Customer) -> None:
        customer.report()
        customer.until_confirmation()
        mark = self.asked(customer)
        customer.work("confirm_with_customer", confirmed="yes", confirmed_by="周晓岚")
        before = customer.events()
        answer = customer.send("answer", question=mark, confirmed="no", objection="还是黑屏")
        assert answer.status_code == 422 and "已经有答复" in answer.text
        assert customer.events() == before

    def test_an_answer_that_is_sent_twice_is_taken_once_and_thanked_for_twice(
        self, customer: Customer
    ) -> None:
        customer.report()
        customer.until_confirmation()
        said = {"question": self.asked(customer), "confirmed": "yes", "confirmed_by": "周晓岚"}
        answers = [customer.send("answer", idempotency_key="once", **said) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert customer.events().count(("task:complete", "portal")) == 1

    def test_no_other_task_can_be_answered_through_a_link(self, customer: Customer) -> None:
        customer.report()
        answer = customer.send("answer", question="0" * 16, kind="consultation")
        assert answer.status_code == 422
        assert [kind for kind, _ in customer.events()] == ["case:start"]


class TestTheRating:
    SAID = {"solved": "yes", "score_solution": "4", "score_service": "5", "comment": "很快"}

    def close(self, customer: Customer) -> None:
        with customer.web.database.write() as tx:
            tx.execute(update(Case).values(closed_at=customer.web.clock(), status="following_up"))

    def test_it_is_kept_and_fills_in_the_call_that_follows(self, customer: Customer) -> None:
        customer.report()
        self.close(customer)
        assert customer.send("rate", **self.SAID).status_code == 303
        assert "已收到您的评价" in customer.page()
        assert customer.events()[-1] == ("customer:rate", "portal")
        with customer.web.database.read() as tx:
            from engine.acts.open_task import _rated

            form = customer.desk.cases.current_library().forms["call_customer"]
            found = tx.execute(select(Case.id.label("case_id"))).one()
            assert _rated(tx, found, form) == {
                "solved": "yes",
                "score_solution": 4,
                "score_service": 5,
                "comment": "很快",
            }
            other = customer.desk.cases.current_library().forms["triage"]
            assert _rated(tx, found, other) == {}
        customer.whole()

    def test_before_the_end_there_is_nothing_to_rate(self, customer: Customer) -> None:
        customer.report()
        assert "您满意吗" not in customer.page()
        answer = customer.send("rate", **self.SAID)
        assert answer.status_code == 422 and "处理还没有结束" in answer.text

    @pytest.mark.parametrize(
        "changes",
        [{"score_solution": "6"}, {"score_service": ""}, {"solved": "maybe"}, {"comment": "长" * 2001}],
    )
    def test_only_what_can_be_meant_is_taken(self, customer: Customer, changes: dict[str, str]) -> None:
        customer.report()
        self.close(customer)
        assert customer.send("rate", **{**self.SAID, **changes}).status_code == 422
        assert customer.events()[-1][0] == "case:start"


def test_links_that_ended_long_ago_are_forgotten(customer: Customer) -> None:
    from engine.desk.portal_links import forget_ended

    customer.report()
    with customer.web.database.write() as tx:
        assert forget_ended(tx, at=customer.web.clock() + timedelta(days=100)) == 0
        assert forget_ended(tx, at=customer.web.clock() + timedelta(days=121)) == 1


def test_every_status_of_the_procedures_has_plain_words(customer: Customer) -> None:
    from engine.acts.customer_case import _STATUSES

    drawn = {
        element.properties["status"]
        for diagram in customer.desk.cases.current_library().diagrams.values()
        for element in diagram.elements.values()
        if "status" in element.properties and diagram.properties.get("kind") in (None, "fault")
    }
    assert all(isinstance(text, Text) and text.zh and text.en for text in _STATUSES.values())
    assert drawn & set(_STATUSES)
    assert portal.KINDS == ("fault", "complaint")
