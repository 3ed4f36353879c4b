"""Ed25519 keys in PEM files: the private one seals, the public one is all that an auditor needs."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file; a missing one is made, readable by its owner only."""
    if path.exists():
        key = load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(key, Ed25519PrivateKey):
            return key
        raise _no_key(path)
    made = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    public = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.with_suffix(".pub").write_bytes(public)
    return made


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file: all that an auditor needs. Raises ShouhouError."""
    key = load_pem_public_key(path.read_bytes())
    if isinstance(key, Ed25519PublicKey):
        return key
    raise _no_key(path)


def key_id(key: Ed25519PublicKey) -> str:
    """A short name for a public key, stored with each signature."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _no_key(path: Path) -> ShouhouError:
    return ShouhouError(
        Text(
            zh=f"{path} 应为 Ed25519 密钥; 请指定正确的文件。",
            en=f"Expected an Ed25519 key in {path}, but found another kind; name the right file.",
        )
    )
