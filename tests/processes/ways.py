"""The usual way of a case, piece by piece, so that a test tells only what is unusual about it."""

from __future__ import annotations

from typing import Any

from tests.processes.conftest import GOLD, STANDARD, Company, Story

GRADES = {
    "P1": {"importance": "high", "urgency": "high"},
    "P2": {"importance": "high", "urgency": "medium"},
    "P3": {"importance": "medium", "urgency": "medium"},
    "P4": {"importance": "low", "urgency": "low"},
}
CUSTOMERS = {"gold": GOLD, "standard": STANDARD}


def triaged(
    desk: Company,
    *,
    priority: str = "P3",
    severity: str = "normal",
    nature: str = "hardware",
    customer: str = STANDARD,
    **reported: str,
) -> Story:
    """Reported by phone, identified as a fault, and waiting for somebody to accept it."""
    case = desk.report(customer, **reported)
    case.do("triage", by="chen_min", kind="fault", nature=nature, severity=severity, **GRADES[priority])
    return case


def accepted(desk: Company, **known: Any) -> Story:
    """Engineer Li has taken the case on."""
    case = triaged(desk, **known)
    case.do("accept_case", by="li_gong", decision="accept")
    return case


def analysed(desk: Company, way: str = "phone", *, analysed_as: str = "normal", **known: Any) -> Story:
    """Engineer Li knows the cause, and the customer agrees to what shall be done."""
    case = accepted(desk, **known)
    agree(case, way, severity=analysed_as)
    return case


def agree(case: Story, way: str, *, severity: str = "normal", by: str | None = None) -> None:
    """Analyse (once more) and agree what shall be done."""
    case.do("analyse_fault", by=by, next_step=way, severity=severity, nature="hardware")
    case.do("agree_solution", by=by, agreed="yes")


def restored(desk: Company, **known: Any) -> Story:
    """Solved by phone and tested; the customer has not confirmed yet."""
    case = analysed(desk, **known)
    case.do("advise_by_phone", by="li_gong")
    case.do("test_and_verify", by="li_gong", result="pass")
    return case


def confirmed(desk: Company, **known: Any) -> Story:
    """Solved by phone and confirmed by the customer; the result is not written yet."""
    case = restored(desk, **known)
    case.do("confirm_with_customer", by="li_gong", confirmed="yes")
    return case


def written(desk: Company, **known: Any) -> Story:
    """Process and result are written; the manager is to decide."""
    case = confirmed(desk, **known)
    case.do("write_result", by="li_gong", leftovers="none")
    return case


def closed(desk: Company, **known: Any) -> Story:
    """Closed by the manager; project management is to call the customer."""
    case = written(desk, **known)
    case.do("decide_closing", by="sun_jing", decision="approve")
    return case


def check_and_confirm(case: Story) -> None:
    """The solution is tested and confirmed."""
    case.do("test_and_verify", result="pass")
    case.do("confirm_with_customer", confirmed="yes")


def finish(case: Story) -> None:
    """From the written result to the satisfied customer."""
    case.do("write_result", leftovers="none")
    case.do("decide_closing", by="sun_jing", decision="approve")
    case.do("call_customer", by="xu_mei", reached="yes", solved="yes", score_solution=5, score_service=5)
