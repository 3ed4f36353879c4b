"""Who may do what; passwords that stay secret; sign-ins that back off; sessions that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from engine.acts.cast import CAST, People
from engine.desk.people import GROUPS, set_active, set_password
from engine.foundation.attempts import HERE, TooManyAttempts
from engine.foundation.database import Database
from engine.foundation.errors import Forbidden, Rejection
from engine.foundation.models import AccessLog, Session, SignInAttempt
from engine.foundation.passwords import hash_password, password_matches
from engine.foundation.policies import POLICIES
from engine.foundation.security import SYSTEM, Actor, Target, may, refusals_logged, require
from engine.foundation.sessions import (
    forget_expired,
    open_session,
    remember,
    revoke,
    revoke_all,
    session_of,
)
from engine.foundation.settings import Settings
from engine.foundation.sign_in import sign_in
from tests.conftest import Clock

PASSWORD = "correct horse battery"
SETTINGS = Settings(session_idle_minutes=30, session_hours=8)
ENGINEER = Actor("li_gong", "李工", frozenset({"service_engineer"}))
MANAGER = Actor("sun_jing", "孙静", frozenset({"service_manager"}))


@pytest.fixture
def known(database: Database, people: People) -> Database:
    with database.write() as tx:
        set_password(tx, "li_gong", PASSWORD, actor=SYSTEM)
    return database


def enter(database: Database, password: str, at: datetime, address: str = "192.0.2.7") -> str:
    entered = sign_in(
        database, account="li_gong", password=password, address=address, now=at, settings=SETTINGS
    )
    return entered.secret


def who(database: Database, secret: str, at: datetime) -> str | None:
    found = session_of(database, secret=secret, now=at, settings=SETTINGS)
    return found.person if found else None


def logged(tx: Connection) -> list[tuple[str, str, str, bool]]:
    chosen = select(AccessLog.actor, AccessLog.act, AccessLog.target, AccessLog.allowed)
    return [row._tuple() for row in tx.execute(chosen.order_by(AccessLog.at, AccessLog.id))]


class TestThePolicy:
    def test_it_names_only_groups_and_relations_that_exist_and_speaks_both_languages(self) -> None:
        for act, policy in POLICIES.items():
            assert policy.groups <= set(GROUPS), act
            assert policy.relations <= {"anybody", "group", "assignee", "handler", "customer"}, act
            assert policy.groups or policy.relations, f"nobody may {act}"
            assert policy.what.zh != policy.what.en

    @pytest.mark.parametrize("act", sorted(POLICIES))
    def test_each_act_is_allowed_to_its_groups_and_refused_to_the_others(self, act: str) -> None:
        policy = POLICIES[act]
        for member in CAST:
            allowed = bool(policy.groups & set(member.groups)) or "anybody" in policy.relations
            assert may(member.actor, act) == allowed, (act, member.id)

    def test_a_task_belongs_to_its_group_its_assignee_and_their_substitute(self) -> None:
        task = Target("t", group="service_engineer", assignee="wang_gong")
        substitute = Actor("tang_lei", "唐磊", stands_in_for=frozenset({"wang_gong"}))
        assert may(ENGINEER, "take_task", task)
        assert may(Actor("wang_gong", "王工"), "complete_task", task)
        assert may(substitute, "complete_task", task)
        assert not may(MANAGER, "complete_task", task)

    def test_separation_of_duties_beats_every_group(self) -> None:
        closing = Target("t", group="service_manager", excluded=["sun_jing"])
        with pytest.raises(Forbidden, match="separation of duties"):
            require(MANAGER, "complete_task", closing)

    def test_a_refusal_says_who_and_what_in_both_languages(self) -> None:
        with pytest.raises(Forbidden) as refused:
            require(ENGINEER, "publish")
        assert refused.value.text.en.startswith("李工 is not entitled to publish processes")
        assert refused.value.text.zh.startswith("李工 无权发布流程")

    def test_an_act_without_a_policy_is_a_fault_not_a_permission(self) -> None:
        with pytest.raises(KeyError):
            require(ENGINEER, "fly")
        with pytest.raises(KeyError):
            require(SYSTEM, "fly")

    def test_a_refused_attempt_is_logged_although_its_transaction_is_rolled_back(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        guarded = refusals_logged(database, actor=replace(ENGINEER, address="192.0.2.7"), at=clock.now)
        with pytest.raises(Forbidden), guarded, database.write():
            require(ENGINEER, "publish", Target("release 2"))
        with database.read() as tx:
            assert logged(tx) == [("li_gong", "publish", "release 2", False)]


class TestPasswords:
    def test_only_the_password_matches_its_hash(self) -> None:
        hashed = hash_password(PASSWORD, account="li_gong")
        assert hashed.startswith("$argon2id$") and PASSWORD not in hashed
        assert password_matches(hashed, PASSWORD)
        assert not password_matches(hashed, PASSWORD + "x")

    def test_an_account_without_a_password_matches_nothing(self) -> None:
        assert not password_matches(None, "")
        assert not password_matches("no hash at all", PASSWORD)

    def test_a_phrase_of_a_hundred_characters_is_welcome(self) -> None:
        phrase = "售后服务" * 25
        assert password_matches(hash_password(phrase, account="li_gong"), phrase)

    @pytest.mark.parametrize("word", ["1234567", "x" * 129, "Password1", "li_gong_li"])
    def test_short_endless_and_guessable_words_are_refused(self, word: str) -> None:
        with pytest.raises(Rejection, match="Expected a password"):
            hash_password(word, account="li_gong_li")


class TestSigningIn:
    def test_the_right_password_opens_a_session_and_is_logged(self, known: Database, clock: Clock) -> None:
        secret = enter(known, PASSWORD, clock.now)
        assert who(known, secret, clock.now) == "li_gong"
        with known.read() as tx:
            assert logged(tx) == [("li_gong", "sign_in", "li_gong", True)]
            assert tx.scalar(select(Session.secret_hash)) != secret

    def test_a_wrong_password_and_an_unknown_account_read_the_same(
        self, known: Database, clock: Clock
    ) -> None:
        with pytest.raises(Rejection) as wrong:
            enter(known, "wrong", clock.now)
        with pytest.raises(Rejection) as unknown:
            sign_in(
                known,
                account="my secret, in the wrong field",
                password="x",
                address="::1",
                now=clock.now,
                settings=SETTINGS,
            )
        assert wrong.value.text == unknown.value.text
        with known.read() as tx:
            assert ("unknown", "sign_in", "unknown", False) in logged(tx)

    def test_after_five_failures_even_the_right_password_waits_longer_each_time(
        self, known: Database, clock: Clock
    ) -> None:
        for _ in range(HERE.free):
            with pytest.raises(Rejection, match="is wrong"):
                enter(known, "wrong", clock.now)
        with pytest.raises(TooManyAttempts, match="try again in 30 seconds"):
            enter(known, PASSWORD, clock.now)
        with pytest.raises(Rejection, match="is wrong"):
            enter(known, "wrong", clock.advance(seconds=30))
        with pytest.raises(TooManyAttempts, match="try again in 60 seconds"):
            enter(known, PASSWORD, clock.now)
        assert enter(known, PASSWORD, clock.advance(seconds=60))
        with pytest.raises(Rejection, match="is wrong"):
            enter(known, "wrong", clock.now)

    def test_somebody_elses_failures_elsewhere_do_not_lock_the_account_for_long(
        self, known: Database, clock: Clock
    ) -> None:
        for number in range(20):
            with pytest.raises(Rejection):
                enter(known, "wrong", clock.now, address=f"198.51.100.{number}")
        with pytest.raises(TooManyAttempts, match="10 seconds"):
            enter(known, PASSWORD, clock.now)
        assert enter(known, PASSWORD, clock.advance(seconds=10))

    def test_failures_are_forgotten_after_a_quiet_hour(self, known: Database, clock: Clock) -> None:
        for _ in range(4):
            with pytest.raises(Rejection):
                enter(known, "wrong", clock.now)
        clock.advance(hours=1)
        for _ in range(4):
            with pytest.raises(Rejection, match="is wrong"):
                enter(known, "wrong", clock.now)
        assert enter(known, PASSWORD, clock.now)

    @settings(deadline=None)
    @given(st.integers(0, 10_000))
    def test_the_wait_never_shrinks_and_never_ends_in_a_lock_for_good(self, failures: int) -> None:
        assert HERE.wait(failures) <= HERE.wait(failures + 1) <= timedelta(minutes=15)

    def test_who_has_left_cannot_sign_in(self, known: Database, clock: Clock) -> None:
        with known.write() as tx:
            set_active(tx, "li_gong", False, actor=SYSTEM)
        with pytest.raises(Rejection, match="is wrong"):
            enter(known, PASSWORD, clock.now)


class TestSessions:
    def test_an_idle_session_ends_and_a_used_one_lives_until_its_last_hour(
        self, known: Database, clock: Clock
    ) -> None:
        idle, used = (enter(known, PASSWORD, clock.now) for _ in range(2))
        for _ in range(23):
            assert who(known, used, clock.advance(minutes=20)) == "li_gong"
        assert who(known, idle, clock.now) is None
        assert who(known, used, clock.advance(minutes=20)) is None

    def test_nobody_comes_in_with_a_made_up_secret(self, known: Database, clock: Clock) -> None:
        assert who(known, "made up", clock.now) is None

    def test_a_session_remembers_small_things(self, known: Database, clock: Clock) -> None:
        secret = enter(known, PASSWORD, clock.now)
        with known.write() as tx:
            remember(tx, secret=secret, data={"language": "en"})
        found = session_of(known, secret=secret, now=clock.now, settings=SETTINGS)
        assert found is not None and found.data == {"language": "en"}

    def test_signing_out_ends_one_session_or_all(self, known: Database, clock: Clock) -> None:
        one, two, three = (enter(known, PASSWORD, clock.now) for _ in range(3))
        with known.write() as tx:
            revoke(tx, secret=one)
        assert [who(known, secret, clock.now) for secret in (one, two)] == [None, "li_gong"]
        with known.write() as tx:
            assert revoke_all(tx, person="li_gong") == 2
        assert who(known, three, clock.now) is None

    def test_dead_sessions_and_old_attempts_are_swept_away(self, known: Database, clock: Clock) -> None:
        with pytest.raises(Rejection):
            enter(known, "wrong", clock.now)
        with known.write() as tx:
            open_session(tx, person="li_gong", now=clock.now, settings=SETTINGS)
            alive = open_session(tx, person="li_gong", now=clock.now + timedelta(hours=2), settings=SETTINGS)
            forget_expired(tx, now=clock.advance(hours=2), settings=SETTINGS)
            assert len(tx.execute(select(Session.person)).all()) == 1
            assert tx.execute(select(SignInAttempt.account)).all() == []
        assert who(known, alive, clock.now) == "li_gong"


def test_a_page_that_only_asks_for_news_does_not_keep_its_session_awake(database, clock, people):
    short = Settings(session_idle_minutes=30)
    with database.write() as tx:
        secret = open_session(tx, person="li_gong", now=clock.now, settings=short)
    for _ in range(5):
        clock.advance(minutes=10)
        answer = session_of(database, secret=secret, now=clock.now, settings=short, keep_awake=False)
    assert answer is None
