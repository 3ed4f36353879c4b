# ruff: noqa: E501 -- one refused construct on one line
"""What a diagram may not say is refused before it can be published, naming file, element, rule and what to do."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.bpmn.library import SourceFile
from engine.bpmn.rules import check_files, expressions, references, trial
from engine.bpmn.tidy import tidy
from engine.desk import functions, wishes
from engine.desk.people import GROUPS
from engine.foundation.errors import Problem
from tests.engine.sheets import flow, lane, node, sheet

MAIN, CALLED = "processes/part_return.bpmn", "processes/part_check.bpmn"
BUTTON = '<spiffworkflow:properties><spiffworkflow:property name="action" value="true"/></spiffworkflow:properties>'
TIMER = (
    "<bpmn:timerEventDefinition><bpmn:timeDate>due('repair'{})</bpmn:timeDate></bpmn:timerEventDefinition>"
)
MESSAGE = '<bpmn:messageEventDefinition messageRef="withdrawal"/>'
CLAUSES = {"clauses": "R-047"}
FORM = json.dumps(
    {
        "title": "表单",
        "x-title-en": "Form",
        "type": "object",
        "properties": {"passed": {"type": "boolean", "title": "合格", "x-title-en": "Passed"}},
        "required": ["passed"],
    }
)
TEXTS = {"part_late": {"subject": "晚了 {number} {days}", "body": "{customer}"}}


def _table(id: str, column: str, output: str, value: str) -> bytes:
    english = '<extensionElements><i18n:translation xml:lang="en" target="{}">English</i18n:translation>'
    name, label, note = (english.format(target) for target in ("@name", "label", "documentation"))
    examples = json.dumps([{"given": {column: "repair"}, "expect": {output: "yes"}}])
    return f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:shouhou="urn:shouhou:dmn"
      xmlns:i18n="http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0" id="d" name="表" namespace="urn:t"
      xml:lang="zh-CN"><decision id="{id}" name="表"><description>待公司确认</description>{name}
      <i18n:translation xml:lang="en" target="documentation">to be confirmed by the company</i18n:translation>
      <shouhou:examples>{examples}</shouhou:examples></extensionElements><decisionTable id="t" hitPolicy="FIRST">
      <input id="i" label="列">{label}</extensionElements><inputExpression id="e" typeRef="string"><text>{column}</text>
      </inputExpression></input><output id="o" name="{output}" label="列" typeRef="string">{label}</extensionElements></output>
      <rule id="r"><description>行</description>{note}</extensionElements><inputEntry id="c"><text>"repair"</text></inputEntry>
      <outputEntry id="v"><text>{value}</text></outputEntry></rule></decisionTable></decision></definitions>""".encode()


def _service(id: str, **given: str) -> str:
    entries = "".join(f'<spiffworkflow:parameter id="{k}" type="any" value="{v}"/>' for k, v in given.items())
    return (
        f'<spiffworkflow:serviceTaskOperator id="{id}"><spiffworkflow:parameters>{entries}'
        "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
    )


def _task(id: str, zh: str, en: str, **more: str) -> str:
    return node("userTask", id, zh, en, properties={**CLAUSES, **more})


