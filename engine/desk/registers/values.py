"""One value of a field: read from what people write, and written so that it can be read again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from uuid import UUID

from engine.desk.registers.fields import Field
from engine.desk.registers.references import References
from engine.foundation.text import Text

WORD_SEPARATORS = re.compile("[,\uff0c、;\uff1b\n]")
MOST_WORDS, LONGEST_WORD = 50, 100
TRUE = frozenset({"1", "true", "yes", "on", "y", "是"})
FALSE = frozenset({"0", "false", "no", "off", "n", "否"})
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T ]00:00(?::00)?)?")
_UNFIT = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Wrong(Exception):
    """What was written cannot be a value of the field; `text` says what was expected."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class RetiredReference(Wrong):
    """What was written names a row that is no longer in use: `id`."""

    def __init__(self, text: Text, id: UUID) -> None:
        super().__init__(text)
        self.id = id


def read_value(
    field: Field, written: object, *, zone: tzinfo, references: References, old: object = None
) -> Any:
    """The value that was written, None for a blank. Raises Wrong. `old` may go on referring to a retired row."""
    plain = _plain(written, lines=field.kind in ("prose", "words"))
    if not plain:
        return False if field.kind == "flag" else None
    if field.kind == "reference":
        return _reference(field, plain, references, old)
    if field.kind == "person":
        return _person(plain, references)
    if field.kind == "moment":
        return _moment(plain, zone)
    if field.kind in _UNRULED:
        return _UNRULED[field.kind](plain)
    return _RULED[field.kind](field, plain)


def write_value(field: Field, value: object, *, zone: tzinfo, language: str, keys: dict[UUID, str]) -> str:
    """The value as people write it in `language`: `read_value` gives the same value back."""
    if value is None:
        return ""
    if field.choices is not None:
        return field.choices[str(value)].in_(language) if value in field.choices else str(value)
    if isinstance(value, bool):
        return (_YES if value else _NO).in_(language)
    if isinstance(value, UUID):
        return keys.get(value, "")
    if isinstance(value, datetime):
        return _written_moment(value.astimezone(zone).replace(tzinfo=None))
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(str(word) for word in value)
    return str(value)


def _written_moment(local: datetime) -> str:
    exact = local.second or local.microsecond
    return local.isoformat(sep=" ") if exact else local.isoformat(sep=" ", timespec="minutes")


