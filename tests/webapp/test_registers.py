"""The pages of registers: found, filled in, changed, retired, imported; and who may do so."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engine.acts.table_writing import OutSheet, write_workbook
from engine.desk import registers
from engine.desk.registers import REGISTERS
from engine.foundation.security import SYSTEM
from tests.webapp.conftest import Web
from tests.webapp.desk import REPORT, Desk, hidden, words

HOSPITAL = {"name": "华东第三医院", "kind": "organisation", "phone": "139 0000 1180", "language": "zh"}
DEVICE = {"serial": "SN-7730214", "name": "会议主机", "model": "VC-900", "customer_id": "滨江会展中心"}


class Office:
    """The registers behind the pages."""

    def __init__(self, web: Web) -> None:
        self.web = web

    def add(self, register: str, **raw: object) -> UUID:
        with self.web.database.write() as tx:
            return registers.add(tx, REGISTERS[register], raw, actor=SYSTEM, at=self.web.clock())

    def upload(self, register: str, content: str | bytes, name: str = "t.csv") -> object:
        data = content.encode() if isinstance(content, str) else content
        url = f"/registers/{register}/import"
        return self.web.post(url, {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")

    def names(self, register: str) -> list[str]:
        with self.web.database.read() as tx:
            return [row.label for row in registers.listing(tx, REGISTERS[register], actor=SYSTEM).rows]


@pytest.fixture
def office(web: Web) -> Office:
    return Office(web)


class TestReading:
    @pytest.mark.parametrize("register", REGISTERS)
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_every_register_has_a_list_and_a_form_in_both_languages(
        self, web: Web, register: str, language: str
    ) -> None:
        web.as_("sun_jing").post("/language", {"language": language})
        for url in (f"/registers/{register}/", f"/registers/{register}/new", f"/registers/{register}/import"):
            answer = web.get(url)
            kept = url.endswith(("new", "import"))
            assert answer.status_code in ((200, 403) if kept else (200,)), url
            if answer.status_code == 200:
                assert REGISTERS[register].title.in_(language) in words(answer.text)

    def test_the_index_counts_what_is_in_use(self, office: Office) -> None:
        office.add("customer", **HOSPITAL)
        page = words(office.web.as_("li_gong").get("/registers/").text)
        assert "客户 1 受理时按名称识别客户" in page

    def test_an_empty_register_says_what_would_be_here_and_how_to_fill_it(self, web: Web) -> None:
        assert "还没有登记" in web.as_("sun_jing").get("/registers/customer/").text
        assert "导入表格" in web.get("/registers/customer/").text
        assert "没有与“无”相符的记录" in web.get("/registers/customer/?q=无").text

    def test_a_long_list_is_paged_by_key(self, office: Office) -> None:
        for number in range(53):
            office.add("supplier", name=f"供货商{number:02d}")
        first = office.web.as_("li_gong").get("/registers/supplier/").text
        following = re.search(r'href="([^"]+)" rel="next"', first)
        assert following and first.count("data-item") == 50
        second = office.web.get(following[1].replace("&amp;", "&")).text
        assert second.count("data-item") == 3 and "供货商52" in second

    @pytest.mark.parametrize(
        "url",
        [
            "/registers/person/",
            "/registers/customer/?where=name&is=x",
            "/registers/asset/?where=customer_id&is=x",
            "/registers/asset/?where=serial",
            "/registers/customer/?after=x",
            "/registers/customer/00000000-0000-0000-0000-000000000000",
        ],
    )
    def test_addresses_that_no_page_gave_are_not_found(self, web: Web, url: str) -> None:
        assert web.as_("li_gong").get(url).status_code == 404

    def test_a_customer_shows_what_belongs_to_it_and_its_cases(self, office: Office) -> None:
        customer = office.add("customer", name=REPORT["customer"])
        device = office.add("asset", **DEVICE)
        number = Desk(office.web).report()
        page = office.web.as_("sun_jing").get(f"/registers/customer/{customer}").text
        assert (
            number in page
            and f"/registers/asset/{device}" in page
            and "/registers/contact/new?customer_id=" in page
        )
        assert number in office.web.get(f"/registers/asset/{device}").text
        listed = office.web.get(f"/registers/asset/?where=customer_id&is={customer}").text
        assert "SN-7730214" in listed and REPORT["customer"] in listed

    def test_who_needs_no_telephone_numbers_sees_none(self, office: Office) -> None:
        customer = office.add("customer", **HOSPITAL)
        page = office.web.as_("shen_ji").get(f"/registers/customer/{customer}").text
        assert (
            "139****" in page
            and "0000 1180" not in page
            and "<form" not in page.split("<main")[1].split("</main")[0]
        )


class TestChanging:
    def test_a_row_is_added_changed_and_retired_with_its_history(self, web: Web) -> None:
        added = web.as_("chen_min").post("/registers/customer/new", dict(HOSPITAL), follow_redirects=True)
        assert "华东第三医院" in added.text
        url = added.request.path
        changed = web.post(url, {**HOSPITAL, "contact_name": "白雪", "revision": "1"}, follow_redirects=True)
        assert "白雪" in changed.text and re.search(r"修改 · 陈敏 .*主要联系人: .*白雪", words(changed.text))
        retired = web.post(f"{url}/retire", {"revision": "2"}, follow_redirects=True)
        assert "恢复使用" in retired.text and web.get("/registers/customer/").text.count("data-item") == 0
        web.post(f"{url}/restore", {"revision": "3"})
        assert web.get("/registers/customer/").text.count("data-item") == 1

    def test_wrong_fields_come_back_with_what_was_typed(self, web: Web) -> None:
        answer = web.as_("chen_min").post("/registers/customer/new", {**HOSPITAL, "email": "x@", "name": ""})
        assert answer.status_code == 422
        for part in (
            'href="#field-name"',
            'href="#field-email"',
            'value="x@"',
            'aria-invalid="true"',
            "139 0000 1180",
        ):
            assert part in answer.text

    def test_a_change_over_a_newer_one_is_refused_and_keeps_what_was_typed(self, office: Office) -> None:
        customer = office.add("customer", **HOSPITAL)
        url = f"/registers/customer/{customer}"
        office.web.as_("chen_min").post(url, {**HOSPITAL, "note": "first", "revision": "1"})
        answer = office.web.post(url, {**HOSPITAL, "note": "second", "revision": "1"})
        assert answer.status_code == 409 and "second" in answer.text
        assert "first" in office.web.get(url).text

    def test_others_may_not_change_and_are_not_offered_to(self, office: Office) -> None:
        customer = office.add("customer", **HOSPITAL)
        web = office.web.as_("shen_ji")
        for url in ("new", str(customer), f"{customer}/retire", f"{customer}/restore", "import"):
            assert web.post(f"/registers/customer/{url}", dict(HOSPITAL)).status_code == 403, url
        assert "/registers/customer/new" not in web.get("/registers/customer/").text
        assert web.get("/registers/customer/export.csv").status_code == 403

    def test_a_form_can_begin_with_the_owner_filled_in(self, office: Office) -> None:
        office.add("customer", **HOSPITAL)
        page = office.web.as_("chen_min").get("/registers/contact/new?customer_id=华东第三医院").text
        assert 'value="华东第三医院"' in page and "<datalist" in page


class TestFiles:
    def test_wrong_cells_are_marked_and_nothing_is_imported(self, office: Office) -> None:
        office.web.as_("chen_min")
        answer = office.upload("customer", "名称,类型,电子邮件\n北岭水务,单位,x\n,政府,\n")
        page = words(answer.text)
        assert answer.status_code == 422
        assert "第 2 行, 电子邮件" in page and "第 3 行, 名称" in page and "第 3 行, 类型" in page
        assert answer.text.count("wrong-cell") == 3 and "确认导入" not in page
        assert office.names("customer") == []

    def test_a_right_file_is_confirmed_once(self, office: Office) -> None:
        office.web.as_("chen_min")
        answer = office.upload("customer", "名称,类型\n北岭水务,单位\n明德小学,单位\n".encode("gb18030"))
        assert answer.status_code == 200 and office.names("customer") == []
        target = re.search(r'action="(/registers/customer/import/[^"]+)"', answer.text)
        assert target
        done = office.web.post(target[1], follow_redirects=True)
        assert "新增 2" in words(done.text) and len(office.names("customer")) == 2
        assert office.web.post(target[1]).status_code == 404

    def test_what_is_no_table_is_refused_with_a_sentence(self, office: Office) -> None:
        office.web.as_("chen_min")
        for content, name in ((b"%PDF", "t.pdf"), ("无此列\nx\n".encode(), "t.csv"), (b"", "")):
            answer = office.upload("customer", content, name)
            assert answer.status_code == 422 and "没有导入任何内容" in answer.text

    def test_a_preview_that_was_overtaken_is_refused(self, office: Office) -> None:
        office.web.as_("chen_min")
        answer = office.upload("customer", "名称\n北岭水务\n")
        target = re.search(r'action="(/registers/customer/import/[^"]+)"', answer.text)
        office.add("customer", name="北岭水务")
        assert target
        again = office.web.post(target[1])
        assert again.status_code == 409 and "台账有了变化" in again.text

    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_lists_are_downloaded_as_they_are_filtered(self, office: Office, format: str) -> None:
        office.add("customer", **HOSPITAL)
        office.add("customer", name="北岭水务")
        answer = office.web.as_("sun_jing").get(f"/registers/customer/export.{format}?q=北岭")
        assert answer.status_code == 200 and f'.{format}"' in answer.headers["Content-Disposition"]
        again = office.upload("customer", answer.data, f"t.{format}")
        assert "0 个新增, 0 个修改, 1 个不变, 0 个有误" in words(again.text)

    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_a_template_is_offered(self, web: Web, format: str) -> None:
        assert web.as_("chen_min").get(f"/registers/asset/template.{format}").status_code == 200


class TestWorkbooks:
    """Several registers in one file."""

    def sent(self, office: Office, **sheets: tuple[list[str], list[list[str]]]) -> TestResponse:
        content = write_workbook(OutSheet(name, *rest) for name, rest in sheets.items())
        file = {"file": (io.BytesIO(content), "台账.xlsx")}
        return office.web.post("/registers/import", file, content_type="multipart/form-data")

    def test_rows_of_different_sheets_come_in_together(self, office: Office) -> None:
        office.web.as_("sun_jing")
        answer = self.sent(
            office, 联系人=(["客户", "姓名"], [["北岭水务", "高远"]]), 客户=(["名称"], [["北岭水务"]])
        )
        assert answer.status_code == 200 and "本文件: 客户, 第 2 行" in words(answer.text)
        target = re.search(r'action="(/registers/import/[^"]+)"', answer.text)
        assert target and office.names("customer") == []
        assert "新增 2" in words(office.web.post(target[1], follow_redirects=True).text)
        assert (office.names("customer"), office.names("contact")) == (["北岭水务"], ["高远"])

    def test_a_wrong_cell_is_named_by_sheet_row_and_column_and_nothing_is_imported(
        self, office: Office
    ) -> None:
        office.web.as_("sun_jing")
        answer = self.sent(
            office, 联系人=(["客户", "姓名"], [["无此客户", "高远"]]), 客户=(["名称"], [["北岭水务"]])
        )
        assert answer.status_code == 422 and "联系人, 第 2 行, 客户" in words(answer.text)
        assert "/registers/import/" not in answer.text and office.names("customer") == []

    def test_sheets_of_no_register_and_files_that_are_no_workbook_are_refused(self, office: Office) -> None:
        office.web.as_("sun_jing")
        assert "不认识“库存”" in self.sent(office, 库存=(["名称"], [["x"]])).text
        file = {"file": (io.BytesIO("名称".encode()), "t.csv")}
        answer = office.web.post("/registers/import", file, content_type="multipart/form-data")
        assert answer.status_code == 422 and "没有导入任何内容" in answer.text

    def test_everything_goes_out_and_comes_in_again(self, office: Office) -> None:
        office.add("customer", **HOSPITAL)
        web = office.web.as_("guan_li")
        assert "导入工作簿" in web.get("/registers/").text
        everything = web.get("/registers/workbook.xlsx")
        file = {"file": (io.BytesIO(everything.data), "all.xlsx")}
        again = web.post("/registers/import", file, content_type="multipart/form-data")
        assert again.status_code == 200 and "0 个新增, 0 个修改, 1 个不变, 0 个有误" in words(again.text)
        assert web.get("/registers/workbook-template.xlsx").status_code == 200

    def test_whoever_keeps_no_register_neither_imports_nor_exports(self, office: Office) -> None:
        web = office.web.as_("shen_ji")
        for url in ("/registers/import", "/registers/workbook-template.xlsx"):
            assert web.get(url).status_code == 403
        assert "/registers/import" not in web.get("/registers/").text


class TestKnowledge:
    def test_a_case_becomes_a_draft_that_a_colleague_reviews_and_everybody_finds(self, web: Web) -> None:
        number = Desk(web).report()
        drafted = web.as_("li_gong").post(f"/knowledge/from-case/{number}", follow_redirects=True)
        assert drafted.status_code == 200 and REPORT["description"] in drafted.text and number in drafted.text
        edit = drafted.request.path
        fields = {
            "title": "画面中断",
            "symptom": REPORT["description"],
            "solution": "更换电源",
            "source_case": number,
        }
        web.post(edit, {**fields, "revision": "1"})
        article = edit.replace("/registers/article/", "/knowledge/")
        assert "已审核, 内容无误" not in web.get(article).text
        assert web.post(f"{article}/review", {"revision": "2"}).status_code == 403
        web.as_("zhao_zhuan")
        revision = hidden(web.get(article).text, "revision")
        web.post(f"{article}/review", {"revision": revision})
        found = web.as_("shen_ji").get("/knowledge/?q=画面中断").text
        assert article in found and "画面中断" in found

    def test_a_review_of_an_article_without_help_says_what_is_missing(self, office: Office) -> None:
        article = office.add("article", title="t", symptom="s")
        answer = office.web.as_("zhao_zhuan").post(f"/knowledge/{article}/review", {"revision": "1"})
        assert answer.status_code == 422 and "解决办法或临时措施" in answer.text

    def test_the_pages_say_when_there_is_nothing(self, web: Web) -> None:
        web.as_("li_gong")
        assert "还没有知识条目" in web.get("/knowledge/").text
        assert "没有待审核的草稿" in web.get("/knowledge/?state=draft").text
        assert "没有与“打印机”相符的知识条目" in web.get("/knowledge/?q=打印机").text

    def test_a_case_in_which_it_helped_is_linked(self, office: Office) -> None:
        article = office.add("article", title="t", symptom="s")
        office.web.as_("li_gong").post(f"/knowledge/{article}/cases", {"number": "SH-2026-000009"})
        assert "/cases/SH-2026-000009" in office.web.get(f"/knowledge/{article}").text


class TestDuty:
    SHIFT = {
        "group_id": "call_center",
        "person": "chen_min",
        "starts_at": "2026-03-02T09:00",
        "ends_at": "2026-03-16T09:00",
    }

    def test_gaps_are_shown_until_somebody_is_on_duty(self, web: Web) -> None:
        page = words(web.as_("li_gong").get("/duty/").text)
        assert "未来两周有 1 段时间无人值班" in page and "已超时: 09:00 – 24:00" in page
        web.as_("sun_jing").post("/duty/", dict(self.SHIFT))
        page = words(web.get("/duty/").text)
        assert "陈敏 09:00 – 24:00" in page and "已超时: 09:00 – 24:00" not in page
        assert web.get("/duty/?group=duty_engineer").status_code == 200

    def test_a_shift_that_ends_before_it_begins_comes_back(self, web: Web) -> None:
        answer = web.as_("sun_jing").post("/duty/", {**self.SHIFT, "ends_at": "2026-03-01T09:00"})
        assert answer.status_code == 422 and 'href="#duty-ends_at"' in answer.text
        assert 'value="2026-03-01T09:00"' in answer.text

    def test_a_duty_can_be_taken_off_by_those_who_keep_the_roster(self, web: Web) -> None:
        web.as_("sun_jing").post("/duty/", dict(self.SHIFT))
        target = re.search(r'action="(/duty/[^"]+/remove)"', web.get("/duty/").text)
        assert target
        assert web.as_("li_gong").post(target[1], {"revision": "1"}).status_code == 403
        web.as_("sun_jing").post(target[1], {"revision": "1", "group_id": "call_center"})
        assert "/remove" not in web.get("/duty/").text

    def test_a_group_without_a_roster_is_not_found(self, web: Web) -> None:
        assert web.as_("li_gong").get("/duty/?group=auditor").status_code == 404
