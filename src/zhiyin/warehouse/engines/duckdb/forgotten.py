"""Which rows nobody reads any more: those of erased customers, and those kept no longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.rights import KeptSince

NEVER = datetime(1, 1, 1)

MANY = 2_000
"""More keys than this are looked up in their table instead of being written into the query."""


def readable(workspace: Workspace, table: str, alias: str) -> Iterator[str]:
    """Conditions that a row must meet to be read at all."""
    if workspace.erased_keys:
        hers = _erased(workspace)
        yield f"{alias}.customer_key NOT IN ({hers})"
        if table == "identities":
            yield f"coalesce({alias}.other NOT IN ({hers}), true)"
    yield from _kept(workspace, table, alias)


def gone(workspace: Workspace, table: str, alias: str) -> str | None:
    """The opposite: what the next file leaves out; None where that is nothing."""
    conditions = list(readable(workspace, table, alias))
    return f"NOT ({' AND '.join(conditions)})" if conditions else None


def state(workspace: Workspace) -> list[str]:
    """What a derived table has seen of this, as comparable text."""
    parts = []
    if workspace.erased_keys:
        parts.append(f"erased={len(workspace.erased_keys)}/{max(workspace.erased_keys)}")
    parts += [f"{k.table}:{k.pattern}>={k.since.isoformat()}" for k in workspace.kept_since]
    return parts


def _erased(workspace: Workspace) -> str:
    if len(workspace.erased_keys) > MANY:
        return f"SELECT key FROM {workspace.sql}.erased_keys"
    return ", ".join(str(key) for key in sorted(workspace.erased_keys))


def _kept(workspace: Workspace, table: str, alias: str) -> Iterator[str]:
    rules = [rule for rule in workspace.kept_since if rule.table == table]
    if not rules:
        return
    ruled = _ruled(rules, workspace.words.get("name", []) if table == "events" else [])
    for rule in rules:
        old = f"{alias}.occurred_at < TIMESTAMP '{rule.since.isoformat(sep=' ')}'"
        if rule.pattern:
            codes = [code for code, chosen in ruled.items() if chosen is rule]
            if codes:
                yield f"NOT (coalesce({alias}.name IN ({_list(codes)}), false) AND {old})"
        elif ruled:
            yield f"NOT (coalesce({alias}.name NOT IN ({_list(ruled)}), true) AND {old})"
        else:
            yield f"NOT ({old})"


def _ruled(rules: Sequence[KeptSince], names: Sequence[str]) -> dict[int, KeptSince]:
    """The rule of each name, by its code, that one with a pattern is about."""
    ruled: dict[int, KeptSince] = {}
    for code, name in enumerate(names):
        fitting = [r for r in rules if r.pattern and fnmatchcase(name, r.pattern)]
        if fitting:
            # The rule that says more about a name is the one that is meant for it.
            ruled[code] = max(fitting, key=lambda rule: (len(rule.pattern), rule.pattern))
    return ruled


def ruled_names(workspace: Workspace) -> list[int]:
    """Codes of the names of events that a rule with a pattern is about."""
    rules = [rule for rule in workspace.kept_since if rule.table == "events"]
    return sorted(_ruled(rules, workspace.words.get("name", [])))


def kept_from(rules: Sequence[KeptSince], names: Sequence[str]) -> list[datetime]:
    """Of each name of events, by its code, from when on it is kept."""
    ruled = _ruled(rules, names)
    always = max((rule.since for rule in rules if not rule.pattern), default=NEVER)
    return [ruled[code].since if code in ruled else always for code in range(len(names))]


def _list(codes: list[int] | dict[int, KeptSince]) -> str:
    return ", ".join(str(code) for code in sorted(codes))
