"""Words for the ids that cases carry: channels, kinds, calendars; an unknown id reads as it was drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from flask import Flask, g

from engine.acts.status_names import STATUSES, status_name
from engine.bpmn.library import Library, once_per_release
from engine.desk.people import GROUPS
from engine.desk.registers import choices
from engine.foundation.security import OWN_ACTORS
from engine.foundation.text import Text, same
from engine.record.names import Names
from webapp.context import language, services

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
    **choices.COVERAGES,
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
CALENDARS: dict[str, Text] = {
    "always": Text(zh="7×24 小时", en="7×24 hours"),
    "working": Text(zh="工作时间", en="Working time"),
}
CLOCKS: dict[str, Text] = {
    "customer": Text(zh="客户时限", en="The customer's"),
    "internal": Text(zh="内部时限", en="Internal"),
    "supplier": Text(zh="供货商时限", en="The supplier's"),
}
SCOPES: dict[str, Text] = {
    "case": Text(zh="整个案例", en="Whole case"),
    "step": Text(zh="本步骤", en="This step"),
}
VOCABULARIES = {
    "status": STATUSES,
    "skill": SKILLS,
    "channel": CHANNELS,
    "coverage": COVERAGES,
    "kind": KINDS,
    "hit_policy": HIT_POLICIES,
    "group": GROUPS,
}


def register(app: Flask) -> None:
    """Offer `id|word("status")` and `id|group_name` to templates."""
    app.template_filter("word")(word)
    app.template_filter("stage")(stage)
    app.template_filter("titled")(titled)
    app.template_filter("spoken")(spoken)
    app.template_filter("hours")(hours)
    app.template_filter("cell_words")(cell_words)
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


def stage(status: str) -> str:
    """A status of a case, which any diagram may bring about, in the words of the current release."""
    return status_name(_library(), status).in_(language())


def titled(title: str) -> str:
    """A case's title; one that no person wrote is the name of its process, in the language of the page."""
    if language() == "zh":
        return title
    named = _process_names(_library())
    return named[title].en if title in named else title


@once_per_release
def _process_names(library: Library) -> Mapping[str, Text]:
    return {d.name.zh: d.name for d in library.diagrams.values()}


def _library() -> Library:
    """The current release, looked for once per page: lists ask for every line."""
    if "library" not in g:
        g.library = services().cases.current_library()
    return cast(Library, g.library)


def spoken(name: str) -> str:
    """A person's name, which is never translated; what acts by itself is called by a word of the page's language."""
    return _OURSELVES[name].in_(language()) if name in _OURSELVES else name


def hours(minutes: float) -> str:
    """Working minutes as a clock reads them: 04:00."""
    whole = max(0, round(minutes))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def cell_words(cell: str, choices: Mapping[str, Text]) -> str:
    """A cell of a decision table for people: what forms and the desk call an id, no quotation marks."""
    if cell in _LITERALS:
        return _LITERALS[cell].in_(language())
    return _QUOTED.sub(lambda quoted: _in_cells(quoted[1], choices), _APART.sub('", "', cell))


def _in_cells(value: str, choices: Mapping[str, Text]) -> str:
    known = next((words[value] for words in (*_CELLS, choices, COVERAGES) if value in words), None)
    return value if known is None else known.in_(language())


_OURSELVES = {called: Names().person(one.id) for one in OWN_ACTORS.values() for called in (one.id, one.name)}
_APART = re.compile(r'"\s*,\s*"')
_QUOTED = re.compile(r'"([^"]*)"')
_CELLS = (GROUPS, CALENDARS, CLOCKS, SCOPES)
_LITERALS = {
    "true": Text(zh="是", en="yes"),
    "false": Text(zh="否", en="no"),
    "null": Text(zh="未填", en="nothing"),
    "not(null)": Text(zh="已填", en="anything"),
}
