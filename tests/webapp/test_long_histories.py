"""A case that went back and forth for a long time is still read at once."""

from __future__ import annotations

from random import Random
from time import process_time

import pytest

from engine.acts import case_reading
from engine.acts.demo.world import furnish
from engine.acts.simulation import Desk as Office
from engine.acts.simulation import Matter, SimulatedClock
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk
from webapp.player import case_player

EVENTS = 200
KILOBYTES, SECONDS = 150, 0.03  # of processor time
REPORTED = {"channel": "phone", "customer": "明德小学", "description": "会议主机开机后画面中断"}
FOUND = {"next_step": "phone", "severity": "normal", "nature": "hardware"}
ASKED = {"reason": "超出现有技术条件", "proposed_solution": "请原厂分析转储"}
BACK = {"decision": "hand_back", "instruction": "先更新固件"}


@pytest.fixture
def matter(web: Web) -> Matter:
    """A case that engineer and specialist hand to each other until its history is long."""
    with web.database.write() as tx:
        furnish(tx, at=web.clock.now, random=Random(1))
    office = Office(Desk(web).cases, SimulatedClock(web.clock.now))
    case = office.open("service_case", by="chen_min", **REPORTED)
    case.do("triage", by="chen_min", kind="fault", nature="hardware", importance="medium", urgency="medium")
    case.do("accept_case", by="li_gong", decision="accept")
    while len(case.history) < EVENTS:
        case.do("analyse_fault", by="li_gong", **FOUND)
        case.do("agree_solution", by="li_gong", agreed="yes")
        case.press("escalation_requested", by="li_gong", **ASKED)
        case.do("support_as_specialist", by="zhao_zhuan", **BACK)
    return case


def test_two_hundred_steps_are_drawn_from_little_data_in_no_time(matter: Matter, web: Web) -> None:
    cases, reader, now = matter.desk.cases, matter.desk.actor("sun_jing"), matter.desk.clock.now
    page = case_reading.case_page(cases, matter.number, actor=reader, now=now)
    assert len(page.frames) >= EVENTS
    with web.app.test_request_context("/"):
        spent = []
        for _ in range(5):
            started = process_time()
            sent = web.app.json.dumps(case_player(page))
            spent.append(process_time() - started)
    assert len(sent.encode()) < KILOBYTES * 1024
    assert min(spent) < SECONDS
    active, done = _summed(page)
    assert matter.tasks[0] in active
    assert len(done) == len(set(done))


def _summed(page: case_reading.CasePage) -> tuple[set[str], list[tuple[str, str]]]:
    """What the changes of all frames add up to: what waits now, and what was done in which process."""
    active: dict[str, list[str]] = {}
    done: list[tuple[str, str]] = []
    for frame in page.frames:
        for process, changed in frame.marks.items():
            active[process] = changed.get("active", active.get(process, []))
            done += [(process, element) for element in changed.get("done", ())]
    return {element for elements in active.values() for element in elements}, done
