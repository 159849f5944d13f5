"""What is known of each id now: its traits, whole columns of them, as large as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.unify import normal
from zhiyin.unify.identity_rules import Rules
from zhiyin.unify.normal import Column, compute
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader

Keys = npt.NDArray[np.int64]

UNMERGED = Reader(is_merged=False)

SECONDS = 600.0

NAMES = ("name", "full_name")
BIRTHS = ("birth_date", "birthday", "birth", "date_of_birth")
UNIQUE = ("loyalty_number", "member_number", "id_number", "passport")
"""Traits that one person has one of: where two ids differ in one, they are two people."""


@dataclass(frozen=True, slots=True, eq=False)
class Trait:
    """One trait of known ids.

    Args:
        key: the ids' own keys, in order, each once.
        value: what each has now, as written.
        source: the code of the source that said so.
    """

    key: Keys
    value: Column
    source: Keys

    def of(self, keys: Keys) -> list[str | None]:
        """The values of some ids, None where there is none."""
        if not len(self.key):
            return [None] * len(keys)
        place = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        found = compute.take(self.value, pa.array(place))
        missing = pa.array(self.key[place] != keys)
        values: list[str | None] = compute.if_else(
            missing, pa.scalar(None, pa.string()), found
        ).to_pylist()
        return values


def trait(log: Log, workspace: str, *names: str, devices: Keys | None = None) -> Trait:
    """The newest value of each id among the traits called `names`; devices' ids left out."""
    codes = [code for code, word in log.words(workspace, "name").items() if word in names]
    table = lang.table(log.schema(workspace), "traits")
    query = table.filter(table.name.isin(codes or [-1]) & table.value.notnull())
    rows = log.execute(
        workspace,
        query.select("customer", "value", "source", "occurred_at", "seq"),
        reader=UNMERGED,
        seconds=SECONDS,
    )
    key = rows["customer"].to_numpy().astype(np.int64)
    at = rows["occurred_at"].cast(pa.int64()).to_numpy()
    order = np.lexsort((rows["seq"].to_numpy(), at, key))
    ordered = key[order]
    is_last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, bool)
    kept = order[is_last]
    if devices is not None and len(devices):
        kept = kept[~np.isin(key[kept], devices)]
    return Trait(
        key[kept],
        rows["value"].take(pa.array(kept)).combine_chunks(),
        rows["source"].to_numpy()[kept].astype(np.int64),
    )


def devices(log: Log, workspace: str) -> Keys:
    """The keys of ids that devices made up."""
    ids = lang.ids()
    found = log.execute(
        workspace, ids.filter(ids.kind == ANONYMOUS).select("own"), reader=UNMERGED, seconds=SECONDS
    )
    return np.asarray(found["own"].to_numpy(), dtype=np.int64)


def normalised(name: str, held: Trait, rules: Rules) -> Column:
    """The values of a trait in the one form in which equal ones are equal; null elsewhere."""
    if "mail" in name:
        return normal.emails(held.value, gmail_dots=rules.gmail_dots)
    if any(part in name for part in ("phone", "mobile", "tel")):
        return _phones(held.value, rules.country)
    return normal.texts(held.value)


def _phones(values: Column, country: str) -> Column:
    """Only numbers whose last digits another has are read in full: that is the slow part."""
    ends: Any = normal.last_digits(values)
    coded = ends.dictionary_encode()
    codes = compute.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    count = np.bincount(codes[codes >= 0], minlength=len(coded.dictionary) or 1)
    is_shared = pa.array((codes >= 0) & (count[np.maximum(codes, 0)] > 1))
    return normal.phones(
        compute.if_else(is_shared, values, pa.scalar(None, pa.string())), country=country
    )
