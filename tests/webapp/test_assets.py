"""The browser side: how it is built, served and missed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask

from engine.foundation.database import Database
from engine.foundation.settings import Settings
from tests.conftest import Clock
from webapp import assets, create_app

FRONTEND = Path(assets.__file__).parent / "frontend"
HOSTS = ("registry.", "npmmirror", "http://", "artifactory")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing here depends on it."""
    return sqlite_url


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build of one entry."""
    manifest = {"app": {"js": "app-AAAA.js", "chunks": ["chunk-BBBB.js"], "css": "app-CCCC.css"}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "app-AAAA.js").write_text("plain")
    (tmp_path / "app-AAAA.js.gz").write_bytes(b"packed")
    return tmp_path


@pytest.fixture
def app_with(built: Path) -> Flask:
    """An application that has nothing but assets."""
    app = Flask("webapp")
    app.testing = True
    assets.register(app, folder=built)
    return app


def test_the_lock_file_names_no_registry_and_checks_every_package() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    assert len(packages) > 20
    assert [name for name, it in packages.items() if "resolved" in it] == []
    assert [name for name, it in packages.items() if name and "integrity" not in it] == []
    assert not any(host in (FRONTEND / ".npmrc").read_text() for host in HOSTS)


def test_package_versions_are_exact() -> None:
    package = json.loads((FRONTEND / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert all(version[0].isdigit() for version in versions.values()), versions


def test_a_page_loads_an_entry_with_all_that_it_needs(app_with: Flask) -> None:
    with app_with.test_request_context():
        tags = assets.asset("app")
    assert (
        "/assets/app-AAAA.js" in tags and "/assets/chunk-BBBB.js" in tags and "/assets/app-CCCC.css" in tags
    )
    assert tags.index(".css") < tags.index("module")


def test_an_entry_that_nobody_built_is_an_error_not_a_dead_link(app_with: Flask) -> None:
    with app_with.test_request_context(), pytest.raises(KeyError):
        assets.asset("nonesuch")


def test_built_files_may_be_kept_for_ever_and_travel_compressed(app_with: Flask) -> None:
    client = app_with.test_client()
    plain = client.get("/assets/app-AAAA.js")
    packed = client.get("/assets/app-AAAA.js", headers={"Accept-Encoding": "gzip"})
    assert plain.data == b"plain" and packed.data == b"packed"
    assert packed.headers["Content-Encoding"] == "gzip"
    for answer in (plain, packed):
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.mimetype in ("text/javascript", "application/javascript")


def test_files_outside_the_build_are_not_served(app_with: Flask) -> None:
    assert app_with.test_client().get("/assets/..%2F..%2Fauth.py").status_code == 404


def test_without_a_build_every_page_says_what_to_do(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets.register, "__kwdefaults__", {"folder": tmp_path})
    settings = Settings(secret_key="for tests only")
    app = create_app(database=database, cases=None, settings=settings, clock=clock)  # type: ignore[arg-type]
    answer = app.test_client().get("/sign-in")
    assert answer.status_code == 503
    assert "pip install -e ." in answer.text


@pytest.fixture
def hook() -> ModuleType:
    """The wheel build's own step."""
    spec = importlib.util.spec_from_file_location("hatch_build", FRONTEND.parents[1] / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _sources(folder: Path) -> Path:
    (folder / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "build.mjs", "src/app.js"):
        (folder / name).write_text(name)
    return folder


def test_a_build_of_unchanged_sources_is_skipped(hook: ModuleType, tmp_path: Path) -> None:
    frontend, out = _sources(tmp_path / "frontend"), tmp_path / "dist"
    out.mkdir()
    (out / ".stamp").write_text(hook.digest(frontend))
    assert hook.build_assets(frontend, out) is False


@pytest.mark.parametrize("name", ["package-lock.json", "build.mjs", "src/app.js", "src/new.css"])
def test_any_change_of_a_source_asks_for_a_new_build(hook: ModuleType, tmp_path: Path, name: str) -> None:
    frontend = _sources(tmp_path / "frontend")
    before = hook.digest(frontend)
    (frontend / name).write_text("changed")
    assert hook.digest(frontend) != before
