"""One hash over many (RFC 9162, section 2.1); leaves and nodes are marked, so neither passes for the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

LEAF_MARK = b"\x00"
NODE_MARK = b"\x01"


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle root of `leaves` in their order; of none, the SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    level = [hashlib.sha256(LEAF_MARK + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        level = _next(level)
    return level[0]


def _next(level: list[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [hashlib.sha256(NODE_MARK + left + right).digest() for left, right in pairs]
    # The odd one out moves up unchanged, which gives the same tree as splitting at the largest power of two.
    return above + level[-1:] if len(level) % 2 else above
