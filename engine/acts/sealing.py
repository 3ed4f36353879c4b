"""Checkpoints of a running installation: taken by the hour, kept outside the database, compared on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from engine.acts.installation import signing_key
from engine.cases import Cases
from engine.foundation.errors import NotFound
from engine.foundation.text import Text
from engine.record import checkpoints, keys, seals
from engine.record.seals import Finding, Seal

PACE = timedelta(hours=1)
KEY_FILE = "audit.pem"  # belongs to the auditor; the public half lies beside it as audit.pub
SEALS_FILE = "checkpoints.jsonl"


def seal(cases: Cases, *, folder: Path, at: datetime) -> Seal | None:
    """Seal all histories now; None when another process was faster. The private key is made on first use."""
    key = keys.signing_key(folder / KEY_FILE)
    try:
        with cases.database.write() as tx:
            taken = checkpoints.take(tx, at=at, key=key)
            held = checkpoints.read(tx)
    except IntegrityError:
        return None
    seals.catch_up_outside(folder / SEALS_FILE, held)
    return taken


def seal_if_due(cases: Cases, *, folder: Path, at: datetime) -> Seal | None:
    """Seal when the newest checkpoint is an hour old or there is none; any number of processes may ask."""
    with cases.database.read() as tx:
        newest = checkpoints.newest_at(tx)
    return None if newest is not None and at - newest < PACE else seal(cases, folder=folder, at=at)


def own_folder(cases: Cases) -> Path:
    """Where this installation keeps its checkpoints: databases that share an audit folder do not mix."""
    identity = hashlib.sha256(signing_key(cases.database).encode()).hexdigest()[:12]
    return Path(cases.settings.audit_folder) / identity


def standing(cases: Cases) -> list[Finding]:
    """The contradictions of an installation with its own checkpoints; none when it has not taken any yet."""
    if not cases.settings.audit_folder or not (own_folder(cases) / SEALS_FILE).exists():
        return []
    return contradictions(cases, folder=own_folder(cases))


def contradictions(cases: Cases, *, folder: Path) -> list[Finding]:
    """Everything in the database that contradicts the checkpoints in `folder`; raises NotFound without any."""
    kept, key = _kept(folder), keys.public_key((folder / KEY_FILE).with_suffix(".pub"))
    with cases.database.read() as tx:
        return checkpoints.verify(tx, kept, public_key=key)


def _kept(folder: Path) -> Sequence[Seal]:
    kept = seals.read_outside(folder / SEALS_FILE)
    if not kept:
        raise NotFound(
            Text(
                zh=f"{folder} 中没有检查点; 请确认审计文件夹。",
                en=f"Expected checkpoints in {folder}, but there are none; name the audit folder.",
            )
        )
    return kept
