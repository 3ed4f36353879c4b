"""The auditor's question, asked from a page: is this history whole, and does it lead where it says?"""

from __future__ import annotations

from datetime import datetime

from engine.acts.replay import Verification, verify_case
from engine.acts.worklist import case_id
from engine.cases import Cases
from engine.foundation.security import Actor, Target, log_access, require


def verify(cases: Cases, number: str, *, actor: Actor, now: datetime) -> Verification:
    """Check the hash chain of a case and run it again from its recorded inputs; the reading itself is logged.

    Raises NotFound, Forbidden.
    """
    identity = case_id(cases, number)
    require(actor, "verify", Target(label=number))
    with cases.database.write() as tx:
        log_access(tx, actor=actor.id, act="verify", target=number, allowed=True, at=now)
    return verify_case(cases, identity)