PARTS = [
    node("startEvent", "part_found", "发现坏件", "Part found"),
    node("parallelGateway", "side_by_side"),
    node("parallelGateway", "together"),
    _task("write_note", "填写说明", "Write a note"),
    node(
        "businessRuleTask",
        "rate_part",
        "评定配件",
        "Rate the part",
        properties=CLAUSES,
        extension="<spiffworkflow:calledDecisionId>fate</spiffworkflow:calledDecisionId>",
    ),
    node("exclusiveGateway", "again"),
    _task("ship_part", "寄出配件", "Ship the part", assignee="handlers()[0]", stops="repair", milestone="dispatched"),
    node(
        "boundaryEvent",
        "shipping_late",
        "寄出超时",
        "Shipping late",
        attributes=' attachedToRef="ship_part" cancelActivity="false"',
        inside=TIMER.format(", 50"),
    ),
    node(
        "serviceTask",
        "tell_manager",
        "通知经理",
        "Tell the manager",
        properties=CLAUSES,
        extension=_service("notify", to="'group:service_manager'", message="'part_late'", days="0"),
    ),
    node("endEvent", "manager_told", "经理已知", "Manager told"),
    node(
        "boundaryEvent",
        "withdrawn",
        "报告已撤回",
        "Report withdrawn",
        properties={"action": "true", "group": "call_center"},
        attributes=' attachedToRef="ship_part"',
        inside=MESSAGE,
    ),
    node("endEvent", "gone", "案例已撤回", "Case withdrawn", inside="<bpmn:terminateEventDefinition/>"),
    node("callActivity", "part_check", "检查配件", "Check the part", properties=CLAUSES, attributes=' calledElement="part_check"'),
    node("exclusiveGateway", "is_passed", "合格吗?", "Did it pass?", attributes=' default="passed_yes"'),
    node("scriptTask", "note_result", "记下结果", "Note the result", properties=CLAUSES, inside="<bpmn:script>result = part_check.outcome</bpmn:script>"),
    node("eventBasedGateway", "whichever_first"),
    node("intermediateCatchEvent", "customer_left", "客户已离开", "Customer left", inside=MESSAGE),
    node("intermediateCatchEvent", "time_over", "时间已到", "Time is over", inside=TIMER.format("")),
    node("endEvent", "left", "客户已走", "Customer gone"),
    node("endEvent", "repaired", "配件已修好", "Part repaired"),
    flow("part_found", "side_by_side"),
    flow("side_by_side", "rate_part"),
    flow("side_by_side", "write_note"),
    flow("rate_part", "together"),
    flow("write_note", "together"),
    flow("together", "again"),
    flow("again", "ship_part"),
    flow("ship_part", "part_check"),
    flow("shipping_late", "tell_manager"),
    flow("tell_manager", "manager_told"),
    flow("withdrawn", "gone"),
    flow("part_check", "is_passed"),
    flow("is_passed", "note_result", "是", "Yes", id="passed_yes"),
    flow("is_passed", "again", "否", "No", id="passed_no", condition="part_check.outcome == 'failed'"),
    flow("note_result", "whichever_first"),
    flow("whichever_first", "customer_left"),
    flow("whichever_first", "time_over"),
    flow("customer_left", "left"),
    flow("time_over", "repaired"),
]  # fmt: skip
NAMES = [
    part.partition(' id="')[2].partition('"')[0]
    for part in PARTS
    if not part.startswith("  <bpmn:sequenceFlow")
]
MANAGERS = {"tell_manager", "manager_told"}
LANES = [
    lane(
        "engineers",
        "工程师",
        "Engineers",
        "service_engineer",
        [name for name in NAMES if name not in MANAGERS],
    ),
    lane("managers", "经理", "Managers", "service_manager", sorted(MANAGERS)),
]
CHECK_PARTS = [
    node("startEvent", "check_due", "检查待做", "Check due"),
    node("subProcess", "look_closely", "仔细查看", "Look closely", properties=CLAUSES, inside="".join([
        node("startEvent", "look_due", "查看待做", "Look due"),
        _task("look_at_part", "查看配件", "Look at the part"),
        node("endEvent", "looked", "配件已查看", "Part seen"),
        flow("look_due", "look_at_part"),
        flow("look_at_part", "looked"),
    ])),
    node("exclusiveGateway", "does_it_pass", "通过吗?", "Does it pass?", attributes=' default="it_passes"'),
    node("endEvent", "passed", "配件合格", "Part passed"),
    node("endEvent", "failed", "配件不合格", "Part failed"),
    flow("check_due", "look_closely"),
    flow("look_closely", "does_it_pass"),
    flow("does_it_pass", "passed", "是", "Yes", id="it_passes"),
    flow("does_it_pass", "failed", "否", "No", id="it_fails", condition="look_at_part.passed == false"),
]  # fmt: skip


def _main() -> bytes:
    return sheet(
        "part_return",
        PARTS,
        zh="返修",
        en="Return for repair",
        properties={"kind": "return", "starts": "case"},
        lanes=LANES,
        definitions='<bpmn:message id="withdrawal" name="withdrawal"/>',
    )


