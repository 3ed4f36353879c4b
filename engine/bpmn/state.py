"""The state of a run as bytes: live tokens, data and counters, without the specification."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.bpmn.closure import Closure
from engine.bpmn.determinism import Pulse
from engine.bpmn.environment import Environment
from engine.bpmn.flows import CaseFlow, Flow
from engine.bpmn.tokens import Scope, Token
from engine.foundation.text import Text

FORMAT = 1
SMALL = 2_000
"""Bytes up to which compressing costs more than it saves."""


def dump(top: CaseFlow) -> bytes:
    """The state as JSON, compressed when it pays; equal states give equal bytes."""
    flows = top.flows()
    content = {
        "format": FORMAT,
        "process": top.process,
        "drawn": top.pulse.drawn,
        "data": top.data_here,
        "flows": [_flow(flow) for flow in flows],
    }
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return plain if len(plain) <= SMALL else zlib.compress(plain, 1)


def read(state: bytes) -> dict[str, Any]:
    """The content of a dumped state; `process` says which closure it needs."""
    plain = state if state.startswith(b"{") else zlib.decompress(state)
    content: dict[str, Any] = json.loads(plain)
    if content["format"] != FORMAT:
        raise ValueError(f"expected a state of format {FORMAT}, found {content['format']}")
    return content


def load(
    content: Mapping[str, Any], *, closure: Closure, case_id: UUID, environment: Environment
) -> CaseFlow:
    """The running diagrams as they were dumped. Raises DiagramFailed when they do not fit the closure."""
    pulse = Pulse(case_id, drawn=content["drawn"])
    top = CaseFlow(closure, pulse=pulse, environment=environment)
    hosts: dict[str, Token] = {}
    for row in content["flows"]:
        _restore(top, row, content["data"], hosts)
    return top


def _flow(flow: Flow) -> dict[str, Any]:
    places = {id: place for place, id in enumerate(flow.tasks)}
    row: dict[str, Any] = {
        "tokens": [_token(token, places) for token in flow.tasks.values() if token is not flow.task_tree],
        "completed": flow.completed,
        "outcome": flow.outcome,
    }
    if flow.host is not None:
        row["host"], row["spec"] = flow.host.id.hex, flow.spec.name
        row["local"] = None if flow.spec.embedded else flow.task_tree.own
    return row


def _token(token: Token, places: Mapping[UUID, int]) -> list[Any]:
    return [
        token.id.hex,
        places[token._parent],
        token.task_spec.name,
        token.state,
        token.last_state_change,
        token.internal_data,
        token.triggered,
        token.own if token.confined else None,
    ]


def _restore(top: CaseFlow, row: Mapping[str, Any], data: dict[str, object], hosts: dict[str, Token]) -> None:
    flow: Flow = top
    if "host" in row:
        host = hosts[row["host"]]
        flow = top.open(host, row["spec"])
        flow.plant(host.data if row["local"] is None else Scope(row["local"], host.data))
    else:
        flow.plant(data)
    flow.completed, flow.outcome = row["completed"], row["outcome"]
    tokens = [flow.task_tree]
    for line in row["tokens"]:
        token = _revive(flow, line, tokens[line[1]])
        tokens.append(token)
        hosts[line[0]] = token


def _revive(flow: Flow, line: list[Any], parent: Token) -> Token:
    id, _, name, state, since, internal, triggered, local = line
    spec = flow.spec.task_specs.get(name)
    if spec is None:
        raise flow.top_workflow.closure.failure(_gone(name), process=flow.process, element=None)
    token = Token(flow, spec, parent, id=UUID(hex=id))
    token._state, token.last_state_change = state, since
    token.internal_data, token.triggered = internal, triggered
    token.entered = not getattr(
        spec, "attached", False
    )  # a boundary event is told when it happens, not before
    if local is None:
        token._inherit_data()
    else:
        token.confine(local)
    if token.live:
        flow.live[token.id] = token
    return token


def _gone(name: str) -> Text:
    return Text(
        zh=f"案件停留在流程图中已不存在的元素“{name}”; 请先迁移案件",
        en=f"the case waits at '{name}', which the diagram no longer has; migrate the case",
    )
