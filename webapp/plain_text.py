"""Text from browsers is text: a sign that ends a text in the eyes of a database is refused before anybody reads it."""

from __future__ import annotations

from itertools import chain

from flask import Flask, request

from engine.foundation.errors import Rejection
from engine.foundation.text import Text

NUL = "\0"  # PostgreSQL keeps no text with it, SQLite reads such a text only up to it


def register(app: Flask) -> None:
    """Look at every address and form; files are looked at where they are read."""
    app.before_request(_refuse_nul)


def _refuse_nul() -> None:
    given = chain.from_iterable((name, *values) for name, values in request.values.lists())
    if any(NUL in text for text in (request.path, *given)):
        raise Rejection(_NO_TEXT)


_NO_TEXT = Text(
    zh="应为普通文字, 但其中有不可见的空字符; 请重新输入, 不要粘贴原始数据。",
    en="Expected plain text, found an invisible null character in it; type it again instead of pasting raw data.",
)