def _called() -> bytes:
    return sheet(
        "part_check", CHECK_PARTS, zh="检查", en="Part check", properties={"group": "service_engineer"}
    )


VALID = {
    MAIN: tidy(_main(), file=MAIN),
    CALLED: tidy(_called(), file=CALLED),
    "processes/limits.dmn": _table("limits", "limit", "scope", '"yes"'),
    "processes/fate.dmn": _table("fate", "result", "fate", '"yes"'),
    "processes/messages.json": json.dumps(
        {"part_late": {"zh": TEXTS["part_late"], "en": TEXTS["part_late"]}}
    ).encode(),
    **{
        f"forms/{name}.json": FORM.encode()
        for name in ("part_found", "write_note", "ship_part", "withdrawn", "look_at_part")
    },
}


def problems(changed: dict[str, bytes | None] | None = None) -> list[Problem]:
    """The problems of the valid files with some exchanged, or removed where None."""
    files = {**VALID, **(changed or {})}
    sources = [SourceFile(path, content) for path, content in files.items() if content is not None]
    return check_files(sources, groups=frozenset(GROUPS))


def altered(file: str, old: str, new: str) -> dict[str, bytes | None]:
    """One valid file with a piece of its text exchanged."""
    content = VALID[file].decode()
    assert old in content, f"the valid {file} does not contain {old}"
    return {file: content.replace(old, new).encode()}


def redrawn(parts: Callable[[list[str]], list[str]]) -> dict[str, bytes | None]:
    """The main file with other parts, laid out again."""
    drawn = sheet(
        "part_return",
        parts(list(PARTS)),
        zh="返修",
        en="Return for repair",
        properties={"kind": "return", "starts": "case", "group": "service_engineer"},
        definitions='<bpmn:message id="withdrawal" name="withdrawal"/>',
    )
    return {MAIN: tidy(drawn, file=MAIN)}


def without(*ids: str) -> Callable[[list[str]], list[str]]:
    return lambda parts: [
        part for part in parts if not any(f' id="{id}"' in part.split(">")[0] for id in ids)
    ]


def plus(*more: str) -> Callable[[list[str]], list[str]]:
    return lambda parts: [*parts, *more]


def test_the_valid_files_have_no_problem() -> None:
    assert [str(problem) for problem in problems()] == []


