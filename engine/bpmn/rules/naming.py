"""Labels that can be read aloud, in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.markup import bpmn
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text

_VAGUE_ZH = ("处理", "操作", "执行", "进行", "管理")
_VAGUE_EN = ("handle", "process", "manage", "do", "perform", "execute", "deal with")
_EMPTY_ZH = frozenset({"开始", "结束", "完成", "终止", "流程结束", "已结束", "已完成"})
_EMPTY_EN = frozenset(
    {"start", "begin", "end", "done", "finish", "finished", "completed", "processed", "the end"}
)


def base_language(sheet: Sheet, _: World) -> Iterator[Problem]:
    """The file says that its names are Chinese."""
    found = sheet.root.get(markup.XML_LANG)
    if found != "zh-CN":
        yield sheet.problem("definitions", "language-base", _BASE, found=found or "-")


def both_languages(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Whatever is shown with a name has it in Chinese and in English."""
    for node in _shown(sheet):
        name, base = node.get("id", ""), node.get("name", "")
        english = markup.translation(node, language="en") or ""
        if _must_be_named(sheet, node) and not base:
            yield sheet.problem(name, "name-missing", _NO_NAME)
        elif base and not _chinese(base):
            yield sheet.problem(name, "name-chinese", _NOT_CHINESE, found=base)
        if base and not english:
            yield sheet.problem(name, "name-english", _NO_ENGLISH, found=base)
        elif _chinese(english):
            yield sheet.problem(name, "name-english", _NOT_ENGLISH, found=english)


def documentation(sheet: Sheet, _: World) -> Iterator[Problem]:
    """What is documented is documented in both languages."""
    for node in chain([sheet.process], sheet.nodes.values()):
        told = node.findtext(bpmn("documentation"))
        if told and not markup.translation(node, language="en", target="documentation"):
            yield sheet.problem(node.get("id", ""), "documentation-english", _UNDOCUMENTED)


def activities(sheet: Sheet, _: World) -> Iterator[Problem]:
    """An activity is a concrete verb with its object."""
    for name, node in sheet.nodes.items():
        label = markup.name_of(node)
        vague = label.zh.startswith(_VAGUE_ZH) or _begins(label.en.lower(), _VAGUE_EN)
        if markup.is_activity(markup.kind_of(node)) and vague:
            yield sheet.problem(name, "name-vague", _VAGUE, found=label)


def events(sheet: Sheet, _: World) -> Iterator[Problem]:
    """An event is an object with the state it reached; two ends of a process are told apart by name."""
    ends = Counter(markup.name_of(n).zh for n in sheet.nodes.values() if markup.kind_of(n) == "endEvent")
    for name, node in sheet.nodes.items():
        label = markup.name_of(node)
        kind = markup.kind_of(node)
        if markup.is_event(kind) and (label.zh in _EMPTY_ZH or label.en.lower() in _EMPTY_EN):
            yield sheet.problem(name, "name-of-event", _EVENT, found=label)
        if kind == "endEvent" and label.zh and ends[label.zh] > 1:
            yield sheet.problem(name, "end-names-differ", _SAME_END, found=label)


def gateways(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A splitting exclusive gateway asks; all other gateways stay without a name."""
    for name, node in sheet.nodes.items():
        kind, label = markup.kind_of(node), markup.name_of(node)
        if not markup.is_gateway(kind):
            continue
        if not _asks(sheet, node):
            if label.zh:
                yield sheet.problem(name, "gateway-unnamed", _SILENT, found=label)
        elif label.zh and not (label.zh.endswith(("?", "?")) and label.en.endswith("?")):
            yield sheet.problem(name, "gateway-question", _QUESTION, found=label)


def _shown(sheet: Sheet) -> Iterator[etree._Element]:
    yield sheet.process
    for tag in ("participant", "lane"):
        yield from sheet.root.iter(bpmn(tag))
    yield from sheet.nodes.values()
    yield from sheet.process.iter(bpmn("sequenceFlow"))


def _must_be_named(sheet: Sheet, node: etree._Element) -> bool:
    kind = markup.kind_of(node)
    if kind == "sequenceFlow":
        source = sheet.nodes.get(node.get("sourceRef", ""))
        return source is not None and _asks(sheet, source)
    return _asks(sheet, node) if markup.is_gateway(kind) else True


def _asks(sheet: Sheet, node: etree._Element) -> bool:
    return markup.kind_of(node) == "exclusiveGateway" and len(sheet.diagram.outgoing(node.get("id", ""))) > 1


def _chinese(words: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in words)


def _begins(words: str, beginnings: tuple[str, ...]) -> bool:
    return any(words == each or words.startswith(f"{each} ") for each in beginnings)


_BASE = Text(
    zh='definitions 应标明 xml:lang="zh-CN", 实际为 {found}; 请改正。',
    en='Expected xml:lang="zh-CN" on definitions, found {found}; correct it.',
)
_NO_NAME = Text(
    zh="这里应有名称, 但没有; 请写上中文名称和英文翻译。",
    en="Expected a name, found none; write it in Chinese and translate it.",
)
_NOT_CHINESE = Text(
    zh="基础名称应为中文, 实际为 {found}; 请改写, 英文放在翻译里。",
    en="Expected a Chinese base name, found {found}; write it in Chinese and put the English into the translation.",
)
_NO_ENGLISH = Text(
    zh="“{found}”应有英文翻译, 但没有; 请添加 i18n:translation。",
    en="Expected an English name for {found}, found none; add an i18n:translation.",
)
_NOT_ENGLISH = Text(
    zh="英文翻译应为英文, 实际为“{found}”; 请翻译。",
    en="Expected English in the translation, found {found}; translate it.",
)
_UNDOCUMENTED = Text(
    zh='说明文字应有英文翻译(target="documentation"), 但没有; 请添加。',
    en='Expected an English translation of the documentation (target="documentation"), found none; add it.',
)
_VAGUE = Text(
    zh="活动名称应为具体的动词加宾语, 例如“检查配件”, 实际为“{found}”; 请说明具体做什么。",
    en="Expected a concrete verb with its object such as Inspect part, found {found}; say what is done.",
)
_EVENT = Text(
    zh="事件名称应为对象加状态, 例如“配件已返回”, 实际为“{found}”; 请说明发生了什么。",
    en="Expected an object with its state such as Part returned, found {found}; say what has happened.",
)
_SAME_END = Text(
    zh="每个结束事件的名称应不同, 但“{found}”出现多次; 请区分不同的结果, 或汇合为一个。",
    en="Expected end events with different names, found {found} more than once; name each outcome, or join them.",
)
_SILENT = Text(
    zh="汇合、并行和事件网关不应有名称, 实际为“{found}”; 请删除。",
    en="Expected no name on a joining, parallel or event-based gateway, found {found}; remove it.",
)
_QUESTION = Text(
    zh="分支的排他网关应是一个问句, 中英文都以问号结尾, 实际为“{found}”; 请改写。",
    en="Expected a question on a splitting exclusive gateway in both languages, found {found}; rephrase it.",
)
