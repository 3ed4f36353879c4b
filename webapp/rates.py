"""Addresses that anybody may ask for: each is held to a rate, counted over all processes of the installation."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from engine.foundation.rates import Rate, spend
from webapp.context import now, services


def held_to(rate: Rate, *methods: str) -> Callable[[], None]:
    """What a blueprint does before each request (of these methods, or of any): count it, or refuse one too many."""

    def hold() -> None:
        if not methods or request.method in methods:
            spend(services().database, rate, address=request.remote_addr or "", now=now())

    return hold
