"""Tables in and out: files as offices write them, previews that name each wrong cell, imports whole or not at all."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, select

from engine.acts import exchange, register_tables
from engine.acts.cast import People
from engine.acts.exchange import Preview
from engine.acts.register_tables import Format
from engine.acts.table_files import NamedTable, read_table_file, read_workbook, unguarded
from engine.acts.table_writing import guarded, write_csv, write_xlsx
from engine.desk.registers import REGISTERS, add, change, changes, listing
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection
from engine.foundation.models import AccessLog, Customer
from engine.foundation.models.registers import PendingImport
from engine.foundation.policies import POLICIES
from engine.foundation.security import SYSTEM
from tests.conftest import Clock

CUSTOMERS = "名称,类型,电话\n华东第三医院,单位,139 0000 1180\n北岭水务,,\n"
TABLE = {"csv": "t.csv", "xlsx": "t.xlsx"}


class Office:
    """Somebody who imports and exports tables."""

    def __init__(self, tx: Connection, clock: Clock) -> None:
        self.tx, self.clock = tx, clock

    def preview(self, register: str, content: str | bytes, name: str = "t.csv") -> Preview:
        table = read_table_file(content.encode() if isinstance(content, str) else content, name)
        return exchange.preview(self.tx, REGISTERS[register], table, file=name, actor=SYSTEM, at=self.clock())

    def preview_workbook(self, **sheets: str) -> list[Preview]:
        tables = [NamedTable(name, read_table_file(text.encode(), "t.csv")) for name, text in sheets.items()]
        return exchange.preview_workbook(self.tx, tables, file="book.xlsx", actor=SYSTEM, at=self.clock())

    def apply_workbook(self, previews: list[Preview]) -> list[exchange.Applied]:
        token = previews[0].token
        assert token is not None, [one.problems for one in previews]
        return exchange.apply_workbook(self.tx, token, actor=SYSTEM, at=self.clock())

    def apply(self, preview: Preview) -> exchange.Applied:
        assert preview.token is not None, preview.problems
        register = REGISTERS[preview.register]
        return exchange.apply(self.tx, preview.token, register, actor=SYSTEM, at=self.clock())

    def export(self, register: str, format: Format = "csv", language: str = "zh") -> bytes:
        return register_tables.export(
            self.tx, REGISTERS[register], format=format, actor=SYSTEM, at=self.clock(), language=language
        )

    def names(self) -> list[str]:
        return sorted(self.tx.scalars(select(Customer.name)))


@pytest.fixture
def office(database: Database, people: People, clock: Clock) -> Any:
    with database.write() as tx:
        yield Office(tx, clock)


def rows(content: bytes, name: str = "t.csv") -> list[tuple[str, ...]]:
    table = read_table_file(content, name)
    return [table.headers, *(row.cells for row in table.rows)]


def problems(preview: Preview) -> set[tuple[int, str]]:
    return {(problem.row, problem.column.en) for problem in preview.problems}


def workbook(*lines: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


class TestFiles:
    @pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("sign", [",", ";", "\t"])
    def test_csv_is_read_in_the_encodings_and_with_the_separators_of_offices(
        self, code: str, sign: str
    ) -> None:
        written = f"名称{sign}备注\r\n华东第三医院{sign}三层\r\n"
        assert rows(written.encode(code)) == [("名称", "备注"), ("华东第三医院", "三层")]

    def test_blank_lines_are_skipped_but_counted_and_short_ones_filled_up(self) -> None:
        table = read_table_file(b"name,note\n\nA\n,\nB,x\n", "t.csv")
        assert [(row.number, row.cells) for row in table.rows] == [(3, ("A", "")), (5, ("B", "x"))]

    def test_a_sheet_gives_dates_and_numbers_as_they_are_read(self) -> None:
        content = workbook(("a", "b", "c", "d"), (date(2026, 3, 2), 12, 2.5, True), (None, "x", None, None))
        assert rows(content, "t.xlsx")[1:] == [("2026-03-02", "12", "2.5", "true"), ("", "x", "", "")]

    def test_formulas_errors_and_rounded_numbers_are_wrong_cells(self) -> None:
        content = workbook(("a", "b", "c"), ("=1+1", "ok", 1234567890123456789))
        (row,) = read_table_file(content, "t.xlsx").rows
        assert set(row.wrong) == {0, 2} and "formula" in row.wrong[0].en and "15 digits" in row.wrong[2].en
        (row,) = read_table_file(b"a,b\n=cmd|'/c calc'!A0,ok\n", "t.csv").rows
        assert set(row.wrong) == {0}

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (b"", "t.csv"),
            (b"\n\n", "t.csv"),
            (b"a,b\n\xff\xfe\xff\x00", "t.csv"),
            (b'a,b\n"never closed,1\n', "t.csv"),
            (b"a\n1,2\n", "t.csv"),
            (b"a,b\n1,2\n", "t.pdf"),
            (b"PK\x03\x04 and nothing more", "t.xlsx"),
            (b"a\n" + b"x\n" * 5_001, "t.csv"),
            (b"a\n" + b"x" * 5_000_001, "t.csv"),
            (b"a\n" + b"," * 2000, "t.csv"),
        ],
    )
    def test_what_is_no_sound_table_is_refused(self, content: bytes, name: str) -> None:
        with pytest.raises(Rejection):
            read_table_file(content, name)

    def test_workbooks_that_unpack_to_more_or_define_entities_are_refused(self) -> None:
        for member in (b"0" * 61_000_000, b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'):
            packed = io.BytesIO(workbook(("a",), ("b",)))
            with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("xl/more.xml", member)
            with pytest.raises(Rejection):
                read_table_file(packed.getvalue(), "t.xlsx")

    @given(st.text())
    def test_guarding_is_undone_and_leaves_no_formula(self, text: str) -> None:
        assert unguarded(guarded(text)) == text
        assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))

    def test_text_that_looks_like_a_formula_stays_text(self) -> None:
        lines = [("=1+1", "+86 10", "'=x", 7, date(2026, 3, 2), None)]
        written = write_csv(["a", "b", "c", "d", "e", "f"], lines)
        assert written.startswith(b"\xef\xbb\xbf") and b"\n'=1+1,'+86 10,''=x,7,2026-03-02,\r\n" in written
        read = ("=1+1", "+86 10", "'=x", "7", "2026-03-02", "")
        assert rows(written)[1] == read
        assert rows(write_xlsx("t", ["a", "b", "c", "d", "e", "f"], lines), "t.xlsx")[1] == read


class TestPreview:
    def test_a_right_table_says_what_it_would_do_and_does_nothing_yet(self, office: Office) -> None:
        add(office.tx, REGISTERS["customer"], {"name": "北岭水务"}, actor=SYSTEM, at=office.clock())
        seen = office.preview("customer", CUSTOMERS + "新客户,个人,\n")
        assert [row.act for row in seen.rows] == ["new", "same", "new"] and seen.problems == ()
        assert seen.token is not None and office.names() == ["北岭水务"]

    def test_each_wrong_cell_is_named_by_row_and_column_and_nothing_can_be_confirmed(
        self, office: Office
    ) -> None:
        content = "名称,类型,E-mail,客户经理\nA,单位,a@b.cn,朱兰\n,政府,x,nobody\nA,,,\n=1,,,\n"
        seen = office.preview("customer", content)
        assert problems(seen) == {
            (3, "Name"),
            (3, "Kind"),
            (3, "E-mail"),
            (3, "Account manager"),
            (4, "Name"),
            (5, "Name"),
        }
        assert seen.token is None and seen.count("wrong") == 3 and seen.count("new") == 1
        assert "row 2" in next(p.text.en for p in seen.problems if p.row == 4)
        assert office.tx.scalar(select(func.count()).select_from(PendingImport)) == 0

    def test_what_a_new_row_lacks_is_named_although_the_file_has_no_such_column(self, office: Office) -> None:
        assert problems(office.preview("asset", "序列号,名称\nS1,交换机\n")) == {
            (2, "Model"),
            (2, "Customer"),
        }

    @pytest.mark.parametrize(
        "header",
        ["名称,无此列", "名称,Name", "电话", "名称,,电话"],
        ids=["unknown", "twice", "no key", "untitled"],
    )
    def test_columns_have_to_be_those_of_the_register(self, office: Office, header: str) -> None:
        with pytest.raises(Rejection):
            office.preview("customer", header + "\n")

    def test_titles_are_understood_in_both_languages_and_by_name(self, office: Office) -> None:
        seen = office.preview("customer", "NAME*,主要联系人,phone\nA,B,12345\n")
        assert [field.name for field in seen.columns] == ["name", "contact_name", "phone"]

    def test_only_keepers_of_a_register_import_into_it(self, office: Office, people: People) -> None:
        table = read_table_file(CUSTOMERS.encode(), "t.csv")
        with pytest.raises(Forbidden):
            exchange.preview(
                office.tx,
                REGISTERS["customer"],
                table,
                file="t.csv",
                actor=people.shen_ji,
                at=office.clock(),
            )


class TestApplying:
    def test_a_confirmed_table_is_imported_once_and_every_row_remembers_the_file(
        self, office: Office
    ) -> None:
        seen = office.preview("customer", CUSTOMERS)
        done = office.apply(seen)
        assert (done.added, done.changed, done.same) == (2, 0, 0)
        (row, _other) = listing(office.tx, REGISTERS["customer"], actor=SYSTEM).rows
        (entry,) = changes(office.tx, REGISTERS["customer"], row.id, actor=SYSTEM)
        assert (entry.act, entry.source) == ("add", "t.csv")
        with pytest.raises(NotFound):
            office.apply(seen)
        assert len(office.names()) == 2

    def test_cells_that_the_file_does_not_have_stay_as_they_are(self, office: Office) -> None:
        office.apply(office.preview("customer", CUSTOMERS))
        office.apply(office.preview("customer", "名称,地址\n华东第三医院,门诊楼\n"))
        row = listing(office.tx, REGISTERS["customer"], actor=SYSTEM).rows
        (hospital,) = [r for r in row if r.label == "华东第三医院"]
        assert (hospital.values["address"], hospital.values["phone"]) == ("门诊楼", "139 0000 1180")

    def test_nothing_is_imported_when_a_row_was_changed_after_the_preview(self, office: Office) -> None:
        customer = self.known(office)
        seen = office.preview("customer", "名称,备注\n北岭水务,mine\n新客户,x\n")
        change(
            office.tx,
            REGISTERS["customer"],
            customer,
            {"note": "theirs"},
            revision=1,
            actor=SYSTEM,
            at=office.clock(),
            names=["note"],
        )
        with pytest.raises(Conflict):
            office.apply(seen)
        assert office.names() == ["北岭水务"]

    def test_nothing_is_imported_when_somebody_has_registered_the_same(self, office: Office) -> None:
        seen = office.preview("customer", "名称\n北岭水务\n新客户\n")
        self.known(office)
        with pytest.raises(Conflict):
            office.apply(seen)
        assert office.names() == ["北岭水务"]

    def test_a_preview_can_be_confirmed_for_a_day_by_whoever_made_it(
        self, office: Office, people: People
    ) -> None:
        seen = office.preview("customer", CUSTOMERS)
        assert seen.token is not None
        register = REGISTERS["customer"]
        with pytest.raises(NotFound):
            exchange.apply(office.tx, seen.token, register, actor=people.chen_min, at=office.clock())
        with pytest.raises(NotFound):
            exchange.apply(office.tx, seen.token, REGISTERS["contact"], actor=SYSTEM, at=office.clock())
        office.clock.advance(hours=25)
        with pytest.raises(NotFound):
            office.apply(seen)

    def test_a_row_that_fails_in_the_database_takes_all_others_with_it(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            seen = Office(tx, clock).preview("asset", "序列号,名称,型号,客户\n")
            assert seen.token is None  # nothing to import
            add(tx, REGISTERS["customer"], {"name": "A"}, actor=SYSTEM, at=clock())
            seen = Office(tx, clock).preview("asset", "序列号,名称,型号,客户\nS1,n,m,A\nS2,n,m,A\n")
        with database.write() as tx:
            tx.execute(delete(Customer))
        with pytest.raises(Conflict), database.write() as tx:
            Office(tx, clock).apply(seen)
        with database.read() as tx:
            assert listing(tx, REGISTERS["asset"], actor=SYSTEM).rows == ()

    def known(self, office: Office) -> UUID:
        return add(office.tx, REGISTERS["customer"], {"name": "北岭水务"}, actor=SYSTEM, at=office.clock())


class TestRowsOfTheSameFile:
    REGIONS = "名称,上级\n浦东,上海\n上海,华东\n华东,\n"

    def parents(self, office: Office) -> dict[str, str]:
        rows = listing(office.tx, REGISTERS["region"], actor=SYSTEM).rows
        return {str(row.values["name"]): row.names.get("parent_id", "") for row in rows}

    def test_they_may_refer_to_each_other_in_any_order_and_the_preview_says_so(self, office: Office) -> None:
        seen = office.preview("region", self.REGIONS)
        assert seen.problems == () and [row.act for row in seen.rows] == ["new"] * 3
        assert seen.rows[0].notes["parent_id"].zh == "本文件: 区域, 第 3 行"
        assert office.apply(seen).added == 3
        assert self.parents(office) == {"浦东": "上海", "上海": "华东", "华东": ""}

    def test_known_rows_are_told_from_those_of_the_file(self, office: Office) -> None:
        add(office.tx, REGISTERS["region"], {"name": "华东"}, actor=SYSTEM, at=office.clock())
        seen = office.preview("region", self.REGIONS)
        assert [sorted(row.notes) for row in seen.rows] == [["parent_id"], [], []]
        assert [row.act for row in seen.rows] == ["new", "new", "same"]
        office.apply(seen)
        assert self.parents(office)["上海"] == "华东"

    def test_a_circle_is_named_at_each_of_its_cells(self, office: Office) -> None:
        seen = office.preview("region", "名称,上级\n浦东,上海\n上海,浦东\n静安,上海\n孤岛,孤岛\n")
        assert problems(seen) == {(2, "Belongs to"), (3, "Belongs to"), (5, "Belongs to")}
        assert "浦东 → 上海 → 浦东" in seen.problems[0].text.zh and seen.token is None

    def test_a_circle_through_what_is_registered_already_is_found_too(self, office: Office) -> None:
        office.apply(office.preview("region", self.REGIONS))
        seen = office.preview("region", "名称,上级\n华东,浦东\n")
        assert (
            problems(seen) == {(2, "Belongs to")} and "华东 → 浦东 → 上海 → 华东" in seen.problems[0].text.en
        )

    def test_a_circle_is_found_through_a_row_that_is_wrong_otherwise(self, office: Office) -> None:
        seen = office.preview("region", "名称,上级,负责人\n浦东,上海,\n上海,浦东,nobody\n")
        assert problems(seen) == {(2, "Belongs to"), (3, "Belongs to"), (3, "Head")}

    def test_a_wrong_row_is_named_once_and_not_by_those_that_refer_to_it(self, office: Office) -> None:
        seen = office.preview("region", "名称,上级,负责人\n浦东,上海,\n上海,,nobody\n静安,苏州,\n")
        assert problems(seen) == {(3, "Head"), (4, "Belongs to")}
        assert office.tx.scalar(select(func.count()).select_from(PendingImport)) == 0

    def test_a_workbook_brings_several_registers_at_once(self, office: Office) -> None:
        seen = office.preview_workbook(
            设备="序列号,名称,型号,客户,站点,合同\nS1,交换机,SW,北岭水务,BL-1,HT-1\n",
            Contacts="Customer,Name\n北岭水务,高远\n",
            site="站点编码,客户,名称\nBL-1,北岭水务,调度中心\n",
            合同="合同编号,客户,服务级别,生效日期,到期日期\nHT-1,北岭水务,金牌,2026-01-01,2026-12-31\n",
            客户="名称\n北岭水务\n",
        )
        assert [one.problems for one in seen] == [()] * 5
        assert set(seen[0].rows[0].notes) == {"customer_id", "site_id", "contract_id"}
        assert [done.added for done in office.apply_workbook(seen)] == [1] * 5
        [device] = listing(office.tx, REGISTERS["asset"], actor=SYSTEM).rows
        assert (device.names["customer_id"], device.names["contract_id"]) == ("北岭水务", "HT-1")

    def test_one_wrong_cell_keeps_the_whole_workbook_out(self, office: Office) -> None:
        seen = office.preview_workbook(客户="名称\n北岭水务\n", 联系人="客户,姓名\n无此客户,高远\n")
        assert [problems(one) for one in seen] == [set(), {(2, "Customer")}]
        assert {one.token for one in seen} == {None} and office.names() == []

    def test_a_workbook_whose_ground_has_moved_imports_nothing(self, office: Office) -> None:
        seen = office.preview_workbook(客户="名称\n北岭水务\n", 供货商="名称\n城南电子\n")
        add(office.tx, REGISTERS["supplier"], {"name": "城南电子"}, actor=SYSTEM, at=office.clock())
        with pytest.raises(Conflict):
            office.apply_workbook(seen)
        assert office.names() == []

    @pytest.mark.parametrize("names", [("没有这张表",), ("客户", "Customers")], ids=["unknown", "twice"])
    def test_sheets_have_to_bear_the_names_of_registers(self, office: Office, names: tuple[str, ...]) -> None:
        with pytest.raises(Rejection):
            office.preview_workbook(**dict.fromkeys(names, "名称\nA\n"))

    def test_a_confirmed_workbook_is_not_confirmed_as_one_register(self, office: Office) -> None:
        seen = office.preview_workbook(客户="名称\n北岭水务\n")
        with pytest.raises(NotFound):
            office.apply(seen[0])

    def test_sheets_are_for_keepers_of_their_registers(self, office: Office, people: People) -> None:
        tables = [NamedTable("区域", read_table_file(self.REGIONS.encode(), "t.csv"))]
        with pytest.raises(Forbidden):
            exchange.preview_workbook(
                office.tx, tables, file="b.xlsx", actor=people.chen_min, at=office.clock()
            )

    def test_all_registers_go_out_as_one_workbook_and_come_in_again_unchanged(self, office: Office) -> None:
        furnish(office)
        content = register_tables.export_workbook(office.tx, actor=SYSTEM, at=office.clock(), language="en")
        tables = read_workbook(content)
        assert len(tables) == len(REGISTERS)
        seen = exchange.preview_workbook(office.tx, tables, file="b.xlsx", actor=SYSTEM, at=office.clock())
        assert all(one.problems == () and one.count("same") == len(one.rows) > 0 for one in seen)

    def test_an_empty_workbook_can_be_taken_away(self) -> None:
        assert len(read_workbook(register_tables.workbook_template(language="zh"))) == len(REGISTERS)

    def test_what_is_no_workbook_is_refused(self) -> None:
        for content in (b"a,b\n", b"PK\x03\x04 broken", workbook()):
            with pytest.raises(Rejection):
                read_workbook(content)


class TestExport:
    def test_an_export_is_logged_and_only_for_those_who_may(self, office: Office, people: People) -> None:
        office.apply(office.preview("customer", CUSTOMERS))
        office.export("customer")
        logged = office.tx.execute(select(AccessLog.act, AccessLog.target)).tuples().all()
        assert logged == [("export_register", "customer (2)")]
        with pytest.raises(Forbidden):
            register_tables.export(
                office.tx, REGISTERS["customer"], format="csv", actor=people.li_gong, at=office.clock()
            )
        assert POLICIES["export_register"].groups <= POLICIES["see_contact_details"].groups

    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    @pytest.mark.parametrize("register", REGISTERS)
    def test_a_template_can_be_filled_in_for_every_register(
        self, office: Office, register: str, format: Format
    ) -> None:
        content = register_tables.template(REGISTERS[register], format=format, language="en")
        assert office.preview(register, content, TABLE[format]).problems == ()

    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_what_is_exported_changes_nothing_when_imported_again(
        self, office: Office, format: Format, language: str
    ) -> None:
        furnish(office)
        for register in REGISTERS:
            seen = office.preview(register, office.export(register, format, language), TABLE[format])
            assert seen.problems == () and seen.count("same") == len(seen.rows) > 0, register


def furnish(office: Office) -> None:
    """A row or two in every register, with as much in them as fits."""
    tables = {
        "region": "名称,上级,负责人\n华东,,周福\n",
        "customer": CUSTOMERS,
        "site": "站点编码,客户,名称,可到场时间,区域\nHD-1,华东第三医院,门诊楼,工作时间,华东\n",
        "contact": "客户,姓名,角色,电话,站点\n华东第三医院,顾明远,项目负责人,+86 21 5500,HD-1\n",
        "supplier": "名称,约定返修天数\n城南电子,15\n",
        "manufacturer": "名称,承诺范围,承诺有效至\n'=华网,主机和板卡,2027-01-01\n",
        "contract": "合同编号,客户,服务级别,生效日期,到期日期,巡检间隔(月)\nHT-1,北岭水务,金牌,2026/1/1,2026/12/31,3\n",
        "asset": '序列号,名称,型号,客户,含客户数据,配置基线\n-0012,交换机,SW,华东第三医院,是,"第一行\n第二行"\n',
        "contract_line": "合同,行号,服务类型,设备\nHT-1,1,巡检保养,-0012\n",
        "remote_access": "客户,名称,工具,接入地址\n北岭水务,VPN,IPsec,vpn.example.invalid\n",
        "part": '料号,名称,适用型号\nPS-1,电源,"SW,FW 3000"\n',
        "repair": "序列号,案例号,开始日期\n-0012,SH-2026-000001,2026-03-01\n",
        "bulletin": "类型,标题,状态,症状关键词\n平台故障,骨干网中断,已通报,断网\n",
        "article": '标题,症状,解决办法\n端口不亮,"端口灯不亮, 无法上网",更换光模块\n',
        "duty": "岗位组,人员,开始,结束\n值班工程师,唐磊,2026-03-02 08:00,2026-03-02 20:00\n",
    }
    office.clock.advance(seconds=1.5)
    for register, content in tables.items():
        office.apply(office.preview(register, content))


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=40)
_LINE = _TEXT.map(str.strip).filter(bool)


@given(
    st.lists(
        st.fixed_dictionaries({"name": _LINE, "contact_name": _LINE, "note": _LINE, "address": _LINE}),
        min_size=1,
        max_size=6,
        unique_by=lambda row: row["name"],
    ),
    st.sampled_from(["csv", "xlsx"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_export_and_import(
    sqlite_url: str, customers: list[dict[str, str]], format: Format
) -> None:
    database = Database(sqlite_url)
    clock = Clock()
    with database.write() as tx:
        tx.execute(delete(Customer))
        for row in customers:
            add(tx, REGISTERS["customer"], row, actor=SYSTEM, at=clock())
        office = Office(tx, clock)
        content = office.export("customer", format)
        seen = office.preview("customer", content, TABLE[format])
        assert seen.problems == () and seen.count("same") == len(customers)
        tx.execute(delete(Customer))
        assert office.apply(office.preview("customer", content, TABLE[format])).added == len(customers)
        assert office.export("customer", format) == content or format == "xlsx"
    database.dispose()
