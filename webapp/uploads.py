"""Files between the browser and the engine: what a form sent, and how a kept file is handed out."""

from __future__ import annotations

import io

from flask import Flask, Response, request, send_file

from engine.desk.attachments import LARGEST, MOST_AT_ONCE, Kept, Upload

FIELD = "files"
LARGEST_UPLOAD = 40 * 1024 * 1024  # bytes of one request that carries files
ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf,text/plain,.txt,.log"


def register(app: Flask) -> None:
    """Tell templates what may be sent."""
    app.context_processor(
        lambda: {
            "accepted_files": ACCEPTED,
            "largest_file": LARGEST // 1024 // 1024,
            "most_files": MOST_AT_ONCE,
        }
    )


def allow_files(_endpoint: str | None, _values: object) -> None:
    """A URL preprocessor: pages of this blueprint may receive more than ordinary forms, from before they are read."""
    request.max_content_length = LARGEST_UPLOAD


def uploads() -> list[Upload]:
    """The files of the posted form; a file field left empty sends none."""
    sent = (file for name in (FIELD, "photos") for file in request.files.getlist(name))
    return [Upload(file.filename or "", file.stream.read(LARGEST + 1)) for file in sent if file.filename]


def download(file: Kept, content: bytes) -> Response:
    """The file to be saved, never shown in place: nobody's upload runs as a page of ours."""
    answer = send_file(
        io.BytesIO(content),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        etag=file.sha256,
        max_age=0,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
