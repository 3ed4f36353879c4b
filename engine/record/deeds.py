"""What a person, a timer or the world outside did, each kind of event in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.foundation.text import Text
from engine.record.told import ToldEvent


def _about(zh: str, en: str) -> Callable[[ToldEvent], Text]:
    """A sentence about the element of the event."""
    return lambda event: Text(zh=zh, en=en).format(n=event.subject)


def _handed(zh: str, en: str) -> Callable[[ToldEvent], Text]:
    """A sentence about the element and the person who receives it."""
    return lambda event: Text(zh=zh, en=en).format(
        n=event.subject, to=event.names.person(str(event.input.get("to") or ""))
    )


def _opened(event: ToldEvent) -> Text:
    diagram = event.diagram(event.row.process)
    name = diagram.name if diagram is not None else Text(zh="服务", en="service")
    return Text(zh="受理案例: {n}", en="Case opened: {n}").format(n=name)


def other(_event: ToldEvent) -> Text:
    """A kind of event that this version has no sentence for."""
    return Text(zh="记录了一次操作", en="An act was recorded")


ACTS: Mapping[str, Callable[[ToldEvent], Text]] = {
    "case:start": _opened,
    "task:complete": _about("完成: {n}", "Completed: {n}"),
    "task:claim": _about("领取: {n}", "Taken on: {n}"),
    "task:release": _about("退回岗位组: {n}", "Given back to the group: {n}"),
    "task:reassign": _handed("改派给{to}: {n}", "Reassigned to {to}: {n}"),
    "task:delegate": _handed("委托给{to}: {n}", "Delegated to {to}: {n}"),
    "task:take_back": _about("撤回转交: {n}", "Hand-over undone: {n}"),
    "task:overdue": _about("超过时限: {n}", "Past its time limit: {n}"),
    "timer:fire": _about("到时: {n}", "Time is up: {n}"),
    "message:send": _about("执行操作: {n}", "Action taken: {n}"),
    "message:deliver": _about("收到: {n}", "Received: {n}"),
    "attachment:add": lambda _: Text(zh="添加附件", en="Attachments added"),
    "note:add": lambda _: Text(zh="补充说明", en="A note was added"),
    "customer:rate": lambda _: Text(zh="客户评价服务", en="The customer rated the service"),
    "case:pause": lambda _: Text(zh="暂停客户时限", en="The customer's clock was stopped"),
    "case:resume": lambda _: Text(zh="客户时限继续计时", en="The customer's clock runs again"),
    "intervene:deadline": _about("调整时限: {n}", "Deadline moved: {n}"),
    "intervene:cancel": lambda _: Text(zh="取消案例", en="The case was cancelled"),
}
