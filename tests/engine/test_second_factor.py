"""Signing in with a second factor: a code opens once, guesses back off, and a lost authenticator is no lock-out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from engine.acts import account
from engine.acts.cast import People
from engine.desk.people import set_password
from engine.foundation import second_factor
from engine.foundation.attempts import TooManyAttempts
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, Rejection
from engine.foundation.models import AccessLog, HalfSignIn, RecoveryCode, Session, SignInAttempt
from engine.foundation.security import SYSTEM
from engine.foundation.sessions import Caller, forget_expired, open_session, session_of
from engine.foundation.settings import Settings
from engine.foundation.sign_in import HALFWAY, StartAgain, give_code, sign_in
from tests.conftest import Clock

PASSWORD = "correct horse battery"
SETTINGS = Settings(second_factor_groups="administrator auditor")
HERE = "192.0.2.7"


class Door:
    """What the tests say: `door.password()`, `door.code()`, `door.give(half, code)`."""

    def __init__(self, database: Database, people: People, clock: Clock) -> None:
        self.database, self.people, self.clock, self.secret = database, people, clock, ""
        with database.write() as tx:
            for person in ("li_gong", "guan_li"):
                set_password(tx, person, PASSWORD, actor=SYSTEM)

    def password(self, person: str = "li_gong", word: str = PASSWORD, address: str = HERE):
        here = {"address": address, "now": self.clock.now, "settings": SETTINGS}
        return sign_in(self.database, account=person, password=word, **here)

    def turn_on(self) -> list[str]:
        """Li Gong sets it up; the recovery codes. The first code is used up by it."""
        with self.database.write() as tx:
            self.secret = second_factor.begin(tx, person="li_gong", now=self.clock.now).secret
            codes = second_factor.confirm(tx, person="li_gong", code=self.code(), now=self.clock.now)
        self.clock.advance(seconds=30)
        return codes

    def code(self, at: datetime | None = None) -> str:
        """What the authenticator shows."""
        return pyotp.TOTP(self.secret).at(at or self.clock.now)

    def wrong(self) -> str:
        """Six digits that are right at no moment nearby."""
        near = {self.code(self.clock.now + timedelta(seconds=s)) for s in (-60, -30, 0, 30, 60)}
        return next(f"{n:06}" for n in range(10) if f"{n:06}" not in near)

    def give(self, half: str, code: str, address: str = HERE) -> str:
        return give_code(
            self.database, secret=half, code=code, address=address, now=self.clock.now, settings=SETTINGS
        )

    def who(self, secret: str) -> str | None:
        found = session_of(self.database, secret=secret, now=self.clock.now, settings=SETTINGS)
        return found.person if found else None

    def logged(self) -> list[tuple[str, bool]]:
        with self.database.read() as tx:
            return [tuple(r) for r in tx.execute(select(AccessLog.act, AccessLog.allowed))]


@pytest.fixture
def door(database: Database, people: People, clock: Clock) -> Door:
    """People with passwords, and nobody with a second factor yet."""
    return Door(database, people, clock)


def test_the_password_opens_nothing_before_the_code_is_given(door: Door) -> None:
    door.turn_on()
    half = door.password()
    assert half.halfway and door.who(half.secret) is None
    whole = door.give(half.secret, door.code())
    assert door.who(whole) == "li_gong"
    assert sorted(door.logged()) == [("second_factor", True), ("sign_in", True)]
    with pytest.raises(StartAgain):
        door.give(half.secret, door.code(door.clock.advance(seconds=30)))


def test_a_code_opens_once_and_none_older_than_it(door: Door) -> None:
    door.turn_on()
    earlier, now = door.code(door.clock.now - timedelta(seconds=30)), door.code()
    door.give(door.password().secret, now)
    for used in (now, earlier):
        with pytest.raises(Rejection, match="used before"):
            door.give(door.password().secret, used)
    assert door.give(door.password().secret, door.code(door.clock.advance(seconds=30)))


def test_the_code_that_turned_it_on_opens_nothing(door: Door) -> None:
    door.turn_on()
    with pytest.raises(Rejection, match="used before"):
        door.give(door.password().secret, door.code(door.clock.now - timedelta(seconds=30)))


def test_clocks_may_differ_by_half_a_minute_and_no_more(door: Door) -> None:
    door.turn_on()
    with pytest.raises(Rejection):
        door.give(door.password().secret, door.code(door.clock.now + timedelta(seconds=60)))
    assert door.give(door.password().secret, door.code(door.clock.now + timedelta(seconds=30)))


def test_guesses_at_the_code_back_off_and_the_right_password_does_not_forgive_them(door: Door) -> None:
    door.turn_on()
    for _ in range(5):
        with pytest.raises(Rejection, match="The code is wrong"):
            door.give(door.password().secret, door.wrong())
    with pytest.raises(TooManyAttempts, match="30 seconds"):
        door.password()
    door.clock.advance(seconds=30)
    half = door.password()
    with pytest.raises(Rejection, match="The code is wrong"):
        door.give(half.secret, door.wrong())
    with pytest.raises(TooManyAttempts, match="60 seconds"):
        door.give(half.secret, door.code())
    door.clock.advance(seconds=60)
    assert door.who(door.give(half.secret, door.code())) == "li_gong"
    assert door.password().halfway, "forgiven by the code"


def test_signing_in_often_earns_nobody_guesses_from_elsewhere(door: Door) -> None:
    door.turn_on()
    for _ in range(3):
        door.give(door.password().secret, door.code())
        door.clock.advance(seconds=30)
    with door.database.read() as tx:
        assert set(tx.execute(select(SignInAttempt.failures)).scalars()) == {0}


def test_the_second_step_has_to_follow_the_first_in_time(door: Door) -> None:
    door.turn_on()
    half = door.password()
    door.clock.advance(seconds=HALFWAY.total_seconds())
    with pytest.raises(StartAgain, match="within 10 minutes"):
        door.give(half.secret, door.code())
    with door.database.write() as tx:
        forget_expired(tx, now=door.clock.now, settings=SETTINGS)
        assert tx.execute(select(HalfSignIn.person)).all() == []


def test_a_new_password_ends_what_is_half_way_in(door: Door) -> None:
    door.turn_on()
    half = door.password()
    with door.database.write() as tx:
        set_password(tx, "li_gong", PASSWORD + "!", actor=SYSTEM)
    with pytest.raises(StartAgain):
        door.give(half.secret, door.code())


def test_each_recovery_code_opens_once_and_only_its_hash_is_stored(door: Door) -> None:
    codes = door.turn_on()
    assert len(set(codes)) == 10
    assert door.who(door.give(door.password().secret, codes[3])) == "li_gong"
    with pytest.raises(Rejection):
        door.give(door.password().secret, codes[3])
    assert door.give(door.password().secret, codes[4].replace("-", " "))
    with door.database.read() as tx:
        stored = tx.execute(select(RecoveryCode.code_hash)).scalars().all()
        assert second_factor.recovery_codes_left(tx, person="li_gong") == len(stored) == 8
    assert not {code.replace("-", "") for code in codes} & set(stored)


def test_it_counts_only_after_its_first_code(door: Door) -> None:
    with door.database.write() as tx:
        begun = second_factor.begin(tx, person="li_gong", now=door.clock.now)
    assert begun.uri.startswith("otpauth://totp/") and begun.secret in begun.uri and "li_gong" in begun.uri
    assert not door.password().halfway
    with door.database.write() as tx:
        assert second_factor.begin(tx, person="li_gong", now=door.clock.now) == begun, (
            "the same until it counts"
        )
    door.secret = begun.secret
    with pytest.raises(Rejection, match="The code is wrong"), door.database.write() as tx:
        second_factor.confirm(tx, person="li_gong", code=door.wrong(), now=door.clock.now)
    door.turn_on()
    with pytest.raises(Conflict), door.database.write() as tx:
        second_factor.begin(tx, person="li_gong", now=door.clock.now)


def test_only_a_code_turns_it_off_or_makes_new_recovery_codes(door: Door) -> None:
    old = door.turn_on()
    li_gong, asked = door.people.li_gong, {"now": door.clock.now}
    for act in (account.turn_off_second_factor, account.renew_recovery_codes):
        with pytest.raises(Rejection):
            act(door.database, code=door.wrong(), actor=li_gong, **asked)
    new = account.renew_recovery_codes(door.database, code=door.code(), actor=li_gong, **asked)
    assert not set(new) & set(old)
    with pytest.raises(Rejection):
        account.turn_off_second_factor(door.database, code=old[0], actor=li_gong, **asked)
    account.turn_off_second_factor(door.database, code=new[0], actor=li_gong, **asked)
    assert not door.password().halfway


def test_an_administrator_resets_it_for_somebody_and_that_is_logged(door: Door) -> None:
    door.turn_on()
    session = door.give(door.password().secret, door.code())
    with pytest.raises(Forbidden):
        account.reset_second_factor(door.database, "li_gong", actor=door.people.sun_jing, now=door.clock.now)
    account.reset_second_factor(door.database, "li_gong", actor=door.people.guan_li, now=door.clock.now)
    assert door.who(session) is None and not door.password().halfway
    with door.database.read() as tx:
        logged = tx.execute(
            select(AccessLog.actor, AccessLog.target).where(AccessLog.act == "reset_second_factor")
        ).all()
    assert [tuple(row) for row in logged] == [("guan_li", "li_gong")]


def test_whose_group_needs_it_owes_it_until_it_is_set_up(door: Door) -> None:
    secret = door.password("guan_li").secret

    def owes() -> bool:
        found = session_of(door.database, secret=secret, now=door.clock.now, settings=SETTINGS)
        assert found is not None
        return found.owes_second_factor

    assert owes()
    with door.database.write() as tx:
        door.secret = second_factor.begin(tx, person="guan_li", now=door.clock.now).secret
        second_factor.confirm(tx, person="guan_li", code=door.code(), now=door.clock.now)
    assert not owes()
    plain = session_of(
        door.database, secret=door.password("li_gong").secret, now=door.clock.now, settings=SETTINGS
    )
    assert plain is not None and not plain.owes_second_factor


def test_a_person_sees_where_they_are_signed_in_and_ends_it_everywhere(door: Door) -> None:
    phone = Caller("198.51.100.4", "Mozilla/5.0 (iPhone)")
    with door.database.write() as tx:
        known = {"person": "li_gong", "settings": SETTINGS}
        old = open_session(tx, now=door.clock.now - timedelta(hours=13), **known)
        one = open_session(tx, now=door.clock.now, caller=phone, **known)
        here = open_session(tx, now=door.clock.advance(minutes=1), way="company", **known)
        open_session(tx, person="wang_gong", now=door.clock.now, settings=SETTINGS)
    shown = account.account(
        door.database, actor=door.people.li_gong, secret=here, now=door.clock.now, settings=SETTINGS
    )
    told = [(each.way, each.address, each.is_this) for each in shown.sessions]
    assert told == [("company", None, True), ("password", "198.51.100.4", False)], "not the one that is over"
    account.sign_out_everywhere(door.database, actor=door.people.li_gong, now=door.clock.now)
    assert {door.who(secret) for secret in (old, one, here)} == {None}
    with door.database.read() as tx:
        assert tx.execute(select(Session.person)).scalars().all() == ["wang_gong"]


def test_the_password_is_changed_with_the_current_one_and_every_session_ends(door: Door) -> None:
    session = door.password().secret
    change = {"actor": door.people.li_gong, "now": door.clock.now}
    with pytest.raises(Rejection, match="current password is wrong"):
        account.change_password(door.database, current="guess", new="another good phrase", **change)
    assert door.who(session) == "li_gong"
    account.change_password(door.database, current=PASSWORD, new="another good phrase", **change)
    assert door.who(session) is None and door.password(word="another good phrase").secret
    for _ in range(5):
        with pytest.raises(Rejection):
            account.change_password(door.database, current="guess", new="x" * 12, **change)
    with pytest.raises(TooManyAttempts):
        account.change_password(door.database, current="another good phrase", new="x" * 12, **change)
