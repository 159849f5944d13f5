"""Those who have a map open are told at once what was done to it, and who is at which part.

What is told is only the quicker way: who was not reached asks for what came since. All hear the
same; a rule that says who a customer is is asked for by those who may see it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiyin.kernel.filters import parse
from zhiyin.maps import kept
from zhiyin.maps.document import RULES
from zhiyin.maps.models import JourneyMap, Operation
from zhiyin.warehouse.holdings import PERSONAL
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.wire import socket_of

MOST_BYTES = 60_000
"""A longer operation is told by its number alone, and fetched by who wants it."""


_WHO = frozenset().union(*PERSONAL.values())


def topic_of(key: str) -> str:
    """Under which topic a map is spoken of."""
    return f"maps/{key}"


def of_operation(held: JourneyMap, one: Operation) -> None:
    """Tell of an operation once it is kept."""
    told = kept.told(one)
    is_long = len(json.dumps(told)) > MOST_BYTES
    by_number = is_long or any(map(_says_who, _rules_in(told)))
    _once_kept(held, {"kind": "done", **({"number": one.number} if by_number else told)})


def of_version(held: JourneyMap, number: int, by: str) -> None:
    """Tell that the draft was kept as a version."""
    _once_kept(held, {"kind": "kept", "version": number, "by": by})


def of_removal(held: JourneyMap) -> None:
    """Tell that the map is gone."""
    _once_kept(held, {"kind": "removed"})


def of_holding(workspace: str, key: str, *, visitor: str, who: str, holds: str) -> None:
    """Tell which part somebody is at now.

    Args:
        visitor: the number that her stream began with.
        who: her login.
        holds: as ``node:refund``; blank: none.
    """
    says = {"kind": "holding", "visitor": visitor, "who": who, "holds": holds}
    _tell(workspace, topic_of(key), says)


def _rules_in(told: Mapping[str, Any]) -> Iterator[str]:
    """The filters that stand in an operation."""
    for value in (told["value"], told["before"]):
        if isinstance(value, Mapping):
            yield from (text for name in RULES if isinstance(text := value.get(name), str))
        elif told["field"] in RULES and isinstance(value, str):
            yield value


def _says_who(rule: str) -> bool:
    """Whether a filter names what says who a customer is."""
    return bool(rule) and any(name.split(".")[0] in _WHO for name in parse(rule).columns())


def _once_kept(held: JourneyMap, says: Mapping[str, Any]) -> None:
    workspace, topic = held.workspace.slug, topic_of(held.key)
    transaction.on_commit(lambda: _tell(workspace, topic, says), robust=True)


def _tell(workspace: str, topic: str, says: Mapping[str, Any]) -> None:
    socket = socket_of(Path(settings.ZHIYIN_DATA))
    if socket.exists():
        _log_at(socket).tell(workspace, topic, says)


@lru_cache(1)
def _log_at(socket: Path) -> RemoteLog:
    return RemoteLog(socket)
