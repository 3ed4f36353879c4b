"""What every construct that a diagram may use does when it runs; each test runs live and reloaded at every step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version

import pytest

from engine.bpmn.library import SourceFile, read_library
from engine.foundation.errors import DiagramFailed, ProblemsFound
from tests.engine.diagrams import (
    TERMINATE,
    Case,
    boundary,
    bpmn,
    call,
    catch,
    decide,
    duration,
    end,
    error,
    escalation,
    exclusive,
    flow,
    for_each,
    message,
    node,
    parallel,
    path,
    repeat,
    script,
    service,
    start,
    sub_process,
    throw,
    user,
)

Begin = Callable[..., Case]


@pytest.fixture(params=["live", "reloaded"])
def begin(request: pytest.FixtureRequest) -> Begin:
    return partial(Case, reload=request.param == "reloaded")


def callee(process: str, *parts: str, **names: str) -> SourceFile:
    """A called diagram with one user task `<process>_work` between its start and `<process>_ok`."""
    own = (start(f"{process}_begin"), user(f"{process}_work"), end(f"{process}_ok"))
    return bpmn(
        process, *own, path(f"{process}_begin", f"{process}_work", f"{process}_ok"), *parts, names=names
    )


TABLE = SourceFile(
    path="processes/size.dmn",
    content=b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="size_file" name="size"
    namespace="http://example.com/"><decision id="size" name="size"><decisionTable id="size_table" hitPolicy="FIRST">
    <input id="amount_in" label="amount"><inputExpression id="amount_expression" typeRef="number">
    <text>order.amount</text></inputExpression></input>
    <output id="size_out" name="size" label="size" typeRef="string"/>
    <rule id="rule_1"><inputEntry id="i1"><text>&lt; 10</text></inputEntry><outputEntry id="o1"><text>"small"</text></outputEntry></rule>
    <rule id="rule_2"><inputEntry id="i2"><text>[10..100)</text></inputEntry><outputEntry id="o2"><text>"large"</text></outputEntry></rule>
    </decisionTable></decision></definitions>""",
)


def test_the_library_is_the_version_whose_inner_parts_are_used_here() -> None:
    assert version("SpiffWorkflow") == "3.2.0"


# -- activities ---------------------------------------------------------------------------------------------


def test_a_user_task_waits_and_keeps_its_answers_under_its_own_id(begin: Begin) -> None:
    case = begin(bpmn("p", start(), user("triage"), end(), path("begin", "triage", "done")))
    assert case.tasks() == ["triage"]
    case.do("triage", kind="fault")
    assert case.run.data == {"triage": {"kind": "fault"}}
    assert case.run.outcome == "done"


def test_doing_a_task_again_replaces_its_answers_whole(begin: Begin) -> None:
    case = begin(
        bpmn(
            "p", start(), user("check"), exclusive("fine", "done"), end(),
            path("begin", "check", "fine", "done"), flow("fine", "check", "not check.ok"),
        )
    )  # fmt: skip
    case.do("check", ok=False, parts=["a", "b", "c"])
    case.do("check", ok=True, parts=["c"])
    assert case.run.data == {"check": {"ok": True, "parts": ["c"]}}


def test_a_manual_task_waits_like_a_user_task(begin: Begin) -> None:
    case = begin(bpmn("p", start(), node("manualTask", "pack"), end(), path("begin", "pack", "done")))
    assert case.tasks() == ["pack"]
    case.do("pack")
    assert case.run.outcome == "done"


def test_a_script_assigns_top_level_names_and_keys(begin: Begin) -> None:
    code = "total = order.a + order.b\norder.sum = total"
    case = begin(
        bpmn("p", start(), script("add", code), end(), path("begin", "add", "done")),
        data={"order": {"a": 1, "b": 2}},
    )
    assert case.run.data == {"order": {"a": 1, "b": 2, "sum": 3}, "total": 3}


def test_a_decision_table_stores_outputs_and_rule_under_its_own_id(begin: Begin) -> None:
    case = begin(
        bpmn("p", start(), decide("classify", "size"), end(), path("begin", "classify", "done")),
        TABLE,
        data={"order": {"amount": 12}},
    )
    assert case.run.data["size"] == {"size": "large", "rule": 2}


