"""How a case moves by itself: element after element, until only people, timers and messages can go on."""

from __future__ import annotations

from engine.bpmn.compaction import compact
from engine.bpmn.flows import CaseFlow
from engine.bpmn.tokens import Token
from engine.bpmn.waiting import for_events, waiting
from engine.foundation.text import Text

LONGEST_STEP = 10_000
"""Elements that may run by themselves in one command; a diagram that needs more runs in circles."""
UNTIDY = 200
"""Tokens of one flow above which the past is forgotten in the middle of a command."""


def advance(top: CaseFlow) -> None:
    """Run what runs by itself, then forget what is over.

    Raises DiagramFailed where the diagram runs in circles, or waits for what can no longer come.
    """
    left = LONGEST_STEP
    while (token := top.next_ready()) is not None:
        left -= 1
        if left < 0:
            raise token.failure(_CIRCLES)
        run_one(top, token)
    _require_progress(top)
    compact(top)


def run_one(top: CaseFlow, token: Token) -> None:
    """Run one element; what it calls is told where it stands."""
    top.environment.at = token
    token.run()
    token.workflow.settle(token)
    if len(token.workflow.tasks) > UNTIDY:
        compact(top)


def _require_progress(top: CaseFlow) -> None:
    if top.completed or any(token.task_spec.manual or for_events(token) for token in waiting(top)):
        return
    raise next(waiting(top)).failure(_STUCK)


_CIRCLES = Text(
    zh=f"一次操作中自动执行了超过 {LONGEST_STEP} 个元素; 流程图在无人参与的情况下循环",
    en=f"more than {LONGEST_STEP} elements ran in one command; the diagram runs in circles without people",
)
_STUCK = Text(
    zh="这里在等待一条永远不会到来的分支; 请检查并行网关",
    en="it waits for a branch that can no longer come; check the parallel gateways",
)
