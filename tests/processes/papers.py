"""What is done on site and written afterwards, so that a test tells only what is unusual about it."""

from __future__ import annotations

from typing import Any

from tests.processes.conftest import Company, Story


def arrive(case: Story) -> None:
    """The engineer has arrived and may begin: appointment, site code, safety."""
    if "waive_remote_diagnosis" in case.tasks:
        case.do("waive_remote_diagnosis")
    case.do("arrange_visit", agreed_with="王老师")
    case.do("confirm_arrival", site_code="B-3", symptom_confirmed="yes")
    case.do("check_safety")


def file_service_report(case: Story, **answers: Any) -> None:
    """The service report is written, and both copies are accepted."""
    case.do("write_service_report", **{"leftovers": "no", **answers})
    accept_copies(case)


def accept_copies(case: Story) -> None:
    """The service department and the call centre keep a copy each."""
    case.do("review_as_service_department", by="sun_jing", decision="accept")
    case.do("review_as_call_center", by="chen_min", decision="accept")


def report_on_major_fault(case: Story) -> None:
    """Both versions of the analysis report are written and approved."""
    case.do("write_analysis_report")
    case.do("write_customer_version")
    case.do("approve_analysis_report", by="zheng_hao", decision="approve")


def complain(desk: Company, *, about: str | None = None, severity: str = "normal", **made: Any) -> Story:
    """A customer complains by phone, and the complaint is recorded."""
    said = {"channel": "phone", "customer": "明德小学", "description": "工程师迟到且态度不好", **made}
    case = desk.open("complaint", by="chen_min", **said)
    concerns: dict[str, Any] = {"concerns": "person", "person": about} if about else {"concerns": "service"}
    case.do("record_complaint", by="chen_min", severity=severity, **concerns)
    return case
