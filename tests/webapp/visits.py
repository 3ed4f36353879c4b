"""A visit on site that is over and confirmed: what the tests of the service report begin with."""

from __future__ import annotations

from random import Random
from typing import Any

from engine.acts.demo.world import furnish
from engine.acts.simulation import Desk as Office
from engine.acts.simulation import Matter, SimulatedClock
from engine.cases import Cases
from tests.conftest import Clock

REPORTED: dict[str, Any] = {
    "channel": "phone",
    "customer": "明德小学",
    "description": "会议主机开机后画面中断",
}
SIGNATURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def visit(cases: Cases, clock: Clock) -> Matter:
    """Engineer Li was on site; the customer has signed, and the report is to be written."""
    with cases.database.write() as tx:
        furnish(tx, at=clock.now, random=Random(1))
    case = Office(cases, SimulatedClock(clock.now)).open("service_case", by="chen_min", **REPORTED)
    case.do("triage", by="chen_min", kind="fault", nature="hardware", importance="medium", urgency="medium")
    case.do("accept_case", by="li_gong", decision="accept")
    case.do("analyse_fault", by="li_gong", next_step="on_site", severity="normal", nature="hardware")
    case.do("agree_solution", by="li_gong", agreed="yes")
    case.do("waive_remote_diagnosis")
    case.do("arrange_visit", agreed_with="王老师")
    case.do("confirm_arrival", site_code="B-3", symptom_confirmed="yes")
    case.do("check_safety")
    case.do("repair_on_site", part="none", work="重新插接显示线缆")
    case.do("test_and_verify", result="pass")
    case.do("confirm_with_customer", confirmed="yes", confirmed_by="王老师", signature=SIGNATURE)
    return case
