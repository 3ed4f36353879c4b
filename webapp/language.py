"""Which language a page speaks: the one chosen in this browser, else the person's own, else what the browser asks for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, abort, g, redirect, request, url_for
from flask_babel import Babel

from engine.desk.people import set_language
from engine.foundation.text import Text
from webapp.context import language, public, services, signed_in

LANGUAGES = {"zh": "中文", "en": "English"}
HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}
COOKIE = "language"
CATALOGUES = Path(__file__).parent / "translations"
A_YEAR = 365 * 24 * 3600

blueprint = Blueprint("language", __name__)


def register(app: Flask) -> None:
    """Choose the language before any view runs, and translate the interface."""
    app.before_request(_choose)
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh")
    Babel(
        app,
        locale_selector=language,
        timezone_selector=lambda: services().settings.time_zone,
        default_translation_directories=str(CATALOGUES),
    )
    _translate_templates(app)
    app.register_blueprint(blueprint)
    app.template_filter("text")(in_language)
    app.context_processor(_names)


def _translate_templates(app: Flask) -> None:
    # A page asks for some hundreds of sentences; working out the locale anew for each would take most of its time.
    translate: Any = app.jinja_env
    translate.install_gettext_callables(
        lambda words: _catalogue(language()).ugettext(words),
        lambda one, many, n: _catalogue(language()).ungettext(one, many, n),
        newstyle=True,
    )


def gettext(words: str, **values: object) -> str:
    """A sentence of ours in the language of this page, for lists that ask for hundreds."""
    found: str = _catalogue(language()).ugettext(words)
    return found % values if values else found


@cache
def _catalogue(spoken: str) -> NullTranslations:
    return Translations.load(str(CATALOGUES), [spoken])


@blueprint.post("/language")
@public
def switch() -> Response:
    """Speak another language from now on, and come back to the same page."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    person = signed_in()
    if person is not None:
        with services().database.write() as tx:
            set_language(tx, person=person.id, language=chosen)
    return _with_cookie(redirect(local_path(request.form.get("next")), code=303), chosen)  # type: ignore[arg-type]


def local_path(address: str | None) -> str:
    """An address of this site to go on to; anything else leads home."""
    parts = urlsplit(address or "")
    inside = (
        not parts.scheme and not parts.netloc and parts.path.startswith("/") and "\\" not in (address or "")
    )
    return address if inside and address and not address.startswith("//") else url_for("home")


def in_language(text: Text | None) -> str:
    """A sentence of the engine in the language of this page."""
    return "" if text is None else text.in_(language())


def _choose() -> Response | None:
    asked = request.args.get("lang")
    if asked in LANGUAGES and request.method == "GET":
        return _remembered(asked)
    person = signed_in()
    chosen = request.cookies.get(COOKIE)
    own = person.language if person else request.accept_languages.best_match(LANGUAGES)
    g.language = next((spoken for spoken in (chosen, own) if spoken in LANGUAGES), "zh")
    return None


def _remembered(chosen: str) -> Response:
    """An address with `?lang=` speaks that language from now on, and then needs to say so no more."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    address = f"{request.path}?{urlencode(others)}" if others else request.path
    return _with_cookie(redirect(local_path(address)), chosen)  # type: ignore[arg-type]


def _with_cookie(answer: Response, chosen: str) -> Response:
    answer.set_cookie(COOKIE, chosen, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def _names() -> dict[str, object]:
    return {
        "language": language(),
        "html_language": HTML_LANGUAGES[language()],
        "other_language": next(code for code in LANGUAGES if code != language()),
        "language_names": LANGUAGES,
    }
