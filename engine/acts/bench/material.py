"""What is measured: the reference process of eight tasks, a loop for long histories, a timer that is soon due."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from engine.acts.publishing import read_folder
from engine.bpmn.library import SourceFile

REFERENCE = (
    "reference"  # start, u1-u3 (boundary timer at u3), gateway, u4-u8, end: eight tasks of nine are done
)
LOOP = "loop"
SOON = "soon"
ANSWERS = {"summary": "更换电源模块后设备恢复运行", "remark": "客户已确认, 备件 PS-2200 已登记"}
STEPS = 8

_NAMES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)
_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


OURS = {
    "timer": "<bpmn:timeDate {type}>due('bench')</bpmn:timeDate>",
    "condition": "u3.summary == 'reject'",
}
STOCK = {
    "timer": '<bpmn:timeDuration {type}>"PT48H"</bpmn:timeDuration>',
    "condition": "u3['summary'] == 'reject'",
}


def reference_xml(*, timer: str, condition: str) -> str:
    """The reference process; its timer and its condition in our language (`OURS`) or in Python (`STOCK`)."""
    typed = timer.format(type='xsi:type="bpmn:tFormalExpression"')
    tasks = "".join(_task(f"u{n}") for n in range(1, 9)) + _task("u4b")
    flows = _flows("begin", "u1", "u2", "u3", "way") + _flows("way", "u4", "u5", "u6", "u7", "u8", "done")
    return _process(
        REFERENCE,
        '<bpmn:startEvent id="begin"/>',
        tasks,
        '<bpmn:exclusiveGateway id="way" default="way_to_u4"/>',
        '<bpmn:boundaryEvent id="late" attachedToRef="u3" cancelActivity="false">'
        f'<bpmn:timerEventDefinition id="late_timer">{typed}</bpmn:timerEventDefinition></bpmn:boundaryEvent>',
        '<bpmn:endEvent id="done"/><bpmn:endEvent id="refused"/><bpmn:endEvent id="reminded"/>',
        flows,
        _flows("u4b", "refused"),
        _flows("late", "reminded"),
        '<bpmn:sequenceFlow id="way_to_u4b" sourceRef="way" targetRef="u4b"><bpmn:conditionExpression '
        f'xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>',
    )


def files(folder: Path) -> list[SourceFile]:
    """One release: the real procedures of `folder` and the processes that are measured beside them."""
    limits = _limits((folder / "processes" / "limits.dmn").read_text(encoding="utf-8"))
    own = {
        f"processes/{REFERENCE}.bpmn": reference_xml(**OURS),
        f"processes/{LOOP}.bpmn": _loop(),
        f"processes/{SOON}.bpmn": _soon(),
        "processes/limits.dmn": limits,
        "forms/two_texts.json": _FORM,
    }
    kept = [file for file in read_folder(folder) if file.path not in own]
    return [*kept, *(SourceFile(path, text.encode()) for path, text in own.items())]


def _loop() -> str:
    return _process(
        LOOP,
        '<bpmn:startEvent id="begin"/><bpmn:exclusiveGateway id="again"/>',
        _task("work"),
        '<bpmn:exclusiveGateway id="way" default="way_to_again"/><bpmn:endEvent id="done"/>',
        _flows("begin", "again", "work", "way", "again"),
        '<bpmn:sequenceFlow id="way_to_done" sourceRef="way" targetRef="done"><bpmn:conditionExpression '
        "xsi:type=\"bpmn:tFormalExpression\">work.summary == 'enough'</bpmn:conditionExpression></bpmn:sequenceFlow>",
    )


def _soon() -> str:
    return _process(
        SOON,
        '<bpmn:startEvent id="begin"/>',
        _task("wait"),
        '<bpmn:boundaryEvent id="over" attachedToRef="wait" cancelActivity="true"><bpmn:timerEventDefinition '
        'id="over_timer"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">'
        "due('soon')</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:endEvent id="done"/><bpmn:endEvent id="ended"/>',
        _flows("begin", "wait", "done"),
        _flows("over", "ended"),
    )


def _process(process: str, *parts: str) -> str:
    properties = _properties(group="service_engineer", starts="case")
    return (
        f'<bpmn:definitions {_NAMES} id="{process}_definitions" targetNamespace="urn:shouhou:bench">'
        f'<bpmn:process id="{process}" name="{process}" isExecutable="true">'
        f"<bpmn:extensionElements>{properties}</bpmn:extensionElements>{''.join(parts)}</bpmn:process></bpmn:definitions>"
    )


def _task(task: str) -> str:
    extensions = f"<bpmn:extensionElements>{_properties(form='two_texts')}</bpmn:extensionElements>"
    return f'<bpmn:userTask id="{task}" name="{task}">{extensions}</bpmn:userTask>'


def _properties(**values: str) -> str:
    inside = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in values.items())
    return f"<spiffworkflow:properties>{inside}</spiffworkflow:properties>"


def _flows(*elements: str) -> str:
    return "".join(
        f'<bpmn:sequenceFlow id="{a}_to_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(elements)
    )


def _limits(xml: str) -> str:
    """The limits of the real procedures and two more: one that is never due, one that soon is."""
    return xml.replace("<rule ", _limit("bench", 2880) + _limit("soon", 0.05) + "<rule ", 1)


def _limit(name: str, minutes: float) -> str:
    inputs = "".join(
        f'<inputEntry id="{name}_i{n}"><text>{text}</text></inputEntry>'
        for n, text in enumerate((f'"{name}"', "-", "-"))
    )
    outputs = "".join(
        f'<outputEntry id="{name}_o{n}"><text>{text}</text></outputEntry>'
        for n, text in enumerate((minutes, '"always"', '"internal"', '"step"'))
    )
    return f'<rule id="limits_{name}">{inputs}{outputs}</rule>'


_TEXT = '{"type": "string", "title": "%s", "x-title-en": "%s", "maxLength": 500}'
_FORM = (
    f'{{"$schema": "{_SCHEMA}", "type": "object", "title": "两个文本", "x-title-en": "Two texts", "properties": '
    f'{{"summary": {_TEXT % ("摘要", "Summary")}, "remark": {_TEXT % ("备注", "Remark")}}}, "required": ["summary"]}}'
)