def test_a_decision_without_a_matching_row_stops_the_diagram_and_names_the_element(begin: Begin) -> None:
    diagram = bpmn("p", start(), decide("classify", "size"), end(), path("begin", "classify", "done"))
    with pytest.raises(DiagramFailed) as caught:
        begin(diagram, TABLE, data={"order": {"amount": 500}})
    assert caught.value.element == "classify"


def test_a_service_gets_its_parameters_computed_and_its_result_is_stored(begin: Begin) -> None:
    calls: list[tuple[str, dict[str, object]]] = []

    def answer(operator: str, parameters: dict[str, object]) -> object:
        calls.append((operator, parameters))
        return {"sent": 2}

    tell = service("tell", "notify", "sent", to="'group:' + team", count="1 + 1")
    begun = begin(
        bpmn("p", start(), tell, end(), path("begin", "tell", "done")), data={"team": "it"}, services=answer
    )
    assert calls == [("notify", {"to": "group:it", "count": 2})]
    assert begun.run.data["sent"] == {"sent": 2}


def test_a_service_without_a_result_name_leaves_the_data_alone(begin: Begin) -> None:
    begun = begin(bpmn("p", start(), service("tell", "notify"), end(), path("begin", "tell", "done")))
    assert begun.run.data == {}


# -- gateways -----------------------------------------------------------------------------------------------


def choice(amount: int, begin: Begin) -> str | None:
    gateway = exclusive("how_much", "little")
    diagram = bpmn(
        "p", start(), gateway, end("little"), end("much"), end("very_much"), path("begin", "how_much", "little"),
        flow("how_much", "very_much", "amount > 100"), flow("how_much", "much", "amount > 10"),
    )  # fmt: skip
    return begin(diagram, data={"amount": amount}).run.outcome


def test_an_exclusive_gateway_takes_the_first_true_flow_of_the_file_else_the_default(begin: Begin) -> None:
    assert [choice(amount, begin) for amount in (1, 50, 500)] == ["little", "much", "very_much"]


def test_an_exclusive_gateway_without_a_way_out_stops_the_diagram(begin: Begin) -> None:
    diagram = bpmn(
        "p", start(), exclusive("which"), end("a"), end("b"), path("begin", "which"),
        flow("which", "a", "x == 1"), flow("which", "b", "x == 2"),
    )  # fmt: skip
    with pytest.raises(DiagramFailed) as caught:
        begin(diagram, data={"x": 3})
    assert caught.value.element == "which"


def both() -> SourceFile:
    return bpmn(
        "p", start(), parallel("split"), user("a"), user("b"), parallel("join"), user("c"), end(),
        path("begin", "split", "a", "join", "c", "done"), path("split", "b", "join"),
    )  # fmt: skip


def test_a_parallel_join_waits_for_every_branch(begin: Begin) -> None:
    case = begin(both())
    case.do("b")
    assert case.tasks() == ["a"]
    case.do("a")
    assert case.tasks() == ["c"]


def test_branches_see_what_the_other_branch_wrote_and_nothing_is_overwritten_by_an_older_value(
    begin: Begin,
) -> None:
    case = begin(
        bpmn(
            "p", start(), parallel("split"), user("a"), script("mark", "state = 'new'"), user("b"),
            parallel("join"), end(), path("begin", "split", "a", "mark", "join", "done"), path("split", "b", "join"),
        ),
        data={"state": "old"},
    )  # fmt: skip
    case.do("a")
    assert case.run.data_of(case.run.tasks()[0].id)["state"] == "new"
    case.do("b")
    assert case.run.data["state"] == "new"


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_parallel_join_in_a_loop_waits_for_every_branch_in_every_round(begin: Begin, order: str) -> None:
    case = begin(
        bpmn(
            "p", start(), exclusive("again", "split"), parallel("split"), user("a"), user("b"), parallel("join"),
            user("judge"), exclusive("good", "done"), end(),
            path("begin", "again", "split", "a", "join", "judge", "good", "done"),
            path("split", "b", "join"), flow("good", "again", "judge.more"),
        )
    )  # fmt: skip
    for _ in range(4):
        first, second = order[0], order[1]
        case.do(first)
        assert case.tasks() == [second]
        case.do(second)
        case.do("judge", more=True)
    assert sorted(case.tasks()) == ["a", "b"]


