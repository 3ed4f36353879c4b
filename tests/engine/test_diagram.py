"""The index of a BPMN file: what the engine and the pages ask about elements and flows."""

from __future__ import annotations

import pytest

from engine.bpmn.diagram import Diagram, read_diagram
from engine.foundation.errors import ProblemsFound
from engine.foundation.text import Text
from tests.engine.sheets import flow, lane, node, sheet

DUE = "<bpmn:timerEventDefinition><bpmn:timeDate>{}</bpmn:timeDate></bpmn:timerEventDefinition>"
NOTIFY = (
    '<spiffworkflow:serviceTaskOperator id="notify"><spiffworkflow:parameters>'
    '<spiffworkflow:parameter id="to" value="handler"/></spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>'
)
TOLD = (
    "<bpmn:documentation>说明</bpmn:documentation><bpmn:extensionElements>"
    '<i18n:translation xml:lang="en">Part found</i18n:translation>'
    '<i18n:translation xml:lang="en" target="documentation">Explained</i18n:translation></bpmn:extensionElements>'
)


def drawn() -> bytes:
    """One of everything that the index knows."""
    lanes = [
        lane(
            "engineers",
            "工程师",
            "Engineers",
            "service_engineer",
            ["part_found", "ship_part", "is_repaired", "repaired"],
        ),
        lane(
            "managers",
            "经理",
            "Managers",
            "service_manager",
            ["tell_manager", "told", "check_part", "rate", "group_of_steps"],
        ),
    ]
    return sheet(
        "part_return",
        [
            node("startEvent", "part_found", "发现坏件", inside=TOLD),
            node(
                "userTask",
                "ship_part",
                "寄出配件",
                "Ship the part",
                properties={"clauses": "R-047 R-048", "form": "shipping"},
            ),
            node(
                "boundaryEvent",
                "shipping_late",
                "寄出超时",
                "Shipping late",
                attributes=' attachedToRef="ship_part" cancelActivity="false"',
                inside=DUE.format("due('shipping', 50)"),
            ),
            node(
                "boundaryEvent",
                "withdrawn",
                "已撤回",
                "Withdrawn",
                properties={"action": "true", "group": "call_center"},
                attributes=' attachedToRef="ship_part"',
                inside='<bpmn:messageEventDefinition messageRef="withdrawal"/>',
            ),
            node("serviceTask", "tell_manager", "通知经理", "Tell the manager", extension=NOTIFY),
            node(
                "callActivity",
                "check_part",
                "检查配件",
                "Check the part",
                attributes=' calledElement="part_check"',
            ),
            node(
                "businessRuleTask",
                "rate",
                "评定",
                "Rate",
                extension="<spiffworkflow:calledDecisionId>priority</spiffworkflow:calledDecisionId>",
            ),
            node(
                "subProcess",
                "group_of_steps",
                "若干步骤",
                "Some steps",
                inside=node("userTask", "inner_step", "里面的步骤", "Inner step"),
            ),
            node(
                "exclusiveGateway",
                "is_repaired",
                "修好了吗?",
                "Repaired?",
                attributes=' default="repaired_yes"',
            ),
            node("endEvent", "repaired", "已修好", "Repaired"),
            node("endEvent", "told", "已通知", "Told"),
            flow("part_found", "ship_part"),
            flow("is_repaired", "repaired", "是", "Yes", id="repaired_yes"),
            flow("is_repaired", "ship_part", "否", "No", id="repaired_no", condition="not ok"),
        ],
        zh="返修",
        en="Return for repair",
        properties={"group": "sales", "kind": "return"},
        lanes=lanes,
        definitions='<bpmn:message id="withdrawal" name="withdrawal"/>',
    )


@pytest.fixture(scope="module")
def diagram() -> Diagram:
    return read_diagram(drawn(), file="processes/part_return.bpmn")


def test_a_diagram_knows_its_process_in_both_languages(diagram: Diagram) -> None:
    assert (diagram.process, diagram.name, diagram.group) == (
        "part_return",
        Text("返修", "Return for repair"),
        "sales",
    )
    assert diagram.properties["kind"] == "return"


def test_documentation_is_read_with_its_translation(diagram: Diagram) -> None:
    assert diagram.elements["part_found"].documentation == Text("说明", "Explained")


def test_the_group_of_an_element_is_its_own_or_that_of_its_lane(diagram: Diagram) -> None:
    groups = {name: element.group for name, element in diagram.elements.items()}
    assert groups["ship_part"] == "service_engineer" and groups["tell_manager"] == "service_manager"
    assert groups["withdrawn"] == "call_center"


