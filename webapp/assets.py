"""Which built files a page loads: names carry a hash of their content, so that browsers may keep them for ever."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from markupsafe import Markup

from webapp.context import public

DIST = Path(__file__).parent / "static" / "dist"
FOR_EVER = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__)

Manifest = Mapping[str, Mapping[str, Any]]


def register(app: Flask, *, folder: Path = DIST) -> None:
    """Serve the built files of `folder`; without them every page says how to build them."""
    app.config["ASSETS"] = read_manifest(folder)
    app.config["ASSETS_FOLDER"] = folder
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = asset
    if app.config["ASSETS"] is None and not app.testing:
        app.before_request(_not_built)


def read_manifest(folder: Path) -> Manifest | None:
    """What the build wrote about its entries; None when nothing was built."""
    try:
        return cast(Manifest, json.loads((folder / "manifest.json").read_text()))
    except FileNotFoundError:
        return None


def asset(name: str) -> Markup:
    """The tags that load the entry `name` with all that it needs; raises KeyError for an entry that nobody built."""
    manifest = current_app.config["ASSETS"]
    if manifest is None:
        return Markup("")
    entry = manifest[name]
    tags = [Markup('<link rel="stylesheet" href="{}">').format(_url(entry["css"]))] if entry["css"] else []
    tags += [Markup('<link rel="modulepreload" href="{}">').format(_url(chunk)) for chunk in entry["chunks"]]
    tags.append(Markup('<script type="module" src="{}"></script>').format(_url(entry["js"])))
    return Markup("\n").join(tags)


@blueprint.get("/assets/<name>")
@public
def file(name: str) -> Response:
    """One built file, compressed beforehand where the browser can read that."""
    folder: Path = current_app.config["ASSETS_FOLDER"]
    packed = f"{name}.gz"
    use_packed = bool(request.accept_encodings["gzip"]) and (folder / packed).is_file()
    answer = send_from_directory(folder, packed if use_packed else name, max_age=FOR_EVER, etag=False)
    answer.headers["Content-Type"] = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer.headers["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable"
    answer.vary.add("Accept-Encoding")
    if use_packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _url(file_name: str) -> str:
    return url_for("assets.file", name=file_name)


def _not_built() -> tuple[str, int]:
    return render_template("assets_missing.html"), 503
