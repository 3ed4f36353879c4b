"""The interface's sentences and their translations; `python -m webapp.catalogue` brings the catalogue up to date.

Imports nothing but Babel, because the wheel build loads this file on its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
TRANSLATIONS = HERE / "translations"
METHODS = [("templates/**.html", "jinja2.ext.babel_extract"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
Translation = str | tuple[str, ...]

KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "_l": None,
    "lazy_ngettext": (1, 2),
}


def sentences() -> Catalog:
    """Every sentence that the code and the templates ask for now."""
    found = Catalog(charset="utf-8")
    for _file, _line, message, _comments, context in extract_from_dir(
        HERE, METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=_is_ours
    ):
        found.add(message, context=context)
    return found


def translations() -> Iterator[tuple[Path, Catalog]]:
    """Each committed catalogue and the file that it is in."""
    for file in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        with file.open("rb") as text:
            yield file, read_po(text, locale=file.parents[1].name, charset="utf-8")


def missing() -> list[str]:
    """Sentences without a translation, and translations of sentences that nobody says any more."""
    said = sentences()
    faults = []
    for file, catalogue in translations():
        name = file.parents[1].name
        faults += [f"{name}: not translated: {m.id}" for m in said if m.id and not _string(catalogue, m.id)]
        faults += [
            f"{name}: no longer said: {m.id}" for m in catalogue if m.id and said.get(_one(m.id)) is None
        ]
    return faults


def update() -> None:
    """Bring every catalogue up to date with the code: keep translations, add new sentences, drop dead ones."""
    said = sentences()
    for file, catalogue in translations():
        fresh = Catalog(locale=catalogue.locale, charset="utf-8")
        for message in said:
            if message.id:
                fresh.add(message.id, _string(catalogue, message.id) or message.string)
        with file.open("wb") as text:
            write_po(text, fresh, width=0, no_location=True, omit_header=True, sort_output=True)


def compile_all() -> None:
    """Write the compiled catalogue beside each one that is newer."""
    for file, catalogue in translations():
        target = file.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < file.stat().st_mtime:
            with target.open("wb") as compiled:
                write_mo(compiled, catalogue)


def _string(catalogue: Catalog, sentence: object) -> Translation:
    found = catalogue.get(_one(sentence))
    string = found.string if found is not None and not found.fuzzy else ""
    if isinstance(string, (tuple, list)):
        return tuple(string) if all(string) else ""
    return string or ""


def _one(sentence: object) -> str:
    return str(sentence[0]) if isinstance(sentence, tuple) else str(sentence)


def _is_ours(folder: str | Path) -> bool:
    return Path(folder).name not in {"frontend", "static", "translations", "__pycache__"}


if __name__ == "__main__":
    update()
    compile_all()
    sys.stdout.write("\n".join(missing() or ["every sentence is translated"]) + "\n")
