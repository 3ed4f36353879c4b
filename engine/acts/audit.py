"""The auditor's question, asked from a page: is this history whole, and does it lead where it says?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from engine.acts.replay import Verification, verify_case
from engine.acts.visibility import require_visible
from engine.acts.worklist import case_id
from engine.cases import Cases
from engine.foundation.ids import shard_key
from engine.foundation.models import Case
from engine.foundation.security import Actor, Target, log_access, require


def verify(cases: Cases, number: str, *, actor: Actor, now: datetime) -> Verification:
    """Check the hash chain of a case and run it again from its recorded inputs; the reading itself is logged.

    Raises NotFound, Forbidden.
    """
    require(actor, "verify", Target(label=number))
    identity = case_id(cases, number)
    with cases.database.write() as tx:
        query = select(Case.number, Case.kept_out).where(
            Case.shard_key == shard_key(identity), Case.id == identity
        )
        require_visible(tx.execute(query).one(), actor)
        log_access(tx, actor=actor.id, act="verify", target=number, allowed=True, at=now)
    return verify_case(cases, identity)
