"""What happens in the demonstration: storylines as answers at the steps where a story turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """One kind of case. `turns` maps a step to its answers, or to a list of them for each time it is reached.

    `buttons` presses a message button when a step is first waiting. `pace` is the share of the time to the deadline
    that people take; above 1 they are late. `stalls` names a step that nobody does any more. `pauses` names a step
    during which the case waits for the customer for a day. `followed_by` are opened soon after it.
    """

    name: str
    weight: int
    process: str = "service_case"
    opens: Answers = field(default_factory=dict)
    turns: Mapping[str, Answers | Sequence[Answers]] = field(default_factory=dict)
    buttons: Mapping[str, str] = field(default_factory=dict)
    pace: float = 0.35
    stalls: str | None = None
    pauses: str | None = None
    followed_by: Sequence[Story] = ()


GOOD = {"score_solution": 5, "score_service": 4}
FAIR = {"score_solution": 4, "score_service": 3}
ON_SITE = {"next_step": "on_site"}
NO_HURRY = {"importance": "medium", "urgency": "low"}  # leaves time for a visit
REMOTE = {"next_step": "remote"}

STORIES: tuple[Story, ...] = (
    Story("solved by phone", 9, turns={"call_customer": GOOD}),
    Story("solved remotely", 9, turns={"analyse_fault": REMOTE, "call_customer": FAIR}),
    Story(
        "solved on site after remote diagnosis",
        5,
        turns={
            "triage": {"nature": "hardware", **NO_HURRY},
            "analyse_fault": [REMOTE, ON_SITE],
            "test_and_verify": [{"result": "fail"}, {"result": "pass"}],
            "call_customer": GOOD,
        },
        pace=0.1,
    ),
    Story(
        "part exchanged and sent to the supplier",
        3,
        turns={
            "triage": {"nature": "hardware", **NO_HURRY},
            "analyse_fault": {"nature": "hardware", **ON_SITE},
            "repair_on_site": {"part": "exchanged", "exchanged_by": "own"},
            "call_customer": GOOD,
        },
        pace=0.1,
    ),
    Story(
        "repaired part fails inspection once",
        2,
        turns={
            "triage": {"nature": "hardware", **NO_HURRY},
            "analyse_fault": {"nature": "hardware", **ON_SITE},
            "repair_on_site": {"part": "exchanged", "exchanged_by": "manufacturer"},
            "inspect_part": [{"result": "fail"}, {"result": "pass"}],
            "hand_over_part": {"destination": "stock"},
            "call_customer": FAIR,
        },
        pace=0.1,
    ),
    Story(
        "supplier asks for money",
        1,
        process="return_for_repair",
        turns={
            "record_supplier_decision": {"decision": "quote", "amount": 1280},
            "decide_on_quote": {"decision": "reject"},
        },
    ),
    Story(
        "supplier replaces the part",
        1,
        process="return_for_repair",
        turns={
            "record_supplier_decision": {"decision": "replace"},
        },
    ),
    Story(
        "supplier refuses",
        1,
        process="return_for_repair",
        turns={
            "record_supplier_decision": {"decision": "refuse"},
            "take_back_unrepaired": {"disposal": "stock"},
        },
    ),
    Story(
        "escalated by hand, solved by the specialist",
        3,
        turns={
            "support_as_specialist": {"decision": "solved"},
            "call_customer": GOOD,
        },
        buttons={"advise_by_phone": "escalation_requested"},
    ),
    Story(
        "escalated to the manager, handed back",
        2,
        turns={
            "support_as_specialist": {"decision": "pass_on"},
            "support_as_manager": {"decision": "hand_back"},
            "call_customer": FAIR,
        },
        buttons={"advise_by_phone": "escalation_requested"},
    ),
    Story(
        "decided by the vice president",
        1,
        turns={
            "support_as_specialist": {"decision": "pass_on"},
            "support_as_manager": {"decision": "pass_on"},
            "decide_as_vice_president": {"decision": "decide"},
            "call_customer": FAIR,
        },
        buttons={"advise_by_phone": "escalation_requested"},
    ),
    Story("late, escalated by deadline", 3, turns={"call_customer": FAIR}, pace=1.25),
    Story(
        "major fault",
        2,
        opens={"impact": "business"},
        turns={
            "triage": {"severity": "major", "importance": "high", "urgency": "high"},
            "analyse_fault": {"severity": "major", **REMOTE},
            "call_customer": GOOD,
        },
        pace=0.2,
    ),
    Story(
        "fault chain from below",
        1,
        process="fault_escalation",
        opens={"severity": "urgent"},
        turns={
            "support_as_maintenance_staff": {"decision": "pass_on"},
            "support_as_maintenance_dept": {"decision": "solved"},
        },
    ),
    Story(
        "fault chain to the top",
        1,
        process="fault_escalation",
        opens={"severity": "major"},
        turns={
            "support_as_maintenance_staff": {"decision": "pass_on"},
            "support_as_maintenance_dept": {"decision": "pass_on"},
            "decide_as_gm_assistant": {"decision": "decide"},
        },
    ),
    Story(
        "application software",
        2,
        turns={
            "triage": {"nature": "application_software"},
            "analyse_fault": {"next_step": "software"},
            "call_customer": GOOD,
        },
    ),
    Story(
        "not solved after all, re-opened",
        2,
        turns={
            "call_customer": [
                {"reached": "yes", "solved": "no", "score_solution": 2, "score_service": 4},
                GOOD,
            ],
        },
    ),
    Story(
        "dissatisfied, won back",
        2,
        turns={
            "call_customer": {"score_solution": 2, "score_service": 1},
            "recover_customer": {"result": "won_back"},
        },
    ),
    Story("customer not reached", 1, turns={"call_customer": {"reached": "no"}}),
    Story("withdrawn by the customer", 1, buttons={"agree_solution": "customer_withdrew"}),
    Story(
        "question answered at once",
        2,
        turns={"triage": {"kind": "consultation"}, "answer_consultation": {"satisfied": "yes"}},
    ),
    Story(
        "engineer declines",
        2,
        turns={"accept_case": [{"decision": "decline"}, {"decision": "accept"}], "call_customer": GOOD},
    ),
    Story(
        "out of contract, declined",
        1,
        opens={"customer": "远山置业", "serial": "EG1-0000001"},
        turns={
            "coordinate_out_of_contract": {"decision": "decline"},
        },
    ),
    Story("waiting for the customer", 2, turns={"call_customer": GOOD}, pauses="agree_solution"),
    Story("still in work", 3, stalls="advise_by_phone"),
    Story("still at the supplier", 1, process="return_for_repair", stalls="record_supplier_decision"),
    Story("waiting for the follow-up call", 1, stalls="call_customer"),
    Story(
        "declined, waiting for the manager to assign",
        2,
        turns={"accept_case": {"decision": "decline"}},
        stalls="assign_engineer",
    ),
    Story(
        "late at the top",
        1,
        turns={
            "support_as_specialist": {"decision": "pass_on"},
            "support_as_manager": {"decision": "pass_on"},
        },
        buttons={"advise_by_phone": "escalation_requested"},
        stalls="decide_as_vice_president",
    ),
    Story("just reported", 2, stalls="triage"),
    Story("waiting for closing", 1, stalls="decide_closing"),
)

PHRASES: Mapping[str, Sequence[str]] = {
    "cause": (
        "固件与会议平台版本不兼容",
        "光模块老化, 误码升高",
        "配置被升级脚本覆盖",
        "风扇卡滞, 温度保护动作",
        "连接池参数过小",
    ),
    "section": ("主机", "接入交换机", "电源", "数据库实例", "应用服务"),
    "solution": (
        "升级固件并复位设备",
        "更换光模块",
        "恢复配置备份",
        "清洁并更换风扇",
        "调大连接池并重启服务",
    ),
    "advice": ("指导客户重启服务并核对配置", "指导客户切换备用链路", "发送操作说明并电话确认"),
    "test": ("连续运行两小时无告警", "业务人员试用正常", "压力测试通过"),
    "findings": ("日志显示端口反复协商", "磁盘索引异常", "服务进程异常退出", "外观完好, 通电正常"),
    "process": ("分析日志后定位原因, 与客户商定方案并实施", "远程排查后到场更换部件", "电话指导客户完成处理"),
    "result": ("设备恢复正常, 客户确认", "业务恢复, 观察一天无异常"),
    "measures": ("更新配置基线", "安排两人协助处理", "登门致歉并安排专人跟进"),
    "prevention": ("每季度核对固件版本", "巡检时增加端口误码检查"),
    "agreed_with": ("客户现场负责人",),
    "part_name": ("电源模块 PS-2200", "光模块 OM-10", "风扇组件 FN-4"),
    "old_serial": ("PS2-001877", "OM1-330120"),
    "new_serial": ("PS2-009341", "OM1-447781"),
    "supplier": ("恒联电子", "立诚科技"),
    "reason": ("已超出现有技术条件, 需要支援", "问题涉及多个系统, 需协调", "手头有更紧急的故障"),
    "proposed_solution": ("请求厂家协助分析内存转储", "建议更换整机后观察"),
    "instruction": ("按备用方案处理, 每半天汇报一次",),
    "ruling": ("本次更换整机, 费用由公司承担",),
    "answer": ("已说明操作步骤, 并发送说明书",),
    "comment": ("处理及时", "态度好, 希望再快一点"),
    "place": ("客户机房",),
    "symptom": ("现象与报修一致",),
    "work": ("更换部件并恢复配置",),
    "scope": ("只限故障设备, 客户全程在线",),
    "workaround": ("先用备用设备维持业务",),
    "next_plan": ("等厂家补丁后再升级",),
    "told_by": ("客户联系人",),
    "given_by": ("客户联系人",),
    "handed_to": ("采购部收发",),
    "received_by": ("客户联系人",),
    "confirmed_by": ("客户联系人",),
    "explanation": ("设备无法通电, 不能远程登录",),
    "leftover": ("备用链路需另行整改",),
    "impact": ("两个楼层业务中断约一小时",),
    "fix": ("更换故障部件并恢复配置",),
    "summary": ("当日上午业务中断, 已于当日恢复",),
    "demand": ("要求当面道歉并说明原因",),
    "proposal": ("登门致歉, 增加备班",),
    "site_code": ("B-03",),
    "manufacturer": ("北辰存储",),
    "quote_number": ("BJ-2026-031",),
    "answered_by": ("客户采购负责人",),
    "analysis": ("投诉集中在上门时间和告知不及时",),
    "evidence": ("电话核实并抽查三个案例",),
}