def _plain(written: object, *, lines: bool) -> str:
    plain = str(written if written is not None else "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if _UNFIT.search(plain):
        raise Wrong(_CONTROL)
    if not lines:
        plain = plain.replace("\t", " ")
        if "\n" in plain:
            raise Wrong(_ONE_LINE)
    return plain


def _text(field: Field, plain: str) -> str:
    if len(plain) > field.longest:
        raise Wrong(_TOO_LONG.format(most=field.longest, found=len(plain)))
    if field.pattern and not re.fullmatch(field.pattern, plain):
        raise Wrong(_PATTERN.format(what=field.title, found=plain))
    return plain


def _integer(field: Field, plain: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", plain) or not field.least <= int(plain) <= field.most:
        raise Wrong(_INTEGER.format(least=field.least, most=field.most, found=plain))
    return int(plain)


def _flag(plain: str) -> bool:
    if plain.lower() in TRUE:
        return True
    if plain.lower() in FALSE:
        return False
    raise Wrong(_FLAG.format(found=plain))


def _choice(field: Field, plain: str) -> str:
    assert field.choices is not None
    for identity, words in field.choices.items():
        if plain.casefold() in (identity, words.zh.casefold(), words.en.casefold()):
            return identity
    known = Text(
        zh="、".join(words.zh for words in field.choices.values()),
        en=", ".join(words.en for words in field.choices.values()),
    )
    raise Wrong(_CHOICE.format(known=known, found=plain))


def _words(plain: str) -> list[str] | None:
    found = [word.strip().replace("\t", " ") for word in WORD_SEPARATORS.split(plain)]
    kept = list(dict.fromkeys(word for word in found if word))
    if len(kept) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in kept):
        raise Wrong(_WORDS.format(most=MOST_WORDS, longest=LONGEST_WORD))
    return kept or None


def _reference(field: Field, plain: str, references: References, old: object) -> UUID:
    assert field.refers is not None
    found = references.row(field.refers, plain)
    if found is None:
        raise Wrong(_UNKNOWN.format(what=field.title, found=plain))
    if found.retired and found.id != old:
        raise RetiredReference(_RETIRED.format(what=field.title, found=plain), found.id)
    return found.id


def _person(plain: str, references: References) -> str:
    found = references.person(plain)
    if found is None:
        raise Wrong(_NOBODY.format(found=plain))
    return found


def _day(plain: str) -> date:
    match = _DAY.fullmatch(plain)
    try:
        if match is None:
            raise ValueError
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise Wrong(_NO_DAY.format(found=plain)) from error
    if not 1900 <= found.year <= 2200:
        raise Wrong(_NO_DAY.format(found=plain))
    return found


def _moment(plain: str, zone: tzinfo) -> datetime:
    try:
        found = datetime.fromisoformat(plain.replace("/", "-"))
        aware = found if found.tzinfo else found.replace(tzinfo=zone)
        if not 1900 <= aware.year <= 2200:
            raise ValueError
    except ValueError as error:
        raise Wrong(_NO_MOMENT.format(found=plain)) from error
    return aware.astimezone(UTC)


_UNRULED: Mapping[str, Callable[[str], Any]] = {"date": _day, "flag": _flag, "words": _words}
_RULED: Mapping[str, Callable[[Field, str], Any]] = {
    "text": _text,
    "prose": _text,
    "integer": _integer,
    "choice": _choice,
}
_YES, _NO = Text(zh="是", en="yes"), Text(zh="否", en="no")
_CONTROL = Text(
    zh="应为可见文字, 但含有控制字符; 请删除后重新填写。",
    en="Expected visible text, found control characters; remove them.",
)
_ONE_LINE = Text(
    zh="应为一行文字, 但含有换行; 请写在一行内。",
    en="Expected one line, found several; write it on one line.",
)
_TOO_LONG = Text(
    zh="最多 {most} 个字, 实际为 {found} 个; 请缩短。",
    en="Expected at most {most} characters, found {found}; shorten it.",
)
_PATTERN = Text(
    zh='{what}的格式不对, 实际为 "{found}"; 请改正。',
    en='{what}: "{found}" is not written like one; correct it.',
)
_INTEGER = Text(
    zh='应为 {least} 到 {most} 的整数, 实际为 "{found}"; 请改正。',
    en='Expected a whole number from {least} to {most}, found "{found}"; correct it.',
)
_FLAG = Text(
    zh='应为"是"或"否", 实际为 "{found}"; 请改正。', en='Expected yes or no, found "{found}"; correct it.'
)
_CHOICE = Text(
    zh='应为 {known} 之一, 实际为 "{found}"; 请改正。',
    en='Expected one of {known}, found "{found}"; correct it.',
)
_WORDS = Text(
    zh="最多 {most} 个词, 每个不超过 {longest} 个字; 请减少。",
    en="Expected at most {most} words of at most {longest} characters; use fewer.",
)
_UNKNOWN = Text(
    zh='{what}"{found}"尚未登记; 请核对写法, 或先登记。',
    en='{what}: "{found}" is not registered; check the spelling or register it first.',
)
_RETIRED = Text(
    zh='{what}"{found}"已停用; 请选择在用的。',
    en='{what}: "{found}" is no longer in use; choose one that is.',
)
_NOBODY = Text(
    zh='应为人员的登录名或唯一的姓名, 实际为 "{found}"; 请核对。',
    en='Expected a login name, or a name that only one person bears, found "{found}"; check it.',
)
_NO_DAY = Text(
    zh='应为日期, 如 2026-03-02, 实际为 "{found}"; 请改正。',
    en='Expected a date such as 2026-03-02, found "{found}"; correct it.',
)
_NO_MOMENT = Text(
    zh='应为日期和时间, 如 2026-03-02 09:00, 实际为 "{found}"; 请改正。',
    en='Expected a date and time such as 2026-03-02 09:00, found "{found}"; correct it.',
)
