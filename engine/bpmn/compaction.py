"""Forgetting what is over: the state holds the live tokens and nothing of the way behind them."""

from __future__ import annotations

from engine.bpmn.flows import CaseFlow, Flow
from engine.bpmn.stepwise import BoundarySplit
from engine.bpmn.tokens import Token


def compact(top: CaseFlow) -> None:
    """Removes every token that is over from all flows of a case.

    The library never forgets, and beyond 1000 tokens in a row it no longer finds the ready ones. Nothing here
    asks for the past: data belongs to flows, a join knows where its tokens came from, history was told in passages.
    """
    for flow in top.flows():
        _compact(flow)


def _compact(flow: Flow) -> None:
    root = flow.task_tree
    kept = {root.id}
    for token in flow.waiting():
        kept |= {token.id, token._parent} if _belongs(token) else {token.id}
    flow.tasks = {id: token for id, token in flow.tasks.items() if id in kept}
    for token in flow.tasks.values():
        token._children = [id for id in token._children if id in kept]
        if token is not root and token._parent not in kept:
            token._parent = root.id
    root._children = [token.id for token in flow.tasks.values() if token._parent == root.id]


def _belongs(token: Token) -> bool:
    """Whether the parent is still needed: it holds an activity and its events, or an activity and its instances."""
    return bool(token.triggered or isinstance(token.parent.task_spec, BoundarySplit))
