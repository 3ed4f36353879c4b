"""The register of people: groups, skills, absences and who stands in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from engine.acts.cast import People
from engine.desk.absences import absences, end_absence, is_present, set_absence, stand_in, stood_in_for
from engine.desk.people import (
    GROUPS,
    actor_in,
    actor_of,
    add_person,
    everybody,
    groups_of,
    members,
    person,
    set_active,
    set_groups,
    set_language,
    set_password,
    set_skills,
)
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection
from engine.foundation.security import SYSTEM, Actor
from engine.foundation.sessions import open_session, session_of
from engine.foundation.settings import Settings
from engine.foundation.sign_in import sign_in
from tests.conftest import Clock

DAY = timedelta(days=1)


def away(tx: Connection, who: str, clock: Clock, substitute: str | None = None, days: int = 5) -> None:
    set_absence(
        tx,
        who,
        actor=SYSTEM,
        at=clock.now,
        starts_at=clock.now,
        ends_at=clock.now + days * DAY,
        substitute=substitute,
    )


class TestTheOrganisation:
    def test_every_group_of_the_procedures_has_a_name_in_both_languages(self) -> None:
        assert len(GROUPS) == 20
        assert all(name.zh and name.en and name.zh != name.en for name in GROUPS.values())


class TestTheRegister:
    def test_an_administrator_adds_somebody_with_groups_and_skills(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            add_person(
                tx,
                actor=people.guan_li,
                id="ma_chao",
                name=" 马超 ",
                at=clock.now,
                groups=["service_engineer"],
                skills=["network", "hardware", ""],
                email="ma_chao@example.invalid",
            )
        with database.read() as tx:
            found = person(tx, "ma_chao")
            assert (found.name, set(found.groups), set(found.skills)) == (
                "马超",
                {"service_engineer"},
                {"network", "hardware"},
            )
            assert found in everybody(tx, active=True)

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"id": "Ma Chao"}, "Expected a login name"),
            ({"name": "  "}, "Expected a name"),
            ({"email": "nowhere"}, "Expected a mail address"),
            ({"language": "fr"}, "Expected the language"),
            ({"groups": ["wizards"]}, "Expected existing groups, found wizards"),
            ({"password": "short"}, "Expected a password of 8"),
            ({"password": "password1"}, "hard to guess"),
            ({"id": "li_gong"}, "li_gong is taken"),
        ],
    )
    def test_wrong_entries_are_refused_in_a_sentence_and_nothing_is_kept(
        self, database: Database, people: People, clock: Clock, wrong: dict[str, object], sentence: str
    ) -> None:
        entry = {"id": "ma_chao", "name": "马超", "at": clock.now} | wrong
        with pytest.raises(Rejection, match=sentence), database.write() as tx:
            add_person(tx, actor=people.guan_li, **entry)  # type: ignore[arg-type]
        with database.read() as tx, pytest.raises(NotFound, match="ma_chao"):
            person(tx, "ma_chao")

    def test_only_an_administrator_changes_the_register(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx, pytest.raises(Forbidden, match="孙静 is not entitled"):
            set_groups(tx, "li_gong", ["vice_president"], actor=people.sun_jing)

    def test_groups_and_skills_are_replaced(self, database: Database, people: People) -> None:
        with database.write() as tx:
            set_groups(tx, "li_gong", ["technical_specialist", "duty_engineer"], actor=people.guan_li)
            set_skills(tx, "li_gong", [], actor=people.guan_li)
            assert groups_of(tx, "li_gong") == {"technical_specialist", "duty_engineer"}
            assert members(tx, "service_engineer") == ["wang_gong"]
            assert person(tx, "li_gong").skills == frozenset()

    def test_who_leaves_is_signed_out_and_belongs_to_no_queue_but_stays_on_record(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            secret = open_session(tx, person="li_gong", now=clock.now, settings=Settings())
            set_active(tx, "li_gong", False, actor=people.guan_li)
        assert session_of(database, secret=secret, now=clock.now, settings=Settings()) is None
        with database.read() as tx:
            assert members(tx, "service_engineer") == ["wang_gong"]
            assert person(tx, "li_gong").name == "李工"
            with pytest.raises(NotFound, match="closed"):
                actor_of(tx, "li_gong", at=clock.now)

    def test_a_person_changes_their_own_password_and_language_but_nobody_elses_password(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            set_password(tx, "li_gong", "correct horse", actor=people.li_gong)
            set_language(tx, person="li_gong", language="en")
            assert actor_of(tx, "li_gong", at=clock.now).language == "en"
            with pytest.raises(Forbidden):
                set_password(tx, "wang_gong", "correct horse", actor=people.li_gong)
        here = {"address": "::1", "now": clock.now, "settings": Settings()}
        assert sign_in(database, account="li_gong", password="correct horse", **here)  # type: ignore[arg-type]


class TestAbsence:
    def test_who_is_away_takes_no_work_until_the_absence_ends(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            away(tx, "li_gong", clock)
            assert not is_present(tx, "li_gong", at=clock.now)
            assert members(tx, "service_engineer", clock.now) == ["wang_gong"]
            assert is_present(tx, "li_gong", at=clock.now + 5 * DAY)

    def test_the_substitute_acts_with_the_groups_of_the_absent_one(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            away(tx, "li_gong", clock, substitute="tang_lei")
            acting = actor_of(tx, "tang_lei", at=clock.now)
            assert acting.groups == {"duty_engineer", "service_engineer"}
            assert acting.stands_in_for == {"li_gong"}
            assert actor_of(tx, "tang_lei", at=clock.now + 6 * DAY).groups == {"duty_engineer"}

    def test_a_session_knows_its_person_as_the_register_does_whoever_is_away(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            secrets = {
                one: open_session(tx, person=one, now=clock.now, settings=Settings())
                for one in ("li_gong", "tang_lei", "sun_jing")
            }

        def agree() -> bool:
            known = {
                one: session_of(database, secret=secret, now=clock.now, settings=Settings())
                for one, secret in secrets.items()
            }
            with database.read() as tx:
                return all(
                    found is not None
                    and actor_in(database, found, at=clock.now) == actor_of(tx, one, at=clock.now)
                    for one, found in known.items()
                )

        assert agree()
        with database.write() as tx:
            away(tx, "li_gong", clock, substitute="tang_lei")
        assert agree()
        with database.write() as tx:
            set_groups(tx, "sun_jing", [], actor=people.of("administrator"))
        assert agree()

    def test_a_chain_of_absences_leads_to_whoever_is_there(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            away(tx, "li_gong", clock, substitute="wang_gong")
            away(tx, "wang_gong", clock, substitute="tang_lei")
            assert stand_in(tx, "li_gong", at=clock.now) == "tang_lei"
            assert stood_in_for(tx, "tang_lei", at=clock.now) == {"li_gong", "wang_gong"}
            assert stood_in_for(tx, "wang_gong", at=clock.now) == frozenset()

    def test_a_ring_of_absences_leads_to_nobody(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            away(tx, "li_gong", clock, substitute="wang_gong")
            away(tx, "wang_gong", clock, substitute="li_gong")
            assert stand_in(tx, "li_gong", at=clock.now) is None

    def test_coming_back_early_ends_the_absence(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            away(tx, "li_gong", clock)
            [absence] = absences(tx, person="li_gong")
            end_absence(tx, absence.id, actor=people.li_gong, at=clock.advance(days=1))
            assert is_present(tx, "li_gong", at=clock.now)
            with pytest.raises(NotFound, match="has ended"):
                end_absence(tx, absence.id, actor=people.li_gong, at=clock.now)

    def test_an_absence_that_has_not_begun_can_be_withdrawn(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        with database.write() as tx:
            away(tx, "li_gong", clock)
            [absence] = absences(tx, after=clock.now)
            end_absence(tx, absence.id, actor=people.sun_jing, at=clock.now)
            assert absences(tx) == []

    @pytest.mark.parametrize(
        ("who", "days", "substitute", "sentence"),
        [
            ("li_gong", 0, None, "to end after it begins"),
            ("li_gong", 3, "li_gong", "another active person"),
            ("li_gong", 3, "nobody", "another active person"),
            ("nobody", 3, None, "nobody active has the login name"),
            ("wang_gong", 3, None, "one overlaps"),
        ],
    )
    def test_impossible_absences_are_refused(
        self,
        database: Database,
        people: People,
        clock: Clock,
        who: str,
        days: int,
        substitute: str | None,
        sentence: str,
    ) -> None:
        with database.write() as tx:
            away(tx, "wang_gong", clock)
            with pytest.raises((Rejection, Conflict), match=sentence):
                away(tx, who, clock, substitute=substitute, days=days)

    def test_a_colleague_may_not_send_somebody_away(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        colleague: Actor = people.wang_gong
        with database.write() as tx, pytest.raises(Forbidden):
            set_absence(
                tx,
                "li_gong",
                actor=colleague,
                at=clock.now,
                starts_at=clock.now,
                ends_at=clock.now + DAY,
            )
