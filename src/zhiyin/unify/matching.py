"""Equal e-mail or telephone: pairs of customers found, linked, or left to a person.

A value that more customers share than the rules allow is a contact, and identifies nobody: an
agency's or a secretary's telephone stands on hundreds of bookings. A value that two share joins
them unless what else is known speaks against it: a family has one telephone and several names.

Links are facts with ids that follow from what they say, so a second run adds nothing, and one that
was killed is finished by the next. A link whose ground is gone is withdrawn by a fact.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts.keys import of as write_keys_of
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.clock import now
from zhiyin.unify import current, finding, merging, normal, suggestions
from zhiyin.unify.current import BIRTHS, NAMES, SECONDS, UNIQUE, UNMERGED, Keys, Trait
from zhiyin.unify.identity_rules import Rules, rules_of
from zhiyin.unify.models import MatchRun
from zhiyin.unify.normal import compute
from zhiyin.unify.suggestions import DISAGREEMENT, GUARDS, Found
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

CHUNK = 100_000

Progress = Callable[[str], None]


@dataclass(slots=True)
class Matched:
    """What a run of the rules did.

    Args:
        linked: links that are new.
        withdrawn: links whose ground is gone.
        standing: links by rules that stand now.
        contacts: per trait, values that too many share to identify.
        suggested: pairs that wait for a person.
        is_unchanged: nothing had changed since the last run, and nothing was done.
    """

    linked: int = 0
    withdrawn: int = 0
    standing: int = 0
    contacts: dict[str, int] = field(default_factory=dict)
    suggested: int = 0
    is_unchanged: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ids with one value of one trait."""

    a: int
    b: int
    trait: str
    value: str
    is_open: bool
    """The value, of one of them, came over the open network."""


def last_run(workspace: str) -> MatchRun | None:
    """The last run of the rules in which something had changed."""
    return MatchRun.objects.filter(workspace__slug=workspace, kind="rules").first()


def match(log: Log, workspace: str, *, always: bool = False) -> Matched:
    """Bring the links by rules up to date with what is known and with the rules."""
    rules = rules_of(workspace)
    seen = _state(log, workspace, rules)
    place = find(workspace)
    last = last_run(workspace)
    if last and last.seen == seen and not always:
        return Matched(is_unchanged=True)
    log.limit_clusters(workspace, rules.cluster_limit)
    open_sources = {key.source for key in write_keys_of(workspace)}
    devices = current.devices(log, workspace)
    done = Matched()
    pairs: list[Pair] = []
    for name in rules.traits:
        found, done.contacts[name] = _pairs(log, workspace, name, rules, devices, open_sources)
        pairs += found
    judge = _Judge(log, workspace, rules, devices, pairs)
    links = [pair for pair in pairs if judge.verdict(pair) == "link" and not pair.is_open]
    done.linked, done.withdrawn = _settle(log, workspace, links)
    done.standing = len(links)
    doubtful = [pair for pair in pairs if judge.verdict(pair) == "ask"]
    done.suggested = suggestions.offer(
        log,
        workspace=workspace,
        origin=DISAGREEMENT,
        found=map(judge.found(DISAGREEMENT), doubtful),
    )
    done.suggested += _offer_held(log, workspace, judge, pairs)
    with transaction.atomic():
        MatchRun.objects.update_or_create(
            workspace=place,
            kind="rules",
            defaults={"seen": seen, "found": done.as_dict(), "done_at": timezone.now()},
        )
    return done


def _state(log: Log, workspace: str, rules: Rules) -> str:
    """What the outcome follows from, as one comparable text."""
    parts = []
    for name in ("traits", "identities"):
        table = lang.table(log.schema(workspace), name)
        rows = table if name == "traits" else table.filter(table.other.notnull())
        asked = rows.aggregate(n=rows.count(), top=rows.seq.max())
        (row,) = log.execute(workspace, asked, reader=UNMERGED, seconds=SECONDS).to_pylist()
        parts.append(f"{name}={row['n']}/{row['top']}")
    digest = format(hash_of(rules.written), "016x")
    return " ".join([*parts, f"rules={digest}"])