def test_surplus_tokens_at_a_join_wait_for_the_next_round(begin: Begin) -> None:
    twice = boundary("again", "b", message("M"), interrupting=False)
    case = begin(
        bpmn(
            "p", start(), parallel("split"), user("a"), user("b"), twice, exclusive("to_a", "a2"), user("a2"),
            parallel("join"), user("c"), end(), path("begin", "split", "a", "to_a", "a2", "join", "c", "done"),
            path("split", "b", "join"), path("again", "to_a"), names={"M": "message"},
        )
    )  # fmt: skip
    case.send("again")
    case.do("a2")
    assert "c" not in case.tasks()
    case.do("b")
    assert case.tasks() == ["a", "c"]
    case.do("c")
    assert case.run.outcome is None


def test_a_join_whose_branch_can_no_longer_come_is_reported(begin: Begin) -> None:
    diagram = bpmn(
        "p", start(), exclusive("which", "a"), user("a"), user("b"), parallel("join"), end(),
        path("begin", "which", "a", "join", "done"), path("b", "join"), flow("which", "b", "x"),
    )  # fmt: skip
    case = begin(diagram, data={"x": False})
    with pytest.raises(DiagramFailed) as caught:
        case.do("a")
    assert caught.value.element == "join"


def waiting_gateway(*events: str) -> SourceFile:
    return bpmn(
        "p", start(), node("eventBasedGateway", "first"), *events, user("answered"), user("silent"), end(),
        path("begin", "first", "reply", "answered", "done"), path("first", "patience", "silent", "done"),
        names={"M": "message"},
    )  # fmt: skip


def test_an_event_gateway_goes_the_way_of_the_message(begin: Begin) -> None:
    case = begin(waiting_gateway(catch("reply", message("M")), catch("patience", duration("PT4H"))))
    assert (case.messages(), case.timers()) == (["reply"], ["patience"])
    case.send("reply", text="yes")
    assert case.tasks() == ["answered"]
    assert case.run.data["reply"] == {"text": "yes"}
    case.wait(days=1)
    assert case.tasks() == ["answered"]


def test_an_event_gateway_goes_the_way_of_the_timer(begin: Begin) -> None:
    case = begin(waiting_gateway(catch("reply", message("M")), catch("patience", duration("PT4H"))))
    case.wait(hours=4)
    assert case.tasks() == ["silent"]
    assert case.messages() == []


def test_two_timers_at_an_event_gateway_keep_their_own_moments(begin: Begin) -> None:
    case = begin(waiting_gateway(catch("reply", duration("PT2H")), catch("patience", duration("PT1H"))))
    assert sorted(timer.due_at.hour for timer in case.run.timers()) == [10, 11]
    case.wait(hours=3)
    assert case.tasks() == ["silent"]


# -- events -------------------------------------------------------------------------------------------------


def guarded(*more: str, interrupting: bool = True) -> SourceFile:
    late = boundary("late", "work", duration("PT4H"), interrupting=interrupting)
    return bpmn(
        "p", start(), user("work"), late, user("chase"), end(), end("chased"),
        path("begin", "work", "done"), path("late", "chase", "chased"), *more, names={"M": "message"},
    )  # fmt: skip


def test_an_interrupting_boundary_timer_takes_the_task_away(begin: Begin) -> None:
    case = begin(guarded())
    case.wait(hours=5)
    assert case.tasks() == ["chase"]
    case.do("chase")
    assert case.run.outcome == "chased"


def test_a_non_interrupting_boundary_timer_opens_a_side_path_that_does_not_decide_the_outcome(
    begin: Begin,
) -> None:
    case = begin(guarded(interrupting=False))
    case.wait(hours=5)
    assert case.tasks() == ["work", "chase"]
    case.do("work")
    assert case.run.outcome is None
    case.do("chase")
    assert case.run.outcome == "done"


def test_a_finished_task_disarms_its_boundary_events(begin: Begin) -> None:
    case = begin(guarded(boundary("call_back", "work", message("M")), path("call_back", "chase")))
    assert (case.timers(), case.messages()) == (["late"], ["call_back"])
    case.do("work")
    assert (case.timers(), case.messages(), case.run.outcome) == ([], [], "done")


def test_an_interrupting_message_disarms_the_other_boundary_events(begin: Begin) -> None:
    case = begin(guarded(boundary("call_back", "work", message("M")), path("call_back", "chase")))
    case.send("call_back", by="phone")
    assert (case.tasks(), case.timers(), case.messages()) == (["chase"], [], [])
    assert case.run.data["call_back"] == {"by": "phone"}