ALTERED: list[tuple[str, str, str, str, str]] = [
    # rule, element, file, text of the valid file, what stands there instead
    ("construct-refused", "look_closely", CALLED, "bpmn:subProcess", "bpmn:adHocSubProcess"),
    ("construct-refused", "look_closely", CALLED, "bpmn:subProcess", "bpmn:transaction"),
    ("construct-refused", "stray", MAIN, "</bpmn:process>", '<bpmn:dataObject id="stray"/></bpmn:process>'),
    ("construct-refused", "words", MAIN, "</bpmn:process>", '<bpmn:textAnnotation id="words"/></bpmn:process>'),
    ("construct-refused", "gate", MAIN, "</bpmn:collaboration>", '<bpmn:messageFlow id="gate"/></bpmn:collaboration>'),
    ("lane-nested", "engineers", MAIN, "<bpmn:flowNodeRef>part_found<", "<bpmn:childLaneSet/><bpmn:flowNodeRef>part_found<"),
    ("event-refused", "gone", MAIN, "terminateEventDefinition", "signalEventDefinition"),
    ("event-refused", "gone", MAIN, "terminateEventDefinition", "compensateEventDefinition"),
    ("event-refused", "withdrawn", MAIN, f'{MESSAGE}</bpmn:boundaryEvent>', "<bpmn:conditionalEventDefinition/></bpmn:boundaryEvent>"),
    ("event-refused", "withdrawn", MAIN, f'{MESSAGE}</bpmn:boundaryEvent>', f"{MESSAGE}{TIMER.format('')}</bpmn:boundaryEvent>"),
    ("event-refused", "customer_left", MAIN, f"{MESSAGE}</bpmn:intermediateCatchEvent>", "</bpmn:intermediateCatchEvent>"),
    ("event-refused", "part_found", MAIN, "</bpmn:startEvent>", "<bpmn:timerEventDefinition/></bpmn:startEvent>"),
    ("event-sub-process", "look_closely", CALLED, 'id="look_closely"', 'id="look_closely" triggeredByEvent="true"'),
    ("compensation", "write_note", MAIN, 'id="write_note"', 'id="write_note" isForCompensation="true"'),
    ("repetition-count", "write_note", MAIN, "</bpmn:userTask>", "<bpmn:multiInstanceLoopCharacteristics/></bpmn:userTask>"),
    ("repetition-count", "write_note", MAIN, "</bpmn:userTask>", "<bpmn:standardLoopCharacteristics/></bpmn:userTask>"),
    ("extension-unknown", "rate_part", MAIN, "</spiffworkflow:calledDecisionId>", "</spiffworkflow:calledDecisionId><spiffworkflow:preScript>x</spiffworkflow:preScript>"),
    ("process-executable", "part_return", MAIN, 'isExecutable="true"', 'isExecutable="false"'),
    ("id-reserved", "Start", MAIN, "part_found", "Start"),
    ("id-reserved", "End", MAIN, "repaired", "End"),
    ("id-reserved", "Root", MAIN, "write_note", "Root"),
    ("id-reserved", "part_return.EndJoin", MAIN, "write_note", "part_return.EndJoin"),
    ("id-reserved", "write.BoundaryEventSplit", MAIN, "write_note", "write.BoundaryEventSplit"),
    ("id-reserved", "write [child]", MAIN, "write_note", "write [child]"),
    ("id-snake-case", "WriteNote", MAIN, "write_note", "WriteNote"),
    ("id-snake-case", "PassedYes", MAIN, "passed_yes", "PassedYes"),
    ("id-unique", "engineers", MAIN, 'participant id="part_return_pool"', 'participant id="engineers"'),
    ("file-name", "part_check_again", CALLED, 'process id="part_check"', 'process id="part_check_again"'),
    ("message-name", "withdrawal", MAIN, 'name="withdrawal"', 'name="something"'),
    ("flow-end", "write_note_to_together", MAIN, 'sourceRef="write_note" targetRef="together"', 'sourceRef="write_note" targetRef="nowhere"'),
    ("flow-twice", "write_note_to_together", MAIN, 'sourceRef="write_note" targetRef="together"', 'sourceRef="rate_part" targetRef="together"'),
    ("flow-listed", "repaired", MAIN, '</bpmn:endEvent>', '<bpmn:incoming>nothing</bpmn:incoming></bpmn:endEvent>'),
    ("boundary-host", "shipping_late", MAIN, 'attachedToRef="ship_part" cancel', 'attachedToRef="nobody" cancel'),
    ("boundary-host", "shipping_late", MAIN, 'attachedToRef="ship_part" cancel', 'attachedToRef="again" cancel'),
    ("boundary-entered", "shipping_late", MAIN, 'targetRef="manager_told"', 'targetRef="shipping_late"'),
    ("path-without-end", "tell_manager", MAIN, 'sourceRef="tell_manager" targetRef="manager_told"', 'sourceRef="part_found" targetRef="manager_told"'),
    ("unreachable", "manager_told", MAIN, 'targetRef="manager_told"', 'targetRef="repaired"'),
    ("gateway-join-and-split", "together", MAIN, 'sourceRef="part_found" targetRef="side_by_side"', 'sourceRef="together" targetRef="side_by_side"'),
    ("join-explicit", "repaired", MAIN, 'targetRef="manager_told"', 'targetRef="repaired"'),
    ("split-explicit", "write_note", MAIN, 'sourceRef="tell_manager"', 'sourceRef="write_note"'),
    ("event-gateway-timers", "whichever_first", MAIN, f"{MESSAGE}</bpmn:intermediateCatchEvent>", f"{TIMER.format('')}</bpmn:intermediateCatchEvent>"),
    ("gateway-default", "is_passed", MAIN, ' default="passed_yes"', ""),
    ("gateway-default", "is_passed", MAIN, ' default="passed_yes"', ' default="together_to_again"'),
    ("default-condition", "passed_no", MAIN, 'default="passed_yes"', 'default="passed_no"'),
    ("flow-condition", "passed_yes", MAIN, 'default="passed_yes"', 'default="passed_no"'),
    ("condition-misplaced", "write_note_to_together", MAIN, 'targetRef="together"></bpmn:sequenceFlow>', 'targetRef="together"><bpmn:conditionExpression>true</bpmn:conditionExpression></bpmn:sequenceFlow>'),
    ("condition-long", "passed_no", MAIN, "part_check.outcome == 'failed'", f"part_check.outcome == '{'x' * 120}'"),
    ("condition-threshold", "passed_no", MAIN, "part_check.outcome == 'failed'", "part_check.score &lt;= 25"),
    ("expression-syntax", "passed_no", MAIN, "part_check.outcome == 'failed'", "part_check.outcome = 'failed'"),
    ("expression-syntax", "passed_no", MAIN, "part_check.outcome == 'failed'", "(lambda: 0)()"),
    ("expression-name", "passed_no", MAIN, "part_check.outcome == 'failed'", "part_chek.outcome == 'failed'"),
    ("expression-function", "passed_no", MAIN, "part_check.outcome == 'failed'", "open('x') == 'failed'"),
    ("expression-name", "ship_part", MAIN, "handlers()[0]", "somebody"),
    ("expression-name", "tell_manager", MAIN, 'id="days" type="any" value="0"', 'id="days" type="any" value="delay"'),
    ("script-syntax", "note_result", MAIN, "result = part_check.outcome", "import os"),
    ("script-long", "note_result", MAIN, "result = part_check.outcome", "a = 1\nb = 1\nc = 1"),
    ("expression-name", "note_result", MAIN, "result = part_check.outcome", "result = part_chek.outcome"),
    ("called-missing", "part_check", MAIN, 'calledElement="part_check"', 'calledElement="no_such_process"'),
    ("called-recursion", "part_check", MAIN, 'calledElement="part_check"', 'calledElement="part_return"'),
    ("decision-missing", "rate_part", MAIN, ">fate<", ">no_such_table<"),
    ("decision-input", "rate_part", "processes/fate.dmn", "<text>result</text>", "<text>results</text>"),
    ("form-missing", "ship_part", MAIN, 'name="assignee" value="handlers()[0]"', 'name="form" value="no_such_form"'),
    ("group-unknown", "managers", MAIN, 'name="group" value="service_manager"', 'name="group" value="bosses"'),
    ("group-unknown", "withdrawn", MAIN, 'value="call_center"', 'value="callers"'),
    ("group-unknown", "tell_manager", MAIN, "group:service_manager", "group:bosses"),
    ("group-unknown", "part_check", CALLED, 'value="service_engineer"', 'value="bosses"'),
    ("group-missing", "look_at_part", CALLED, '<spiffworkflow:property name="group" value="service_engineer"/>', ""),
    ("group-missing", "managers", MAIN, '<spiffworkflow:properties><spiffworkflow:property name="group" value="service_manager"/></spiffworkflow:properties>', ""),
    ("lane-content", "write_note", MAIN, "<bpmn:flowNodeRef>write_note</bpmn:flowNodeRef>", ""),
    ("lane-content", "nobody", MAIN, "<bpmn:flowNodeRef>write_note<", "<bpmn:flowNodeRef>nobody<"),
    ("event-reference", "withdrawn", MAIN, 'messageRef="withdrawal"', 'messageRef="nothing"'),
    ("timer-cycle", "shipping_late", MAIN, "<bpmn:timeDate>due('repair', 50)</bpmn:timeDate>", "<bpmn:timeCycle>'R3/PT1H'</bpmn:timeCycle>"),
    ("timer-limit", "shipping_late", MAIN, "<bpmn:timeDate>due('repair', 50)</bpmn:timeDate>", "<bpmn:timeDuration>'PT1H'</bpmn:timeDuration>"),
    ("timer-limit", "shipping_late", MAIN, "due('repair', 50)", "'2026-01-01T00:00:00Z'"),
    ("timer-limit", "shipping_late", MAIN, "due('repair', 50)", "due('repair', 0)"),
    ("limit-unknown", "shipping_late", MAIN, "due('repair', 50)", "due('holidays', 50)"),
    ("limit-unknown", "ship_part", MAIN, 'name="stops" value="repair"', 'name="stops" value="holidays"'),
    ("service-unknown", "tell_manager", MAIN, 'Operator id="notify"', 'Operator id="shell"'),
    ("service-parameter", "tell_manager", MAIN, '<spiffworkflow:parameter id="to" ', '<spiffworkflow:parameter id="whom" '),
    ("service-field", "tell_manager", MAIN, 'Operator id="notify"', 'Operator id="update_case"'),
    ("message-missing", "tell_manager", MAIN, "'part_late'", "'part_lost'"),
    ("message-missing", "tell_manager", MAIN, "'part_late'", "rate_part"),
    ("message-placeholder", "tell_manager", MAIN, '<spiffworkflow:parameter id="days" type="any" value="0"/>', ""),
    ("property-unknown", "ship_part", MAIN, 'name="assignee"', 'name="asignee"'),
    ("property-unknown", "part_return", MAIN, 'name="kind"', 'name="sort"'),
    ("property-unknown", "tell_manager", MAIN, 'Tell the manager</i18n:translation><spiffworkflow:properties>', f"Tell the manager</i18n:translation>{BUTTON}<spiffworkflow:properties>"),
    ("property-value", "ship_part", MAIN, 'name="milestone" value="dispatched"', 'name="milestone" value="sent"'),
    ("property-value", "withdrawn", MAIN, 'name="action" value="true"', 'name="action" value="yes"'),
    ("clauses-syntax", "write_note", MAIN, 'value="R-047"', 'value="R47, R48"'),
    ("clauses-missing", "write_note", MAIN, '<spiffworkflow:property name="clauses" value="R-047"/>', ""),
    ("action-message", "shipping_late", MAIN, ">Shipping late</i18n:translation>", f">Shipping late</i18n:translation>{BUTTON}"),
    ("kind-missing", "part_return", MAIN, '<spiffworkflow:property name="kind" value="return"/>', ""),
    ("language-base", "definitions", MAIN, 'xml:lang="zh-CN"', 'xml:lang="en"'),
    ("name-missing", "write_note", MAIN, ' name="填写说明"', ""),
    ("name-missing", "passed_no", MAIN, ' name="否"', ""),
    ("name-chinese", "write_note", MAIN, ' name="填写说明"', ' name="Write a note"'),
    ("name-english", "write_note", MAIN, ">Write a note<", "><"),
    ("name-english", "write_note", MAIN, ">Write a note<", ">填写说明<"),
    ("name-english", "engineers", MAIN, ">Engineers<", "><"),
    ("name-english", "passed_no", MAIN, ">No<", "><"),
    ("documentation-english", "repaired", MAIN, '"配件已修好">', '"配件已修好"><bpmn:documentation>说明</bpmn:documentation>'),
    ("name-vague", "write_note", MAIN, "填写说明", "处理故障"),
    ("name-vague", "write_note", MAIN, ">Write a note<", ">Handle the note<"),
    ("name-of-event", "repaired", MAIN, "配件已修好", "结束"),
    ("name-of-event", "repaired", MAIN, ">Part repaired<", ">End<"),
    ("end-names-differ", "left", MAIN, "客户已走", "配件已修好"),
    ("gateway-unnamed", "again", MAIN, 'id="again"', 'id="again" name="汇合"'),
    ("gateway-unnamed", "side_by_side", MAIN, 'id="side_by_side"', 'id="side_by_side" name="分开"'),
    ("gateway-question", "is_passed", MAIN, "合格吗?", "合格"),
    ("gateway-question", "is_passed", MAIN, "Did it pass?", "Passed"),
    ("shape-missing", "write_note", MAIN, 'bpmnElement="write_note"', 'bpmnElement="rate_part"'),
    ("shape-missing", "passed_no", MAIN, 'bpmnElement="passed_no"', 'bpmnElement="passed_yes"'),
    ("shape-missing", "engineers", MAIN, 'bpmnElement="engineers"', 'bpmnElement="managers"'),
    ("shape-stale", "forgotten", MAIN, 'bpmnElement="write_note"', 'bpmnElement="forgotten"'),
    ("shape-size", "write_note", MAIN, 'width="100" height="80"', 'width="120" height="80"'),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "element", "file", "old", "new"), ALTERED, ids=lambda each: str(each)[:40])
