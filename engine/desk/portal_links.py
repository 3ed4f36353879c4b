"""A customer's way to their case: a link with a secret of 256 bits that ends by itself and can be withdrawn."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from engine.foundation.errors import NotFound
from engine.foundation.ids import shard_key
from engine.foundation.models.correspondence import PortalLink
from engine.foundation.text import Text

SECRET_BYTES = 32
LONGEST = 100  # letters that a link may have at all; anything longer is not even looked up
KEPT = timedelta(days=30)  # how long an ended link is still known as ended


def create(tx: Connection, case_id: UUID, *, at: datetime, days: int) -> str:
    """A new link to a case, good for so many days; returns its secret, of which only a hash is kept."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    tx.execute(
        insert(PortalLink).values(
            shard_key=shard_key(case_id),
            case_id=case_id,
            secret_hash=_hashed(secret),
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    return secret


def case_behind(tx: Connection, secret: str, *, at: datetime) -> UUID:
    """The case that a secret opens. Raises NotFound, the same for one that never was, has expired or was withdrawn."""
    query = select(PortalLink.case_id).where(
        PortalLink.secret_hash == _hashed(secret[:LONGEST]),
        PortalLink.expires_at > at,
        PortalLink.revoked_at.is_(None),
    )
    found = tx.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound(_NO_CASE)
    return found


def revoke_all(tx: Connection, keys: Mapping[str, Any], *, at: datetime) -> int:
    """Withdraw every link to a case; returns how many were still good."""
    good = (
        update(PortalLink)
        .filter_by(**keys)
        .where(PortalLink.revoked_at.is_(None), PortalLink.expires_at > at)
    )
    return tx.execute(good.values(revoked_at=at)).rowcount


def forget_ended(tx: Connection, *, at: datetime) -> int:
    """Remove links that ended long ago; returns how many."""
    return tx.execute(delete(PortalLink).where(PortalLink.expires_at < at - KEPT)).rowcount


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


_NO_CASE = Text(
    zh="这个链接无效或已过期。请用我们最近一次通知里的链接, 或凭案例号致电我们。",
    en="This link is not valid, or not any more. Use the one of our latest message, or call us with your case number.",
)