def test_a_non_interrupting_message_may_come_again_while_the_activity_goes_on(begin: Begin) -> None:
    ask = boundary("ask", "work", message("M"), interrupting=False)
    case = begin(guarded(ask, path("ask", "chase")))
    for number in (1, 2):
        case.send("ask", number=number)
        assert case.run.data["ask"] == {"number": number}
    assert sorted(case.tasks()) == ["chase", "chase", "work"]
    case.do("work")
    assert (case.tasks(), case.messages()) == (["chase", "chase"], [])


def test_a_catch_timer_holds_the_path(begin: Begin) -> None:
    case = begin(
        bpmn(
            "p", start(), catch("rest", duration("P2D")), user("a"), end(), path("begin", "rest", "a", "done")
        )
    )
    case.wait(days=1)
    assert case.tasks() == []
    case.wait(days=1)
    assert case.tasks() == ["a"]


def test_a_catch_message_holds_the_path(begin: Begin) -> None:
    part = catch("part_returned", message("M"))
    case = begin(
        bpmn("p", start(), part, end(), path("begin", "part_returned", "done"), names={"M": "message"})
    )
    case.send("part_returned", serial="S1")
    assert case.run.outcome == "done"
    assert case.run.data == {"part_returned": {"serial": "S1"}}


def test_a_daily_reminder_loop_runs_for_years_and_the_state_stays_small(begin: Begin) -> None:
    case = begin(
        bpmn(
            "p", start(), parallel("split"), user("work"), exclusive("next_day", "rest"),
            catch("rest", duration("P1D")), script("count", "days = 0 if days == null else days + 1"),
            end(), path("begin", "split", "work", "done"), path("split", "next_day", "rest", "count", "next_day"),
        )
    )  # fmt: skip
    size = len(case.run.dump())
    case.wait(days=1100)
    assert case.run.data["days"] == 1099
    assert len(case.run.dump()) < size + 50


def test_a_none_throw_event_marks_a_moment_and_goes_on(begin: Begin) -> None:
    case = begin(bpmn("p", start(), throw("half_way"), end(), path("begin", "half_way", "done")))
    assert ("half_way", "completed") in case.told()


# -- called diagrams and sub-processes ----------------------------------------------------------------------


def test_a_call_hands_out_what_the_called_diagram_wrote_and_its_outcome(begin: Begin) -> None:
    case = begin(
        bpmn("p", start(), call("visit", "v"), user("after"), end(), path("begin", "visit", "after", "done")),
        callee("v"),
        data={"order": 1},
    )
    assert [(task.element, task.process) for task in case.run.tasks()] == [("v_work", "v")]
    assert case.run.data_of(case.run.tasks()[0].id) == {"order": 1}
    case.do("v_work", ok=True)
    assert case.run.data == {"order": 1, "v_work": {"ok": True}, "visit": {"outcome": "v_ok"}}
    assert case.tasks() == ["after"]


def test_calls_nest_and_every_passage_names_the_calls_from_the_top(begin: Begin) -> None:
    case = begin(
        bpmn("p", start(), call("outer", "q"), end(), path("begin", "outer", "done")),
        bpmn("q", start("q_begin"), call("inner", "v"), end("q_end"), path("q_begin", "inner", "q_end")),
        callee("v"),
    )
    case.do("v_work")
    assert ("v_work", "v", ("outer", "inner")) in [(p.element, p.process, p.call) for p in case.path]
    assert case.run.data["inner"] == {"outcome": "v_ok"}
    assert case.run.outcome == "done"


def test_a_diagram_may_call_itself(begin: Begin) -> None:
    case = begin(
        bpmn(
            "p", start(), user("look"), exclusive("deeper", "done"), call("again", "p"), end(),
            path("begin", "look", "deeper", "done"), flow("deeper", "again", "look.more"), path("again", "done"),
        )
    )  # fmt: skip
    case.do("look", more=True)
    case.do("look", more=True)
    case.do("look", more=False)
    assert case.run.outcome == "done"


def test_a_diagram_that_calls_itself_without_end_is_stopped(begin: Begin) -> None:
    with pytest.raises(DiagramFailed) as caught:
        begin(bpmn("p", start(), call("again", "p"), end(), path("begin", "again", "done")))
    assert caught.value.element == "again"