def test_what_is_refused_is_named_with_file_element_and_rule(
    rule: str, element: str, file: str, old: str, new: str
) -> None:
    found = {(problem.rule, problem.element, problem.file) for problem in problems(altered(file, old, new))}
    assert (rule, element, MAIN if rule == "decision-input" else file) in found, found


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        ("is_passed", "inclusiveGateway"),
        ("is_passed", "complexGateway"),
        ("write_note", "task"),
        ("write_note", "receiveTask"),
        ("tell_manager", "sendTask"),
        ("withdrawn", "implicitThrowEvent"),
    ],
)
def test_an_element_of_a_kind_that_the_engine_does_not_run_is_refused(element: str, kind: str) -> None:
    retagged = re.sub(
        rf'<bpmn:(\w+) (id="{element}".*?)</bpmn:\1>', rf"<bpmn:{kind} \2</bpmn:{kind}>", VALID[MAIN].decode()
    )
    assert ("construct-refused", element) in _found({MAIN: retagged.encode()})


def test_two_start_events_are_refused() -> None:
    second = plus(
        node("startEvent", "other_start", "另一开始", "Other start"), flow("other_start", "together")
    )
    assert ("one-start", "part_return") in _found(redrawn(second))


def test_a_process_without_an_end_is_refused() -> None:
    drawn = sheet("part_check", [node("startEvent", "check_due", "检查待做", "Check due")], en="Check")
    assert ("end-missing", "part_check") in _found({CALLED: tidy(drawn, file=CALLED)})


