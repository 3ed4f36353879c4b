"""XML from outside is read without entities, without the network and only up to a size."""

from __future__ import annotations

from lxml import etree

from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.text import Text

LARGEST = 1_000_000
"""Bytes that a diagram or a decision table may have."""


def parse_xml(content: bytes, *, file: str) -> etree._Element:
    """The root element of a diagram or decision table, without comments and processing instructions.

    Raises ProblemsFound with the rule `xml-too-large`, `xml-doctype` or `xml-malformed`.
    """
    if len(content) > LARGEST:
        raise _refusal(file, "xml-too-large", _too_large(len(content)))
    try:
        if _has_doctype(content):
            raise _refusal(file, "xml-doctype", _DOCTYPE)
        return etree.fromstring(content, parser=_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refusal(file, "xml-malformed", _malformed(error)) from error


def _parser(target: object = None) -> etree.XMLParser:
    return etree.XMLParser(
        target=target,  # type: ignore[arg-type]  # the stub knows only a subset of parser targets
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


class _PrologRead(Exception):
    """Everything before the root element was seen; `doctype` says whether there was one."""

    def __init__(self, *, doctype: bool) -> None:
        self.doctype = doctype


class _Prolog:
    """Stops at the document type or the root, whichever comes first: before any entity can be expanded."""

    def doctype(self, *_declaration: object) -> None:
        raise _PrologRead(doctype=True)

    def start(self, *_element: object) -> None:
        raise _PrologRead(doctype=False)

    def close(self) -> None:
        """Part of the parser target protocol; there is nothing to return."""


def _has_doctype(content: bytes) -> bool:
    try:
        etree.fromstring(content, parser=_parser(_Prolog()))
    except _PrologRead as prolog:
        return prolog.doctype
    return False


def _refusal(file: str, rule: str, text: Text) -> ProblemsFound:
    return ProblemsFound([Problem(file=file, element="-", rule=rule, text=text)])


def _too_large(size: int) -> Text:
    return Text(
        zh="文件最大 {limit} 字节, 实际为 {size} 字节; 请把内容拆分到被调用的流程图或多张决策表中。",
        en="Expected at most {limit} bytes, found {size}; split the content into called diagrams or several tables.",
    ).format(limit=LARGEST, size=size)


def _malformed(error: Exception) -> Text:
    return Text(
        zh="文件应为格式正确的 XML, 但无法解析({reason}); 请重新导出该文件。",
        en="Expected well-formed XML, found: {reason}; export the file again.",
    ).format(reason=str(error))


_DOCTYPE = Text(
    zh="文件不得包含 DOCTYPE 声明; 请删除该声明后重新提交。",
    en="Expected XML without a document type, found a DOCTYPE; remove the declaration and submit again.",
)