def test_two_calls_of_one_diagram_at_the_same_time_do_not_see_each_other(begin: Begin) -> None:
    inner = bpmn(
        "v", start("v_begin"), user("check"), user("wait_a_bit"), exclusive("fine", "v_ok"), end("v_ok"),
        end("v_bad"), path("v_begin", "check", "wait_a_bit", "fine", "v_ok"),
        flow("fine", "v_bad", "not check.ok"),
    )  # fmt: skip
    case = begin(
        bpmn(
            "p", start(), parallel("split"), call("left", "v"), call("right", "v"), parallel("join"), end(),
            path("begin", "split", "left", "join", "done"), path("split", "right", "join"),
        ),
        inner,
    )  # fmt: skip
    case.do("check", nth=0, ok=False)
    case.do("check", nth=0, ok=True)
    case.do("wait_a_bit")
    case.do("wait_a_bit")
    assert [case.run.data[name] for name in ("left", "right")] == [{"outcome": "v_bad"}, {"outcome": "v_ok"}]


def test_an_embedded_sub_process_shares_the_data_around_it(begin: Begin) -> None:
    inside = sub_process(
        "inside", start("i_begin"), user("work"), end("i_end"), path("i_begin", "work", "i_end")
    )
    case = begin(
        bpmn("p", start(), inside, user("after"), end(), path("begin", "inside", "after", "done")),
        data={"a": 1},
    )
    case.do("work", ok=True)
    assert case.run.data == {"a": 1, "work": {"ok": True}}
    assert (case.path[0].element, case.path[0].process, case.path[0].call) == ("work", "p", ())
    assert case.tasks() == ["after"]


def test_sub_processes_of_the_same_name_in_two_diagrams_are_kept_apart(begin: Begin) -> None:
    def inside(task: str) -> str:
        return sub_process(
            "inside", start(f"{task}_b"), user(task), end(f"{task}_e"), path(f"{task}_b", task, f"{task}_e")
        )

    case = begin(
        bpmn("p", start(), inside("mine"), call("c", "q"), end(), path("begin", "inside", "c", "done")),
        bpmn("q", start("q_b"), inside("yours"), end("q_e"), path("q_b", "inside", "q_e")),
    )
    case.do("mine")
    case.do("yours")
    assert case.run.outcome == "done"


def interrupted(event: str, *, interrupting: bool = True, **names: str) -> SourceFile:
    return bpmn(
        "p", start(), call("visit", "v"), boundary("stop", "visit", event, interrupting=interrupting),
        user("clear_up"), end(), end("stopped"),
        path("begin", "visit", "done"), path("stop", "clear_up", "stopped"), names=names,
    )  # fmt: skip


LONG = bpmn(
    "v",
    start("v_begin"),
    user("first"),
    user("second"),
    end("v_ok"),
    path("v_begin", "first", "second", "v_ok"),
)


@pytest.mark.parametrize("event", ["timer", "message"])
def test_what_an_interrupted_call_had_written_reaches_the_path_of_the_boundary_event(
    begin: Begin, event: str
) -> None:
    case = begin(interrupted(duration("PT1H") if event == "timer" else message("M"), M="message"), LONG)
    case.do("first", found="leak")
    if event == "timer":
        case.wait(hours=2)
    else:
        case.send("stop")
    assert case.tasks() == ["clear_up"]
    assert case.run.data_of(case.run.tasks()[0].id)["first"] == {"found": "leak"}


def test_a_side_path_beside_a_call_sees_what_was_written_so_far(begin: Begin) -> None:
    case = begin(interrupted(duration("PT1H"), interrupting=False), LONG)
    case.do("first", found="leak")
    case.wait(hours=2)
    assert case.tasks() == ["clear_up", "second"]
    assert case.run.data["first"] == {"found": "leak"}
    case.do("second")
    case.do("clear_up")
    assert case.run.outcome == "done"


def test_an_interrupted_call_takes_everything_below_it_away(begin: Begin) -> None:
    middle = bpmn(
        "v", start("v_begin"), call("deep", "w"), boundary("w_late", "deep", duration("P9D")), end("v_ok"),
        end("v_late"), path("v_begin", "deep", "v_ok"), path("w_late", "v_late"),
    )  # fmt: skip
    case = begin(interrupted(message("M"), M="message"), middle, callee("w"))
    case.send("stop")
    assert (case.tasks(), case.timers(), case.messages()) == (["clear_up"], [], [])
    assert {("w_work", "cancelled"), ("deep", "cancelled"), ("visit", "cancelled")} <= set(case.told())
    assert ("w_late", "cancelled") not in case.told()


