"""Lays a diagram out: positions are computed, never drawn by hand; what it says stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.diagram import read_diagram
from engine.bpmn.layout.interchange import interchange
from engine.bpmn.layout.picture import draw
from engine.bpmn.markup import bpmn
from engine.bpmn.safe_xml import parse_xml

_OLD = re.compile(r"[ \t]*<(?P<tag>(?:[\w.-]+:)?BPMNDiagram)\b.*?</(?P=tag)>[ \t]*\n?", re.DOTALL)
_CLOSING = re.compile(r"</(?:[\w.-]+:)?definitions\s*>\s*$")
_PREFIXES = {"bpmndi": markup.BPMNDI, "dc": markup.DC, "di": markup.DI}


def tidy(xml: bytes, *, file: str) -> bytes:
    """The same file with a newly computed drawing, and a pool when the process has two lanes or more.

    Everything outside the drawing stays byte for byte. Raises ProblemsFound when the file cannot be read.
    """
    read_diagram(xml, file=file)
    text = _with_pool(xml, file)
    root = parse_xml(text.encode(), file=file)
    bare = _OLD.sub("", text)
    closing = _CLOSING.search(bare)
    assert closing is not None, "a parsed file ends with its root element"
    head, tail = bare[: closing.start()].rstrip(" \t"), bare[closing.start() :]
    separator = "" if head.endswith("\n") else "\n"
    return f"{head}{separator}{_drawing(root)}\n{tail}".encode()


def _drawing(root: etree._Element) -> str:
    process = root.find(bpmn("process"))
    assert process is not None
    collaboration = root.find(bpmn("collaboration"))
    pools = _pools(collaboration)
    lanes = tuple(lane.get("id", "") for lane in process.findall(f"{bpmn('laneSet')}/{bpmn('lane')}"))
    return interchange(
        draw(process),
        process=process.get("id", ""),
        plane=process.get("id", "") if collaboration is None else collaboration.get("id", ""),
        kinds={
            node.get("id", ""): markup.kind_of(node) for node in process.iter() if markup.is_flow_node(node)
        },
        pool=pools.get(process.get("id", "")),
        lanes=lanes if len(lanes) > 1 else (),
        others=tuple(pool for ref, pool in pools.items() if ref != process.get("id")),
        declarations=_declarations(root.nsmap),
    )


def _pools(collaboration: etree._Element | None) -> dict[str, str]:
    """Participants by the process they refer to; those outside the company refer to none."""
    found = [] if collaboration is None else collaboration.findall(bpmn("participant"))
    return {p.get("processRef", p.get("id", "")): p.get("id", "") for p in found}


def _declarations(known: Mapping[str | None, str]) -> str:
    missing = [(prefix, uri) for prefix, uri in _PREFIXES.items() if known.get(prefix) != uri]
    return "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in missing)


def _with_pool(xml: bytes, file: str) -> str:
    """Lanes are drawn only inside a pool, and a pool needs a collaboration."""
    text = _decoded(xml)
    root = parse_xml(xml, file=file)
    process = root.find(bpmn("process"))
    assert process is not None
    lanes = process.findall(f"{bpmn('laneSet')}/{bpmn('lane')}")
    if len(lanes) < 2 or root.find(bpmn("collaboration")) is not None:
        return text
    prefix = f"{process.prefix}:" if process.prefix else ""
    opening = re.search(rf"[ \t]*<{re.escape(prefix)}process\b", text)
    assert opening is not None
    return text[: opening.start()] + _collaboration(process, prefix) + text[opening.start() :]


def _collaboration(process: etree._Element, prefix: str) -> str:
    name, label = process.get("id", ""), quoteattr(process.get("name", ""))
    return (
        f'  <{prefix}collaboration id="{name}_collaboration">\n'
        f'    <{prefix}participant id="{name}_pool" name={label} processRef="{name}">\n'
        f"{_english(process, prefix)}"
        f"    </{prefix}participant>\n"
        f"  </{prefix}collaboration>\n"
    )


def _english(process: etree._Element, prefix: str) -> str:
    words = markup.translation(process, language="en")
    if words is None:
        return ""
    i18n = next((p for p, uri in process.nsmap.items() if uri == markup.I18N and p), "i18n")
    opening = f'<{i18n}:translation xmlns:{i18n}="{markup.I18N}" xml:lang="en">'
    return (
        f"      <{prefix}extensionElements>\n"
        f"        {opening}{escape(words)}</{i18n}:translation>\n"
        f"      </{prefix}extensionElements>\n"
    )


def _decoded(xml: bytes) -> str:
    """The file as text; its declaration may name another encoding than UTF-8, the result is always UTF-8."""
    declared = re.match(rb"""<\?xml[^>]*encoding=["']([\w-]+)["']""", xml)
    text = xml.decode(declared[1].decode() if declared else "utf-8-sig").lstrip("\ufeff")
    return re.sub(r"""(<\?xml[^>]*encoding=)["'][\w-]+["']""", r'\1"UTF-8"', text, count=1)
