"""Pictures are computed: nothing overlaps, everything lies in its lane, what the diagram says is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.layout.placing import Box
from engine.bpmn.markup import BPMNDI, DC, DI, bpmn
from engine.bpmn.tidy import tidy
from engine.foundation.errors import ProblemsFound
from tests.engine.sheets import flow, lane, node, sheet

LABELS = ["", "是", "供货商拒绝维修该配件", "客户同意"]
ENGLISH = ["", "Yes", "The supplier refuses to repair the part", "Customer agrees"]


# --- random block-structured diagrams -------------------------------------------------------------------------


@dataclass
class Sketch:
    """A diagram under construction; ids are numbered in the order of drawing."""

    parts: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    words: int = 0

    def add(self, kind: str, *, attributes: str = "", inside: str = "", named: bool = True) -> str:
        id = f"{re.sub('([A-Z])', lambda m: '_' + m[1].lower(), kind)}_{len(self.ids)}"
        self.words = (self.words + 1) % len(LABELS)
        zh, en = (LABELS[self.words], ENGLISH[self.words]) if named else ("", "")
        self.parts.append(node(kind, id, zh, en, attributes=attributes, inside=inside))
        self.ids.append(id)
        return id

    def link(self, source: str, target: str) -> None:
        self.words = (self.words + 1) % len(LABELS)
        self.parts.append(flow(source, target, LABELS[self.words], ENGLISH[self.words]))


BLOCKS = st.recursive(
    st.sampled_from([("task",), ("event",), ("late",), ("reminded",)]),
    lambda inner: st.one_of(
        st.tuples(st.just("sequence"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("choice"), st.lists(inner, min_size=1, max_size=3), st.booleans()),
        st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("loop"), inner, st.one_of(st.none(), inner)),
        st.tuples(st.just("inside"), inner),
    ),
    max_leaves=8,
)


def draw_block(sketch: Sketch, block: tuple, before: str) -> str:
    """Draws a block behind an element; returns the element that the next one follows."""
    kind, rest = block[0], block[1:]
    return DRAWERS[kind](sketch, before, *rest)


def _task(sketch: Sketch, before: str) -> str:
    here = sketch.add("userTask")
    sketch.link(before, here)
    return here


def _event(sketch: Sketch, before: str) -> str:
    here = sketch.add("intermediateCatchEvent")
    sketch.link(before, here)
    return here


def _late(sketch: Sketch, before: str) -> str:
    """A deadline that takes over and joins again."""
    here = _task(sketch, before)
    late = sketch.add("boundaryEvent", attributes=f' attachedToRef="{here}"')
    instead, join = _task(sketch, late), sketch.add("exclusiveGateway", named=False)
    sketch.link(here, join)
    sketch.link(instead, join)
    return join


def _reminded(sketch: Sketch, before: str) -> str:
    """Two reminders that end for themselves."""
    here = _task(sketch, before)
    for _ in range(2):
        half = sketch.add("boundaryEvent", attributes=f' attachedToRef="{here}" cancelActivity="false"')
        sketch.link(_task(sketch, half), sketch.add("endEvent"))
    return here


def _sequence(sketch: Sketch, before: str, blocks: list[tuple]) -> str:
    for block in blocks:
        before = draw_block(sketch, block, before)
    return before


def _choice(sketch: Sketch, before: str, blocks: list[tuple], gives_up: bool) -> str:
    split, join = sketch.add("exclusiveGateway"), sketch.add("exclusiveGateway", named=False)
    sketch.link(before, split)
    for block in blocks:
        sketch.link(draw_block(sketch, block, split), join)
    if gives_up:
        sketch.link(split, sketch.add("endEvent"))
    else:
        sketch.link(split, join)
    return join


def _parallel(sketch: Sketch, before: str, blocks: list[tuple]) -> str:
    split, join = sketch.add("parallelGateway", named=False), sketch.add("parallelGateway", named=False)
    sketch.link(before, split)
    for block in blocks:
        sketch.link(draw_block(sketch, block, split), join)
    return join


def _loop(sketch: Sketch, before: str, body: tuple, rework: tuple | None) -> str:
    top = sketch.add("exclusiveGateway", named=False)
    sketch.link(before, top)
    question = sketch.add("exclusiveGateway")
    sketch.link(draw_block(sketch, body, top), question)
    sketch.link(question if rework is None else draw_block(sketch, rework, question), top)
    return question


def _inside(sketch: Sketch, before: str, body: tuple) -> str:
    inner = Sketch(ids=list(sketch.ids), words=sketch.words)
    start = inner.add("startEvent")
    inner.link(draw_block(inner, body, start), inner.add("endEvent"))
    sketch.ids = list(inner.ids)
    here = sketch.add("subProcess", inside="\n".join(inner.parts))
    sketch.link(before, here)
    return here


DRAWERS = {
    "task": _task,
    "event": _event,
    "late": _late,
    "reminded": _reminded,
    "sequence": _sequence,
    "choice": _choice,
    "parallel": _parallel,
    "loop": _loop,
    "inside": _inside,
}


@st.composite
def drawings(draw: st.DrawFn) -> bytes:
    """A process of random blocks, in one to four lanes."""
    sketch = Sketch()
    start = sketch.add("startEvent")
    sketch.link(draw_block(sketch, draw(BLOCKS), start), sketch.add("endEvent"))
    count = draw(st.integers(1, 4))
    heads = [
        part.partition("\n")[0] for part in sketch.parts if "<bpmn:sequenceFlow" not in part.split(" id=")[0]
    ]
    top = [match[1] for head in heads if (match := re.search(r' id="(\w+)"', head))]
    hosts = {m[1]: m[2] for h in heads if (m := re.search(r' id="(\w+)".* attachedToRef="(\w+)"', h))}
    places = {id: draw(st.integers(0, count - 1)) for id in top}
    refs = [[id for id in top if places.get(hosts.get(id, id), 0) == n] for n in range(count)]
    lanes = [lane(f"lane_{n}", f"岗位{n}", f"Group {n}", "sales", refs[n]) for n in range(count)]
    return sheet("random_process", sketch.parts, lanes=lanes if count > 1 else ())


# --- what a picture shows -------------------------------------------------------------------------------------


class Picture:
    """The drawing of a file, read back from its XML."""

    def __init__(self, xml: bytes) -> None:
        self.root = etree.fromstring(xml)
        self.nodes = {
            n.get("id"): n
            for n in self.root.iter()
            if n.get("id") and n.tag.startswith("{http://www.omg.org/spec/BPMN/20100524/MODEL")
        }
        self.shapes = {
            s.get("bpmnElement"): box_of(s.find(f"{{{DC}}}Bounds"))
            for s in self.root.iter(f"{{{BPMNDI}}}BPMNShape")
        }
        self.flows = {
            e.get("bpmnElement"): [(int(w.get("x")), int(w.get("y"))) for w in e.findall(f"{{{DI}}}waypoint")]
            for e in self.root.iter(f"{{{BPMNDI}}}BPMNEdge")
        }
        self.labels = {
            s.getparent().get("bpmnElement"): box_of(s.find(f"{{{DC}}}Bounds"))
            for s in self.root.iter(f"{{{BPMNDI}}}BPMNLabel")
        }

    def kind(self, name: str) -> str:
        return etree.QName(self.nodes[name]).localname

    def elements(self) -> list[str]:
        return [name for name in self.shapes if self.kind(name) not in {"lane", "participant"}]

    def siblings(self) -> Iterator[tuple[str, str]]:
        for one, other in combinations(self.elements(), 2):
            if self.nodes[one].getparent() is self.nodes[other].getparent():
                yield one, other


def box_of(bounds: etree._Element) -> Box:
    return Box(*(int(bounds.get(key)) for key in ("x", "y", "width", "height")))


def contains(outer: Box, inner: Box) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def without_drawing(xml: bytes) -> bytes:
    root = etree.fromstring(xml)
    for part in [*root.findall(f"{{{BPMNDI}}}BPMNDiagram"), *root.findall(bpmn("collaboration"))]:
        part.getparent().remove(part)
    for part in root:
        part.tail = None
    root.text = None
    return etree.tostring(root, method="c14n")


# A drawing takes as long as ten other examples.
many = settings(
    max_examples=settings().max_examples // 4, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@many
@given(drawings())
def test_no_two_shapes_overlap(xml: bytes) -> None:
    picture = Picture(tidy(xml, file="random_process.bpmn"))
    for one, other in picture.siblings():
        attached = {picture.nodes[n].get("attachedToRef") for n in (one, other)} - {None}
        if not attached & {one, other}:
            assert not picture.shapes[one].overlaps(picture.shapes[other]), (one, other)


@many
@given(drawings())
def test_every_shape_lies_in_its_lane_and_every_lane_in_the_pool(xml: bytes) -> None:
    picture = Picture(tidy(xml, file="random_process.bpmn"))
    for each in picture.root.iter(bpmn("lane")):
        assert contains(picture.shapes["random_process_pool"], picture.shapes[each.get("id")])
        for ref in each.findall(bpmn("flowNodeRef")):
            assert contains(picture.shapes[each.get("id")], picture.shapes[ref.text]), ref.text


@many
@given(drawings())
def test_sub_processes_surround_their_content(xml: bytes) -> None:
    picture = Picture(tidy(xml, file="random_process.bpmn"))
    for name in picture.elements():
        around = picture.nodes[name].getparent().get("id")
        if around in picture.shapes and picture.nodes[name].get("attachedToRef") is None:
            assert contains(picture.shapes[around], picture.shapes[name])


@many
@given(drawings())
def test_a_second_time_changes_nothing(xml: bytes) -> None:
    once = tidy(xml, file="random_process.bpmn")
    assert tidy(once, file="random_process.bpmn") == once


@many
@given(drawings())
def test_what_the_diagram_says_is_left_alone(xml: bytes) -> None:
    assert without_drawing(tidy(xml, file="random_process.bpmn")) == without_drawing(xml)


@many
@given(drawings())
def test_everything_is_drawn_and_flows_run_at_right_angles_from_border_to_border(xml: bytes) -> None:
    picture = Picture(tidy(xml, file="random_process.bpmn"))
    flows = {n.get("id"): n for n in picture.root.iter(bpmn("sequenceFlow"))}
    assert set(picture.flows) == set(flows)
    for name, points in picture.flows.items():
        assert all((x == to_x) != (y == to_y) for (x, y), (to_x, to_y) in pairwise(points)), name
        for point, end in ((points[0], "sourceRef"), (points[-1], "targetRef")):
            assert _on_border(picture.shapes[flows[name].get(end)], point), name


def _on_border(box: Box, point: tuple[int, int]) -> bool:
    middle = (box.x + box.width // 2, box.y + box.height // 2)
    sides = {
        (box.x, middle[1]),
        (box.x + box.width, middle[1]),
        (middle[0], box.y),
        (middle[0], box.y + box.height),
    }
    return point in sides


@many
@given(drawings())
def test_no_flow_runs_through_a_shape(xml: bytes) -> None:
    picture = Picture(tidy(xml, file="random_process.bpmn"))
    for name, points in picture.flows.items():
        flow_node = picture.nodes[name]
        ends = {flow_node.get("sourceRef"), flow_node.get("targetRef")}
        ends |= {picture.nodes[end].get("attachedToRef") for end in ends}
        for other in picture.elements():
            if other not in ends and picture.nodes[other].getparent() is flow_node.getparent():
                assert not any(_crosses(a, b, picture.shapes[other]) for a, b in pairwise(points)), (
                    name,
                    other,
                )


def _crosses(one: tuple[int, int], other: tuple[int, int], box: Box) -> bool:
    x, y = min(one[0], other[0]), min(one[1], other[1])
    return box.overlaps(Box(x, y, max(1, abs(one[0] - other[0])), max(1, abs(one[1] - other[1]))))


@many
@given(drawings())
def test_no_label_hides_a_shape_or_another_label(xml: bytes) -> None:
    picture = Picture(tidy(xml, file="random_process.bpmn"))
    for name, label in picture.labels.items():
        scope = picture.nodes[name].getparent()
        for other in picture.elements():
            if picture.nodes[other].getparent() is scope:
                assert not label.overlaps(picture.shapes[other]), (name, other)
    for one, other in combinations(picture.labels, 2):
        assert not picture.labels[one].overlaps(picture.labels[other]), (one, other)


# --- what process owners expect -------------------------------------------------------------------------------


BESIDE = ' attachedToRef="ship_part" cancelActivity="false"'


def usual_case() -> bytes:
    """A task with a deadline, a question, a loop and two outcomes."""
    return sheet(
        "usual_case",
        [
            node("startEvent", "part_found", "发现坏件", "Part found"),
            node("exclusiveGateway", "ship_again"),
            node("userTask", "ship_part", "寄出配件", "Ship the part"),
            node("boundaryEvent", "shipping_late", "寄出超时", "Shipping late", attributes=BESIDE),
            node("serviceTask", "remind", "提醒", "Remind"),
            node("endEvent", "reminded", "已提醒", "Reminded"),
            node("exclusiveGateway", "is_repaired", "是否修好?", "Is it repaired?", attributes=' default="yes"'),
            node("endEvent", "repaired", "已修好", "Part repaired"),
            node("endEvent", "refused", "已拒绝", "Repair refused"),
            flow("part_found", "ship_again"),
            flow("ship_again", "ship_part"),
            flow("ship_part", "is_repaired"),
            flow("is_repaired", "ship_again", "再寄", "Again", condition="a"),
            flow("is_repaired", "refused", "拒绝", "Refused", condition="b"),
            flow("is_repaired", "repaired", "是", "Yes", id="yes"),
            flow("shipping_late", "remind"),
            flow("remind", "reminded"),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def usual() -> Picture:
    return Picture(tidy(usual_case(), file="usual_case.bpmn"))


def _middle(box: Box) -> tuple[int, int]:
    return box.x + box.width // 2, box.y + box.height // 2


def test_the_happy_path_is_one_straight_line_from_left_to_right(usual: Picture) -> None:
    path = [
        _middle(usual.shapes[n]) for n in ("part_found", "ship_again", "ship_part", "is_repaired", "repaired")
    ]
    assert len({y for _, y in path}) == 1
    assert [x for x, _ in path] == sorted(x for x, _ in path)


def test_exceptions_hang_below_the_happy_path(usual: Picture) -> None:
    height = _middle(usual.shapes["ship_part"])[1]
    assert all(_middle(usual.shapes[n])[1] > height for n in ("remind", "reminded", "refused"))


def test_a_boundary_event_sits_on_the_lower_border_of_its_host(usual: Picture) -> None:
    host = usual.shapes["ship_part"]
    x, y = _middle(usual.shapes["shipping_late"])
    assert y == host.y + host.height and host.x < x < host.x + host.width


def test_a_loop_leads_back_outside_the_happy_path(usual: Picture) -> None:
    height = _middle(usual.shapes["ship_part"])[1]
    inner = usual.flows["is_repaired_to_ship_again"][1:-1]
    assert inner and all(y != height for _, y in inner)


def test_shapes_have_the_usual_sizes(usual: Picture) -> None:
    sizes = {(usual.kind(n), usual.shapes[n].width, usual.shapes[n].height) for n in usual.elements()}
    assert (
        ("userTask", 100, 80) in sizes
        and ("startEvent", 36, 36) in sizes
        and ("exclusiveGateway", 50, 50) in sizes
    )


def test_a_process_without_lanes_gets_no_pool(usual: Picture) -> None:
    assert not any(usual.kind(name) == "participant" for name in usual.shapes)


def test_comments_and_white_space_outside_the_drawing_stay() -> None:
    xml = usual_case().replace(b"</bpmn:process>", b"<!-- kept --></bpmn:process>\n\n")
    assert tidy(xml, file="usual_case.bpmn").startswith(xml.removesuffix(b"</bpmn:definitions>"))


def test_a_file_that_cannot_be_read_is_refused_with_its_name() -> None:
    with pytest.raises(ProblemsFound) as refused:
        tidy(b"<html/>", file="page.bpmn")
    assert refused.value.problems[0].file == "page.bpmn"
