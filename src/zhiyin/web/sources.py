"""The sources of a workspace as pages show them: counted at most every half minute."""

from __future__ import annotations

from zlib import crc32

from django.conf import settings
from django.core.cache import cache

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import health
from zhiyin.collect.health import Source
from zhiyin.warehouse.log import Log

FRESH_SECONDS = 30
"""Every page under *Data* asks, and the answer changes by the hour."""


def counted(log: Log, workspace: Settings) -> list[Source]:
    """Every source, those that are silent first."""
    key = f"sources-{workspace.slug}-{crc32(str(settings.ZHIYIN_DATA).encode())}"
    held: list[Source] | None = cache.get(key)
    if held is None:
        held = health.sources(log, workspace)
        cache.set(key, held, FRESH_SECONDS)
    return held
