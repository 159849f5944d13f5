"""Ids as people write them, and the customers whom they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

KNOWN = "customer"


@dataclass(frozen=True, slots=True)
class Id:
    """One id of a customer.

    Args:
        kind: the name space: ``customer``, ``anonymous``…
        id: as its source writes it.
        own: its own key in the log.
        customer: the key of the customer whose it is, after merges.
    """

    kind: str
    id: str
    own: int
    customer: int

    @property
    def written(self) -> str:
        """As a person writes it: the kind is left out where it is the usual one."""
        return self.id if self.kind == KNOWN else f"{self.kind}:{self.id}"

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"kind": self.kind, "id": self.id}


def find(log: Log, workspace: str, written: str) -> Id:
    """The id that ``ID`` or ``kind:ID`` names.

    Raises:
        Problem: ``customer.no-such-id``, ``customer.ambiguous-id``.
    """
    ids = lang.ids()
    kind, colon, rest = written.partition(":")
    condition = ids.id == written
    if colon:
        condition |= (ids.id == rest) & (ids.kind == kind)
    found = _read(log, workspace, ids.filter(condition))
    exact = [one for one in found if one.id == written]
    for fitting in (
        [one for one in exact if one.kind == KNOWN],
        [one for one in found if one.id == rest and one.kind == kind] if colon else [],
        exact,
    ):
        if len({one.customer for one in fitting}) == 1:
            return fitting[0]
        if fitting:
            raise Problem(
                "customer.ambiguous-id",
                _("{id} names several customers.", id=written),
                _(
                    "Write the kind before it: {kinds}.",
                    kinds=", ".join(f"{one.kind}:{one.id}" for one in fitting),
                ),
            )
    raise Problem(
        "customer.no-such-id",
        _("No customer has the id {id}.", id=written),
        _("Write it as its source does; an id of another kind as kind:ID."),
    )


def ids_of(log: Log, workspace: str, customer: int) -> list[Id]:
    """Every id of a customer: known ones first, then in the order in which the log met them."""
    ids = lang.ids()
    found = _read(log, workspace, ids, customers=[customer])
    return sorted(found, key=lambda one: (one.kind == ANONYMOUS, one.own))


def by_key(log: Log, workspace: str, keys: list[int]) -> dict[int, Id]:
    """The ids that have these keys of their own."""
    ids = lang.ids()
    return {one.own: one for one in _read(log, workspace, ids.filter(ids.own.isin(keys)))}


def _read(
    log: Log, workspace: str, query: lang.Expression, customers: Sequence[int] | None = None
) -> list[Id]:
    asked = query.select("kind", "id", "own", "key")
    rows = log.execute(workspace, asked, customers=customers).to_pylist()
    return [Id(row["kind"], row["id"], row["own"], row["key"]) for row in rows]
