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
        "urgent fault",
        3,
        opens={"impact": "business"},
        turns={
            "triage": {"severity": "urgent", "importance": "high", "urgency": "high"},
            "analyse_fault": {"severity": "urgent", **REMOTE},
            "call_customer": FAIR,
        },
        pace=0.3,
    ),
    Story(
        "malware found",
        1,
        turns={
            "triage": {"nature": "system", "severity": "urgent", **NO_HURRY},
            "analyse_fault": {
                "nature": "system",
                "severity": "urgent",
                "security_event": "malware",
                **REMOTE,
            },
            "call_customer": GOOD,
        },
        pace=0.15,
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
