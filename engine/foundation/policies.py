"""The one table of who may do what: acts against groups and relations."""

from __future__ import annotations

from dataclasses import dataclass

from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may do one act: members of `groups`, or people who stand in one of `relations` to the target.

    Relations are `anybody` (signed in), `group` (member of the target's group), `assignee`, `handler`, and `customer`
    (by their link to the case).
    `four_eyes` refuses the people whom the target excludes, whatever their group.
    """

    what: Text
    groups: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    four_eyes: bool = False


def _policy(zh: str, en: str, *groups: str, relations: str = "", four_eyes: bool = False) -> Policy:
    return Policy(Text(zh=zh, en=en), frozenset(groups), frozenset(relations.split()), four_eyes)


_AT_THE_CUSTOMER = (
    "call_center",
    "duty_engineer",
    "service_engineer",
    "technical_specialist",
    "service_manager",
    "vice_president",
    "maintenance_staff",
    "maintenance_dept",
)

POLICIES: dict[str, Policy] = {
    "open_case": _policy("新建案例", "open a case", relations="anybody"),
    "see_case": _policy("查看案例", "see a case", relations="anybody"),
    "see_history": _policy("查看案例历史", "read the history of a case", relations="anybody"),
    "see_queue": _policy("查看该岗位组的待办", "see the tasks of this group", relations="group"),
    "take_task": _policy("领取任务", "take this task", relations="group assignee", four_eyes=True),
    "complete_task": _policy("完成任务", "complete this task", relations="group assignee", four_eyes=True),
    "draft_task": _policy(
        "保存任务草稿", "keep a draft of this task", relations="group assignee", four_eyes=True
    ),
    "release_task": _policy(
        "退回任务", "give this task back", "service_manager", "vice_president", relations="assignee"
    ),
    "delegate_task": _policy(
        "转交任务", "hand this task over", "service_manager", "vice_president", relations="assignee"
    ),
    "reassign_task": _policy("改派任务", "reassign a task", "service_manager", "vice_president"),
    "take_back_task": _policy("撤回转交", "undo this hand-over", relations="assignee"),
    "send_message": _policy("执行此操作", "do this", relations="group assignee", four_eyes=True),
    "add_attachment": _policy("添加附件", "add an attachment", relations="anybody"),
    "see_attachments": _policy("查看附件", "see the attachments of a case", relations="anybody"),
    "add_note": _policy("补充说明", "add a note", relations="anybody"),
    "answer_as_customer": _policy("代表客户答复", "answer for the customer", relations="customer"),
    "rate_case": _policy("评价服务", "rate the service", relations="customer"),
    "manage_customer_links": _policy(
        "管理客户查询链接",
        "manage the customer's links",
        "call_center",
        "service_manager",
        "project_management",
        "administrator",
    ),
    "pause_case": _policy(
        "暂停或恢复计时",
        "pause or resume the clocks",
        "call_center",
        "service_manager",
        "project_management",
        relations="handler",
    ),
    "retry_incident": _policy(
        "重试异常", "retry an incident", "process_owner", "administrator", "service_manager"
    ),
    "see_incidents": _policy(
        "查看异常",
        "see incidents",
        "process_owner",
        "administrator",
        "service_manager",
        "vice_president",
        "auditor",
    ),
    "intervene": _policy("干预运行中的案例", "intervene in a running case", "process_owner", "administrator"),
    "see_processes": _policy("查看流程", "see processes", relations="anybody"),
    "publish": _policy("发布流程", "publish processes", "process_owner"),
    "see_figures": _policy("查看统计", "see figures", relations="anybody"),
    "publish_figures": _policy("发布统计指标", "publish figures", "quality_control"),
    "sign_figures": _policy(
        "签署指标更正", "sign a change of a figure", "quality_control", "vice_president", four_eyes=True
    ),
    "verify": _policy("核验历史", "verify histories", "auditor", "process_owner", "administrator"),
    "see_people": _policy("查看人员和岗位组", "see people and groups", relations="anybody"),
    "manage_people": _policy("管理人员和岗位组", "manage people and groups", "administrator"),
    "reset_second_factor": _policy("重置他人的两步登录", "reset somebody's second factor", "administrator"),
    "set_absence": _policy(
        "登记缺勤", "record an absence", "administrator", "service_manager", relations="assignee"
    ),
    "manage_calendar": _policy("维护工作日历", "keep the calendar", "administrator", "process_owner"),
    "see_registers": _policy("查看台账", "see the registers", relations="anybody"),
    "see_contact_details": _policy(
        "查看联系方式",
        "see telephone numbers and addresses",
        *_AT_THE_CUSTOMER,
        "project_management",
        "purchasing",
        "account_manager",
        "sales",
        "si_head",
        "software_division",
        "gm_assistant",
        "administrator",
    ),
    "keep_customers": _policy(
        "维护客户台账",
        "keep the register of customers",
        "call_center",
        "service_manager",
        "project_management",
        "account_manager",
        "sales",
        "administrator",
    ),
    "keep_assets": _policy(
        "维护设备台账",
        "keep the register of devices",
        *_AT_THE_CUSTOMER,
        "project_management",
        "account_manager",
        "administrator",
    ),
    "keep_contracts": _policy(
        "维护合同台账",
        "keep the register of contracts",
        "service_manager",
        "project_management",
        "account_manager",
        "sales",
        "administrator",
    ),
    "keep_supply": _policy(
        "维护备件和供货商台账",
        "keep the registers of parts and suppliers",
        "purchasing",
        "service_manager",
        "administrator",
    ),
    "keep_bulletins": _policy(
        "发布通报", "announce platform faults and advisories", *_AT_THE_CUSTOMER, "software_division"
    ),
    "write_knowledge": _policy(
        "编写知识条目", "write knowledge articles", *_AT_THE_CUSTOMER, "software_division", "quality_control"
    ),
    "review_knowledge": _policy(
        "审核知识条目",
        "review knowledge articles",
        "technical_specialist",
        "service_manager",
        "quality_control",
        four_eyes=True,
    ),
    "keep_duty": _policy(
        "维护值班表",
        "keep the duty roster",
        "call_center",
        "service_manager",
        "maintenance_dept",
        "administrator",
    ),
    "export_register": _policy(
        "导出台账",
        "export registers",
        "service_manager",
        "account_manager",
        "purchasing",
        "administrator",
    ),
    "see_outbox": _policy(
        "查看通知发送情况", "see sent messages", "administrator", "service_manager", "auditor"
    ),
    "resend": _policy("重发通知", "send a message again", "administrator", "service_manager"),
}
