"""What a page says once after an act: a sentence and, where the act can be taken back, the button that does so."""

from __future__ import annotations

from flask import flash


def tell(words: str, *, undo: str | None = None, **fields: object) -> None:
    """Say `words` on the next page; `undo` is the address to which its button sends `fields`."""
    if undo is None:
        flash(words, "success")
        return
    sent = {name: str(value) for name, value in fields.items() if value is not None}
    flash({"words": words, "undo": undo, "fields": sent}, "undo")  # type: ignore[arg-type]
