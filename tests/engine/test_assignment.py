"""Work goes to whoever can do it, is there, and has least to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, insert

from engine.acts.cast import People
from engine.desk.absences import set_absence
from engine.desk.assignment import best_person, note_dispatch, workload
from engine.desk.people import set_active, set_skills
from engine.foundation.database import Database
from engine.foundation.ids import shard_key
from engine.foundation.models import Task
from engine.foundation.security import SYSTEM
from tests.conftest import Clock


def give(tx: Connection, who: str, at: datetime, kind: str = "task") -> None:
    case_id = uuid4()
    values = {"process": "service_case", "element": "handle_fault", "group_id": "service_engineer"}
    tx.execute(
        insert(Task).values(
            shard_key=shard_key(case_id),
            case_id=case_id,
            id=uuid4(),
            kind=kind,
            assignee=who,
            created_at=at,
            sort_at=at,
            **values,
        )
    )


class TestBestPerson:
    def test_the_skill_decides_first(self, database: Database, people: People, clock: Clock) -> None:
        with database.write() as tx:
            give(tx, "wang_gong", clock.now)
            give(tx, "wang_gong", clock.now)
            found = best_person(tx, group="service_engineer", skill="software", at=clock.now)
        assert found == "wang_gong"

    def test_nobody_is_chosen_when_nobody_has_the_skill(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.read() as tx:
            assert best_person(tx, group="service_engineer", skill="optics", at=clock.now) is None

    def test_of_the_skilled_the_one_with_least_open_work_gets_it(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            give(tx, "li_gong", clock.now)
            give(tx, "wang_gong", clock.now, kind="message")
            assert best_person(tx, group="service_engineer", skill="network", at=clock.now) == "wang_gong"
            assert workload(tx, ["li_gong", "wang_gong"]) == {"li_gong": 1, "wang_gong": 0}

    def test_among_equals_the_longest_idle_gets_it_and_then_the_order_is_by_name(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        chosen = []
        with database.write() as tx:
            for _ in range(4):
                found = best_person(tx, group="service_engineer", at=clock.advance(minutes=1))
                assert found is not None
                note_dispatch(tx, person=found, at=clock.now)
                chosen.append(found)
        assert chosen == ["li_gong", "wang_gong", "li_gong", "wang_gong"]

    def test_the_absent_the_excluded_and_those_who_left_get_nothing(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            set_skills(tx, "wang_gong", ["hardware"], actor=SYSTEM)
            set_absence(
                tx,
                "li_gong",
                actor=SYSTEM,
                at=clock.now,
                starts_at=clock.now,
                ends_at=clock.now + timedelta(days=1),
            )
            assert best_person(tx, group="service_engineer", skill="hardware", at=clock.now) == "wang_gong"
            assert best_person(tx, group="service_engineer", at=clock.now, excluded=["wang_gong"]) is None
            set_active(tx, "wang_gong", False, actor=SYSTEM)
            assert best_person(tx, group="service_engineer", at=clock.now) is None
            assert best_person(tx, group="service_engineer", at=clock.advance(days=1)) == "li_gong"