def test_an_error_end_interrupts_the_call_through_the_matching_boundary_event(begin: Begin) -> None:
    outer = bpmn(
        "p", start(), call("visit", "v"), boundary("other", "visit", error("OTHER")),
        boundary("any", "visit", error()), boundary("broken", "visit", error("BROKEN")),
        end(), end("was_other"), end("was_any"), end("was_broken"), path("begin", "visit", "done"),
        path("other", "was_other"), path("any", "was_any"), path("broken", "was_broken"),
        names={"OTHER": "error", "BROKEN": "error"},
    )  # fmt: skip
    inner = bpmn(
        "v", start("v_begin"), parallel("split"), user("first"), user("second"), end("v_broken", error("BROKEN")),
        end("v_ok"), path("v_begin", "split", "first", "v_broken"), path("split", "second", "v_ok"),
        names={"BROKEN": "error"},
    )  # fmt: skip
    case = begin(outer, inner)
    case.do("first", found="crack")
    assert (case.run.outcome, case.tasks()) == ("was_broken", [])
    assert case.run.data["first"] == {"found": "crack"}


def test_an_error_does_not_reach_activities_that_have_nothing_to_do_with_it(begin: Begin) -> None:
    outer = bpmn(
        "p", start(), parallel("split"), call("left", "v"), call("right", "v"),
        boundary("left_broken", "left", error("E")), boundary("right_broken", "right", error("E")),
        end("left_ok"), end("right_ok"), end("left_bad"), end("right_bad"),
        path("begin", "split", "left", "left_ok"), path("split", "right", "right_ok"),
        path("left_broken", "left_bad"), path("right_broken", "right_bad"), names={"E": "error"},
    )  # fmt: skip
    inner = bpmn(
        "v", start("v_begin"), user("work"), end("v_bad", error("E")), path("v_begin", "work", "v_bad"),
        names={"E": "error"},
    )  # fmt: skip
    case = begin(outer, inner)
    case.do("work", nth=0)
    assert case.tasks() == ["work"]
    assert ("left_bad", "completed") in case.told()


def test_an_error_climbs_to_the_nearest_caller_that_catches_it(begin: Begin) -> None:
    outer = interrupted(error("E"), E="error")
    middle = bpmn("v", start("v_begin"), call("deep", "w"), end("v_ok"), path("v_begin", "deep", "v_ok"))
    inner = bpmn(
        "w", start("w_begin"), user("work"), end("w_bad", error("E")), path("w_begin", "work", "w_bad"),
        names={"E": "error"},
    )  # fmt: skip
    case = begin(outer, middle, inner)
    case.do("work", why="dust")
    assert case.tasks() == ["clear_up"]
    assert case.run.data == {"work": {"why": "dust"}}
    assert case.told()[:5] == [
        ("work", "completed"),
        ("w_bad", "completed"),
        ("stop", "completed"),
        ("visit", "cancelled"),
        ("deep", "cancelled"),
    ]


def test_an_error_that_nobody_catches_stops_the_diagram(begin: Begin) -> None:
    case = begin(
        bpmn(
            "p",
            start(),
            user("work"),
            end("bad", error("E")),
            path("begin", "work", "bad"),
            names={"E": "error"},
        )
    )
    with pytest.raises(DiagramFailed) as caught:
        case.do("work")
    assert caught.value.element == "bad"


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_reaches_the_boundary_event_of_the_call(begin: Begin, interrupting: bool) -> None:
    inner = bpmn(
        "v", start("v_begin"), user("first"), throw("help", escalation("E")), user("second"), end("v_ok"),
        path("v_begin", "first", "help", "second", "v_ok"), names={"E": "escalation"},
    )  # fmt: skip
    case = begin(interrupted(escalation("E"), interrupting=interrupting, E="escalation"), inner)
    case.do("first")
    assert case.tasks() == (["clear_up"] if interrupting else ["clear_up", "second"])


def test_an_escalation_that_nobody_catches_is_forgotten(begin: Begin) -> None:
    case = begin(
        bpmn(
            "p", start(), throw("help", escalation("E")), end("done", escalation("E")),
            path("begin", "help", "done"), names={"E": "escalation"},
        )
    )  # fmt: skip
    assert case.run.outcome == "done"


