"""The receipt of an erasure: what was erased where, when, and what still holds it until when.

It is signed with the installation's Ed25519 key, so that whoever has it can check it with the
public key that stands in it, and holds no word about the customer: only a keyed hash of the id.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.keyfile import read_or_make
from zhiyin.kernel.text import _
from zhiyin.unify.models import Erasure

FORM = "zhiyin-erasure-receipt/1"


def document(erasure: Erasure, data: Path) -> dict[str, Any]:
    """The signed receipt, as JSON values."""
    body: dict[str, Any] = {
        "form": FORM,
        "number": erasure.number,
        "workspace": erasure.workspace.slug,
        "customer": erasure.customer,
        "asked_by": erasure.asked_by,
        "asked_at": _instant(erasure.asked_at),
        "reason": erasure.reason,
        "state": erasure.state,
        "unreadable_at": _instant(erasure.unreadable_at),
        "bytes_gone_by": _instant(erasure.gone_by),
        "bytes_gone_at": _instant(erasure.gone_at),
        "places": erasure.places,
        "backups": _backups(erasure),
    }
    return signed(body, data)


def _backups(erasure: Erasure) -> list[str | None]:
    """When the last backup was begun that may hold the customer: it and all that are older do, for
    as long as they are kept. None where no backup was made before."""
    until = erasure.unreadable_at
    for entry in AuditEntry.objects.filter(action="backup.written"):
        created_at = datetime.fromisoformat(entry.after["created_at"])
        if until is None or created_at <= until:
            return [_instant(created_at)]
    return []


def signed(body: Mapping[str, Any], data: Path) -> dict[str, Any]:
    """`body` with the installation's signature."""
    key = Ed25519PrivateKey.from_private_bytes(
        read_or_make(
            data / "keys" / "receipts", lambda: Ed25519PrivateKey.generate().private_bytes_raw()
        )
    )
    public = key.public_key().public_bytes_raw()
    value = key.sign(_canonical(body))
    return {
        **body,
        "signature": {
            "algorithm": "Ed25519",
            "public_key": base64.b64encode(public).decode(),
            "value": base64.b64encode(value).decode(),
        },
    }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a receipt found: whether the signature is good, and whether it is ours."""

    is_valid: bool
    is_ours: bool
    fingerprint: str


def verify(receipt: Mapping[str, Any], data: Path) -> Verdict:
    """Check a receipt's signature.

    Raises:
        Problem: ``rights.no-receipt`` when it is none.
    """
    body = {name: value for name, value in receipt.items() if name != "signature"}
    try:
        if body.get("form") != FORM:
            raise ValueError
        signature = receipt["signature"]
        public = base64.b64decode(signature["public_key"], validate=True)
        value = base64.b64decode(signature["value"], validate=True)
        key = Ed25519PublicKey.from_public_bytes(public)
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(
            "rights.no-receipt",
            _("This is no receipt of an erasure."),
            _("A receipt is the JSON that zhiyin erase writes, whole and unchanged."),
        ) from error
    try:
        key.verify(value, _canonical(body))
    except InvalidSignature:
        is_valid = False
    else:
        is_valid = True
    file = data / "keys" / "receipts"
    own = (
        Ed25519PrivateKey.from_private_bytes(file.read_bytes()).public_key().public_bytes_raw()
        if file.exists()
        else b""
    )
    return Verdict(is_valid, is_valid and public == own, hashlib.sha256(public).hexdigest()[:16])


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _instant(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None
