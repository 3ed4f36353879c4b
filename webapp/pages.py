"""The pages that people work on; each enters itself into the navigation here."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add every page's blueprint, its place in the navigation and its counts."""