def test_a_terminate_end_takes_the_other_tokens_of_its_diagram_away_and_no_more(begin: Begin) -> None:
    inner = bpmn(
        "v", start("v_begin"), parallel("split"), user("a"), user("b"), end("v_ok"), end("v_stop", TERMINATE),
        path("v_begin", "split", "a", "v_ok"), path("split", "b", "v_stop"),
    )  # fmt: skip
    case = begin(
        bpmn(
            "p", start(), parallel("fork"), call("visit", "v"), user("other"), user("after"), end("x"), end("y"),
            path("begin", "fork", "visit", "after", "x"), path("fork", "other", "y"),
        ),
        inner,
    )  # fmt: skip
    case.do("b")
    assert sorted(case.tasks()) == ["after", "other"]
    assert case.run.data["visit"] == {"outcome": "v_stop"}
    assert ("a", "cancelled") in case.told()


def test_boundary_events_on_an_embedded_sub_process_interrupt_all_of_it(begin: Begin) -> None:
    inside = sub_process(
        "inside", start("i_begin"), parallel("i_split"), user("a"), user("b"), end("i_end"),
        path("i_begin", "i_split", "a", "i_end"), path("i_split", "b", "i_end"),
    )  # fmt: skip
    case = begin(
        bpmn(
            "p", start(), inside, boundary("late", "inside", duration("PT1H")), end(), user("chase"),
            path("begin", "inside", "done"), path("late", "chase", "done"),
        )
    )  # fmt: skip
    case.do("a")
    case.wait(hours=1)
    assert case.tasks() == ["chase"]


# -- repeated activities ------------------------------------------------------------------------------------


def test_parallel_instances_see_their_own_item_and_results_keep_the_order_of_the_items(begin: Begin) -> None:
    work = user("test_part", for_each("parts", item="part", results="tested"))
    case = begin(
        bpmn("p", start(), work, end(), path("begin", "test_part", "done")), data={"parts": ["a", "b", "c"]}
    )
    assert [case.run.data_of(task.id)["part"] for task in case.run.tasks()] == ["a", "b", "c"]
    case.do("test_part", nth=2, ok=3)
    case.do("test_part", nth=0, ok=1)
    assert case.run.outcome is None
    case.do("test_part", ok=2)
    assert case.run.data == {"parts": ["a", "b", "c"], "tested": [{"ok": 1}, {"ok": 2}, {"ok": 3}]}
    assert case.run.outcome == "done"


def test_sequential_instances_come_one_after_the_other(begin: Begin) -> None:
    work = user("test_part", for_each("parts", item="part", results="tested", sequential=True))
    case = begin(bpmn("p", start(), work, end(), path("begin", "test_part", "done")), data={"parts": [1, 2]})
    assert case.tasks() == ["test_part"]
    case.do("test_part", ok=1)
    assert case.run.data_of(case.run.tasks()[0].id)["part"] == 2
    case.do("test_part", ok=2)
    assert case.run.data["tested"] == [{"ok": 1}, {"ok": 2}]


def test_a_completion_condition_takes_the_remaining_instances_away(begin: Begin) -> None:
    work = user("ask", for_each("suppliers", item="supplier", results="offers", until="ask.ok"))
    case = begin(
        bpmn("p", start(), work, user("order"), end(), path("begin", "ask", "order", "done")),
        data={"suppliers": ["x", "y", "z"]},
    )
    case.do("ask", nth=1, ok=True)
    assert case.tasks() == ["order"]
    assert case.run.data["offers"] == [{"ok": True}]


def test_no_items_means_no_instances(begin: Begin) -> None:
    work = user("ask", for_each("suppliers", results="offers"))
    case = begin(bpmn("p", start(), work, end(), path("begin", "ask", "done")), data={"suppliers": []})
    assert (case.run.outcome, case.run.data["offers"]) == ("done", [])


