"""The registers: what may be entered, who may enter it, what stays recorded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, func, select, update

from engine.acts.cast import People
from engine.desk.absences import set_absence
from engine.desk.registers import (
    REGISTERS,
    Wanted,
    add,
    change,
    changes,
    children,
    counts,
    get,
    listing,
    register_named,
    restore,
    retire,
)
from engine.desk.registers.concerned import concerned
from engine.desk.registers.duties import gaps, on_duty, shifts
from engine.desk.registers.maintenance import due_visits, months_later, visit_planned
from engine.desk.registers.regions import line_of, people_of, set_region
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, InvalidAnswers, NotFound
from engine.foundation.ids import new_id
from engine.foundation.models.registers import Region, RegisterChange
from engine.foundation.policies import POLICIES
from engine.foundation.security import SYSTEM
from tests.conftest import Clock

HOSPITAL = {"name": "华东第三医院", "contact_name": "顾明远", "phone": "139 0000 1180", "manager": "朱兰"}
SWITCH = {"serial": "SW7-5500127", "name": "核心交换机", "model": "SW-7600", "customer_id": "华东第三医院"}
CONTRACT = {
    "number": "HT-2026-001",
    "customer_id": "华东第三医院",
    "coverage": "金牌",
    "starts_on": "2026-01-01",
    "ends_on": "2026年12月31日",
}


class Desk:
    """Fills in registers in one transaction."""

    def __init__(self, tx: Connection, clock: Clock) -> None:
        self.tx, self.clock = tx, clock

    def add(self, register: str, **raw: object) -> UUID:
        return add(self.tx, REGISTERS[register], raw, actor=SYSTEM, at=self.clock())

    def change(self, register: str, id: UUID, revision: int = 1, **raw: object) -> int:
        return change(
            self.tx,
            REGISTERS[register],
            id,
            raw,
            revision=revision,
            actor=SYSTEM,
            at=self.clock(),
            names=raw.keys(),
        )

    def values(self, register: str, id: UUID) -> Any:
        return get(self.tx, REGISTERS[register], id, actor=SYSTEM).values

    def errors(self, register: str, **raw: object) -> dict[str, str]:
        with pytest.raises(InvalidAnswers) as refused:
            self.add(register, **raw)
        return {field: text.en for field, text in refused.value.errors.items()}

    def labels(self, register: str, **wanted: Any) -> list[str]:
        found = listing(self.tx, REGISTERS[register], actor=SYSTEM, wanted=Wanted(**wanted))
        return [row.label for row in found.rows]


@pytest.fixture
def desk(database: Database, people: People, clock: Clock) -> Any:
    with database.write() as tx:
        yield Desk(tx, clock)


class TestDescriptions:
    @pytest.mark.parametrize("name", REGISTERS)
    def test_every_register_agrees_with_its_table_and_speaks_both_languages(self, name: str) -> None:
        register = REGISTERS[name]
        columns = set(register.table.c.keys()) - {"id", "revision", "retired_at"}
        assert {field.name for field in register.fields} == columns
        for part in (*register.key, *register.label, register.sort):
            assert part in register.by_name
        said = [register.title, register.one, register.purpose, *(f.title for f in register.fields)]
        assert all(text.zh and text.en for text in said)
        assert len({f.title.zh for f in register.fields}) == len({f.title.en for f in register.fields})
        assert len({f.title.zh for f in register.fields}) == len(register.fields)

    @pytest.mark.parametrize("name", REGISTERS)
    def test_a_field_that_a_row_cannot_do_without_is_required_or_has_a_default(self, name: str) -> None:
        for field in REGISTERS[name].fields:
            if field.given and not REGISTERS[name].table.c[field.name].nullable:
                assert field.required or field.default is not None, field.name

    def test_only_registers_with_a_single_key_are_referred_to(self) -> None:
        referred = {field.refers for register in REGISTERS.values() for field in register.parents}
        assert all(len(REGISTERS[str(name)].key) == 1 for name in referred)
        assert {register.name for register, _ in children(REGISTERS["customer"])} >= {
            "asset",
            "contact",
            "site",
        }

    def test_whoever_keeps_a_register_sees_what_they_write(self) -> None:
        seers = POLICIES["see_contact_details"].groups
        for register in REGISTERS.values():
            if any(field.private for field in register.fields):
                assert POLICIES[register.keep].groups <= seers, register.name

    def test_no_other_register_is_known(self) -> None:
        with pytest.raises(NotFound):
            register_named("person")


class TestEntering:
    def test_a_row_comes_back_as_it_was_entered_with_references_and_people_by_name(self, desk: Desk) -> None:
        customer = desk.add("customer", **HOSPITAL)
        device = desk.add("asset", **SWITCH, holds_data="是", warranty_until="2027/3/1", contract_id="")
        found = get(desk.tx, REGISTERS["asset"], device, actor=SYSTEM)
        assert found.values["customer_id"] == customer
        assert found.values["warranty_until"] == date(2027, 3, 1)
        assert found.values["holds_data"] is True and found.values["status"] == "in_service"
        assert found.names["customer_id"] == "华东第三医院" and found.label == "核心交换机 · SW7-5500127"
        assert get(desk.tx, REGISTERS["customer"], customer, actor=SYSTEM).names["manager"] == "朱兰"
        assert desk.values("customer", customer)["manager"] == "zhu_lan"

    def test_choices_are_understood_by_id_and_in_both_languages(self, desk: Desk) -> None:
        desk.add("customer", **HOSPITAL)
        for number, word in enumerate(("gold", "Gold", "金牌")):
            contract = desk.add("contract", **CONTRACT | {"number": f"HT-{number}", "coverage": word})
            assert desk.values("contract", contract)["coverage"] == "gold"

    def test_every_wrong_field_is_named_at_once(self, desk: Desk) -> None:
        errors = desk.errors(
            "asset",
            serial="",
            name="x" * 201,
            model="a\x07",
            customer_id="无此客户",
            status="坏了",
            bought_on="31.02.2026",
        )
        assert set(errors) == {"serial", "name", "model", "customer_id", "status", "bought_on"}
        assert "required" in errors["serial"] and "at most 200" in errors["name"]
        assert "not registered" in errors["customer_id"] and "In service" in errors["status"]

    @pytest.mark.parametrize(
        ("register", "field", "written"),
        [
            ("customer", "email", "not an address"),
            ("customer", "phone", "call me"),
            ("customer", "manager", "nobody_known"),
            ("supplier", "turnaround_days", "0"),
            ("supplier", "turnaround_days", "3.5"),
            ("supplier", "name", "two\nlines"),
            ("bulletin", "announced_at", "yesterday"),
            ("part", "holds_data", "maybe"),
            ("part", "models", ",".join(map(str, range(60)))),
        ],
    )
    def test_what_does_not_fit_is_refused_under_its_field(
        self, desk: Desk, register: str, field: str, written: str
    ) -> None:
        filled = {"name": "n", "sku": "s", "title": "t", "kind": "platform_fault"}
        known = {
            k: v
            for k, v in filled.items()
            if (k in REGISTERS[register].by_name and k != "kind") or register == "bulletin"
        }
        known = {k: v for k, v in known.items() if k in REGISTERS[register].by_name}
        assert set(desk.errors(register, **known | {field: written})) == {field}

    def test_an_end_may_not_lie_before_its_beginning(self, desk: Desk) -> None:
        desk.add("customer", **HOSPITAL)
        assert set(desk.errors("contract", **CONTRACT | {"ends_on": "2025-12-31"})) == {"ends_on"}

    def test_the_same_key_is_registered_once_even_after_it_was_retired(self, desk: Desk) -> None:
        customer = desk.add("customer", **HOSPITAL)
        assert "registered already" in desk.errors("customer", **HOSPITAL)["name"]
        retire(desk.tx, REGISTERS["customer"], customer, revision=1, actor=SYSTEM, at=desk.clock())
        assert "retired" in desk.errors("customer", **HOSPITAL)["name"]

    def test_bulletins_and_articles_get_their_numbers_by_themselves(self, desk: Desk) -> None:
        fault = desk.add("bulletin", kind="platform_fault", title="骨干网中断")
        assert desk.values("bulletin", fault)["number"] == "TB-2026-000001"
        article = desk.add("article", title="t", symptom="s", number="KB-1", state="reviewed")
        assert desk.values("article", article)["number"] == "KB-2026-000001"
        assert desk.values("article", article)["state"] == "draft"


class TestChanging:
    def test_a_change_keeps_before_and_after_with_who_and_when(self, desk: Desk, people: People) -> None:
        customer = desk.add("customer", **HOSPITAL)
        at = desk.clock.advance(hours=1)
        again = HOSPITAL | {"contact_name": "白雪", "manager": ""}
        change(desk.tx, REGISTERS["customer"], customer, again, revision=1, actor=people.sun_jing, at=at)
        latest, first = changes(desk.tx, REGISTERS["customer"], customer, actor=SYSTEM)
        assert (first.act, latest.act, latest.actor, latest.at) == ("add", "change", "孙静", at)
        compared = {c.field.name: (c.before and c.before.zh, c.after and c.after.zh) for c in latest.fields}
        assert compared == {"contact_name": ("顾明远", "白雪"), "manager": ("朱兰", None)}

    def test_saving_the_same_again_changes_nothing(self, desk: Desk) -> None:
        customer = desk.add("customer", **HOSPITAL)
        assert desk.change("customer", customer, **HOSPITAL) == 1
        assert desk.tx.scalar(select(func.count()).select_from(RegisterChange)) == 1

    def test_a_change_of_what_somebody_else_has_changed_is_refused(self, desk: Desk) -> None:
        customer = desk.add("customer", **HOSPITAL)
        assert desk.change("customer", customer, note="first") == 2
        with pytest.raises(Conflict):
            desk.change("customer", customer, revision=1, note="second")
        assert desk.values("customer", customer)["note"] == "first"

    def test_a_row_is_not_given_the_key_of_another(self, desk: Desk) -> None:
        desk.add("customer", **HOSPITAL)
        other = desk.add("customer", name="北岭水务")
        with pytest.raises(InvalidAnswers):
            desk.change("customer", other, name="华东第三医院")

    def test_a_retired_row_stays_readable_is_left_out_of_lists_and_can_come_back(self, desk: Desk) -> None:
        desk.add("customer", **HOSPITAL)
        device = desk.add("asset", **SWITCH)
        register = REGISTERS["asset"]
        revision = retire(desk.tx, register, device, revision=1, actor=SYSTEM, at=desk.clock())
        assert desk.values("asset", device)["status"] == "retired"
        assert desk.labels("asset") == [] and desk.labels("asset", retired=True) == [
            "核心交换机 · SW7-5500127"
        ]
        with pytest.raises(Conflict):
            desk.change("asset", device, revision=revision, place="机房")
        restore(desk.tx, register, device, revision=revision, actor=SYSTEM, at=desk.clock())
        assert desk.values("asset", device)["status"] == "in_service"
        assert counts(desk.tx)["asset"] == 1

    def test_what_refers_to_a_retired_row_may_stay_but_nothing_new_may_refer_to_it(self, desk: Desk) -> None:
        customer = desk.add("customer", **HOSPITAL)
        device = desk.add("asset", **SWITCH)
        retire(desk.tx, REGISTERS["customer"], customer, revision=1, actor=SYSTEM, at=desk.clock())
        assert desk.change("asset", device, customer_id="华东第三医院", place="机房") == 2
        assert set(desk.errors("asset", **SWITCH | {"serial": "other"})) == {"customer_id"}

    def test_nothing_stands_above_itself(self, desk: Desk) -> None:
        east = desk.add("region", name="华东")
        desk.add("region", name="上海", parent_id="华东")
        desk.add("region", name="浦东", parent_id="上海")
        for above in ("浦东", "华东"):
            with pytest.raises(InvalidAnswers) as refused:
                desk.change("region", east, parent_id=above)
            assert "does not stand below" in refused.value.errors["parent_id"].en

    def test_there_is_no_way_to_change_a_row_that_does_not_exist(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            desk.change("customer", new_id(desk.clock()), note="x")


class TestWhoMay:
    def test_others_than_the_keepers_read_only(self, desk: Desk, people: People) -> None:
        for act in (people.shen_ji, people.xie_liu):
            with pytest.raises(Forbidden):
                add(desk.tx, REGISTERS["customer"], HOSPITAL, actor=act, at=desk.clock())
        add(desk.tx, REGISTERS["customer"], HOSPITAL, actor=people.chen_min, at=desk.clock())
        assert listing(desk.tx, REGISTERS["customer"], actor=people.shen_ji).rows[0].label == "华东第三医院"

    def test_telephone_numbers_are_veiled_from_those_who_need_none(self, desk: Desk, people: People) -> None:
        customer = desk.add("customer", **HOSPITAL)
        register = REGISTERS["customer"]
        assert get(desk.tx, register, customer, actor=people.li_gong).values["phone"] == "139 0000 1180"
        assert get(desk.tx, register, customer, actor=people.shen_ji).values["phone"] == "139****"
        asked = Wanted(search="1180")
        assert len(listing(desk.tx, register, actor=people.li_gong, wanted=asked).rows) == 1
        assert listing(desk.tx, register, actor=people.shen_ji, wanted=asked).rows == ()
        (entry,) = changes(desk.tx, register, customer, actor=people.shen_ji)
        assert "139 0000 1180" not in str(entry)


class TestLists:
    def test_pages_follow_each_other_without_loss_or_repetition(self, desk: Desk) -> None:
        for number in range(7):
            desk.add("supplier", name=f"供货商{number}")
        seen: list[str] = []
        after = None
        for size in (3, 3, 1):
            page = listing(desk.tx, REGISTERS["supplier"], actor=SYSTEM, after=after, limit=3)
            assert len(page.rows) == size
            seen += [row.label for row in page.rows]
            after = page.after
        assert after is None and seen == [f"供货商{number}" for number in range(7)]

    def test_lists_in_time_begin_with_the_newest_and_page_too(self, desk: Desk) -> None:
        for number in range(4):
            desk.add("repair", serial="S", case_number=f"SH-{number}", began_on="2026-03-01")
        first = listing(desk.tx, REGISTERS["repair"], actor=SYSTEM, limit=3)
        last = listing(desk.tx, REGISTERS["repair"], actor=SYSTEM, limit=3, after=first.after)
        assert len({row.id for row in (*first.rows, *last.rows)}) == 4
        day = desk.clock()
        for number in range(3):
            at = day + timedelta(days=number)
            desk.add(
                "duty",
                group_id="call_center",
                person="chen_min",
                starts_at=str(at),
                ends_at=str(at + timedelta(1)),
            )
        shown = listing(desk.tx, REGISTERS["duty"], actor=SYSTEM, limit=2)
        rest = listing(desk.tx, REGISTERS["duty"], actor=SYSTEM, limit=2, after=shown.after)
        starts = [row.values["starts_at"] for row in (*shown.rows, *rest.rows)]
        assert starts == sorted(starts, reverse=True) and len(starts) == 3

    @pytest.mark.parametrize("word", ["!", "W10", "W251bGwsMV0", "WyJ4IiwgMV0"])
    def test_an_invented_page_is_not_found(self, desk: Desk, word: str) -> None:
        with pytest.raises(NotFound):
            listing(desk.tx, REGISTERS["duty"], actor=SYSTEM, after=word)

    def test_search_needs_every_word_takes_signs_literally_and_looks_at_owners(self, desk: Desk) -> None:
        desk.add("customer", **HOSPITAL)
        desk.add("asset", **SWITCH)
        desk.add("asset", **SWITCH | {"serial": "100%", "name": "路由器"})
        assert desk.labels("asset", search="交换 7600") == ["核心交换机 · SW7-5500127"]
        assert desk.labels("asset", search="sw7-55") == ["核心交换机 · SW7-5500127"]
        assert desk.labels("asset", search="%") == ["路由器 · 100%"]
        assert len(desk.labels("asset", search="第三医院")) == 2
        assert desk.labels("asset", search="交换 路由") == []

    def test_a_list_can_be_that_of_one_customer(self, desk: Desk) -> None:
        customer = desk.add("customer", **HOSPITAL)
        desk.add("customer", name="北岭水务")
        desk.add("asset", **SWITCH)
        desk.add("asset", **SWITCH | {"serial": "other", "customer_id": "北岭水务"})
        assert desk.labels("asset", where="customer_id", equals=customer) == ["核心交换机 · SW7-5500127"]


class TestBulletins:
    def announce(self, desk: Desk, **known: object) -> UUID:
        return desk.add(
            "bulletin", **{"kind": "platform_fault", "title": "机房断电", "status": "announced"} | known
        )

    def test_an_announcement_is_dated_by_itself(self, desk: Desk) -> None:
        fault = self.announce(desk)
        assert desk.values("bulletin", fault)["announced_at"] == desk.clock()
        later = desk.clock.advance(hours=2)
        desk.change("bulletin", fault, status="restored")
        assert desk.values("bulletin", fault)["restored_at"] == later

    def test_an_advisory_concerns_those_who_use_the_model(self, desk: Desk) -> None:
        desk.add("customer", **HOSPITAL)
        desk.add("asset", **SWITCH)
        desk.add("asset", **SWITCH | {"serial": "spare", "status": "停用"})
        advisory = self.announce(desk, kind="vendor_advisory", models="SW-7600")
        (customer,) = concerned(desk.tx, advisory)
        assert (customer.customer, customer.serials) == ("华东第三医院", ("SW7-5500127",))


class TestDuties:
    def roster(self, desk: Desk, person: str, starts: str, ends: str) -> None:
        desk.add("duty", group_id="duty_engineer", person=person, starts_at=starts, ends_at=ends)

    def test_hours_without_anybody_are_gaps(self, desk: Desk) -> None:
        self.roster(desk, "tang_lei", "2026-03-02 08:00", "2026-03-02 20:00")
        self.roster(desk, "li_gong", "2026-03-02 18:00", "2026-03-03 06:00")
        start = desk.clock()  # 09:00
        found = gaps(desk.tx, "duty_engineer", start=start, end=start + timedelta(days=1))
        assert [(g.starts_at, g.ends_at) for g in found] == [
            (start + timedelta(hours=21), start + timedelta(hours=24))
        ]
        assert on_duty(desk.tx, "duty_engineer", at=start) == ["tang_lei"]
        whole = gaps(desk.tx, "call_center", start=start, end=start + timedelta(days=1))
        assert [(g.starts_at, g.ends_at) for g in whole] == [(start, start + timedelta(days=1))]

    def test_an_absence_opens_a_gap_unless_somebody_stands_in(self, desk: Desk) -> None:
        self.roster(desk, "tang_lei", "2026-03-02 09:00", "2026-03-03 09:00")
        start, end = desk.clock(), desk.clock() + timedelta(days=1)
        away = {"starts_at": start + timedelta(hours=2), "ends_at": start + timedelta(hours=3)}
        assert gaps(desk.tx, "duty_engineer", start=start, end=end) == []
        set_absence(desk.tx, "tang_lei", actor=SYSTEM, at=start, **away)
        (gap,) = gaps(desk.tx, "duty_engineer", start=start, end=end)
        assert (gap.starts_at, gap.ends_at) == (away["starts_at"], away["ends_at"])
        (shift,) = shifts(desk.tx, "duty_engineer", start=start, end=end)
        assert shift.away and shift.name == "唐磊"

    def test_an_absence_with_a_substitute_leaves_no_gap(self, desk: Desk) -> None:
        self.roster(desk, "tang_lei", "2026-03-02 09:00", "2026-03-03 09:00")
        start, end = desk.clock(), desk.clock() + timedelta(days=1)
        set_absence(
            desk.tx, "tang_lei", actor=SYSTEM, at=start, starts_at=start, ends_at=end, substitute="li_gong"
        )
        assert gaps(desk.tx, "duty_engineer", start=start, end=end) == []


class TestRegions:
    def test_matters_go_up_the_line_and_people_are_found_down_it(self, desk: Desk, people: People) -> None:
        east = desk.add("region", name="华东", head="周福")
        city = desk.add("region", name="上海", parent_id="华东", head="sun_jing")
        admin = people.guan_li
        set_region(desk.tx, "li_gong", city, actor=admin)
        set_region(desk.tx, "wang_gong", east, actor=admin)
        assert line_of(desk.tx, "li_gong") == ["sun_jing", "zhou_fu"]
        assert people_of(desk.tx, east) == ["li_gong", "wang_gong"] and people_of(desk.tx, city) == [
            "li_gong"
        ]
        set_region(desk.tx, "li_gong", None, actor=admin)
        assert line_of(desk.tx, "li_gong") == []
        with pytest.raises(Forbidden):
            set_region(desk.tx, "li_gong", city, actor=people.li_gong)
        with pytest.raises(NotFound):
            set_region(desk.tx, "li_gong", new_id(desk.clock()), actor=admin)

    def test_regions_that_belong_to_each_other_are_walked_once(self, desk: Desk, people: People) -> None:
        east = desk.add("region", name="华东", head="周福")
        shanghai = desk.add("region", name="上海", parent_id="华东")
        with pytest.raises(InvalidAnswers):
            desk.change("region", east, parent_id="上海")
        older = update(Region).where(Region.id == east)  # from before that was refused
        desk.tx.execute(older.values(parent_id=shanghai))
        set_region(desk.tx, "li_gong", east, actor=people.guan_li)
        assert line_of(desk.tx, "li_gong") == ["zhou_fu"]


class TestMaintenance:
    def test_visits_become_due_and_the_next_one_follows_by_the_terms(self, desk: Desk) -> None:
        desk.add("customer", **HOSPITAL)
        terms = {"maintenance_months": "3", "next_visit_on": "2026-11-30", "checklist": "风扇"}
        contract = desk.add("contract", **CONTRACT | terms)
        (visit,) = due_visits(desk.tx, by=date(2026, 11, 30))
        assert (visit.contract, visit.customer) == ("HT-2026-001", "华东第三医院")
        assert due_visits(desk.tx, by=date(2026, 11, 29)) == []
        for _ in range(2):
            following = visit_planned(desk.tx, contract, visit.due_on, actor=SYSTEM, at=desk.clock())
            assert following == date(2027, 2, 28)
        assert due_visits(desk.tx, by=date(2027, 12, 31)) == []  # the contract has ended by then

    def test_months_end_where_the_calendar_says(self) -> None:
        assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
        assert months_later(date(2026, 10, 15), 15) == date(2028, 1, 15)
