"""Who acts, and what they may do: the one policy of the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from engine.foundation.database import Database
from engine.foundation.errors import Forbidden
from engine.foundation.ids import new_id
from engine.foundation.models import AccessLog
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system itself) on whose behalf a command runs; `groups` are group ids, `language` zh or en.

    `stands_in_for` names the absent people whose work this person may take; their groups are among `groups`.
    """

    id: str
    name: str
    groups: frozenset[str] = frozenset()
    language: str = "zh"
    stands_in_for: frozenset[str] = frozenset()

    @property
    def is_system(self) -> bool:
        """True for timers, replays and the operator's command line."""
        return self.id == SYSTEM_ID

    @property
    def is_customer(self) -> bool:
        """True for the page behind a customer's link: whoever opened it proved to be the customer of that case."""
        return self.id == PORTAL.id

    @property
    def is_outside(self) -> bool:
        """True for whatever comes from outside the company."""
        return self.id in (PORTAL.id, MAILBOX.id)


SYSTEM_ID = "system"
SYSTEM = Actor(id=SYSTEM_ID, name="系统 / System")
PORTAL = Actor(id="portal", name="客户 / Customer")  # the customer, by the page behind their link
MAILBOX = Actor(id="mailbox", name="客户邮件 / Customer's mail")  # whoever wrote to the mailbox
OWN_ACTORS = {one.id: one for one in (SYSTEM, PORTAL, MAILBOX)}  # act without being people of the register


@dataclass(frozen=True, slots=True)
class Target:
    """What an act is aimed at, as far as permission depends on it; `label` is what the access log shows."""

    label: str
    group: str | None = None
    assignee: str | None = None
    handler: str | None = None
    excluded: Collection[str] = ()
    kept_out: Collection[str] = ()  # whatever the act: the case concerns them


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
    "take_task": _policy("领取任务", "take this task", relations="group assignee", four_eyes=True),
    "complete_task": _policy("完成任务", "complete this task", relations="group assignee", four_eyes=True),
    "release_task": _policy(
        "退回任务", "give this task back", "service_manager", "vice_president", relations="assignee"
    ),
    "delegate_task": _policy(
        "转交任务", "hand this task over", "service_manager", "vice_president", relations="assignee"
    ),
    "reassign_task": _policy("改派任务", "reassign a task", "service_manager", "vice_president"),
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
    "export": _policy("导出数据", "export data", "auditor", "process_owner", "administrator"),
    "see_access_log": _policy("查看访问日志", "see the access log", "auditor", "administrator"),
    "see_people": _policy("查看人员和岗位组", "see people and groups", relations="anybody"),
    "manage_people": _policy("管理人员和岗位组", "manage people and groups", "administrator"),
    "set_absence": _policy(
        "登记缺勤", "record an absence", "administrator", "service_manager", relations="assignee"
    ),
    "manage_calendar": _policy("维护工作日历", "keep the calendar", "administrator", "process_owner"),
    "manage_settings": _policy("修改系统设置", "change settings", "administrator"),
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


class Refused(Forbidden):
    """An act that the policy refuses; remembers what was tried, for the access log."""

    def __init__(self, text: Text, *, act: str, target: str) -> None:
        super().__init__(text)
        self.act = act
        self.target = target


def require(actor: Actor, act: str, target: Target | None = None) -> None:
    """Return when `actor` may do `act` to `target`; raises Refused. An act without a policy is a KeyError."""
    policy = POLICIES[act]
    aimed = target or Target(label=act)
    if actor.is_system:
        return
    if actor.id in aimed.kept_out:
        raise Refused(_KEPT_OUT, act=act, target=aimed.label)
    if policy.four_eyes and actor.id in aimed.excluded:
        raise Refused(_FOUR_EYES.format(what=policy.what), act=act, target=aimed.label)
    if not (actor.groups & policy.groups or _related(actor, policy, aimed)):
        raise Refused(_FORBIDDEN.format(what=policy.what, name=actor.name), act=act, target=aimed.label)


def may(actor: Actor, act: str, target: Target | None = None) -> bool:
    """Whether `require` would let it pass; for showing or hiding a button."""
    try:
        require(actor, act, target)
    except Forbidden:
        return False
    return True


@contextmanager
def refusals_logged(
    database: Database, *, actor: Actor, at: datetime, address: str | None = None
) -> Iterator[None]:
    """Write every refusal inside the block to the access log, in a transaction of its own, and pass it on.

    To be put around a transaction, not into one: what the refused act had written is rolled back first.
    """
    try:
        yield
    except Forbidden as refusal:
        act, target = getattr(refusal, "act", "unknown"), getattr(refusal, "target", "")
        log_refusal(database, actor=actor, act=act, target=target, at=at, address=address)
        raise


def log_refusal(
    database: Database, *, actor: Actor, act: str, target: str, at: datetime, address: str | None = None
) -> None:
    """Write one refusal to the access log, in a transaction of its own."""
    with database.write() as tx:
        log_access(tx, actor=actor.id, act=act, target=target, allowed=False, at=at, address=address)


def log_access(
    tx: Connection,
    *,
    actor: str,
    act: str,
    target: str,
    allowed: bool,
    at: datetime,
    address: str | None = None,
) -> None:
    """One line of the access log: who tried what, and whether it was allowed."""
    tx.execute(
        insert(AccessLog).values(
            id=new_id(at),
            at=at,
            actor=actor[:64],
            act=act[:64],
            target=target[:200],
            allowed=allowed,
            address=address,
        )
    )


def _related(actor: Actor, policy: Policy, target: Target) -> bool:
    themselves = {actor.id} | actor.stands_in_for
    relations = {
        "anybody": True,
        "group": target.group is not None and target.group in actor.groups,
        "assignee": target.assignee in themselves,
        "handler": target.handler in themselves,
        "customer": actor.is_customer,
    }
    return any(relations[relation] for relation in policy.relations)


_FORBIDDEN = Text(
    zh="{name} 无权{what}; 此次尝试已记录。如确有需要, 请联系系统管理员或部门经理。",
    en="{name} is not entitled to {what}; the attempt was recorded. Ask the administrator or your manager if you should be.",
)
_KEPT_OUT = Text(
    zh="此案例不对您开放; 此次尝试已记录。如有疑问, 请联系质量控制管理部。",
    en="This case is not open to you; the attempt was recorded. Ask quality control if in doubt.",
)
_FOUR_EYES = Text(
    zh="您处理过本案例, 不能再{what}; 请由其他人完成(职责分离)。",
    en="You handled this case, so you may not {what}; somebody else must do it (separation of duties).",
)