def test_a_repeated_call_keeps_its_instances_apart(begin: Begin) -> None:
    visits = call("visit", "v", for_each("sites", item="site", results="visits"))
    case = begin(
        bpmn("p", start(), visits, end(), path("begin", "visit", "done")),
        callee("v"),
        data={"sites": ["N", "S"]},
    )
    tasks = case.run.tasks()
    assert [case.run.data_of(task.id)["site"] for task in tasks] == ["N", "S"]
    case.do("v_work", nth=1, ok=2)
    case.do("v_work", nth=0, ok=1)
    assert case.run.data == {"sites": ["N", "S"], "visits": [{"outcome": "v_ok"}, {"outcome": "v_ok"}]}


def test_a_boundary_timer_takes_all_instances_and_what_they_called_away(begin: Begin) -> None:
    visits = call("visit", "v", for_each("sites", item="site"))
    case = begin(
        bpmn(
            "p", start(), visits, boundary("late", "visit", duration("PT1H")), user("chase"), end(),
            path("begin", "visit", "done"), path("late", "chase", "done"),
        ),
        callee("v"),
        data={"sites": ["N", "S"]},
    )  # fmt: skip
    case.wait(hours=1)
    assert case.tasks() == ["chase"]
    assert ("visit", "cancelled") in case.told()


def test_a_loop_goes_on_while_its_condition_holds(begin: Begin) -> None:
    work = user("try_again", repeat("not try_again.ok", maximum=5))
    case = begin(bpmn("p", start(), work, end(), path("begin", "try_again", "done")))
    case.do("try_again", ok=False)
    case.do("try_again", ok=False)
    assert case.run.outcome is None
    case.do("try_again", ok=True)
    assert case.run.outcome == "done"
    assert case.run.data["try_again"] == {"ok": True}


# -- what does not run is refused ---------------------------------------------------------------------------

REFUSED = {
    "a task without a kind": (node("task", "x"), path("begin", "x", "done")),
    "an inclusive gateway": (node("inclusiveGateway", "x"), path("begin", "x", "done")),
    "a signal event": (catch("x", "<bpmn:signalEventDefinition/>"), path("begin", "x", "done")),
    "a signal end": (end("x", "<bpmn:signalEventDefinition/>"), path("begin", "x")),
    "a conditional event": (catch("x", "<bpmn:conditionalEventDefinition/>"), path("begin", "x", "done")),
    "a catch event without event": (catch("x", ""), path("begin", "x", "done")),
    "a thrown message": (throw("x", "<bpmn:messageEventDefinition/>"), path("begin", "x", "done")),
    "a compensation": (throw("x", "<bpmn:compensateEventDefinition/>"), path("begin", "x", "done")),
    "a timer cycle": (
        catch("x", "<bpmn:timerEventDefinition><bpmn:timeCycle>'R3/PT1H'</bpmn:timeCycle></bpmn:timerEventDefinition>"),
        path("begin", "x", "done"),
    ),
    "an event sub-process": (
        node("subProcess", "x", start("xs") + end("xe") + path("xs", "xe"), triggeredByEvent="true"),
        path("begin", "x", "done"),
    ),
    "two start events": (node("startEvent", "x"), path("begin", "done"), path("x", "done")),
    "a send task": (node("sendTask", "x"), path("begin", "x", "done")),
    "a service without operator": (node("serviceTask", "x"), path("begin", "x", "done")),
    "a decision without table": (node("businessRuleTask", "x"), path("begin", "x", "done")),
    "a missing table": (decide("x", "nowhere"), path("begin", "x", "done")),
    "a missing diagram": (call("x", "nowhere"), path("begin", "x", "done")),
    "a script that cannot be read": (script("x", "import os"), path("begin", "x", "done")),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_engine_does_not_run_is_refused_before_a_case_starts(what: str) -> None:
    library = read_library([bpmn("p", start(), end(), *REFUSED[what])])
    with pytest.raises(ProblemsFound) as caught:
        library.closure("p")
    assert caught.value.problems[0].file == "processes/p.bpmn"


def test_a_path_without_end_event_is_reported(begin: Begin) -> None:
    case = begin(bpmn("p", start(), user("work"), path("begin", "work")))
    with pytest.raises(DiagramFailed):
        case.do("work")


def test_a_diagram_that_runs_in_circles_is_stopped(begin: Begin) -> None:
    diagram = bpmn(
        "p", start(), exclusive("again", "count"), script("count", "n = 1"), end(),
        path("begin", "again", "count", "again"), flow("again", "done", "n == 2"),
    )  # fmt: skip
    with pytest.raises(DiagramFailed) as caught:
        begin(diagram)
    assert caught.value.process == "p"
