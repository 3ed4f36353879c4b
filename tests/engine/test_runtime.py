"""What a run promises to its callers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from engine.bpmn.library import SourceFile, read_library
from engine.bpmn.runtime import Run
from engine.foundation.errors import DiagramFailed, NotFound, ProblemsFound, Unavailable
from engine.foundation.text import Text
from tests.engine.diagrams import (
    CASE,
    MONDAY,
    Case,
    boundary,
    bpmn,
    call,
    catch,
    date,
    duration,
    end,
    exclusive,
    flow,
    for_each,
    message,
    node,
    nothing,
    parallel,
    path,
    script,
    service,
    start,
    user,
)

STEPS = bpmn("p", start(), user("a"), user("b"), end(), path("begin", "a", "b", "done"))
TWO_LIMITS = bpmn(
    "p", start(), user("work"),
    boundary("soon", "work", date("due('response', 75)"), interrupting=False),
    boundary("late", "work", date("due('response')"), interrupting=False),
    user("hurry"), user("chase"), end(), end("hurried"), end("chased"),
    path("begin", "work", "done"), path("soon", "hurry", "hurried"), path("late", "chase", "chased"),
)  # fmt: skip


def due(limit: str, percent: int = 100) -> str:
    return (MONDAY + timedelta(hours=4) * (percent / 100)).isoformat()


# -- tasks --------------------------------------------------------------------------------------------------


def test_a_task_that_does_not_wait_is_not_found_and_the_case_goes_on() -> None:
    case = Case(STEPS)
    first = case.run.tasks()[0].id
    case.do("a")
    before = case.run.dump()
    for gone in (first, uuid4()):
        with pytest.raises(NotFound):
            case.run.complete(gone, {}, at=MONDAY)
    assert case.run.dump() == before
    case.do("b")
    assert case.run.outcome == "done"


def test_a_timer_or_a_gateway_cannot_be_completed_like_a_task() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    with pytest.raises(NotFound):
        case.run.complete(case.run.timers()[0].id, {}, at=MONDAY)


def test_answers_are_copied_in_and_data_is_copied_out() -> None:
    case = Case(STEPS)
    answers: dict[str, object] = {"parts": ["x"]}
    case.run.complete(case.run.tasks()[0].id, answers, at=MONDAY)
    answers["parts"] = None
    for copy in (case.run.data, case.run.data_of(case.run.tasks()[0].id), case.run.take_path()[0].delta):
        assert copy == {"a": {"parts": ["x"]}}
        copy["a"] = None
    assert case.run.data == {"a": {"parts": ["x"]}}


@pytest.mark.parametrize("value", [b"x", {1, 2}, float("nan"), datetime.now(UTC), {1: 2}, object()])
def test_answers_that_are_no_json_are_refused(value: object) -> None:
    case = Case(STEPS)
    with pytest.raises(DiagramFailed):
        case.do("a", value=value)


def test_a_waiting_task_knows_its_diagram_and_since_when_to_the_microsecond() -> None:
    case = Case(STEPS)
    case.now = datetime(2026, 3, 2, 9, 0, 0, 123457, tzinfo=UTC)
    case.do("a")
    case.load()
    task = case.run.tasks()[0]
    assert (task.element, task.process, task.since) == ("b", "p", case.now)


# -- timers -------------------------------------------------------------------------------------------------


def test_timers_tell_their_limit_their_percent_and_the_task_they_guard() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    soon, late = case.run.timers()
    assert (soon.limit, soon.percent, soon.due_at) == ("response", 75, MONDAY + timedelta(hours=3))
    assert (late.limit, late.percent, late.due_at) == ("response", 100, MONDAY + timedelta(hours=4))
    assert {soon.host, late.host} == {case.run.tasks()[0].id}


def test_only_the_timer_that_is_fired_fires_at_its_own_moment() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    late = MONDAY + timedelta(days=1)
    first = case.run.next_due(late)
    assert first is not None
    case.run.fire(first.id, at=late)
    assert case.tasks() == ["work", "hurry"]
    assert case.run.tasks()[1].since == MONDAY + timedelta(hours=3)
    assert case.timers() == ["late"]


def test_a_timer_fired_before_its_moment_happens_now() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    case.run.fire(case.run.timers()[1].id, at=MONDAY)
    assert case.run.tasks()[1].since == MONDAY


def test_timers_are_due_in_the_order_of_their_moments_and_none_before() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    assert case.run.next_due(MONDAY + timedelta(hours=2, minutes=59)) is None
    exactly = case.run.next_due(MONDAY + timedelta(hours=3))
    assert exactly is not None
    assert exactly.element == "soon"


def test_of_two_timers_due_at_once_the_one_armed_first_goes_first_also_after_reloading() -> None:
    case = Case(TWO_LIMITS, functions={"due": lambda limit, percent=100: due(limit)})
    case.load()
    timer = case.run.next_due(MONDAY + timedelta(days=1))
    assert timer is not None
    assert timer.element == "soon"


def test_a_fired_timer_is_gone() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    timer = case.run.timers()[0]
    case.run.fire(timer.id, at=timer.due_at)
    with pytest.raises(NotFound):
        case.run.fire(timer.id, at=timer.due_at)


def test_a_timer_can_be_moved_and_keeps_its_new_moment() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    timer = case.run.timers()[0]
    case.run.retime(timer.id, MONDAY + timedelta(days=2))
    case.load()
    assert case.run.timers()[0] == replace(timer, due_at=MONDAY + timedelta(days=2))
    assert case.run.next_due(MONDAY + timedelta(days=1)).element == "late"  # type: ignore[union-attr]


def test_a_timer_of_an_event_gateway_can_be_moved_and_fired() -> None:
    gateway = bpmn(
        "p", start(), node("eventBasedGateway", "first"), catch("x", duration("PT1H")), catch("y", duration("PT2H")),
        end("was_x"), end("was_y"), path("begin", "first", "x", "was_x"), path("first", "y", "was_y"),
    )  # fmt: skip
    case = Case(gateway)
    x, y = case.run.timers()
    case.run.retime(x.id, MONDAY + timedelta(hours=3))
    case.load()
    assert case.run.next_due(MONDAY + timedelta(days=1)) == y
    case.wait(days=1)
    assert case.run.outcome == "was_y"


@pytest.mark.parametrize("value", ["2026-03-02T09:00:00", "soon", None, 5, ""])
def test_a_timer_without_a_moment_with_offset_stops_the_diagram_at_the_timer(value: object) -> None:
    with pytest.raises(DiagramFailed) as caught:
        Case(TWO_LIMITS, functions={"due": lambda *given: value})
    assert caught.value.element == "soon"


# -- messages -----------------------------------------------------------------------------------------------


def test_a_message_reaches_only_the_event_it_was_sent_to() -> None:
    diagram = bpmn(
        "p", start(), parallel("split"), catch("here", message("M")), catch("there", message("M")), end("e1"),
        end("e2"), path("begin", "split", "here", "e1"), path("split", "there", "e2"), names={"M": "message"},
    )  # fmt: skip
    case = Case(diagram)
    assert [(m.element, m.message) for m in case.run.messages()] == [("here", "M"), ("there", "M")]
    case.send("there", text="hello")
    assert case.messages() == ["here"]
    assert case.run.data == {"there": {"text": "hello"}}


def test_a_message_finds_the_right_one_of_several_instances() -> None:
    inner = bpmn(
        "v",
        start("vb"),
        catch("answer", message("M")),
        end("ve"),
        path("vb", "answer", "ve"),
        names={"M": "message"},
    )
    diagram = bpmn(
        "p", start(), call("ask", "v", for_each("who", item="one")), end(), path("begin", "ask", "done")
    )
    case = Case(diagram, inner, data={"who": ["x", "y"]})
    second = case.run.messages()[1]
    assert case.run.data_of(second.id)["one"] == "y"
    case.run.deliver("answer", {}, at=MONDAY, task_id=second.id)
    assert [case.run.data_of(m.id)["one"] for m in case.run.messages()] == ["x"]


def test_a_message_that_nobody_waits_for_is_not_found() -> None:
    case = Case(STEPS)
    with pytest.raises(NotFound):
        case.run.deliver("a", {}, at=MONDAY)


# -- failures -----------------------------------------------------------------------------------------------


def test_a_failure_names_the_diagram_and_the_element_in_both_languages() -> None:
    diagram = bpmn(
        "p", start(), script("count", "n = order.total / 0"), end(), path("begin", "count", "done")
    )
    with pytest.raises(DiagramFailed) as caught:
        Case(diagram, data={"order": {"total": 1}})
    failure = caught.value
    assert (failure.process, failure.element) == ("p", "count")
    assert "count" in failure.text.en
    assert "count" in failure.text.zh
    assert "无法继续" in failure.text.zh


def test_a_run_that_has_failed_can_be_neither_used_nor_kept() -> None:
    case = Case(
        bpmn("p", start(), user("a"), script("s", "n = 1 / 0"), end(), path("begin", "a", "s", "done"))
    )
    task = case.run.tasks()[0].id
    with pytest.raises(DiagramFailed):
        case.do("a")
    for use in (case.run.dump, lambda: case.run.complete(task, {}, at=MONDAY)):
        with pytest.raises(RuntimeError):
            use()


def test_a_command_that_is_broken_off_spoils_the_run_too() -> None:
    def broken_off() -> object:
        raise KeyboardInterrupt

    diagram = bpmn("p", start(), user("a"), script("s", "n = f()"), end(), path("begin", "a", "s", "done"))
    case = Case(diagram, functions={"f": broken_off})
    with pytest.raises(KeyboardInterrupt):
        case.do("a")
    with pytest.raises(RuntimeError):
        case.run.dump()


def test_what_a_function_raises_becomes_a_failure_of_the_element_that_called_it() -> None:
    def broken(who: str) -> object:
        raise KeyError(who)

    diagram = bpmn("p", start(), script("ask", "a = answer('x')"), end(), path("begin", "ask", "done"))
    with pytest.raises(DiagramFailed) as caught:
        Case(diagram, functions={"answer": broken})
    assert caught.value.element == "ask"


def test_an_unavailable_database_is_no_fault_of_the_diagram() -> None:
    def locked(operator: str, parameters: dict[str, object]) -> object:
        raise Unavailable(Text(zh="忙", en="busy"))

    with pytest.raises(Unavailable):
        Case(bpmn("p", start(), service("s", "x"), end(), path("begin", "s", "done")), services=locked)


def test_a_name_nobody_assigns_stops_the_diagram_and_a_name_not_yet_assigned_is_null() -> None:
    def asking(condition: str) -> SourceFile:
        return bpmn(
            "p", start(), exclusive("which", "a"), user("a"), end(), path("begin", "which", "a", "done"),
            flow("which", "done", condition),
        )  # fmt: skip

    assert Case(asking("a.ok == true")).tasks() == ["a"]
    assert Case(asking("case == null")).run.outcome == "done"
    with pytest.raises(DiagramFailed) as caught:
        Case(asking("typo.ok == true"))
    assert caught.value.element == "which"


# -- functions ----------------------------------------------------------------------------------------------


def test_a_kept_run_uses_the_functions_of_the_current_command() -> None:
    diagram = bpmn(
        "p", start(), user("a"), script("s", "n = number()"), end(), path("begin", "a", "s", "done")
    )
    case = Case(diagram, functions={"number": lambda: 1})
    case.run.bind(functions={"number": lambda: 2}, services=nothing)
    case.do("a")
    assert case.run.data["n"] == 2


def test_a_function_can_ask_where_the_diagram_is_computing() -> None:
    seen: list[object] = []
    case = Case(STEPS)

    def note() -> bool:
        assert case.run.place is not None
        seen.append((case.run.place.process, case.run.place.element, dict(case.run.place.data)))
        return True

    diagram = bpmn("p", start(), user("a"), script("s", "n = note()"), end(), path("begin", "a", "s", "done"))
    case = Case(diagram, functions={"note": note}, data={"x": 1})
    case.do("a")
    assert seen == [("p", "s", {"x": 1, "a": {}})]
    assert case.run.place is None


# -- passages -----------------------------------------------------------------------------------------------


def test_the_path_tells_every_element_once_with_its_flow_and_what_it_set() -> None:
    diagram = bpmn(
        "p", start(), user("triage"), script("mark", "level = 2"), exclusive("which", "fix"), user("fix"), end(),
        path("begin", "triage", "mark", "which", "fix", "done"), flow("which", "done", "level == 9"),
    )  # fmt: skip
    case = Case(diagram, data={"x": 1})
    told = [(p.element, p.state, p.flow, p.delta) for p in case.path]
    assert told == [
        ("begin", "completed", None, {"x": 1}),
        ("triage", "entered", "begin__triage", None),
    ]
    case.do("triage", kind="fault")
    assert [(p.element, p.state, p.flow, p.delta) for p in case.path] == [
        ("triage", "completed", None, {"triage": {"kind": "fault"}}),
        ("mark", "completed", "triage__mark", {"level": 2}),
        ("which", "completed", "mark__which", None),
        ("fix", "entered", "which__fix", None),
    ]
    assert {p.at for p in case.path} == {MONDAY}
    assert case.run.take_path() == []


def test_flows_are_known_after_reloading_and_through_boundary_events_and_joins() -> None:
    diagram = bpmn(
        "p", start(), parallel("split"), user("a"), boundary("late", "a", duration("PT1H")), user("b"),
        exclusive("meet"), parallel("join"), end(),
        path("begin", "split", "a", "meet", "join", "done"), path("late", "meet"), path("split", "b", "join"),
    )  # fmt: skip
    case = Case(diagram, reload=True)
    case.wait(hours=1)
    flows = [(p.element, p.state, p.flow) for p in case.path]
    assert flows == [
        ("late", "completed", None),
        ("a", "cancelled", None),
        ("meet", "completed", "late__meet"),
        ("join", "entered", "meet__join"),
    ]
    case.do("b")
    assert [(p.element, p.state, p.flow) for p in case.path] == [
        ("b", "completed", None),
        ("join", "completed", "b__join"),
        ("done", "completed", "join__done"),
    ]


def test_a_called_diagram_is_entered_before_what_is_in_it_and_completed_after() -> None:
    inner = bpmn("v", start("vb"), user("work"), end("ve"), path("vb", "work", "ve"))
    case = Case(bpmn("p", start(), call("visit", "v"), end(), path("begin", "visit", "done")), inner)
    assert case.told()[1:] == [("visit", "entered"), ("vb", "completed"), ("work", "entered")]
    case.do("work", ok=True)
    assert case.told() == [
        ("work", "completed"), ("ve", "completed"), ("visit", "completed"), ("done", "completed"),
    ]  # fmt: skip
    assert case.path[2].delta == {"work": {"ok": True}, "visit": {"outcome": "ve"}}


def test_a_repeated_activity_is_entered_and_completed_once_and_tells_every_result() -> None:
    work = user("ask", for_each("who", item="one", results="answers"))
    case = Case(bpmn("p", start(), work, end(), path("begin", "ask", "done")), data={"who": [1, 2]})
    assert case.told()[1:] == [("ask", "entered")]
    case.do("ask", ok=1)
    assert [(p.state, p.delta) for p in case.path] == [("entered", {"answers": [{"ok": 1}]})]
    case.do("ask", ok=2)
    assert [(p.element, p.state) for p in case.path] == [("ask", "completed"), ("done", "completed")]
    assert case.path[0].delta == {"answers": [{"ok": 1}, {"ok": 2}]}


def test_armed_and_disarmed_boundary_events_are_not_told() -> None:
    case = Case(TWO_LIMITS, functions={"due": due})
    case.do("work")
    assert [name for name, _ in case.told()] == ["work", "done"]


# -- state --------------------------------------------------------------------------------------------------


def test_the_state_holds_neither_diagram_nor_past_and_stays_small() -> None:
    diagram = bpmn(
        "p", start(), user("check"), exclusive("fine", "check"), end(),
        path("begin", "check", "fine", "check"), flow("fine", "done", "check.ok"),
    )  # fmt: skip
    case = Case(diagram)
    case.do("check", ok=False)
    size = len(case.run.dump())
    for _ in range(50):
        case.do("check", ok=False)
    assert len(case.run.dump()) <= size + 5
    assert size < 400


def test_a_large_state_is_compressed_and_read_back() -> None:
    case = Case(STEPS, data={"text": "售后 " * 5000})
    assert len(case.run.dump()) < 2000
    case.load()
    assert case.run.data == {"text": "售后 " * 5000}


def test_a_state_that_does_not_fit_the_release_says_so() -> None:
    case = Case(STEPS)
    other = read_library([bpmn("p", start(), user("z"), end(), path("begin", "z", "done"))])
    with pytest.raises(DiagramFailed) as caught:
        Run.load(library=other, state=case.run.dump(), case_id=CASE, functions={}, services=nothing)
    assert "'a'" in caught.value.text.en


def test_a_state_of_another_format_is_not_read() -> None:
    content = json.loads(Case(STEPS).run.dump())
    state = json.dumps({**content, "format": 99}).encode()
    with pytest.raises(ValueError, match="format 1"):
        Run.load(library=read_library([STEPS]), state=state, case_id=CASE, functions={}, services=nothing)


def test_a_finished_case_keeps_its_data_and_outcome() -> None:
    case = Case(STEPS)
    case.do("a", x=1)
    case.do("b")
    case.load()
    assert (case.run.outcome, case.run.data, case.tasks()) == ("done", {"a": {"x": 1}, "b": {}}, [])


def test_an_unknown_process_is_not_found() -> None:
    with pytest.raises(NotFound):
        Case(STEPS, process="nowhere")


def test_a_case_has_its_own_ids_whatever_else_runs() -> None:
    first = [task.id for task in Case(STEPS).run.tasks()]
    Case(STEPS, case_id=UUID(int=9)).do("a")
    assert [task.id for task in Case(STEPS).run.tasks()] == first


# -- library ------------------------------------------------------------------------------------------------


def test_a_closure_knows_the_names_that_its_diagrams_and_their_callers_may_assign() -> None:
    outer = bpmn(
        "p", start(), user("a"), script("s", "level = 1"), call("visit", "v"), catch("reply", message("M")), end(),
        path("begin", "a", "s", "visit", "reply", "done"), names={"M": "message"},
    )  # fmt: skip
    inner = bpmn("v", start("vb"), service("t", "x", "sent"), end("ve"), path("vb", "t", "ve"))
    apart = bpmn("q", start("qb"), user("z"), end("qe"), path("qb", "z", "qe"))
    library = read_library([outer, inner, apart])
    names = {"case", "begin", "a", "level", "visit", "reply", "vb", "sent"}
    assert [library.closure(process).known for process in ("p", "v")] == [names, names]
    assert library.closure("q").known == {"case", "qb", "z"}


def test_a_diagram_is_parsed_once_for_all_runs() -> None:
    library = read_library([STEPS])
    assert library.closure("p") is library.closure("p")


def test_unreadable_files_are_reported_all_at_once() -> None:
    files = [
        SourceFile("processes/a.bpmn", b"<x"),
        SourceFile("processes/messages.json", b'{"hello": {"zh": {}}}'),
        STEPS,
        SourceFile("processes/copy.bpmn", STEPS.content),
        SourceFile("processes/README.md", b"not read"),
    ]
    with pytest.raises(ProblemsFound) as caught:
        read_library(files)
    assert [problem.file for problem in caught.value.problems] == [
        "processes/a.bpmn", "processes/messages.json", "processes/copy.bpmn",
    ]  # fmt: skip


def test_message_texts_are_read_in_both_languages() -> None:
    content = json.dumps(
        {
            "late": {
                "zh": {"subject": "超时", "body": "{number}"},
                "en": {"subject": "Late", "body": "{number}"},
            }
        }
    )
    library = read_library([STEPS, SourceFile("processes/messages.json", content.encode())])
    assert library.messages["late"].subject == Text(zh="超时", en="Late")


def test_an_element_is_found_by_diagram_and_id() -> None:
    library = read_library([STEPS])
    assert library.element("p", "a").kind == "userTask"  # type: ignore[union-attr]  # it is there
    assert library.element("p", "nowhere") is None
    assert library.element("nowhere", "a") is None


def test_equal_files_have_equal_digests_in_any_order() -> None:
    other = bpmn("q", start(), end(), path("begin", "done"))
    assert read_library([STEPS, other]).digest == read_library([other, STEPS]).digest
    assert read_library([STEPS]).digest != read_library([other]).digest
