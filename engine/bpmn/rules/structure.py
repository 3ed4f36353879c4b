"""The shape of the flow: one start, ends that are reached, loops that can stop, splits and joins drawn as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.markup import bpmn
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text

Ways = Mapping[str, Collection[str]]
_WAITING = frozenset(
    {"userTask", "manualTask", "callActivity", "subProcess", "intermediateCatchEvent", "eventBasedGateway"}
)


def starts_and_ends(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A process or sub-process begins at one place and says how it can end."""
    for scope in sheet.scopes():
        name = scope.get("id", "")
        kinds = Counter(markup.kind_of(node) for node in markup.flow_nodes(scope))
        if kinds["startEvent"] != 1:
            yield sheet.problem(name, "one-start", _ONE_START, found=kinds["startEvent"])
        if not kinds["endEvent"]:
            yield sheet.problem(name, "end-missing", _NO_END)


def flows_connect(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A flow joins two elements of the same scope, and no two elements are joined twice."""
    for scope in sheet.scopes():
        inside = {node.get("id") for node in markup.flow_nodes(scope)}
        pairs: Counter[tuple[str, str]] = Counter()
        for flow in scope.findall(bpmn("sequenceFlow")):
            ends = (flow.get("sourceRef", ""), flow.get("targetRef", ""))
            pairs[ends] += 1
            for end in (end for end in ends if end not in inside):
                yield sheet.problem(flow.get("id", ""), "flow-end", _FLOW_END, found=end or "-")
            if pairs[ends] == 2:
                yield sheet.problem(flow.get("id", ""), "flow-twice", _TWICE, source=ends[0], target=ends[1])


def flows_listed(sheet: Sheet, _: World) -> Iterator[Problem]:
    """What an element lists as incoming and outgoing, if it does, is what the flows say: some tools read the lists."""
    for name, node in sheet.nodes.items():
        for tag, flows in (
            ("incoming", sheet.diagram.incoming(name)),
            ("outgoing", sheet.diagram.outgoing(name)),
        ):
            listed = sorted(markup.words_of(entry) for entry in node.findall(bpmn(tag)))
            drawn = sorted(flow.id for flow in flows)
            if listed and listed != drawn:
                shown = (", ".join(each) or "-" for each in (drawn, listed))
                yield sheet.problem(
                    name, "flow-listed", _LISTED, tag=tag, drawn=next(shown), listed=next(shown)
                )


def connected(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Every element is reached from the start and leads to an end."""
    for scope in sheet.scopes():
        ways = _ways(sheet, scope)
        nodes = {node.get("id", ""): markup.kind_of(node) for node in markup.flow_nodes(scope)}
        starts = [name for name, kind in nodes.items() if kind == "startEvent"]
        ends = [name for name, kind in nodes.items() if kind == "endEvent"]
        reached, ending = _reachable(ways, starts), _reachable(_reversed(ways), ends)
        for name, kind in nodes.items():
            if kind == "boundaryEvent" and sheet.nodes[name].get("attachedToRef") not in nodes:
                continue  # the missing host is reported instead
            if name not in reached:
                yield sheet.problem(name, "unreachable", _UNREACHABLE)
            elif name not in ending:
                yield sheet.problem(name, "path-without-end", _NO_WAY_OUT)


def boundaries(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A boundary event sits on an activity of its scope and is never entered by a flow."""
    for name, node in sheet.nodes.items():
        if markup.kind_of(node) != "boundaryEvent":
            continue
        host = sheet.nodes.get(node.get("attachedToRef", ""))
        if (
            host is None
            or not markup.is_activity(markup.kind_of(host))
            or host.getparent() is not node.getparent()
        ):
            yield sheet.problem(name, "boundary-host", _HOST, found=node.get("attachedToRef") or "-")
        if sheet.diagram.incoming(name):
            yield sheet.problem(name, "boundary-entered", _ENTERED)


def cycles(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A loop passes a question that can end it, and something that waits, so that it cannot run hot."""
    for scope in sheet.scopes():
        ways = _ways(sheet, scope)
        kinds = {name: markup.kind_of(sheet.nodes[name]) for name in ways}
        asking = {name for name, kind in kinds.items() if kind == "exclusiveGateway"}
        waiting = {name for name, kind in kinds.items() if kind in _WAITING}
        for name in _on_a_cycle(_without(ways, asking)):
            yield sheet.problem(name, "cycle-question", _ENDLESS)
        for name in _on_a_cycle(_without(ways, waiting)):
            yield sheet.problem(name, "cycle-waits", _HOT)


def splits_and_joins(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Only gateways split and join, and none does both."""
    for name, node in sheet.nodes.items():
        kind = markup.kind_of(node)
        into, out = len(sheet.diagram.incoming(name)), len(sheet.diagram.outgoing(name))
        if markup.is_gateway(kind):
            if into > 1 and out > 1:
                yield sheet.problem(name, "gateway-join-and-split", _BOTH)
            continue
        if into > 1:
            yield sheet.problem(name, "join-explicit", _IMPLICIT_JOIN, found=into)
        if out > 1:
            yield sheet.problem(name, "split-explicit", _IMPLICIT_SPLIT, found=out)


def event_gateways(sheet: Sheet, _: World) -> Iterator[Problem]:
    """An event gateway waits for events that follow it directly; two timers would share one due time."""
    for name, node in sheet.nodes.items():
        if markup.kind_of(node) != "eventBasedGateway":
            continue
        targets = [
            sheet.diagram.elements[f.target] for f in sheet.diagram.outgoing(name) if f.target in sheet.nodes
        ]
        if len(targets) < 2 or any(each.kind != "intermediateCatchEvent" for each in targets):
            yield sheet.problem(name, "event-gateway-targets", _CATCHERS)
        if sum(each.event == "timer" for each in targets) > 1:
            yield sheet.problem(name, "event-gateway-timers", _TIMERS)


def _ways(sheet: Sheet, scope: etree._Element) -> dict[str, set[str]]:
    """Where one gets from each element of a scope, a boundary event counting as a way out of its host."""
    inside = {node.get("id", "") for node in markup.flow_nodes(scope)}
    ways: dict[str, set[str]] = {name: set() for name in inside}
    for flow in scope.findall(bpmn("sequenceFlow")):
        if flow.get("sourceRef") in inside and flow.get("targetRef") in inside:
            ways[flow.get("sourceRef", "")].add(flow.get("targetRef", ""))
    for name in inside:
        host = sheet.nodes[name].get("attachedToRef")
        if host in inside:
            ways[host].add(name)
    return ways


def _reachable(ways: Ways, starts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    ahead = list(starts)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(ways[name])
    return found


def _reversed(ways: Ways) -> dict[str, set[str]]:
    back: dict[str, set[str]] = {name: set() for name in ways}
    for name, targets in ways.items():
        for target in targets:
            back[target].add(name)
    return back


def _without(ways: Ways, left_out: Collection[str]) -> dict[str, set[str]]:
    return {name: set(targets) - set(left_out) for name, targets in ways.items() if name not in left_out}


def _on_a_cycle(ways: Ways) -> list[str]:
    """One element, the first by name, of each cycle: those that can reach themselves, seen once per cycle."""
    found: list[str] = []
    for name in sorted(ways):
        ahead = _reachable(ways, ways[name])
        if name in ahead and not any(
            other in ahead and name in _reachable(ways, ways[other]) for other in found
        ):
            found.append(name)
    return found


_ONE_START = Text(
    zh="应恰有一个开始事件, 实际有 {found} 个; 请只保留一个。",
    en="Expected exactly one start event, found {found}; keep one.",
)
_NO_END = Text(
    zh="至少应有一个结束事件, 但一个也没有; 请为每种结果画一个。",
    en="Expected at least one end event, found none; draw one for each outcome.",
)
_FLOW_END = Text(
    zh="连线的两端都应是同一层的节点, 但 {found} 不是; 请重新连接。",
    en="Expected both ends of the flow to be elements of its scope, found {found}; connect it again.",
)
_TWICE = Text(
    zh="{source} 与 {target} 之间应只有一条连线, 但有两条, 历史无法区分; 请合并。",
    en="Expected one flow from {source} to {target}, found two, which a history could not tell apart; merge them.",
)
_LISTED = Text(
    zh="节点的 {tag} 应为 {drawn}, 实际列出 {listed}; 请使其与连线一致。",
    en="Expected the element's {tag} to list {drawn}, found {listed}; make it agree with the flows.",
)
_UNREACHABLE = Text(
    zh="每个节点都应能从开始事件到达, 但到不了这里; 请连上或删除它。",
    en="Expected a way from the start event to every element, found none to this one; connect or remove it.",
)
_NO_WAY_OUT = Text(
    zh="每条路径都应通向结束事件, 但从这里走不到; 请补上连线。",
    en="Expected every path to lead to an end event, found none from here; draw the way on.",
)
_HOST = Text(
    zh="边界事件应附着在同一层的活动上, 实际附着于 {found}; 请重新附着。",
    en="Expected a boundary event on an activity of the same scope, found it on {found}; attach it again.",
)
_ENTERED = Text(
    zh="边界事件只能由其活动触发, 但有连线进入; 请删除该连线。",
    en="Expected no flow into a boundary event, found one; remove it.",
)
_ENDLESS = Text(
    zh="每个循环都应经过一个排他网关, 但这个循环没有, 永远无法离开; 请加上判断。",
    en="Expected every loop to pass an exclusive gateway, found one that does not and never ends; ask when to leave it.",
)
_HOT = Text(
    zh="每个循环都应有等待人或时间的节点, 但这个循环没有, 会无休止地自动运行; 请加上。",
    en="Expected every loop to wait for people or time somewhere, found one that runs on by itself; add what it waits for.",
)
_BOTH = Text(
    zh="网关应只汇合或只分支, 但这个网关两者都做; 请拆成两个。",
    en="Expected a gateway that either joins or splits, found one that does both; draw two.",
)
_IMPLICIT_JOIN = Text(
    zh="只有网关可以汇合, 但有 {found} 条连线进入该节点; 请在前面加汇合网关。",
    en="Expected one flow into the element, found {found}; join them in a gateway before it.",
)
_IMPLICIT_SPLIT = Text(
    zh="只有网关可以分支, 但有 {found} 条连线离开该节点; 请在后面加分支网关。",
    en="Expected one flow out of the element, found {found}; split them in a gateway behind it.",
)
_CATCHERS = Text(
    zh="事件网关后应直接有至少两个等待消息或时间的中间事件; 请改画。",
    en="Expected two or more intermediate catch events right after the event gateway, found something else; redraw it.",
)
_TIMERS = Text(
    zh="事件网关后最多一个定时器; 请把另一个改为边界事件或合并。",
    en="Expected at most one timer after an event gateway, found several; keep one.",
)
