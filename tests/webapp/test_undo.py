"""What can be taken back says so where it says that it was done, and one press takes it back."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


@pytest.fixture
def number(desk: Desk) -> str:
    """A case whose first task He Jie holds."""
    made = desk.report()
    desk.claim(made, by="he_jie")
    return made


def undo(page: str) -> tuple[str, Mapping[str, str]]:
    """Where the button of the notice leads, and what it sends."""
    notice = page.partition('id="messages"')[2]
    found = re.search(r'action="([^"]+)"', notice)
    assert found, words(notice)[:300]
    form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', notice.partition("</form>")[0]))
    form.pop("csrf_token")
    return found[1].replace("&amp;", "&"), form


def press(web: Web, page: str) -> int:
    """Press the button of the notice."""
    address, form = undo(page)
    return web.post(address, dict(form)).status_code


def handed(desk: Desk, number: str, by: str = "he_jie", to: str = "chen_min") -> str:
    """Somebody hands the task over; the page that follows."""
    form = {"person": to, "reason": "在外地", "revision": str(desk.task(number).revision)}
    web = desk.web.as_(by)
    return web.post(desk.url(number, "/hand-over"), form, follow_redirects=True).text


def test_a_claim_is_taken_back_into_the_queue(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    page = web.post(desk.url(number, "/claim?queue=groups"), {"revision": "1"}, follow_redirects=True).text
    assert "任务已由您领取" in page
    assert press(web, page) == 303
    assert desk.task(number).assignee is None


def test_a_task_given_back_is_taken_again(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    web = desk.web.as_("he_jie")
    page = web.post(desk.url(number, "/release"), follow_redirects=True).text
    assert desk.task(number).assignee is None
    press(web, page)
    assert desk.task(number).assignee == "he_jie"


def test_what_somebody_else_took_meanwhile_is_not_taken_from_them(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    page = desk.web.as_("he_jie").post(desk.url(number, "/release"), follow_redirects=True).text
    desk.claim(number, by="chen_min")
    assert press(desk.web.as_("he_jie"), page) == 409
    assert desk.task(number).assignee == "chen_min"


def test_a_hand_over_is_taken_back_and_stands_in_the_history(desk: Desk, number: str) -> None:
    page = handed(desk, number)
    assert desk.task(number).assignee == "chen_min"
    assert press(desk.web.as_("he_jie"), page) == 303
    assert (desk.task(number).assignee, desk.task(number).delegated_by) == ("he_jie", None)
    assert "撤回转交: 鉴别请求" in words(desk.web.get(f"/cases/{number}").text)
    proof = words(desk.web.as_("shen_ji").get(f"/cases/{number}/verification").text)
    assert "链完整" in proof and "经过相同的路径和数据" in proof


def test_a_hand_over_stays_once_the_new_holder_has_begun(desk: Desk, number: str) -> None:
    page = handed(desk, number)
    desk.web.as_("chen_min").post(desk.url(number, "/draft"), {"kind": "fault"})
    web = desk.web.as_("he_jie")
    address, form = undo(page)
    answer = web.post(address, dict(form))
    assert (answer.status_code, "陈敏已经开始填写" in answer.text) == (409, True)
    assert desk.task(number).assignee == "chen_min"


def test_a_hand_over_stays_once_it_went_on_to_somebody_else(desk: Desk, number: str) -> None:
    page = handed(desk, number)
    handed(desk, number, by="chen_min", to="he_jie")
    handed(desk, number)
    assert press(desk.web.as_("he_jie"), page) == 409


def test_nobody_takes_back_what_another_handed_over(desk: Desk, number: str) -> None:
    page = handed(desk, number)
    assert press(desk.web.as_("tang_lei"), page) == 403
    assert desk.task(number).assignee == "chen_min"


def test_a_manager_who_reassigned_gives_the_task_back_to_who_held_it(desk: Desk, number: str) -> None:
    page = handed(desk, number, by="sun_jing")
    assert desk.task(number).assignee == "chen_min"
    assert press(desk.web.as_("sun_jing"), page) == 303
    assert desk.task(number).assignee == "he_jie"


def test_a_manager_who_gave_away_an_unclaimed_task_puts_it_back_into_its_queue(desk: Desk) -> None:
    number = desk.report()
    page = handed(desk, number, by="sun_jing", to="he_jie")
    assert desk.task(number).assignee == "he_jie"
    press(desk.web.as_("sun_jing"), page)
    assert desk.task(number).assignee is None