def test_a_loop_without_a_question_is_refused() -> None:
    ring = [
        node("parallelGateway", "ring_top"),
        _task("ring_work", "绕圈工作", "Work in circles"),
        flow("ring_top", "ring_work"),
        flow("ring_work", "ring_top"),
    ]
    assert ("cycle-question", "ring_top") in _found(redrawn(plus(*ring)))


def test_a_loop_that_waits_for_nobody_is_refused() -> None:
    """Without the task and the call, the loop of the valid diagram asks but never stops for anybody."""
    parts = without(
        "ship_part", "part_check", "again_to_ship_part", "ship_part_to_part_check", "part_check_to_is_passed"
    )
    hot = redrawn(lambda all_parts: [*parts(all_parts), flow("again", "is_passed")])
    assert ("cycle-waits", "again") in _found(hot)


def test_an_event_gateway_before_something_else_is_refused() -> None:
    parts = without("whichever_first_to_time_over", "time_over", "time_over_to_repaired")
    assert ("event-gateway-targets", "whichever_first") in _found(
        redrawn(lambda each: [*parts(each), flow("whichever_first", "repaired")])
    )


def test_shapes_that_cover_each_other_are_refused() -> None:
    stacked = VALID[MAIN].decode()
    shape = stacked.partition('bpmnElement="write_note"')[2].partition("/>")[0].partition("<dc:Bounds ")[2]
    other = stacked.partition('bpmnElement="rate_part"')[2].partition("/>")[0].partition("<dc:Bounds ")[2]
    assert ("shape-overlap", "write_note") in _found({MAIN: stacked.replace(shape, other).encode()}) | {
        ("shape-overlap", problem.element)
        for problem in problems({MAIN: stacked.replace(other, shape).encode()})
    }


