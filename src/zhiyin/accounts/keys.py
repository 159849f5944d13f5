"""Write keys: made, changed and revoked here, and read by the log process as a snapshot.

The log process knows no Django. It reads ``snapshots/keys.json`` in the data folder, which is
written anew, whole, after every change; `version` grows with each.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import WriteKey
from zhiyin.accounts.workspaces import find
from zhiyin.kernel import durable
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@transaction.atomic
def create(
    *,
    by: Actor,
    workspace: str,
    source: str,
    origins: Sequence[str] = (),
    events_per_second: int = 0,
    signs: bool = False,
) -> WriteKey:
    """Make a write key for a source.

    Args:
        signs: a key for signed webhooks, with a secret of its own, that takes nothing else.

    Raises:
        Problem: ``accounts.no-workspace``, ``keys.source``, ``keys.origin``.
    """
    if not SOURCE.fullmatch(source):
        raise Problem(
            "keys.source",
            _("{source} cannot be the name of a source.", source=source),
            _("Use up to 60 small letters, digits, dots, hyphens and underscores."),
        )
    key = WriteKey.objects.create(
        workspace=find(workspace),
        key="wk_" + "".join(secrets.choice(_ALPHABET) for _place in range(24)),
        source=source,
        origins=[_origin(origin) for origin in origins],
        events_per_second=events_per_second,
        signing_secret=_secret() if signs else "",
    )
    audit.record(
        by=by,
        action="write_key.created",
        subject=str(key),
        workspace=workspace,
        after={
            "source": source,
            "origins": key.origins,
            "events_per_second": events_per_second,
            "signs": signs,
        },
    )
    transaction.on_commit(publish)
    return key


@transaction.atomic
def revoke(*, by: Actor, workspace: str, key: str) -> WriteKey:
    """End a key: what it sends from now on is refused. Ended already, it stays as it is.

    Raises:
        Problem: ``keys.no-such-key``.
    """
    found = WriteKey.objects.filter(workspace=find(workspace), key=key).first()
    if found is None:
        raise Problem(
            "keys.no-such-key",
            _("There is no such write key in this workspace."),
            _("`zhiyin key list` shows those that there are."),
        )
    if found.revoked_at is None:
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        audit.record(by=by, action="write_key.revoked", subject=str(found), workspace=workspace)
        transaction.on_commit(publish)
    return found


def of(workspace: str) -> list[WriteKey]:
    """The write keys of a workspace, ended ones too, by source."""
    return list(WriteKey.objects.filter(workspace__slug=workspace).order_by("source", "pk"))


def as_dict(key: WriteKey) -> dict[str, Any]:
    """A key as the command line and the API write it, without its signing secret."""
    return {
        "key": key.key,
        "kind": "webhook" if key.signing_secret else "write",
        "source": key.source,
        "workspace": key.workspace.slug,
        "origins": list(key.origins),
        "events_per_second": key.events_per_second,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def made_as_dict(key: WriteKey) -> dict[str, Any]:
    """A new key, with the signing secret that is shown this once."""
    return {**as_dict(key), "signing_secret": key.signing_secret or None}


def old_secrets(days: int) -> list[WriteKey]:
    """Live keys of any workspace whose signing secret is older than so many days."""
    made_before = timezone.now() - timedelta(days=days)
    live = WriteKey.objects.filter(revoked_at=None, created_at__lt=made_before)
    return list(live.exclude(signing_secret="").select_related("workspace"))


def snapshot_file(data: Path) -> Path:
    """Where the log process finds the keys."""
    return data / "snapshots" / "keys.json"


def publish() -> None:
    """Write the snapshot of every live key anew."""
    keys = {
        key.key: {
            "workspace": key.workspace.slug,
            "source": key.source,
            "origins": key.origins,
            "events_per_second": key.events_per_second,
            "signing_secret": key.signing_secret,
        }
        for key in WriteKey.objects.filter(revoked_at=None).select_related("workspace")
    }
    write_snapshot(snapshot_file(Path(settings.ZHIYIN_DATA)), {"keys": keys})


def write_snapshot(file: Path, document: dict[str, Any]) -> None:
    """Replace a snapshot whole; its `version` is one more than that of the file before."""
    try:
        before = int(json.loads(file.read_text("utf-8")).get("version", 0))
    except (OSError, ValueError):
        before = 0
    whole = {"version": before + 1, **document}
    durable.replace(file, json.dumps(whole, ensure_ascii=False).encode())


def _secret() -> str:
    """A signing secret as Standard Webhooks has it: 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _origin(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise Problem(
            "keys.origin",
            _("{origin} is no origin of a web page.", origin=text),
            _("Write scheme and host, such as https://www.example.com"),
        )
    return f"{parts.scheme}://{parts.netloc}".lower()