def test_a_boundary_event_and_the_content_of_a_sub_process_belong_to_the_lane_around_them(
    diagram: Diagram,
) -> None:
    assert diagram.elements["shipping_late"].group == "service_engineer"
    assert diagram.elements["inner_step"].group == "service_manager"


def test_without_lanes_the_group_is_that_of_the_process() -> None:
    one = read_diagram(
        sheet("solo", [node("userTask", "do_it", "做", "Do")], properties={"group": "sales"}),
        file="solo.bpmn",
    )
    assert one.elements["do_it"].group == "sales"


def test_timers_name_their_limit_and_the_percentage(diagram: Diagram) -> None:
    late = diagram.elements["shipping_late"]
    assert (late.event, late.limit, late.attached_to, late.interrupting) == (
        "timer",
        ("shipping", 50),
        "ship_part",
        False,
    )


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        ("due('a')", ("a", 100)),
        (' due( "a" , 80 ) ', ("a", 80)),
        ("due('a', 50, plan.due_on)", ("a", 50)),
        ("due('a', 50, '2026-01-01')", None),
        ("'2026-01-01'", None),
        ("due(a)", None),
        ("due('a') + x", None),
    ],
)
def test_only_a_plain_due_call_names_a_limit(expression: str, limit: tuple[str, int] | None) -> None:
    host = node("userTask", "work", "做", "Do")
    timer = node(
        "boundaryEvent",
        "late",
        "晚",
        "Late",
        attributes=' attachedToRef="work"',
        inside=DUE.format(expression),
    )
    assert read_diagram(sheet("solo", [host, timer]), file="solo.bpmn").elements["late"].limit == limit


def test_elements_name_what_they_use(diagram: Diagram) -> None:
    elements = diagram.elements
    assert elements["withdrawn"].message == "withdrawal"
    assert elements["check_part"].called == "part_check"
    assert elements["rate"].decision == "priority"
    assert elements["tell_manager"].service == "notify"
    assert elements["inner_step"].parent == "group_of_steps"
    assert elements["ship_part"].form == "shipping" and elements["inner_step"].form == "inner_step"
    assert elements["ship_part"].clauses == ("R-047", "R-048")


def test_flows_know_their_ends_conditions_and_the_default(diagram: Diagram) -> None:
    found = diagram.flow_between("is_repaired", "ship_part")
    assert found is not None and (found.condition, found.default) == ("not ok", False)
    assert diagram.flows["repaired_yes"].default
    assert [f.id for f in diagram.outgoing("is_repaired")] == ["repaired_yes", "repaired_no"]
    assert {f.id for f in diagram.incoming("ship_part")} == {"part_found_to_ship_part", "repaired_no"}
    assert diagram.flow_between("repaired", "ship_part") is None


def test_the_start_event_is_that_of_the_process(diagram: Diagram) -> None:
    assert diagram.start is not None and diagram.start.id == "part_found"


def test_the_english_file_shows_english_names_and_documentation(diagram: Diagram) -> None:
    english = read_diagram(diagram.localized("en"), file="en.bpmn")
    assert english.elements["ship_part"].name.zh == "Ship the part"
    assert english.elements["part_found"].documentation.zh == "Explained"
    assert english.flows["repaired_no"].name.zh == "No" and english.name.zh == "Return for repair"


def test_the_chinese_file_is_the_file_itself(diagram: Diagram) -> None:
    assert diagram.localized("zh") == diagram.xml


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"<definitions/>", "diagram-one-process"),
        (sheet("a", []).replace(b"bpmn:process", b"bpmn:choreography"), "diagram-one-process"),
        (
            sheet("a", [node("userTask", "same", "做", "Do"), node("userTask", "same", "做", "Do")]),
            "id-unique",
        ),
        (sheet("a", [node("userTask", "x", "做", "Do")]).replace(b' id="x"', b""), "id-missing"),
        (b"<!DOCTYPE x><x/>", "xml-doctype"),
        (b"<bpmn", "xml-malformed"),
    ],
)
def test_a_file_that_is_no_single_process_is_refused_with_the_reason(xml: bytes, rule: str) -> None:
    with pytest.raises(ProblemsFound) as refused:
        read_diagram(xml, file="broken.bpmn")
    assert [(p.file, p.rule) for p in refused.value.problems] == [("broken.bpmn", rule)]
