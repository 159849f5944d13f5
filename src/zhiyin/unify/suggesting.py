"""Suggestions by the model: the present traits of all known ids, linked, and offered to people."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts.workspaces import find
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.unify import current, linking, normal, suggestions
from zhiyin.unify.current import BIRTHS, NAMES, UNIQUE, Keys, Trait
from zhiyin.unify.identity_rules import Rules, rules_of
from zhiyin.unify.models import MatchRun
from zhiyin.unify.normal import compute
from zhiyin.unify.suggestions import MODEL, Found
from zhiyin.warehouse.log import Log

TRAITS: dict[str, tuple[str, ...]] = {
    "name": NAMES,
    "given_name": ("first_name", "firstName", "given_name"),
    "surname": ("last_name", "lastName", "surname", "family_name"),
    "birth_date": BIRTHS,
    "email": ("email",),
    "phone": ("phone", "mobile"),
    "number": UNIQUE,
    "street": ("street", "address"),
    "city": ("city",),
    "postcode": ("postcode", "postal_code", "zip"),
}
"""Fields of the model, and the names under which the log may hold them."""

THRESHOLD = 0.9


@dataclass(frozen=True, slots=True)
class Suggested:
    """What a run of the model did.

    Args:
        records: ids that something is known of.
        fields: fields compared.
        compared: candidate pairs.
        likely: pairs over the threshold, those that are one already included.
        offered: suggestions that wait for a person.
        seconds: how long it took.
    """

    records: int
    fields: tuple[str, ...]
    compared: int
    likely: int
    offered: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


STEPS = len(TRAITS) + linking.STEPS + 1
"""Each trait is read, the records are linked, and the pairs are offered."""


def suggest(
    log: Log, workspace: str, *, threshold: float = THRESHOLD, progress: Progress = unseen
) -> Suggested:
    """Make the pending suggestions of the model those that what is known now gives.

    Args:
        progress: called with steps done, of `STEPS`. Before the last step nothing has been
            changed; what it raises leaves the suggestions as they were.
    """
    began = time.monotonic()
    records = records_of(log, workspace, rules_of(workspace), progress=progress)
    linked = linking.link(
        records,
        threshold=threshold,
        progress=lambda done, _of: progress(len(TRAITS) + done, STEPS),
    )
    progress(STEPS - 1, STEPS)
    strongest = linked.pairs.slice(0, suggestions.MOST * 2)
    offered = suggestions.offer(
        log, workspace=workspace, origin=MODEL, found=_found(records, strongest, linked.fields)
    )
    done = Suggested(
        records=records.num_rows,
        fields=linked.fields,
        compared=linked.compared,
        likely=linked.pairs.num_rows,
        offered=offered,
        seconds=round(time.monotonic() - began, 3),
    )
    with transaction.atomic():
        MatchRun.objects.update_or_create(
            workspace=find(workspace),
            kind="model",
            defaults={"seen": "", "found": done.as_dict(), "done_at": timezone.now()},
        )
    progress(STEPS, STEPS)
    return done


def was_run(workspace: str) -> bool:
    """Whether the model has ever compared the customers of a workspace."""
    return MatchRun.objects.filter(workspace__slug=workspace, kind="model").exists()


def records_of(log: Log, workspace: str, rules: Rules, *, progress: Progress = unseen) -> pa.Table:
    """One row a known id: ``key`` and every field of `TRAITS` in its one form."""
    devices = current.devices(log, workspace)
    found: dict[str, tuple[Keys, Any]] = {}
    for number, (name, traits) in enumerate(TRAITS.items()):
        progress(number, STEPS)
        held = current.trait(log, workspace, *traits, devices=devices)
        if len(held.key):
            found[name] = (held.key, _form(name, held, rules))
    if not found:
        return pa.table({"key": pa.array([], pa.int64())})
    keys = np.unique(np.concatenate([own for own, _values in found.values()]))
    columns: dict[str, Any] = {"key": pa.array(keys)}
    for name, (own, values) in found.items():
        place = np.minimum(np.searchsorted(own, keys), len(own) - 1)
        has = pa.array(own[place] == keys)
        columns[name] = compute.if_else(
            has, compute.take(values, pa.array(place)), pa.scalar(None, pa.string())
        )
    return pa.table(columns)


def _form(name: str, held: Trait, rules: Rules) -> Any:
    if name == "email":
        return normal.emails(held.value, gmail_dots=rules.gmail_dots)
    if name == "phone":
        # In full, not only those that two have: here a digit off matters.
        return normal.phones(held.value, country=rules.country)
    if name == "birth_date":
        return normal.dates(held.value)
    return normal.texts(held.value)


def _found(records: pa.Table, pairs: pa.Table, fields: tuple[str, ...]) -> list[Found]:
    """The pairs with both values of each field, and what each gives to the weight."""
    keys = records["key"].to_numpy()
    ends = {side: np.searchsorted(keys, pairs[side].to_numpy()) for side in ("a", "b")}
    values = {
        (name, side): compute.take(records[name], pa.array(ends[side])).to_pylist()
        for name in fields
        for side in ("a", "b")
    }
    weights = {name: pairs[f"mw_{name}"].to_pylist() for name in fields}
    rows = zip(*(pairs[n].to_pylist() for n in ("a", "b", "weight", "probability")), strict=True)
    return [
        Found(
            a,
            b,
            MODEL,
            weight=weight,
            probability=probability,
            comparison=[
                compared(name, values[name, "a"][i], values[name, "b"][i], weights[name][i])
                for name in fields
            ],
        )
        for i, (a, b, weight, probability) in enumerate(rows)
    ]


def compared(field: str, a: str | None, b: str | None, weight: float | None) -> dict[str, Any]:
    """One field of a pair, for a person to look at."""
    if a is None or b is None:
        level = "missing"
    elif a == b:
        level = "same"
    else:
        level = "similar" if (weight or 0.0) > 0 else "different"
    if field == "birth_date":
        a, b = (v and f"{v[:4]}-{v[4:6]}-{v[6:]}" for v in (a, b))
    shown = None if weight is None or level == "missing" else round(weight, 2)
    return {"field": field, "a": a, "b": b, "level": level, "weight": shown}
