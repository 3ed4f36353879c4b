"""A history reads as sentences in both languages, and never shows an id."""
# ruff: noqa: E501  # XML

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from engine.bpmn.decisions import DecisionTable, read_table
from engine.bpmn.diagram import Diagram, read_diagram
from engine.foundation.text import Text
from engine.record.history import EventRow
from engine.record.names import Names
from engine.record.sentences import Entry, history_in_words, sentence
from engine.record.vocabulary import LibraryWords
from tests.conftest import MONDAY

TASK = UUID(int=7)


def named(zh: str, en: str) -> str:
    return f'name="{zh}"><bpmn:extensionElements><i18n:translation xml:lang="en">{en}</i18n:translation>'


BPMN = f"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:i18n="http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="urn:shouhou:test">
<bpmn:process id="repair" {named("维修", "Repair")}</bpmn:extensionElements>
<bpmn:startEvent id="begin"/>
<bpmn:userTask id="triage" {named("分诊", "Triage")}
<spiffworkflow:properties><spiffworkflow:property name="group" value="service_engineer"/></spiffworkflow:properties>
</bpmn:extensionElements></bpmn:userTask>
<bpmn:boundaryEvent id="warn" attachedToRef="triage" cancelActivity="false" {named("提醒工程师", "Remind the engineer")}
</bpmn:extensionElements><bpmn:timerEventDefinition id="t1"><bpmn:timeDate
 xsi:type="bpmn:tFormalExpression">due('accept', 50)</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:boundaryEvent id="late" attachedToRef="triage" cancelActivity="true" {named("超时", "Too late")}
</bpmn:extensionElements><bpmn:timerEventDefinition id="t2"><bpmn:timeDate
 xsi:type="bpmn:tFormalExpression">due('accept')</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:exclusiveGateway id="fork" {named("故障性质?", "Nature of the fault?")}</bpmn:extensionElements></bpmn:exclusiveGateway>