def hash_of(text: str) -> int:
    """64 bits that are the same on every machine."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _pairs(
    log: Log, workspace: str, name: str, rules: Rules, devices: Keys, open_sources: set[str]
) -> tuple[list[Pair], int]:
    """Pairs that share a value of a trait, and how many values are shared by too many."""
    held = current.trait(log, workspace, name, devices=devices)
    if len(held.key) < 2:
        return [], 0
    coded = current.normalised(name, held, rules)
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    coded = coded.dictionary_encode()
    code = compute.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    count = np.bincount(code[code >= 0], minlength=len(coded.dictionary) or 1)
    contacts = int((count > rules.shared_by_at_most).sum())
    is_pair = (code >= 0) & (count[np.maximum(code, 0)] > 1)
    is_pair &= count[np.maximum(code, 0)] <= rules.shared_by_at_most
    chosen = np.flatnonzero(is_pair)
    chosen = chosen[np.lexsort((held.key[chosen], code[chosen]))]
    words = {c for c, word in log.words(workspace, "source").items() if word in open_sources}
    is_open = np.isin(held.source, list(words))
    found = []
    for step in range(1, rules.shared_by_at_most):
        one, other = chosen[:-step], chosen[step:]
        same = code[one] == code[other]
        one, other = one[same], other[same]
        values = compute.take(coded.dictionary, pa.array(code[one])).to_pylist()
        found += [
            Pair(int(held.key[i]), int(held.key[j]), name, value, bool(is_open[i] | is_open[j]))
            for i, j, value in zip(one, other, values, strict=True)
        ]
    return found, contacts


class _Judge:
    """What else is known of the ids of the pairs, and what it says."""

    def __init__(
        self, log: Log, workspace: str, rules: Rules, devices: Keys, pairs: Iterable[Pair]
    ) -> None:
        self.rules = rules
        keys = np.unique(np.array([k for p in pairs for k in (p.a, p.b)], np.int64))
        self.known: dict[str, dict[int, str]] = {}

        def learn(field_name: str, held: Trait, values: Any) -> None:
            whole = Trait(held.key, values, held.source).of(keys) if len(held.key) else []
            self.known[field_name] = {
                int(k): v for k, v in zip(keys, whole, strict=False) if v is not None
            }

        for name, names in (("name", NAMES), ("birth_date", BIRTHS)):
            held = current.trait(log, workspace, *names, devices=devices)
            learn(name, held, normal.dates(held.value) if name == "birth_date" else held.value)
        for name in dict.fromkeys((*UNIQUE, "email", "phone", *rules.traits)):
            held = current.trait(log, workspace, name, devices=devices)
            learn(name, held, held.value if name in ("email", "phone") else
                  normal.texts(held.value))  # fmt: skip

    def verdict(self, pair: Pair) -> str:
        """``link``, ``ask`` (a person decides) or ``no``."""
        names, births, numbers = (self._names(pair), self._same(pair, "birth_date"),
                                  [self._same(pair, name) for name in UNIQUE])  # fmt: skip
        agrees = names is True or births is True or True in numbers
        differs = names is False or births is False or False in numbers
        if pair.trait not in ("phone",) and "phone" not in pair.trait:
            return "ask" if differs else "link"
        if differs:
            return "ask" if names is True or births is True else "no"
        if agrees or self.rules.phone_alone:
            return "link"
        return "no" if self._emails_differ(pair) else "ask"

    def _names(self, pair: Pair) -> bool | None:
        known = self.known["name"]
        if pair.a not in known or pair.b not in known:
            return None
        return normal.names_agree(known[pair.a], known[pair.b])

    def _same(self, pair: Pair, name: str) -> bool | None:
        known = self.known.get(name, {})
        if pair.a not in known or pair.b not in known:
            return None
        return known[pair.a] == known[pair.b]

    def _emails_differ(self, pair: Pair) -> bool:
        known = self.known["email"]
        one, other = known.get(pair.a), known.get(pair.b)
        if one is None or other is None:
            return False
        read = [normal.email(v, gmail_dots=self.rules.gmail_dots) or v for v in (one, other)]
        return read[0] != read[1]

    def compared(self, a: int, b: int) -> list[dict[str, Any]]:
        """Field by field, for a person to look at."""
        found = []
        for name, known in self.known.items():
            one, other = known.get(a), known.get(b)
            if one is None and other is None:
                continue
            if one is None or other is None:
                level = "missing"
            elif one == other:
                level = "same"
            elif name == "name" and normal.names_agree(one, other):
                level = "similar"
            else:
                level = "different"
            found.append({"field": name, "a": one, "b": other, "level": level, "weight": None})
        return found

    def found(self, origin: str) -> Callable[[Pair], Found]:
        """Makes a suggestion of a pair."""
        return lambda pair: Found(pair.a, pair.b, origin, comparison=self.compared(pair.a, pair.b))


def _settle(log: Log, workspace: str, wanted: list[Pair]) -> tuple[int, int]:
    """Append links that are wanted and missing, and withdraw those no longer wanted."""
    standing, said = _standing(log, workspace)
    goal = {(pair.a, pair.b, f"same_{pair.trait}"): pair for pair in wanted}
    new = [key for key in goal if key not in standing]
    gone = [key for key in standing if key not in goal]
    if not new and not gone:
        return 0, 0
    ids = _ids(log, workspace, sorted({k for key in (*new, *gone) for k in key[:2]}))
    at = now()
    rows: list[dict[str, Any]] = []
    for keys, action in ((new, "link"), (gone, "unlink")):
        for a, b, reason in keys:
            if a not in ids or b not in ids:
                continue  # erased meanwhile
            one, other = ids[a], ids[b]
            ground = (
                {"trait": goal[a, b, reason].trait, "value": goal[a, b, reason].value}
                if action == "link"
                else {"says": "the ground is gone"}
            )
            rows.append(
                {
                    "row": len(rows),
                    # The next word on the pair: the same at a second try after a crash.
                    "id": f"{reason}:{a}:{b}:{said.get((a, b, reason), 0)}",
                    "occurred_at": at,
                    "customer": one.id,
                    "customer_kind": one.kind,
                    "other": other.id,
                    "other_kind": other.kind,
                    "action": action,
                    "reason": reason,
                    "linked_by": "rule",
                    "evidence": json.dumps(ground, ensure_ascii=False),
                }
            )
    with log.begin(workspace, source=merging.SOURCE, label="matching") as batch:
        for first in range(0, len(rows), CHUNK):
            part = rows[first : first + CHUNK]
            batch.write("identities", pa.Table.from_pylist(part))
        if rows:
            batch.commit()
    return len(new), len(gone)


def _standing(
    log: Log, workspace: str
) -> tuple[set[tuple[int, int, str]], dict[tuple[int, int, str], int]]:
    """Links by rules that stand, and how many words there are on each pair and reason."""
    codes = {word: code for code, word in log.words(workspace, "linked_by").items()}
    if "rule" not in codes:
        return set(), {}
    table = lang.table(log.schema(workspace), "identities")
    mine = table.filter((table.linked_by == codes["rule"]) & table.other.notnull())
    rows = log.execute(
        workspace,
        mine.select("customer", "other", "action", "reason", "seq").order_by("seq"),
        words=True,
        reader=UNMERGED,
        seconds=SECONDS,
    )
    last: dict[tuple[int, int, str], str] = {}
    said: dict[tuple[int, int, str], int] = {}
    columns = [rows[name].to_pylist() for name in ("customer", "other", "action", "reason")]
    for customer, other, action, reason in zip(*columns, strict=True):
        key = (min(customer, other), max(customer, other), reason)
        last[key] = action
        said[key] = said.get(key, 0) + 1
    return {key for key, action in last.items() if action == "link"}, said


def _ids(log: Log, workspace: str, keys: list[int]) -> dict[int, finding.Id]:
    if len(keys) <= 2_000:
        return finding.by_key(log, workspace, keys)
    ids = lang.ids()
    rows = log.execute(workspace, ids.select("own", "kind", "id"), reader=UNMERGED, seconds=SECONDS)
    own = rows["own"].to_numpy()
    rows = rows.filter(pa.array(np.isin(own, np.array(keys))))
    return {
        row["own"]: finding.Id(row["kind"], row["id"], row["own"], row["own"])
        for row in rows.to_pylist()
    }


def _offer_held(log: Log, workspace: str, judge: _Judge, pairs: list[Pair]) -> int:
    """Suggest what guards hold back, and equal values that came over the open network."""
    held = lang.held()
    rows = log.execute(
        workspace, held.filter(held.guard.isin(GUARDS)).limit(suggestions.MOST * 2)
    ).to_pylist()
    open_pairs = [p for p in pairs if p.is_open and judge.verdict(p) != "no"]
    offered = 0
    for guard in GUARDS:
        found = [Found(row["key"], row["other"], guard) for row in rows if row["guard"] == guard]
        if guard == "unknown_caller":
            found += [judge.found(guard)(pair) for pair in open_pairs]
        offered += suggestions.offer(log, workspace=workspace, origin=guard, found=found)
    return offered
