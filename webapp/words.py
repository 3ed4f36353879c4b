"""Words for the ids that cases carry: states, channels, limits; an unknown id reads as it was drawn."""

from __future__ import annotations

from flask import Flask

from engine.desk.people import GROUPS
from engine.foundation.text import Text, same
from webapp.context import language

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
LIMITS: dict[str, Text] = {
    "acceptance": Text(zh="接单", en="Acceptance"),
    "arrival": Text(zh="到场", en="Arrival"),
    "closing_decision": Text(zh="关闭审批", en="Closing decision"),
    "confirmation": Text(zh="客户确认", en="Customer's confirmation"),
    "dept_tier": Text(zh="售后维护部处理", en="Maintenance department"),
    "dispatch": Text(zh="派工", en="Dispatch"),
    "engineer_tier": Text(zh="工程师处理", en="Engineer"),
    "first_contact": Text(zh="首次联系", en="First contact"),
    "follow_up": Text(zh="回访", en="Follow-up"),
    "follow_up_retry": Text(zh="再次回访", en="Next follow-up call"),
    "gm_assistant_tier": Text(zh="总经理助理处理", en="Assistant to the general manager"),
    "major_acknowledgement": Text(zh="重大故障确认", en="Major fault acknowledged"),
    "manager_tier": Text(zh="经理处理", en="Manager"),
    "out_of_contract": Text(zh="合同外处理", en="Out-of-contract request"),
    "part_hand_in": Text(zh="交回故障件", en="Faulty part handed in"),
    "resolution": Text(zh="解决", en="Resolution"),
    "response": Text(zh="响应", en="Response"),
    "restoration": Text(zh="恢复", en="Restoration"),
    "result_writing": Text(zh="整理结果", en="Result written"),
    "specialist_tier": Text(zh="技术专员处理", en="Technical specialist"),
    "staff_tier": Text(zh="维护人员处理", en="Maintenance staff"),
    "supplier_repair": Text(zh="供货商维修", en="Supplier's repair"),
    "transfer_acceptance": Text(zh="转交接收", en="Transfer accepted"),
    "triage": Text(zh="分诊", en="Triage"),
    "vice_president_tier": Text(zh="主管副总处理", en="Vice president"),
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
SKILLS: dict[str, Text] = {
    "hardware": Text(zh="硬件", en="Hardware"),
    "network": Text(zh="网络", en="Network"),
    "software": Text(zh="软件", en="Software"),
}
VOCABULARIES = {
    "skill": SKILLS,
    "status": STATUSES,
    "limit": LIMITS,
    "channel": CHANNELS,
    "coverage": COVERAGES,
    "kind": KINDS,
    "hit_policy": HIT_POLICIES,
    "group": GROUPS,
}


def register(app: Flask) -> None:
    """Offer `id|word("status")` and `id|group_name` to templates."""
    app.template_filter("word")(word)
    app.template_filter("hours")(hours)
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


def hours(minutes: float) -> str:
    """Working minutes as a clock reads them: 04:00."""
    whole = max(0, round(minutes))
    return f"{whole // 60:02d}:{whole % 60:02d}"
