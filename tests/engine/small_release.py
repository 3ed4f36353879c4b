"""A small release for tests of the transaction: diagrams with tasks, timers, and scripts that may fail."""

from __future__ import annotations

import json

from engine.bpmn.library import SourceFile
from tests.engine.diagrams import (
    boundary,
    bpmn,
    date,
    end,
    extension,
    parallel,
    path,
    script,
    service,
    start,
    user,
)

LIMITS = {"remind": 10, "first": 60, "second": 60, "beside": 90}  # minutes, around the clock
RISKY = "(100 / (1 if entitlement().covered else 0))"  # raises until the customer has a contract


def files() -> list[SourceFile]:
    """Everything, to be published."""
    return [
        _small(),
        _shaky(),
        _ladder(),
        SourceFile("processes/limits.dmn", _limits().encode()),
        SourceFile("processes/messages.json", json.dumps(_MESSAGES).encode()),
        *(SourceFile(f"forms/{form}.json", _form(form, *names)) for form, names in _FORMS.items()),
    ]


def _properties(**values: str) -> str:
    inside = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in values.items())
    return extension(f"<spiffworkflow:properties>{inside}</spiffworkflow:properties>")


def _small() -> SourceFile:
    """Take in, then finish; a note "risky" divides by what is not there, and so does the timer of "brittle"."""
    return bpmn(
        "small",
        _properties(group="call_center", starts="case"),
        start(),
        user("take_in", _properties(handles="true")),
        boundary("reminder_due", "take_in", date("due('remind')"), interrupting=False),
        service("remind", "notify", to="'group:call_center'", message="'late'"),
        end("reminded"),
        script("rate", f"rate = {RISKY} if take_in.note == 'risky' else 1"),
        user("finish", _properties(group="service_engineer")),
        boundary("finish_overdue", "finish", date("due('remind')"), interrupting=False),
        script("count", f"late = {RISKY} if take_in.note == 'brittle' else 1"),
        end("counted"),
        end("done"),
        path("begin", "take_in", "rate", "finish", "done"),
        path("reminder_due", "remind", "reminded"),
        path("finish_overdue", "count", "counted"),
    )


def _shaky() -> SourceFile:
    """Fails as soon as it starts."""
    return bpmn(
        "shaky",
        _properties(group="call_center", starts="case"),
        start("asked"),
        script("weigh", f"weight = {RISKY}"),
        user("look", _properties()),
        end("seen"),
        path("asked", "weigh", "look", "seen"),
    )


def _ladder() -> SourceFile:
    """Two steps that time takes one after the other, beside a third that it takes in between."""
    return bpmn(
        "ladder",
        _properties(group="call_center", starts="case"),
        start("called"),
        parallel("split"),
        user("first_step"),
        boundary("first_over", "first_step", date("due('first')")),
        user("second_step"),
        boundary("second_over", "second_step", date("due('second')")),
        end("climbed"),
        end("stepped"),
        end("stopped"),
        user("beside_step"),
        boundary("beside_over", "beside_step", date("due('beside')")),
        end("waited"),
        end("worked"),
        user("steady"),
        end("kept"),
        path("called", "split", "first_step", "stopped"),
        path("first_over", "second_step", "stepped"),
        path("second_over", "climbed"),
        path("split", "beside_step", "worked"),
        path("beside_over", "waited"),
        path("split", "steady", "kept"),
    )


_FORMS = {
    "begin": ("customer", "title"),
    "asked": ("customer", "title"),
    "called": ("customer", "title"),
    "take_in": ("note",),
    "finish": ("note",),
    "look": ("note",),
    "first_step": ("note",),
    "second_step": ("note",),
    "beside_step": ("note",),
    "steady": ("note",),
}
_MESSAGES = {"late": {lang: {"subject": "late {number}", "body": "late {number}"} for lang in ("zh", "en")}}


def _form(title: str, *names: str) -> bytes:
    field = {"type": "string", "title": "说明", "x-title-en": "Note", "maxLength": 200}
    form = {"title": title, "x-title-en": title, "type": "object", "required": list(names)}
    return json.dumps({**form, "properties": dict.fromkeys(names, field)}).encode()


def _limits() -> str:
    outputs = {"minutes": "number", "calendar": "string", "clock": "string", "scope": "string"}
    columns = "".join(
        f'<output id="o_{n}" name="{n}" label="{n}" typeRef="{t}"/>' for n, t in outputs.items()
    )
    rules = "".join(
        f'<rule id="r_{name}"><inputEntry id="i_{name}"><text>"{name}"</text></inputEntry>'
        + "".join(
            f'<outputEntry id="o_{name}_{n}"><text>{value}</text></outputEntry>'
            for n, value in enumerate((minutes, '"always"', '"internal"', '"step"'))
        )
        + "</rule>"
        for name, minutes in LIMITS.items()
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="limits" namespace="urn:x">'
        '<decision id="limits" name="limits"><decisionTable id="t" hitPolicy="FIRST"><input id="i" label="limit">'
        f'<inputExpression id="e" typeRef="string"><text>limit</text></inputExpression></input>{columns}{rules}'
        "</decisionTable></decision></definitions>"
    )
