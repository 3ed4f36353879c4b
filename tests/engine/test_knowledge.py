"""Knowledge: found by Chinese words without spaces, drafted from cases, reviewed by a second pair of eyes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from engine.acts import worklist
from engine.acts.cast import People
from engine.acts.learning import draft_from_case
from engine.acts.publishing import read_folder
from engine.bpmn import releases
from engine.cases import Cases
from engine.desk.registers import REGISTERS, add, change, changes, get, restore, retire
from engine.desk.registers.article_words import asked, held
from engine.desk.registers.knowledge import Found, draft, link, of_case, review, search, suggestions
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, Forbidden, InvalidAnswers, NotFound
from engine.foundation.models.registers import ArticleWord
from engine.foundation.security import SYSTEM
from engine.foundation.settings import source_folder
from tests.conftest import Clock

ARTICLE = REGISTERS["article"]
PORT = {
    "title": "核心交换机端口指示灯不亮",
    "symptom": "整层无法上网, 交换机 S5720-52P 第 24 口指示灯不亮",
    "cause": "光模块老化",
    "solution": "更换光模块, 重新插拔光纤",
    "models": "S5720-52P",
    "topics": "网络",
}
DISK = {"title": "存储空间显示不足", "symptom": "实际仍有空余, 控制台报警", "solution": "清理快照"}


class Library:
    """Somebody who writes, reviews and looks up articles."""

    def __init__(self, tx: Connection, people: People, clock: Clock) -> None:
        self.tx, self.people, self.clock = tx, people, clock

    def write(self, fields: dict[str, str], by: str = "li_gong") -> UUID:
        return add(self.tx, ARTICLE, fields, actor=self.people[by], at=self.clock())

    def review(self, article: UUID, revision: int = 1, by: str = "zhao_zhuan") -> int:
        return review(self.tx, article, revision=revision, actor=self.people[by], at=self.clock())

    def known(self, fields: dict[str, str]) -> UUID:
        article = self.write(fields)
        self.review(article)
        return article

    def values(self, article: UUID) -> Any:
        return get(self.tx, ARTICLE, article, actor=SYSTEM).values

    def found(self, words: str, **options: Any) -> list[str]:
        return [hit.title for hit in search(self.tx, words, actor=SYSTEM, **options)]


@pytest.fixture
def library(database: Database, people: People, clock: Clock) -> Any:
    with database.write() as tx:
        yield Library(tx, people, clock)


class TestSearching:
    @pytest.mark.parametrize(
        "words",
        [
            "指示灯",
            "交换机 指示灯不亮",
            "端口不亮 交换机",
            "光模块",
            "灯",
            "s5720",
            "S5720-52p",
            "52P",
            "Ｓ5720",
            "KB-2026-000001",
            "无法上网",
        ],
    )
    def test_words_are_found_whatever_their_length_width_and_case(self, library: Library, words: str) -> None:
        library.known(PORT)
        library.known(DISK)
        assert library.found(words)[:1] == [PORT["title"]]

    @pytest.mark.parametrize("words", ["打印机", "", "  ", "!!!", "S6720", "存储交换路由"])
    def test_other_words_find_nothing(self, library: Library, words: str) -> None:
        library.known(PORT)
        assert library.found(words) == []

    def test_a_word_in_the_title_comes_before_one_in_the_text(self, library: Library) -> None:
        library.known(DISK | {"title": "控制台报警", "symptom": "快照过多"})
        library.known(DISK | {"title": "快照过多", "symptom": "控制台报警"})
        assert library.found("快照过多") == ["快照过多", "控制台报警"]

    def test_a_description_finds_what_resembles_it(self, library: Library) -> None:
        library.known(PORT)
        library.known(DISK)
        hits = suggestions(library.tx, "三楼突然无法上网, 交换机的指示灯全灭了, 请尽快来人", actor=SYSTEM)
        assert [hit.title for hit in hits] == [PORT["title"]]
        assert isinstance(hits[0], Found) and 0.3 <= hits[0].share < 1

    def test_drafts_and_retired_articles_are_found_only_when_asked_for(self, library: Library) -> None:
        article = library.write(PORT)
        assert library.found("指示灯") == []
        assert library.found("指示灯", states=("draft", "reviewed")) == [PORT["title"]]
        library.review(article)
        revision = retire(library.tx, ARTICLE, article, revision=2, actor=SYSTEM, at=library.clock())
        assert library.found("指示灯") == []
        restore(library.tx, ARTICLE, article, revision=revision, actor=SYSTEM, at=library.clock())
        assert library.values(article)["state"] == "draft"

    def test_a_change_is_found_by_its_new_words_and_no_more_by_the_old(self, library: Library) -> None:
        article = library.known(PORT)
        changed = PORT | {"title": "路由器重启", "symptom": "路由器重启", "cause": "", "solution": "升级"}
        change(library.tx, ARTICLE, article, changed, revision=2, actor=SYSTEM, at=library.clock())
        library.review(article, revision=3)
        assert library.found("光模块") == [] and library.found("路由器重启") == ["路由器重启"]

    @given(st.text(max_size=60))
    def test_every_text_holds_what_is_asked_with_its_own_words(self, text: str) -> None:
        pieces = asked(text)
        assert set(pieces) <= held(text)
        assert all(len(piece) <= 24 for piece in held(text))

    def test_a_long_article_stays_small_in_the_index(self, library: Library) -> None:
        library.known(PORT | {"solution": "更换光模块并记录序列号。" * 300})
        assert library.tx.scalar(select(func.count()).select_from(ArticleWord)) < 200


class TestReviewing:
    def test_a_review_makes_an_article_known_and_says_by_whom(self, library: Library) -> None:
        article = library.known(PORT)
        values = library.values(article)
        assert (values["state"], values["author"], values["reviewer"]) == (
            "reviewed",
            "li_gong",
            "zhao_zhuan",
        )
        assert [entry.act for entry in changes(library.tx, ARTICLE, article, actor=SYSTEM)] == [
            "review",
            "add",
        ]

    def test_nobody_reviews_their_own_article_nor_without_being_a_reviewer(self, library: Library) -> None:
        article = library.write(PORT, by="zhao_zhuan")
        for person in ("zhao_zhuan", "li_gong"):
            with pytest.raises(Forbidden):
                library.review(article, by=person)
        library.review(article, by="sun_jing")

    def test_an_article_that_helps_nobody_is_not_reviewed(self, library: Library) -> None:
        article = library.write(PORT | {"solution": ""})
        with pytest.raises(InvalidAnswers):
            library.review(article)

    def test_what_was_changed_since_it_was_read_is_not_reviewed(self, library: Library) -> None:
        article = library.write(PORT)
        change(
            library.tx, ARTICLE, article, PORT | {"cause": "x"}, revision=1, actor=SYSTEM, at=library.clock()
        )
        with pytest.raises(Conflict):
            library.review(article, revision=1)

    def test_a_changed_article_has_to_be_reviewed_again(self, library: Library) -> None:
        article = library.known(PORT)
        change(
            library.tx,
            ARTICLE,
            article,
            PORT | {"cause": "另有原因"},
            revision=2,
            actor=library.people.wang_gong,
            at=library.clock(),
        )
        values = library.values(article)
        assert (values["state"], values["reviewer"], values["author"]) == ("draft", None, "wang_gong")

    def test_cases_in_which_it_helped_are_linked_once(self, library: Library) -> None:
        article = library.known(PORT)
        for _ in range(2):
            link(library.tx, article, "SH-2026-000009", actor=library.people.li_gong, at=library.clock())
        assert library.values(article)["linked_cases"] == ["SH-2026-000009"]
        assert library.values(article)["state"] == "reviewed"


class TestFromACase:
    def test_a_draft_tells_what_the_case_knows_and_is_made_once(
        self, database: Database, people: People, clock: Clock
    ) -> None:
        cases = Cases(database)
        with database.write() as tx:
            releases.publish(tx, read_folder(source_folder()), actor="xie_liu", at=clock(), note="")
        raw = {"channel": "phone", "customer": "华东第三医院", "description": "整层网络时断时续, 丢包严重"}
        number = worklist.start(cases, "service_case", raw, actor=people.chen_min, now=clock())
        drafted = [draft_from_case(cases, number, actor=people.li_gong, now=clock()) for _ in range(2)]
        with database.read() as tx:
            values = get(tx, ARTICLE, drafted[0], actor=SYSTEM).values
            assert of_case(tx, number) == drafted[0] == drafted[1]
        assert values["symptom"] == raw["description"]
        assert (values["source_case"], values["state"], values["author"]) == (number, "draft", "li_gong")
        with pytest.raises(Forbidden):
            draft_from_case(cases, number, actor=people.shen_ji, now=clock())
        with pytest.raises(NotFound):
            draft_from_case(cases, "SH-2026-999999", actor=people.li_gong, now=clock())

    def test_a_very_long_story_is_cut_to_what_an_article_holds(self, library: Library) -> None:
        article = draft(
            library.tx,
            case_number="SH-1",
            title="长" * 300,
            symptom="长" * 9000,
            actor=library.people.li_gong,
            at=library.clock(),
        )
        assert len(library.values(article)["title"]) == 200
