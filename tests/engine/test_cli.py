"""What an operator types works, and what it refuses it refuses in one line with exit status 1."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from engine.cli import main
from engine.cli.speech import Option, language
from engine.desk import people
from engine.foundation import second_factor
from engine.foundation.database import Database
from engine.foundation.figures import FIGURES
from engine.foundation.models import Case, Release
from engine.foundation.settings import Settings, source_folder
from engine.foundation.sign_in import sign_in
from tests.conftest import MONDAY
from tests.engine.test_rules import CALLED, MAIN, VALID, altered

ANSWER_SECONDS = 30.0  # ten on an idle machine
STOP_SECONDS = 20.0

Files = dict[str, bytes | None]


class Operator:
    """Somebody at the command line before one database: `operator("verify", "--all")`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'shouhou.db'}"
        self.environment = {"LANG": "en_US.UTF-8", "SHOUHOU_AUDIT_FOLDER": str(folder / "audit")}

    def __call__(self, *words: str | Path, language: str = "en_US.UTF-8") -> Result:
        """Type a command and read what it says."""
        asked = {"LANG": language, "LC_ALL": "", "LC_MESSAGES": "", "SHOUHOU_LANGUAGE": ""}
        environment = {**self.environment, **asked}
        return CliRunner().invoke(
            main, ["--database-url", self.url, *map(str, words)], env=environment, catch_exceptions=False
        )

    def does(self, *words: str | Path) -> str:
        """The same, for a command that must succeed."""
        result = self(*words)
        assert result.exit_code == 0, result.output
        return result.output

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The database, to look into."""
        database = Database(self.url)
        yield database
        database.dispose()


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """An operator before nothing."""
    return Operator(tmp_path)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """An operator before a small demonstration; what tests do to it must not matter to each other."""
    operator = Operator(tmp_path_factory.mktemp("demonstration"))
    operator.does("demo", "--only-prepare", "--cases", "3")
    return operator


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """An operator before a database without a release."""
    operator = Operator(tmp_path_factory.mktemp("unpublished"))
    operator.does("migrate")
    return operator


def written(folder: Path, changed: Files | None = None) -> Path:
    """A folder with small valid files, some of them exchanged, or left out where None."""
    for name, content in {**VALID, **(changed or {})}.items():
        if content is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return folder


# -- every command runs -----------------------------------------------------------------------------------------------


def test_the_help_names_every_command_with_a_sentence(operator: Operator) -> None:
    said = operator.does("--help")
    for name in main.commands:
        assert f"  {name} " in said
        assert operator(name, "--help").exit_code == 0


@pytest.mark.parametrize("name", ["", *main.commands])
def test_help_is_wholly_in_the_language_of_the_operator(operator: Operator, name: str) -> None:
    words = [name, "--help"] if name else ["--help"]
    chinese = operator(*words, language="zh_CN.UTF-8").output
    english = operator(*words, language="en_US.UTF-8").output
    assert not re.search("[一-鿿]", english)
    assert not re.search("Usage|Options|Commands|default:|required|Show this", chinese)
    sentences = [
        line for line in chinese.splitlines()[2:] if re.search("[a-z]{4,} [a-z]{2,} [a-z]{2,}", line)
    ]
    assert sentences == []
    assert re.search("[一-鿿]", chinese.partition("选项:")[0].splitlines()[2])


def test_every_option_says_what_it_is_for_in_both_languages(operator: Operator) -> None:
    for name, command in main.commands.items():
        for option in command.params:
            told = getattr(option, "told", None)
            assert told is not None or not isinstance(option, Option), (
                name,
                option,
            )


def test_closing_lines_follow_the_language(operator: Operator, tmp_path: Path) -> None:
    source = written(tmp_path / "source")
    said = [operator(*words, language="zh_CN.UTF-8").output for words in (["migrate"], ["publish", source])]
    assert said == ["数据库已是当前版本\n", "发布版本 1\n"]
    assert operator("check", source, language="zh_CN.UTF-8").output.endswith("没有问题\n")


def test_the_language_may_be_asked_for_by_its_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SHOUHOU_LANGUAGE", "zh"), ("LC_ALL", "en_US.UTF-8"), ("LANG", "en_US.UTF-8")):
        monkeypatch.setenv(name, value)
    assert language() == "zh"
    monkeypatch.setenv("SHOUHOU_LANGUAGE", "")
    assert language() == "en"
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LC_MESSAGES", "zh_CN.UTF-8")
    assert language() == "zh"


def test_the_demonstration_is_built_once(shown: Operator) -> None:
    with shown.database() as database, database.read() as tx:
        before = tx.execute(select(func.count()).select_from(Case)).scalar_one()
    assert before >= 3
    shown.does("demo", "--only-prepare", "--cases", "3")
    with shown.database() as database, database.read() as tx:
        assert tx.execute(select(func.count()).select_from(Case)).scalar_one() == before


def test_migrating_twice_changes_nothing(operator: Operator) -> None:
    assert operator.does("migrate") == operator.does("migrate") == "the database is up to date\n"


def test_what_was_published_is_exported_as_it_was(operator: Operator, tmp_path: Path) -> None:
    source = written(tmp_path / "source")
    assert operator.does("publish", source, "--note", "first") == "release 1\n"
    assert operator.does("publish", source) == "release 1\n", "the same files are the same release"
    written(source, altered(MAIN, "填写说明", "写下说明"))
    assert operator.does("publish", source) == "release 2\n"
    operator.does("export", tmp_path / "copy", "--release", "1")
    for name, content in VALID.items():
        assert (tmp_path / "copy" / name).read_bytes() == content


def test_the_shipped_files_have_no_problem_and_neither_has_a_single_one_of_them(operator: Operator) -> None:
    file = source_folder() / "processes" / "service_case.bpmn"
    assert operator.does("check", file).endswith("no problem\n")


def test_tidying_a_second_time_changes_nothing(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "part_return.bpmn"
    file.write_bytes((VALID[MAIN] or b"").replace(b'x="', b'x="1', 1))
    assert "laid out" in operator.does("tidy", file)
    assert "unchanged" in operator.does("tidy", file)


def test_histories_are_proved_and_one_of_them_is_read_aloud(shown: Operator) -> None:
    assert "events verified: 0 not whole" in shown.does("verify", "--all")
    with shown.database() as database, database.read() as tx:
        number, steps = tx.execute(select(Case.number, Case.head_seq).limit(1)).one()
    shown.does("verify", "--case", number)
    lines = shown.does("replay", number).splitlines()
    assert len(lines) >= steps, "every step has its sentence"


def test_a_backup_of_the_running_database_proves_itself(shown: Operator, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert str(copy) in shown.does("backup", copy)
    restored = Operator(tmp_path)
    restored.url = f"sqlite:///{copy}"
    assert restored.does("verify") == shown.does("verify")


def test_a_person_who_was_added_signs_in(shown: Operator) -> None:
    password = "correct horse battery"
    words = ("--name", "林芳", "--groups", "call_center, service_engineer", "--password", password)
    assert "lin_fang" in shown.does("user", "lin_fang", *words)
    with shown.database() as database:
        settings = Settings(database_url=shown.url)
        assert sign_in(
            database, account="lin_fang", password=password, address="", now=MONDAY, settings=settings
        )
        with database.read() as tx:
            known = people.actor_of(tx, "lin_fang", at=MONDAY)
    assert known.groups == {"call_center", "service_engineer"}


def test_the_operator_lets_somebody_in_who_lost_their_authenticator(shown: Operator) -> None:
    words = ("--name", "陆平", "--password", "correct horse battery")
    shown.does("user", "lu_ping", *words)
    with shown.database() as database:
        with database.write() as tx:
            secret = second_factor.begin(tx, person="lu_ping", now=MONDAY).secret
            second_factor.confirm(tx, person="lu_ping", code=pyotp.TOTP(secret).at(MONDAY), now=MONDAY)
        assert "lu_ping" in shown.does("user", "lu_ping", "--reset-second-factor")
        with database.read() as tx:
            assert not second_factor.is_on(tx, person="lu_ping")


def test_figures_are_printed_and_published_once(shown: Operator) -> None:
    first = shown.does("figures")
    assert first.strip()
    assert "figures published" in shown.does("figures", "--publish")
    assert "0 figures published" in shown.does("figures", "--publish")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay", "SC-1999-000001"), "SC-1999-000001"),
        (("verify", "--case", "SC-1999-000001"), "SC-1999-000001"),
        (("publish", "{nothing}"), "processes/ and forms/"),
        (("check", "{nothing}"), "processes/ and forms/"),
        (("figures", "--month", "never"), "never"),
        (("user", "li_gong", "--name", "x", "--groups", "", "--password", "long enough 123"), "li_gong"),
        (
            ("user", "new_one", "--name", "x", "--groups", "pirates", "--password", "long enough 123"),
            "pirates",
        ),
        (("export", "{nothing}", "--release", "99"), "99"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    shown: Operator, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    result = shown(*(word.format(nothing=tmp_path) for word in words))
    assert result.exit_code == 1, result.output
    assert said in result.output
    assert "Traceback" not in result.output


def test_sqlite_is_served_by_one_process_only(operator: Operator) -> None:
    result = operator("serve", "--workers", "2")
    assert result.exit_code == 2
    assert "PostgreSQL" in result.output


# -- a server process -------------------------------------------------------------------------------------------------


def test_a_server_answers_soon_and_ends_quietly(operator: Operator) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "engine.cli", "--database-url", operator.url, "serve", "--port", str(port)]
    log = operator.folder / "server.log"
    # Ticks so fast that one is under way whenever it is told to stop.
    environment = {**os.environ, **operator.environment, "SHOUHOU_TICK_SECONDS": "0.01"}
    with log.open("wb") as out:
        server = subprocess.Popen(words, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        assert _answers(port, server), log.read_text()
        time.sleep(0.5)
        server.terminate()
        assert server.wait(STOP_SECONDS) == 0, log.read_text()
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    said = log.read_text()
    assert not any(word in said for word in ("Traceback", "Error", "skipped", "WARNING", "failed")), said


def _answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until and server.poll() is None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        try:
            line.request("GET", "/sign-in")
            return line.getresponse().status == 200
        except OSError:
            time.sleep(0.05)
        finally:
            line.close()
    return False


# -- what is refused when files are checked or published -----------------------------------------------------------------

FATE = "processes/fate.dmn"
_LINE = re.compile(r"(processes|forms)/\w+\.\w+:[\w.-]+:[a-z-]+: .+")
_DOCTYPE = b'<!DOCTYPE definitions [<!ENTITY a "a">]>'


def _cell(old: str, new: str) -> Callable[[], Files]:
    return lambda: altered(FATE, old, new)


def _overlapping() -> Files:
    table = (VALID[FATE] or b"").decode().replace('hitPolicy="FIRST"', 'hitPolicy="UNIQUE"')
    row = table[table.index("<rule ") : table.index("</decisionTable>")]
    again = row.replace('id="r"', 'id="r2"').replace('id="c"', 'id="c2"').replace('id="v"', 'id="v2"')
    return {FATE: table.replace(row, row + again).encode()}


def _with(file: str, change: Callable[[bytes], bytes]) -> Callable[[], Files]:
    return lambda: {file: change(VALID[file] or b"")}


REFUSED: list[tuple[str, str, str, Callable[[], Files]]] = [
    # file, element, rule, how the valid files are changed
    (MAIN, "-", "xml-doctype", _with(MAIN, lambda xml: _DOCTYPE + xml)),
    (MAIN, "-", "xml-too-large", _with(MAIN, lambda xml: xml + b" " * 1_100_000)),
    (MAIN, "-", "xml-malformed", _with(MAIN, lambda xml: xml[: len(xml) // 2])),
    (CALLED, "look_closely", "construct-refused", lambda: altered(CALLED, "subProcess", "adHocSubProcess")),
    (MAIN, "Start", "id-reserved", lambda: altered(MAIN, "part_found", "Start")),
    (MAIN, "ship_part", "form-missing", lambda: {"forms/ship_part.json": None}),
    (MAIN, "withdrawn", "group-unknown", lambda: altered(MAIN, 'value="call_center"', 'value="callers"')),
    (
        MAIN,
        "passed_no",
        "expression-syntax",
        lambda: altered(MAIN, "part_check.outcome == 'failed'", "part_check.outcome = 'failed'"),
    ),
    (
        MAIN,
        "manager_told",
        "unreachable",
        lambda: altered(MAIN, 'targetRef="manager_told"', 'targetRef="repaired"'),
    ),
    (FATE, "r2", "dmn-overlap", _overlapping),
    (FATE, "r", "dmn-cell", _cell('<text>"repair"</text>', "<text>a + b</text>")),
]


@pytest.mark.parametrize(("file", "element", "rule", "change"), REFUSED, ids=[case[2] for case in REFUSED])
def test_a_refused_file_is_told_in_one_line_and_never_published(
    unpublished: Operator, tmp_path: Path, file: str, element: str, rule: str, change: Callable[[], Files]
) -> None:
    folder, begins = written(tmp_path, change()), f"{file}:{element}:{rule}: "
    checked = unpublished("check", folder)
    assert checked.exit_code == 1
    assert any(line.startswith(begins) for line in checked.output.splitlines()), checked.output
    assert all(_LINE.match(line) for line in checked.output.splitlines()), checked.output
    refused = unpublished("publish", folder, language="zh_CN.UTF-8")
    assert refused.exit_code == 1
    told = [line.removeprefix(begins) for line in refused.output.splitlines() if line.startswith(begins)]
    assert any(re.search("[一-鿿]", sentence) for sentence in told), refused.output
    assert len(refused.output.splitlines()) == len(checked.output.splitlines())
    with unpublished.database() as database, database.read() as tx:
        assert tx.execute(select(func.count()).select_from(Release)).scalar_one() == 0


def test_a_definition_that_changed_without_its_version_is_refused_in_both_languages(
    operator: Operator, tmp_path: Path
) -> None:
    def with_figure(name: str, **change: object) -> Path:
        words = {"zh": "待公司确认", "en": "to be confirmed by the company"}
        figure = {"id": "reports", "version": 1, "section": "customers", "kind": "reports", "unit": "count"}
        figure |= {
            "title": words,
            "definition": words,
            "parameters": {"kinds": ["fault"]},
            "clauses": ["R-108"],
        }
        content = json.dumps({"figures": [figure | change]}).encode()
        (tmp_path / name).mkdir()
        return written(tmp_path / name, {FIGURES: content})

    first, other = with_figure("first"), {"kinds": ["fault", "complaint"]}
    changed = with_figure("changed", parameters=other)
    raised = with_figure("raised", parameters=other, version=2)
    assert operator("check", changed).exit_code == 0  # nothing is published yet
    operator.does("publish", first)
    for command in ("check", "publish"):
        for spoken, sentence in (
            ("en_US.UTF-8", "Raise version to 2"),
            ("zh_CN.UTF-8", "请把 version 改为 2"),
        ):
            refused = operator(command, changed, language=spoken)
            assert refused.exit_code == 1
            assert (
                refused.output.startswith(f"{FIGURES}:reports:figure-version: ")
                and sentence in refused.output
            )
    assert "release 2" in operator.does("publish", raised)
    assert "not below 2" in operator("publish", first).output
