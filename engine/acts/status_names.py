"""What the states of a case are called: short words for the common ones, else the step that brings the state about."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.library import Library, once_per_release
from engine.foundation.text import Text, same

STATUSES: dict[str, Text] = {
    "new": Text(zh="新建", en="New"),
    "intake": Text(zh="受理中", en="Intake"),
    "answering": Text(zh="咨询答复中", en="Being answered"),
    "answered": Text(zh="已答复", en="Answered"),
    "declined": Text(zh="未受理", en="Declined"),
    "dispatching": Text(zh="待派工", en="To be dispatched"),
    "awaiting_acceptance": Text(zh="待接单", en="Awaiting acceptance"),
    "handling": Text(zh="处理中", en="In progress"),
    "escalated": Text(zh="已升级", en="Escalated"),
    "part_in_repair": Text(zh="配件返修中", en="Part in repair"),
    "at_supplier": Text(zh="配件在供货商处", en="Part at the supplier"),
    "verifying": Text(zh="验证中", en="Being verified"),
    "awaiting_confirmation": Text(zh="待客户确认", en="Awaiting the customer's confirmation"),
    "writing_result": Text(zh="整理结果", en="Result being written"),
    "closing": Text(zh="待关闭", en="To be closed"),
    "closed": Text(zh="已关闭", en="Closed"),
    "following_up": Text(zh="回访中", en="Follow-up"),
    "recovering": Text(zh="补救中", en="Recovery"),
    "reopened": Text(zh="已重新打开", en="Re-opened"),
    "completed": Text(zh="已完成", en="Completed"),
    "cancelled": Text(zh="已取消", en="Cancelled"),
    "incident": Text(zh="流程异常", en="Incident"),
}


def status_name(library: Library, status: str) -> Text:
    """A state in words; the id in plain letters when no element of the release sets it."""
    if status in STATUSES:
        return STATUSES[status]
    return _as_drawn(library).get(status) or same(status.replace("_", " "))


@once_per_release
def _as_drawn(library: Library) -> Mapping[str, Text]:
    """Each state by the first named element that brings it about."""
    names: dict[str, Text] = {}
    for diagram in library.diagrams.values():
        for element in diagram.elements.values():
            status = element.properties.get("status")
            if status is not None and element.name.zh:
                names.setdefault(status, element.name)
    return names
