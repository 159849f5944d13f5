"""What comes again: rework and loops, by how many customers come to a node more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events, order_of
from zhiyin.journey.shares import Figure, interval
from zhiyin.journey.withholding import State, within
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    import pyarrow as pa

    from zhiyin.accounts.workspaces import Settings

Who = Literal["customers", "again", "back"]
WHO: tuple[Who, ...] = ("customers", "again", "back")


@dataclass(frozen=True, slots=True)
class Repeat:
    """One node and who comes to it again.

    Args:
        customers: who are there.
        again: of them, those more than once; None as `again_state` says, with the share and what
            would tell of them.
        again_share: of the customers, 0…1, with Wilson's interval.
        back: those who came again after being elsewhere; None as `back_state` says.
        events: at the node.
        at_once: of them, those that directly follow one at the same node.
    """

    node: str
    customers: int
    again: int | None
    again_share: Figure
    again_state: State
    back: int | None
    back_share: Figure
    back_state: State
    events: int | None
    at_once: int | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "node": self.node,
            "customers": self.customers,
            "again": self.again,
            "again_share": self.again_share.value,
            "again_low": self.again_share.low,
            "again_high": self.again_share.high,
            "again_state": self.again_state,
            "back": self.back,
            "back_share": self.back_share.value,
            "back_low": self.back_share.low,
            "back_high": self.back_share.high,
            "back_state": self.back_state,
            "events": self.events,
            "at_once": self.at_once,
        }


@dataclass(frozen=True, slots=True)
class Repeats:
    """The nodes, first that to which most come again.

    Args:
        nodes: without those of fewer customers than `minimum_base`.
        nodes_in_all: how many there are, shown or not.
        nodes_withheld: of them, those that are not shown however many are asked for.
    """

    nodes: tuple[Repeat, ...]
    nodes_in_all: int
    nodes_withheld: int
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "nodes": [one.as_dict() for one in self.nodes],
            "nodes_in_all": self.nodes_in_all,
            "nodes_withheld": self.nodes_withheld,
            "minimum_base": self.minimum_base,
        }


def repeats(
    log: Log,
    settings: Settings,
    chosen: Chosen,
    *,
    top: int | None = None,
    confidence: float = 0.95,
    scope: Filter | None = None,
) -> Repeats:
    """Count who comes to each node again; `top` is how many nodes are returned.

    Raises:
        Problem: ``filter.…``.
    """
    events = Events.of(log, settings, chosen, scope=scope)
    minimum = settings.minimum_base
    found = _out_of_index(events)
    rows = (events.run(_counted(events)) if found is None else found).to_pylist()
    told = [_told(events, row, minimum, confidence) for row in rows]
    shown = [one for one in told if one is not None]
    shown.sort(key=lambda one: (-(one.again or 0), -one.customers, one.node))
    return Repeats(tuple(shown[:top]), len(rows), len(rows) - len(shown), minimum)


def _told(events: Events, row: dict[str, Any], minimum: int, confidence: float) -> Repeat | None:
    """A node as it is shown; None where too few are there."""
    came, again, back = (int(row[who]) for who in WHO)
    # Of two that differ by a few, those who came again are told before those who came back.
    came_state, back_state, again_state = within([came, back, again], minimum)
    if came_state != "ok":
        return None

    def share(count: int, state: State) -> Figure:
        if state != "ok":
            return Figure(None, None, None)
        return Figure(count / came, *interval(count, came, confidence))

    is_told = again_state == "ok"
    return Repeat(
        node=events.nodes[row["node"]],
        customers=came,
        again=again if is_told else None,
        again_share=share(again, again_state),
        again_state=again_state,
        back=back if back_state == "ok" else None,
        back_share=share(back, back_state),
        back_state=back_state,
        events=int(row["events"]) if is_told else None,
        at_once=int(row["at_once"]) if is_told else None,
    )


def _out_of_index(events: Events) -> pa.Table | None:
    if not events.nodes:
        return None
    return events.ask("repeats", {"nodes": list(events.nodes)}, events.nodes_by)


def _counted(events: Events) -> lang.Expression:
    """One row a node."""
    each = each_customer(events)
    return each.group_by("node").aggregate(
        events=each.events.sum(),
        customers=each.count(),
        again=lang.ifelse(each.events > 1, 1, 0).sum(),
        back=lang.ifelse(each.stays > 1, 1, 0).sum(),
        at_once=(each.events - each.stays).sum(),
    )


def each_customer(events: Events) -> lang.Expression:
    """One row a customer and node: her ``events`` there, in so many ``stays``."""
    rows = events.paths()
    before = rows.node.lag().over(group_by="customer", order_by=order_of(rows))
    rows = rows.mutate(before=before)
    # ClickHouse's lag gives 0 instead of a missing number, and 0 is a node.
    place = lang.row_number().over(group_by="customer", order_by=order_of(rows))
    rows = rows.mutate(place=place)
    comes = lang.ifelse((rows.place == 0) | (rows.before != rows.node), 1, 0)
    rows = rows.mutate(comes=comes)
    return rows.group_by(["customer", "node"]).aggregate(
        events=rows.count(), stays=rows.comes.sum()
    )
