"""More of what happens in the demonstration: questions, complaints, exchanges, platform faults, transfers, visits."""

from __future__ import annotations

from engine.acts.demo.stories import FAIR, GOOD, ON_SITE, Story

HERE = {"answered": "here", "satisfied": "yes"}
PERSON = {"concerns": "person", "person": "wang_gong"}
AREA = {"area": "三层会议区", "symptoms": "登录失败 认证超时"}
SAME = {
    "customer": "滨江会展中心",
    "location": "三层会议区",
    "description": "视频会议主机登录失败, 提示认证超时",
}
SAME_FAULT = Story(
    "report of an announced fault", 0, opens=SAME, turns={"compare_with_announcement": {"same": "yes"}}
)

REQUESTS: tuple[Story, ...] = (
    Story("question answered on the spot", 3, process="consultation", turns={"answer_consultation": HERE}),
    Story(
        "question answered by an engineer",
        1,
        process="consultation",
        turns={"answer_consultation": {"answered": "engineer"}, "answer_as_engineer": {"satisfied": "yes"}},
    ),
    Story(
        "question that becomes a case",
        1,
        process="consultation",
        turns={"answer_consultation": {"answered": "here", "satisfied": "no"}},
    ),
    Story(
        "transferred by the button",
        1,
        turns={"call_customer": GOOD},
        buttons={"advise_by_phone": "transfer_requested"},
    ),
    Story(
        "transfer declined",
        1,
        turns={
            "analyse_fault": [{"next_step": "software"}, {"next_step": "phone"}],
            "accept_transfer": {"decision": "decline"},
            "call_customer": FAIR,
        },
    ),
    Story("served by the manufacturer", 1, process="manufacturer_service"),
    Story(
        "manufacturer could not help",
        1,
        process="manufacturer_service",
        turns={"record_manufacturer_result": {"result": "not_solved"}},
    ),
    Story(
        "manufacturer's engineer within a case",
        1,
        turns={"analyse_fault": {"next_step": "manufacturer"}, "call_customer": GOOD},
    ),
    Story(
        "platform fault with reports from customers",
        1,
        process="platform_fault",
        opens={"description": "统一认证平台登录失败", **AREA},
        turns={"confirm_platform_fault": {"decision": "announce", **AREA}},
        followed_by=(SAME_FAULT, SAME_FAULT),
    ),
    Story(
        "no platform fault after all",
        1,
        process="platform_fault",
        opens={"description": "个别终端登录缓慢", **AREA},
        turns={"confirm_platform_fault": {"decision": "refuse"}},
    ),
    Story(
        "complaint about a person",
        2,
        process="complaint",
        opens={"description": "工程师未按约定时间到场"},
        turns={"record_complaint": PERSON, "answer_complainant": {"accepted": "yes"}},
    ),
    Story(
        "complaint that the vice president rules on",
        1,
        process="complaint",
        opens={"description": "同一故障三次上门仍未修好"},
        turns={
            "record_complaint": {"concerns": "service", "severity": "major"},
            "answer_complainant": {"accepted": "no"},
        },
    ),
    Story(
        "complaint found at intake",
        1,
        turns={
            "triage": {"kind": "complaint"},
            "record_complaint": {"concerns": "product"},
            "investigate_complaint": {"justified": "no"},
        },
    ),
    Story(
        "suggestion found at intake", 1, turns={"triage": {"kind": "suggestion", "department": "engineering"}}
    ),
    Story("monthly review of complaints", 1, process="complaint_trend_review"),
    Story(
        "product exchanged", 1, process="exchange_or_refund", turns={"decide_remedy": {"remedy": "exchange"}}
    ),
    Story("money refunded", 1, process="exchange_or_refund", turns={"decide_remedy": {"remedy": "refund"}}),
    Story(
        "exchange declined",
        1,
        process="exchange_or_refund",
        turns={"examine_claim": {"defect": "damaged"}, "decide_remedy": {"remedy": "none"}},
    ),
    Story(
        "exchange that becomes a repair",
        1,
        turns={"triage": {"kind": "exchange"}, "decide_remedy": {"remedy": "repair"}, "call_customer": GOOD},
    ),
    Story(
        "not repairable, exchanged",
        1,
        turns={
            "analyse_fault": {"nature": "hardware", "next_step": "exchange"},
            "decide_remedy": {"remedy": "exchange"},
            "call_customer": FAIR,
        },
    ),
    Story(
        "visit that leaves something over",
        2,
        turns={
            "analyse_fault": {"nature": "network", **ON_SITE},
            "repair_on_site": {"part": "none"},
            "write_service_report": {"leftovers": "yes"},
            "call_customer": GOOD,
        },
    ),
    Story(
        "configuration fault, leaving waived",
        1,
        turns={
            "analyse_fault": [
                {"nature": "configuration", **ON_SITE},
                {"nature": "configuration", "next_step": "phone"},
            ],
            "call_customer": GOOD,
        },
        buttons={"repair_on_site": "leave_requested"},
    ),
    Story(
        "out of contract, served against payment",
        1,
        opens={"customer": "青禾农业公司"},
        turns={"coordinate_out_of_contract": {"decision": "serve_paid"}, "call_customer": GOOD},
    ),
    Story(
        "out of contract, served free of charge",
        1,
        opens={"customer": "青禾农业公司"},
        turns={"coordinate_out_of_contract": {"decision": "serve_goodwill"}, "call_customer": GOOD},
    ),
    Story(
        "workaround first",
        1,
        turns={"analyse_fault": [{"next_step": "workaround"}, {"next_step": "phone"}], "call_customer": GOOD},
    ),
)