def test_a_missing_form_is_refused_for_tasks_buttons_and_the_start() -> None:
    gone = {f"forms/{name}.json": None for name in ("write_note", "withdrawn", "part_found")}
    assert {element for rule, element in _found(gone) if rule == "form-missing"} == {
        "write_note",
        "withdrawn",
        "part_found",
    }


def test_faults_of_tables_forms_and_messages_are_told_too() -> None:
    broken: dict[str, bytes | None] = {
        "processes/fate.dmn": b"<x",
        "forms/ship_part.json": b"{",
        "processes/messages.json": b"[]",
        CALLED: b"<!DOCTYPE x><x/>",
    }
    files = {problem.file for problem in problems(broken)}
    assert files >= set(broken)


def test_a_missing_diagram_is_told_once_and_not_for_its_unreadable_file() -> None:
    assert not any(problem.rule == "called-missing" for problem in problems({CALLED: b"<bpmn"}))


def test_every_problem_speaks_both_languages() -> None:
    for rule, _, file, old, new in ALTERED:
        for problem in problems(altered(file, old, new)):
            text = problem.text
            assert any("\u4e00" <= c <= "\u9fff" for c in text.zh), problem
            assert text.en and "{" not in text.en + text.zh, (rule, problem)
            assert "xpected" in text.en, problem


