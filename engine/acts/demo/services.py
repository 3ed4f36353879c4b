"""What else happens in the demonstration: maintenance, problems, experts, upgrades, training, assessment, improvement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.acts.demo.stories import Answers, Story

FINE = {"packet_loss": 0.1, "appearance": "fine"}
FULL = {**FINE, "disk_use": 91}
READINGS = {
    "room_temperature": (21, 25),
    "cpu_load": (24, 62),
    "memory_use": (38, 71),
    "disk_use": (35, 74),
    "ups_minutes": (20, 35),
}
"""Between what an inspection reads off when nothing is wrong."""
GOOD_WORK = {"timeliness": 4, "quality": 4, "attitude": 5, "cooperation": 4}
BEST_WORK = {"timeliness": 5, "quality": 5, "attitude": 5, "cooperation": 5}
POOR_WORK = {"timeliness": 1, "quality": 3, "attitude": 3, "cooperation": 2}
ANSWERS = [
    {"customer": "滨江会展中心", "score_solution": 5, "score_service": 5},
    {"customer": "海港物流", "score_solution": 4, "score_service": 3, "opinion": "上门前请再确认一次"},
]
ROSTER = [{"person": "li_gong", "day": "2026-03-20", "shift": "白班"}]
MEMBERS = [{"person": "zhao_zhuan", "duty": "定位"}, {"person": "wang_gong", "duty": "实施"}]
EXPERT = {"decision": "send", "expert": "zhao_zhuan"}

USUAL: Mapping[str, Answers] = {
    "inspect_system": FINE,
    "assess_performance": GOOD_WORK,
    "arrange_customer_visit": {"accepted": "yes"},
    "advise_customer": {"has_opinion": "no", "wants_expert": "no"},
    "evaluate_opinion": {"improve": "no"},
    "write_technical_update": {"news": "yes", "another": "no", "model": "VC-900", "subject": "固件更新建议"},
    "collect_answers": {"answers": ANSWERS, "asked": 6},
    "analyse_survey": {"improve": "no"},
    "review_procedure": {"must_change": "no"},
    "choose_expert": EXPERT,
    "plan_training": {"audience": "staff", "topic": "新平台维护", "trainer": "zhao_zhuan"},
    "gather_training_feedback": {"score": 4},
    "define_measure": {"decision": "take", "owner": "sun_jing"},
}
"""What people answer to what opened by itself."""


def _story(name: str, process: str, *, opens: Answers | None = None, **turns: Any) -> Story:
    return Story(name, 1, process=process, opens=opens or {}, turns={**USUAL, **turns})


SERVICES: tuple[Story, ...] = (
    _story("no maintenance owed", "maintenance_plan", opens={"contract": "HT-2024-015"}),
    _story("inspection without findings", "inspection_visit"),
    _story("inspection finds a full disk", "inspection_visit", inspect_system=FULL),
    _story(
        "inspection declined",
        "inspection_visit",
        agree_inspection_date={"agreed": "no", "reason": "封网期间"},
    ),
    _story(
        "problem removed by a change",
        "problem_management",
        opens={"title": "会议主机升级后重启", "model": "VC-900"},
        record_known_error={
            "title": "VC-900 升级后反复重启",
            "symptoms": "重启, 画面中断",
            "models": "VC-900",
            "workaround": "关闭自动更新",
        },
    ),
    _story(
        "problem lived with",
        "problem_management",
        opens={"title": "录像机夜间丢帧", "model": "VR-64"},
        record_known_error={
            "title": "VR-64 夜间录像丢帧",
            "symptoms": "丢帧",
            "models": "VR-64",
            "workaround": "降低码率",
        },
        verify_change={"result": "fail"},
    ),
    _story(
        "support group for an urgent problem",
        "support_group",
        opens={"title": "门诊业务中断"},
        convene_support_group={"mode": "urgent", "members": MEMBERS, "bridge": "电话会议"},
    ),
    _story(
        "support group that deliberates",
        "support_group",
        opens={"title": "跨系统时钟漂移"},
        convene_support_group={"mode": "deliberate", "members": MEMBERS, "bridge": "视频会议"},
        offer_workaround={"workaround": "临时指定单一时钟源"},
    ),
    _story("expert sent", "expert_service", opens={"title": "数据库周期性变慢"}),
    _story(
        "no expert sent",
        "expert_service",
        opens={"title": "界面操作疑问"},
        choose_expert={"decision": "decline", "reason": "电话即可解决"},
    ),
    _story(
        "event watched over",
        "special_assurance",
        opens={"occasion": "event"},
        plan_assurance={"roster": ROSTER},
    ),
    _story(
        "version tested, signed off, rolled out",
        "software_upgrade",
        opens={"title": "会议平台 2.1", "model": "VC-900", "features": "新增字幕"},
    ),
    _story(
        "version rejected",
        "software_upgrade",
        opens={"title": "防火墙 9.0", "model": "FW-3000"},
        test_new_version={"result": "fail", "test": "升级后策略丢失"},
    ),
    _story("staff trained", "training_session", opens={"title": "新平台维护", "audience": "staff"}),
    _story(
        "advisory passed on",
        "vendor_advisory",
        opens={"title": "交换机固件缺陷", "manufacturer": "华网", "model": "SW-7600"},
        assess_advisory={"important": "yes", "model": "SW-7600", "advice": "升级到 5.2 并关闭调试端口"},
    ),
    _story("technical update", "technical_update"),
    _story("customer visited", "customer_visit", opens={"manager": "zhu_lan"}),
    _story(
        "customer visited, with an opinion",
        "customer_visit",
        opens={"manager": "zhu_lan"},
        advise_customer={
            "has_opinion": "yes",
            "opinion": "备件到货偏慢",
            "department": "sales",
            "wants_expert": "no",
        },
    ),
    _story(
        "opinion that leads to a measure",
        "customer_opinion",
        opens={"opinion": "希望周末也能接听热线", "department": "service"},
        evaluate_opinion={"improve": "yes", "measure": "周末热线排班", "kind": "service_level"},
    ),
    _story("survey", "survey_campaign"),
    _story(
        "department assessed",
        "quality_assessment",
        opens={"scope": "group", "subject": "service_engineer", "period": "2026-02"},
    ),
    _story(
        "engineer rewarded",
        "quality_assessment",
        opens={"scope": "person", "subject": "li_gong", "period": "2026-02"},
        assess_performance=BEST_WORK,
    ),
    _story(
        "engineer penalised",
        "quality_assessment",
        opens={"scope": "person", "subject": "wang_gong", "period": "2026-02"},
        assess_performance=POOR_WORK,
    ),
    _story("measure that works", "improvement_measure", opens={"title": "缩短到场时间", "kind": "process"}),
    _story("hand-over rated", "peer_rating", opens={"sender": "li_gong", "receiver": "zhao_zhuan"}),
    _story("health analysed", "health_analysis"),
    _story("procedure confirmed", "process_review"),
    _story(
        "procedure changed",
        "process_review",
        review_procedure={"must_change": "yes", "change": "受理时同时核对已知错误"},
    ),
)
