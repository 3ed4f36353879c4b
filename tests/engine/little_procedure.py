"""A little procedure: three tasks with a reminder, beside a wait that only a timer ends."""

from __future__ import annotations

import json
from itertools import pairwise

from engine.bpmn.library import SourceFile

PROCESS = "little"

_LIMITS = {"remind": (0.01, "customer"), "wait": (0.05, "internal")}  # minutes, clock


def files() -> list[SourceFile]:
    """A release with this procedure only."""
    return [
        SourceFile("processes/little.bpmn", _BPMN.encode()),
        SourceFile("processes/limits.dmn", _limits().encode()),
        SourceFile("processes/messages.json", json.dumps(_MESSAGES).encode()),
        *(
            SourceFile(f"forms/{task}.json", _form(task))
            for task in ("begun", "take_in", "repair", "hand_back")
        ),
    ]


def _form(task: str) -> bytes:
    words = {"title": task, "x-title-en": task}
    field = {"type": "string", "title": "说明", "x-title-en": "Note", "maxLength": 200}
    form = {"type": "object", **words, "properties": {"note": field}, "required": ["note"]}
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **form}).encode()


_MESSAGES = {"late": {lang: {"subject": "late {number}", "body": "late {number}"} for lang in ("zh", "en")}}

_NAMES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)


def _properties(**values: str) -> str:
    inside = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in values.items())
    return f"<spiffworkflow:properties>{inside}</spiffworkflow:properties>"


def _task(task: str, group: str) -> str:
    extensions = _properties(group=group, handles="true")
    return f'<bpmn:userTask id="{task}" name="{task}"><bpmn:extensionElements>{extensions}</bpmn:extensionElements></bpmn:userTask>'


def _timer(event: str, task: str, limit: str, *, interrupting: bool) -> str:
    return (
        f'<bpmn:boundaryEvent id="{event}" attachedToRef="{task}" cancelActivity="{str(interrupting).lower()}">'
        f'<bpmn:timerEventDefinition id="{event}_timer"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">'
        f"due('{limit}')</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def _flow(source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="{source}_to_{target}" sourceRef="{source}" targetRef="{target}"/>'


def _notify(task: str) -> str:
    parameters = "".join(
        f'<spiffworkflow:parameter id="{k}" type="any" value="{v}"/>'
        for k, v in (("to", "'group:service_manager'"), ("message", "'late'"))
    )
    return (
        f'<bpmn:serviceTask id="{task}" name="{task}"><bpmn:extensionElements>'
        f'<spiffworkflow:serviceTaskOperator id="notify"><spiffworkflow:parameters>{parameters}'
        "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator></bpmn:extensionElements></bpmn:serviceTask>"
    )


_CHAIN = ("begun", "both", "take_in", "repair", "hand_back", "together", "finished")

_BPMN = "".join(
    (
        f'<bpmn:definitions {_NAMES} id="little_definitions" targetNamespace="urn:shouhou:little">',
        f'<bpmn:process id="{PROCESS}" name="little" isExecutable="true"><bpmn:extensionElements>',
        _properties(group="call_center", starts="case"),
        '</bpmn:extensionElements><bpmn:startEvent id="begun"/><bpmn:parallelGateway id="both"/>',
        _task("take_in", "call_center"),
        _task("repair", "service_engineer"),
        _task("hand_back", "service_engineer"),
        _task("wait_for_part", "purchasing"),
        _timer("remind_due", "repair", "remind", interrupting=False),
        _notify("remind"),
        '<bpmn:endEvent id="reminded"/>',
        _timer("wait_over", "wait_for_part", "wait", interrupting=True),
        '<bpmn:exclusiveGateway id="waited"/><bpmn:parallelGateway id="together"/><bpmn:endEvent id="finished"/>',
        *(_flow(*pair) for pair in pairwise(_CHAIN)),
        _flow("both", "wait_for_part"),
        _flow("wait_for_part", "waited"),
        _flow("wait_over", "waited"),
        _flow("waited", "together"),
        _flow("remind_due", "remind"),
        _flow("remind", "reminded"),
        "</bpmn:process></bpmn:definitions>",
    )
)


def _limits() -> str:
    rules = "".join(
        f'<rule id="r_{name}"><inputEntry id="i_{name}"><text>"{name}"</text></inputEntry>'
        + "".join(
            f'<outputEntry id="o_{name}_{n}"><text>{value}</text></outputEntry>'
            for n, value in enumerate((minutes, '"always"', f'"{clock}"', '"step"'))
        )
        + "</rule>"
        for name, (minutes, clock) in _LIMITS.items()
    )
    outputs = "".join(
        f'<output id="o_{name}" name="{name}" label="{name}" typeRef="{kind}"/>'
        for name, kind in (
            ("minutes", "number"),
            ("calendar", "string"),
            ("clock", "string"),
            ("scope", "string"),
        )
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="limits" namespace="urn:x">'
        '<decision id="limits" name="limits"><decisionTable id="t" hitPolicy="FIRST"><input id="i" label="limit">'
        f'<inputExpression id="e" typeRef="string"><text>limit</text></inputExpression></input>{outputs}{rules}'
        "</decisionTable></decision></definitions>"
    )
