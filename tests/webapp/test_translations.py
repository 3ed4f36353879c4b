"""Both languages, everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.webapp.conftest import Web
from webapp import catalogue
from webapp.language import LANGUAGES

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TEMPLATES = Path(catalogue.HERE) / "templates"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing here depends on it."""
    return sqlite_url


def test_every_sentence_of_the_interface_is_translated_and_none_is_left_over() -> None:
    assert catalogue.missing() == []


def test_placeholders_survive_translation() -> None:
    for _file, messages in catalogue.translations():
        for message in messages:
            if not message.id or not message.string:
                continue
            one = message.id if isinstance(message.id, str) else message.id[-1]
            said = message.string if isinstance(message.string, str) else message.string[0]
            wanted = set(re.findall(r"%\(\w+\)s|\{\w+\}", one))
            assert set(re.findall(r"%\(\w+\)s|\{\w+\}", said)) == wanted, message.id


def test_templates_hold_no_sentence_that_cannot_be_translated() -> None:
    found = [
        f"{file.name}: {line.strip()}"
        for file in TEMPLATES.rglob("*.html")
        for line in file.read_text(encoding="utf-8").splitlines()
        if CHINESE.search(line.replace(LANGUAGES["zh"], ""))  # a language's own name stays as it is
    ]
    assert found == []


def test_a_page_speaks_chinese_first_and_english_when_asked(web: Web) -> None:
    chinese = web.get("/sign-in").text
    assert '<html lang="zh-CN">' in chinese and "登录名" in chinese
    answer = web.post("/language", {"language": "en", "next": "/sign-in?next=/cases"})
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/cases")
    english = web.get("/sign-in").text
    assert '<html lang="en">' in english and "Login name" in english and "登录" not in english


def test_the_language_is_remembered_per_person_in_another_browser_too(web: Web) -> None:
    web.as_("li_gong").post("/language", {"language": "en"})
    elsewhere = Web(web.app, web.database, web.clock, web.settings).as_("li_gong")
    assert '<html lang="en">' in elsewhere.get("/", follow_redirects=True).text
    other_person = Web(web.app, web.database, web.clock, web.settings).as_("wang_gong")
    assert '<html lang="zh-CN">' in other_person.get("/", follow_redirects=True).text


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("fr-FR,fr;q=0.9,en;q=0.4", "en"),
        ("fr-FR", "zh-CN"),
        ("*", "zh-CN"),
    ],
)
def test_a_stranger_reads_what_their_browser_asks_for(web: Web, asked: str, spoken: str) -> None:
    for page in ("/portal/", "/sign-in"):
        assert f'<html lang="{spoken}">' in web.get(page, headers={"Accept-Language": asked}).text


def test_the_own_choice_and_the_person_come_before_the_browser(web: Web) -> None:
    english = {"Accept-Language": "en-US,en;q=0.9"}
    signed_in = Web(web.app, web.database, web.clock, web.settings).as_("li_gong")
    page = signed_in.get("/", follow_redirects=True, headers=english).text
    assert '<html lang="zh-CN">' in page
    web.post("/language", {"language": "zh"})
    assert '<html lang="zh-CN">' in web.get("/portal/", headers=english).text


def test_a_language_that_nobody_speaks_is_refused(web: Web) -> None:
    assert web.post("/language", {"language": "fr"}).status_code == 400


def test_names_of_people_are_never_translated(web: Web) -> None:
    web.as_("li_gong").post("/language", {"language": "en"})
    assert "李工" in web.get("/", follow_redirects=True).text