def test_the_names_that_diagrams_may_call_are_those_that_the_desk_answers() -> None:
    assert expressions.FUNCTIONS == functions.NAMES
    assert set(references.SERVICES) == wishes.SERVICES
    assert references.FIELDS == wishes.FIELDS


# --- the trial ------------------------------------------------------------------------------------------------


def test_a_process_that_gets_stuck_as_soon_as_it_starts_is_refused_by_the_trial() -> None:
    """A parallel join behind a question waits for ever for the answer that was not given."""
    parts = [
        node("startEvent", "part_found", "发现坏件", "Part found"),
        node("exclusiveGateway", "is_it_big", "大件吗?", "Is it big?", attributes=' default="big_no"'),
        node("parallelGateway", "joined"),
        node("endEvent", "over", "配件已处置", "Part settled"),
        flow("part_found", "is_it_big"),
        node("exclusiveGateway", "small_part"),
        flow("is_it_big", "small_part", "否", "No", id="big_no"),
        flow("small_part", "joined"),
        flow("is_it_big", "joined", "是", "Yes", id="big_yes", condition="case.kind == 'big'"),
        flow("joined", "over"),
    ]
    assert ("trial-failed", "joined") in _found(redrawn(lambda _: parts))


def test_what_only_the_library_refuses_is_refused_by_the_trial() -> None:
    untyped = altered(MAIN, '<spiffworkflow:parameter id="to" type="any"', '<spiffworkflow:parameter id="to"')
    assert ("not-executable", "tell_manager") in _found(untyped)


def test_the_trial_does_not_blame_a_diagram_for_answers_that_it_lacks() -> None:
    script = PARTS[NAMES.index("write_note")].replace("userTask", "scriptTask")
    needy = script.replace(
        "</bpmn:scriptTask>",
        "<bpmn:script>days = days_between(part_found.on, now())</bpmn:script></bpmn:scriptTask>",
    )
    assert (
        problems(
            redrawn(
                lambda parts: [
                    needy if "write_note" in part and "Flow" not in part else part for part in parts
                ]
            )
        )
        == []
    )


def test_a_trial_that_does_not_end_is_stopped() -> None:
    files = [SourceFile(path, content) for path, content in VALID.items()]
    begun = time.monotonic()
    found = trial.try_out(files, seconds=0.05)
    assert [problem.rule for problem in found] == ["trial-timeout"]
    assert time.monotonic() - begun < 5


def test_a_trial_that_breaks_off_is_told() -> None:
    assert [problem.rule for problem in trial.try_out([SourceFile("processes/x.bpmn", b"\xff")])] in (
        ["xml-malformed"],
        ["trial-crashed"],
    )


# --- the procedures that come with the product ----------------------------------------------------------------

ROOT = Path(__file__).parents[2]


def test_the_procedures_of_the_product_are_clean() -> None:
    files = [
        SourceFile(f"{folder}/{path.name}", path.read_bytes())
        for folder in ("processes", "forms")
        for path in sorted((ROOT / folder).iterdir())
        if path.suffix in {".bpmn", ".dmn", ".json"}
    ]
    assert [str(problem) for problem in check_files(files, groups=frozenset(GROUPS))] == []


def _found(changed: dict[str, bytes | None]) -> set[tuple[str, str]]:
    return {(problem.rule, problem.element) for problem in problems(changed)}
