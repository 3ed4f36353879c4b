"""Identifiers made by the application, so that no database sequence is ever needed."""

from __future__ import annotations

import os
import zlib
from datetime import datetime
from uuid import UUID


def new_id(at: datetime) -> UUID:
    """A UUID version 7 (RFC 9562) whose time part is `at`; later ids sort after earlier ones by millisecond."""
    milliseconds = int(at.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)


def shard_key(case_id: UUID) -> int:
    """The bucket (0-255) of a case; part of every key that belongs to a case, never changed."""
    return zlib.crc32(case_id.bytes) % 256