<bpmn:businessRuleTask id="rate" {named("定优先级", "Set the priority")}<spiffworkflow:calledDecisionId>urgency</spiffworkflow:calledDecisionId>
</bpmn:extensionElements></bpmn:businessRuleTask>
<bpmn:serviceTask id="tell" {named("告知客户", "Tell the customer")}</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:serviceTask id="write" {named("写入优先级", "Store the priority")}</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:endEvent id="done" {named("已修复", "Repaired")}</bpmn:extensionElements></bpmn:endEvent>
<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="triage"/>
<bpmn:sequenceFlow id="f2" sourceRef="triage" targetRef="fork"/>
<bpmn:sequenceFlow id="f3" sourceRef="fork" targetRef="rate" {named("硬件", "hardware")}</bpmn:extensionElements></bpmn:sequenceFlow>
<bpmn:sequenceFlow id="f4" sourceRef="rate" targetRef="done"/>
<bpmn:sequenceFlow id="f5" sourceRef="warn" targetRef="done"/>
<bpmn:sequenceFlow id="f6" sourceRef="late" targetRef="done"/>
</bpmn:process></bpmn:definitions>"""

DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
 xmlns:i18n="http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0" id="d" name="优先级" namespace="urn:x">
<decision id="urgency" name="优先级"><extensionElements><i18n:translation xml:lang="en">Priority</i18n:translation></extensionElements>
<decisionTable id="t" hitPolicy="FIRST">
<input id="i1" label="影响"><extensionElements><i18n:translation xml:lang="en" target="label">Impact</i18n:translation></extensionElements>
<inputExpression id="e1" typeRef="string"><text>impact</text></inputExpression></input>
<output id="o1" name="priority" label="优先级" typeRef="string"><extensionElements><i18n:translation xml:lang="en" target="label">Priority</i18n:translation></extensionElements></output>
<rule id="r1"><description>重要性高 × 紧急中</description><extensionElements><i18n:translation xml:lang="en" target="documentation">importance high × urgency medium</i18n:translation></extensionElements>
<inputEntry id="c1"><text>-</text></inputEntry><outputEntry id="c2"><text>"P2"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@dataclass(frozen=True)
class Question:
    name: str
    title: Text
    choices: tuple[tuple[object, Text], ...] = ()


@dataclass(frozen=True)
class Questions:
    fields: tuple[Question, ...]


@dataclass(frozen=True)
class Release:
    diagrams: dict[str, Diagram] = field(default_factory=dict)
    tables: dict[str, DecisionTable] = field(default_factory=dict)
    forms: dict[str, Questions] = field(default_factory=dict)


NAMES = Names(
    people={"li_gong": "李工", "wang_gong": "王工"},
    groups={"service_engineer": Text(zh="服务工程师", en="Service engineer")},
    messages={"received": Text(zh="受理通知", en="acknowledgement")},
    reasons={"customer_away": Text(zh="等待客户", en="waiting for the customer")},
)


@pytest.fixture(scope="module")
def release() -> LibraryWords:
    kind = Question(
        "kind",
        Text(zh="性质", en="Nature"),
        (("hw", Text(zh="硬件", en="hardware")), ("sw", Text(zh="软件", en="software"))),
    )
    return Release(
        diagrams={"repair": read_diagram(BPMN.encode(), file="repair.bpmn")},
        tables={"urgency": read_table(DMN.encode(), file="urgency.dmn")},
        forms={"triage": Questions((kind, Question("urgent", Text(zh="紧急", en="Urgent"))))},
    )


def event(kind: str, *, element: str | None = "triage", actor: str = "li_gong", **data: object) -> EventRow:
    return EventRow(
        1, TASK, 4, kind, "repair", element, TASK, actor, MONDAY, 1, json.dumps(data), None, b"", b""
    )


def first(row: EventRow, release: LibraryWords) -> Entry:
    return sentence(row, release, NAMES)[0]


def test_completing_a_task_names_it_and_what_was_answered(release: LibraryWords) -> None:
    told = first(event("task:complete", input={"answers": {"kind": "hw", "urgent": True}}), release)
    assert told.sentence == Text(zh="完成: 分诊", en="Completed: Triage")
    assert told.detail == Text(zh="性质: 硬件 · 紧急: 是", en="Nature: hardware · Urgent: yes")
    assert (told.actor.zh, told.seq, told.at) == ("李工", 4, MONDAY)
    assert told.delta == {"kind": "hw", "urgent": True}


def test_a_half_used_limit_is_a_reminder_and_a_used_up_one_is_late(release: LibraryWords) -> None:
    half = first(event("timer:fire", element="warn", actor="system"), release)
    whole = first(event("timer:fire", element="late", actor="system"), release)
    assert half.sentence == Text(zh="到时: 提醒工程师", en="Time is up: Remind the engineer")
    assert half.detail == Text(zh="已用去时限的 50%", en="50% of the limit used")
    assert (half.late, whole.late) == (False, True)
    assert half.actor == Text(zh="系统", en="the system")


def test_handing_a_task_over_names_the_receiver_and_the_reason(release: LibraryWords) -> None:
    told = first(
        event("task:reassign", input={"from": "li_gong", "to": "wang_gong", "reason": "在外地"}), release
    )
    assert told.sentence == Text(zh="改派给王工: 分诊", en="Reassigned to 王工: Triage")
    assert told.detail is not None and told.detail.zh == "在外地"


def test_a_pause_gives_its_reason_in_words(release: LibraryWords) -> None:
    told = first(event("case:pause", element=None, input={"reason": "customer_away"}), release)
    assert told.detail == Text(zh="等待客户", en="waiting for the customer")


def test_a_moved_deadline_is_told_in_local_time(release: LibraryWords) -> None:
    moved = {"due_at": (MONDAY + timedelta(hours=2)).isoformat(), "reason": "备件延误"}
    told = first(event("intervene:deadline", element="late", input=moved), release)
    assert told.detail is not None and told.detail.en.endswith("new due moment: 2026-03-02 11:00")


def test_what_followed_is_told_after_the_act_with_the_rule_that_decided(release: LibraryWords) -> None:
    path = [
        {"e": "triage", "p": "repair", "s": "completed"},
        {
            "e": "rate",
            "p": "repair",
            "f": "f3",
            "s": "completed",
            "d": {"urgency": {"priority": "P2", "rule": 1}},
        },
        {
            "e": "done",
            "p": "repair",
            "f": "f4",
            "s": "completed",
            "at": (MONDAY + timedelta(minutes=1)).isoformat(),
        },
    ]
    lines = sentence(event("task:complete", path=path), release, NAMES)
    assert [line.sentence.en for line in lines] == [
        "Completed: Triage",
        "Nature of the fault? hardware",
        "Decided: Set the priority (Priority: P2)",
        "The case ended: Repaired",
    ]
    assert lines[2].detail == Text(
        zh="重要性高 × 紧急中 · 规则表《优先级》第 1 行",
        en="importance high × urgency medium · decision table “Priority”, row 1",
    )
    assert [line.minor for line in lines] == [False, True, False, False]
    assert lines[3].at == MONDAY + timedelta(minutes=1)


def test_an_opened_case_says_who_is_next(release: LibraryWords) -> None:
    path = [{"e": "triage", "p": "repair", "f": "f1", "s": "entered"}]
    told = first(event("case:start", element=None, path=path), release)
    assert told.sentence == Text(zh="受理案例: 维修", en="Case opened: Repair")
    assert told.detail == Text(zh="接着: 分诊(服务工程师)", en="next: Triage (Service engineer)")


def test_a_notification_names_receiver_and_message_and_bookkeeping_stays_silent(
    release: LibraryWords,
) -> None:
    path = [{"e": e, "p": "repair", "s": "completed"} for e in ("triage", "write", "tell")]
    wishes = [
        {"do": "update_case", "field": "priority", "value": "P2"},
        {"do": "notify", "to": "customer", "message": "received", "values": {}},
    ]
    lines = sentence(event("task:complete", path=path, wishes=wishes), release, NAMES)
    assert [line.sentence.zh for line in lines] == ["完成: 分诊", "系统: 告知客户"]
    assert lines[1].detail == Text(zh="通知: 客户 · 受理通知", en="told: the customer · acknowledgement")


def test_a_withdrawn_task_is_told(release: LibraryWords) -> None:
    path = [{"e": "triage", "p": "repair", "s": "cancelled"}]
    lines = sentence(event("timer:fire", element="late", actor="system", path=path), release, NAMES)
    assert [line.sentence.zh for line in lines] == ["到时: 超时", "撤回任务: 分诊"]


KINDS = [
    "case:start",
    "task:complete",
    "task:claim",
    "task:release",
    "task:reassign",
    "task:delegate",
    "task:take_back",
    "timer:fire",
    "message:send",
    "message:deliver",
    "case:pause",
    "case:resume",
    "intervene:deadline",
    "intervene:cancel",
    "something:new",
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_shows_an_id(release: LibraryWords, kind: str) -> None:
    (told,) = history_in_words([event(kind, input={"to": "wang_gong"})], release, NAMES)
    for words in (told.sentence.zh, told.sentence.en):
        assert words and not any(i in words for i in ("triage", "repair", "wang_gong", kind))


def test_an_element_that_the_release_does_not_know_is_still_told(release: LibraryWords) -> None:
    told = first(event("task:complete", element="gone"), release)
    assert told.sentence == Text(zh="完成: 维修", en="Completed: Repair")
