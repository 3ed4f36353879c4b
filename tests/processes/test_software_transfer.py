"""Transfer: one button, the call centre knows at once, and the sender owns the case until somebody accepts it."""

from __future__ import annotations

from tests.processes import ways
from tests.processes.conftest import Company, Story


def pressed(desk: Company) -> Story:
    case = ways.analysed(desk)
    case.press("transfer_requested", by="li_gong", reason="应用日志显示空指针")
    return case


def test_one_button_transfers_and_tells_in_the_same_step(desk: Company) -> None:
    case = pressed(desk)
    assert case.tasks == ["accept_transfer"] and case.status == "transferring"
    assert case.told("software_transferred") == ["chen_min", "he_jie", "xu_mei"]
    told = [
        e.seq
        for e in case.history
        if any(w.get("message") == "software_transferred" for w in e.content.get("wishes", ()))
    ]
    assert told == [case.history[-1].seq] and case.history[-1].kind == "message:send"


def test_the_sender_owns_the_case_until_it_is_accepted(desk: Company) -> None:
    case = pressed(desk)
    assert (case.row.handler, case.row.owner_group) == ("li_gong", None)
    case.do("accept_transfer", by="shen_ruan", decision="accept")
    assert case.row.owner_group == "software_division"
    case.do("solve_software_problem", by="shen_ruan")
    assert case.row.owner_group == "service_engineer" and case.tasks == ["test_and_verify"]


def test_the_transfer_is_noted_with_sender_receiver_and_time(desk: Company) -> None:
    case = pressed(desk)
    deltas = [p.get("d", {}) for e in case.history for p in e.content.get("path", ())]
    note = next(d["transfer"] for d in deltas if "transfer" in d)
    assert (note["by"], note["out_of"], note["to"]) == ("li_gong", "service_engineer", "software_division")
    assert note["at"] == desk.clock.now.isoformat()


def test_a_transfer_that_is_declined_comes_back_to_the_sender(desk: Company) -> None:
    case = pressed(desk)
    case.do("accept_transfer", by="shen_ruan", decision="decline", reason="属网络问题")
    assert case.held("transfer_declined") and case.told("transfer_declined") == ["li_gong"]
    assert case.tasks == ["analyse_fault"] and case.row.handler == "li_gong"


def test_a_declined_transfer_from_the_analysis_comes_back_too(desk: Company) -> None:
    case = ways.analysed(desk, "software")
    case.do("accept_transfer", by="shen_ruan", decision="decline", reason="属网络问题")
    assert case.tasks == ["analyse_fault"]


def test_project_management_presses_for_a_transfer_that_nobody_accepts(desk: Company) -> None:
    case = pressed(desk)
    desk.until("03-02 14:00")
    assert case.fired["transfer_not_accepted"] == "03-02 14:00"
    assert case.who("press_for_acceptance") == "xu_mei" and case.row.handler == "li_gong"
    desk.until("03-03 09:00")
    assert case.fired["pressing_overdue"] == "03-02 18:00"
    assert case.told("transfer_not_accepted") == ["sun_jing"] and case.held("manager_told_of_transfer")
    case.do("press_for_acceptance", by="xu_mei")
    assert case.held("transfer_chased")


def test_pressing_ends_with_the_transfer(desk: Company) -> None:
    case = pressed(desk)
    desk.until("03-02 14:00")
    case.do("accept_transfer", by="shen_ruan", decision="accept")
    case.do("solve_software_problem", by="shen_ruan")
    assert case.held("software_problem_treated") and case.tasks == ["test_and_verify"]


def test_a_solution_that_takes_two_days_reaches_the_manager(desk: Company) -> None:
    case = pressed(desk)
    case.do("accept_transfer", by="shen_ruan", decision="accept")
    desk.until("03-03 18:00")
    assert case.fired["software_solution_overdue"] == "03-03 18:00"
    assert case.told("transfer_not_accepted") == ["sun_jing"]
