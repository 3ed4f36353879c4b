"""What browsers are told to refuse on our behalf; set on every answer, whichever view made it."""

from __future__ import annotations

from flask import Flask, Response

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'{form_action}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}


def register(app: Flask, *, https: bool, sign_in_origin: str = "") -> None:
    """Add the headers to every answer; `sign_in_origin` may receive the form that starts single sign-on."""
    policy = CONTENT_POLICY.format(form_action=f" {sign_in_origin}" if sign_in_origin else "")
    headers = {**HEADERS, "Content-Security-Policy": policy}
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def add(answer: Response) -> Response:
        for name, value in headers.items():
            answer.headers.setdefault(name, value)
        if answer.mimetype == "text/html":
            answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer
