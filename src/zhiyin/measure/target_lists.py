"""Targets as CSV: written, and read with all faults and without a write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.measure import actions, lists
from zhiyin.measure.actions import TargetAsked
from zhiyin.measure.lists import Column, Fault
from zhiyin.measure.targets import Held, of

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

COLUMNS = (
    Column("metric", "指标", is_needed=True),
    Column("kind", "类型"),
    Column("question", "题目"),
    Column("unit", "组织单元"),
    Column("period", "时段", is_needed=True),
    Column("target", "目标值", is_needed=True),
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do.

    Args:
        asked: its targets, where no line is wrong.
        faults: what is wrong, line by line; nothing is set while there are any.
        new: how many targets would be set.
        changed: how many would get another value.
        same: how many are there as they are.
    """

    asked: tuple[TargetAsked, ...]
    faults: tuple[Fault, ...]
    new: int = 0
    changed: int = 0
    same: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Its lines by what becomes of them."""
        return {"new": self.new, "changed": self.changed, "same": self.same}


def write(targets: Iterable[Held]) -> str:
    """A list of targets that `preview` takes."""
    rows = (one.as_dict() | {"target": f"{one.value:.12g}"} for one in targets)
    return lists.write(COLUMNS, rows)


def preview(data: bytes, settings: Settings, *, scope: Filter | None = None) -> Preview:
    """What a list would do, or all that is wrong with it.

    Raises:
        Problem: it is no list of targets at all.
    """
    faults: list[Fault] = []
    asked: list[TargetAsked] = []
    seen: dict[tuple[object, ...], int] = {}
    for line in lists.read(data, COLUMNS):
        try:
            one = _asked(line.cells)
            key = actions.check_target(settings, one, scope)
            if key in seen:
                raise _twice(seen[key])
        except Problem as problem:
            faults.append(Fault(line.number, problem))
            continue
        seen[key] = line.number
        asked.append(one)
    if faults:
        return Preview((), tuple(faults))
    held = {_key(one): one.value for one in of(settings, scope=scope)}
    before = [held.get(key) for key in seen]
    pairs = list(zip(before, asked, strict=True))
    return Preview(
        tuple(asked),
        (),
        new=sum(was is None for was, _one in pairs),
        changed=sum(was is not None and was != one.value for was, one in pairs),
        same=sum(was == one.value for was, one in pairs),
    )


def _asked(cells: Mapping[str, str]) -> TargetAsked:
    return TargetAsked(
        metric=cells["metric"],
        period=cells["period"],
        value=lists.number(cells["target"]),
        unit=cells["unit"],
        kind=cells["kind"],
        question=cells["question"],
    )


def _key(one: Held) -> tuple[object, ...]:
    return one.metric.slug, one.kind, one.question, one.unit, one.first, one.end


def _twice(line: int) -> Problem:
    return Problem(
        "list.twice",
        _("This target stands in line {line} already.", line=line),
        _("Leave one of the two lines out."),
    )
