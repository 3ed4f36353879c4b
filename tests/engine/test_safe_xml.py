"""XML that could read files, reach the network or fill the memory never gets past the first bytes."""

from __future__ import annotations

import pytest

from engine.bpmn.safe_xml import LARGEST, parse_xml
from engine.foundation.errors import ProblemsFound

BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))


def rule_for(content: bytes) -> str:
    with pytest.raises(ProblemsFound) as caught:
        parse_xml(content, file="processes/x.bpmn")
    (problem,) = caught.value.problems
    assert problem.file == "processes/x.bpmn"
    assert problem.text.zh and problem.text.en
    return problem.rule


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE a><a/>",
        b'<?xml version="1.0"?>\n<!-- x --><!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><a>&f;</a>',
        f'<!DOCTYPE a [<!ENTITY e0 "ha">{BOMB}]><a>&e9;</a>'.encode(),
        f'<!DOCTYPE a [<!ENTITY e0 "ha">{BOMB}]><a x="&e9;"/>'.encode(),
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]><a/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
    ],
)
def test_a_document_type_is_refused_before_any_entity_is_expanded(content: bytes) -> None:
    assert rule_for(content) == "xml-doctype"


@pytest.mark.parametrize(
    "content", [b"", b"   ", b"hello", b"<a>", b"<a></b>", b"<a>&unknown;</a>", b"\xff\xfe", b"<a/><b/>"]
)
def test_what_is_not_xml_is_refused_with_the_reason(content: bytes) -> None:
    assert rule_for(content) == "xml-malformed"


def test_deep_nesting_is_refused_instead_of_exhausting_the_stack() -> None:
    assert rule_for(b"<a>" * 5000 + b"</a>" * 5000) == "xml-malformed"


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_refused() -> None:
    fitting = b"<a>" + b"x" * (LARGEST - 7) + b"</a>"
    assert parse_xml(fitting, file="a").tag == "a"
    assert rule_for(fitting + b" ") == "xml-too-large"


def test_a_comment_cannot_hide_half_of_a_text() -> None:
    root = parse_xml(b"<a>&lt; 5<!-- hidden -->0<?php x?></a>", file="a")
    assert root.text == "< 50"
    assert len(root) == 0


def test_chinese_and_declared_encodings_are_read() -> None:
    assert parse_xml("<a>判断保修</a>".encode(), file="a").text == "判断保修"
    declared = '<?xml version="1.0" encoding="gb18030"?><a>保修</a>'.encode("gb18030")
    assert parse_xml(declared, file="a").text == "保修"
