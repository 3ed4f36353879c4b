"""Words for the ids that cases carry: groups, states, channels; an unknown id reads as it was written in the diagram."""

from __future__ import annotations

from flask import Flask

from engine.desk.groups import GROUPS
from engine.foundation.text import Text, same
from webapp.context import language

STATUSES: dict[str, Text] = {
    "new": Text(zh="新建", en="New"),
    "registered": Text(zh="已受理", en="Registered"),
    "received": Text(zh="已受理", en="Received"),
    "triage": Text(zh="分诊中", en="In triage"),
    "dispatching": Text(zh="待派单", en="To be dispatched"),
    "dispatched": Text(zh="已派单", en="Dispatched"),
    "accepted": Text(zh="已接单", en="Accepted"),
    "in_progress": Text(zh="处理中", en="In progress"),
    "handling": Text(zh="处理中", en="In progress"),
    "escalated": Text(zh="已升级", en="Escalated"),
    "repair": Text(zh="返修中", en="In repair"),
    "in_repair": Text(zh="返修中", en="In repair"),
    "resolved": Text(zh="已解决", en="Resolved"),
    "closing": Text(zh="待关闭", en="To be closed"),
    "closed": Text(zh="已关闭", en="Closed"),
    "follow_up": Text(zh="回访中", en="Follow-up"),
    "reopened": Text(zh="已重新打开", en="Re-opened"),
    "cancelled": Text(zh="已取消", en="Cancelled"),
    "incident": Text(zh="流程异常", en="Incident"),
}
CHANNELS: dict[str, Text] = {
    "phone": Text(zh="电话", en="Phone"),
    "email": Text(zh="电子邮件", en="E-mail"),
    "web": Text(zh="网页", en="Web"),
    "chat": Text(zh="在线聊天", en="Chat"),
    "colleague": Text(zh="同事转告", en="A colleague"),
    "fax": Text(zh="传真", en="Fax"),
    "modem": Text(zh="调制解调器", en="Modem"),
}
COVERAGES: dict[str, Text] = {
    "none": Text(zh="不在保", en="Not covered"),
    "warranty": Text(zh="保修期内", en="In warranty"),
    "contract": Text(zh="合同内", en="Under contract"),
}
KINDS: dict[str, Text] = {
    "startEvent": Text(zh="开始", en="Start"),
    "endEvent": Text(zh="结束", en="End"),
    "userTask": Text(zh="人工任务", en="Task"),
    "manualTask": Text(zh="手工任务", en="Manual task"),
    "scriptTask": Text(zh="计算", en="Script"),
    "serviceTask": Text(zh="自动", en="Service"),
    "businessRuleTask": Text(zh="决策", en="Decision"),
    "callActivity": Text(zh="调用流程", en="Called process"),
    "subProcess": Text(zh="子流程", en="Sub-process"),
    "exclusiveGateway": Text(zh="判断", en="Question"),
    "parallelGateway": Text(zh="并行", en="Parallel"),
    "inclusiveGateway": Text(zh="包容分支", en="Inclusive"),
    "eventBasedGateway": Text(zh="等待其一", en="Whichever first"),
    "intermediateCatchEvent": Text(zh="等待", en="Wait"),
    "intermediateThrowEvent": Text(zh="事件", en="Event"),
    "boundaryEvent": Text(zh="边界事件", en="Boundary event"),
}
HIT_POLICIES: dict[str, Text] = {
    "UNIQUE": Text(zh="唯一命中: 恰有一行适用", en="Unique: exactly one row applies"),
    "FIRST": Text(zh="首行命中: 自上而下第一个适用的行", en="First: the topmost row that applies"),
    "COLLECT": Text(zh="汇总: 所有适用的行", en="Collect: every row that applies"),
}
VOCABULARIES = {
    "status": STATUSES,
    "channel": CHANNELS,
    "coverage": COVERAGES,
    "kind": KINDS,
    "hit_policy": HIT_POLICIES,
    "group": GROUPS,
}


def register(app: Flask) -> None:
    """Offer `id|word("status")` and `id|group_name` to templates."""
    app.template_filter("word")(word)
    app.template_filter("group_name")(lambda group: word(group, "group"))


def group_name(group: str) -> Text:
    """What a group is called."""
    return GROUPS.get(group, same(group))


def word(value: str | None, vocabulary: str) -> str:
    """An id of one of the vocabularies in the language of the page; empty for None."""
    if value is None:
        return ""
    known = VOCABULARIES[vocabulary].get(value)
    return value.replace("_", " ") if known is None else known.in_(language())
