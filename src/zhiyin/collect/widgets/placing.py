"""What a company puts into its own site, and into its server."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from zhiyin.accounts.workspaces import find
from zhiyin.collect.surveys import tokens
from zhiyin.collect.widgets import signing


def snippet(workspace: str) -> dict[str, Any]:
    """The line of a page with the workspace's first write key, and what a policy must allow."""
    live = find(workspace).write_keys.filter(revoked_at=None, signing_secret="").first()
    key = live.key if live else "wk_YOURKEY"
    host = settings.ZHIYIN_PUBLIC_URL.rstrip("/")
    return {
        "line": f'<script async src="{host}/w.js" data-key="{key}"></script>',
        "policy": f"script-src {host}; connect-src {host}; frame-src {host}",
        "key": live.key if live else None,
    }


def proof_key(workspace: str) -> str:
    """The key of proofs; it is a secret, and the same as long as the installation's is."""
    find(workspace)
    return signing.proof_key(tokens.key(settings.ZHIYIN_DATA), workspace)
