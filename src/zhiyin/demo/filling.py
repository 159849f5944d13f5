"""The company straight into a workspace's log, and out of it again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from zhiyin.demo import facts, reference
from zhiyin.demo.chunks import make
from zhiyin.demo.plan import ZONE, Plan
from zhiyin.demo.truth import Truth
from zhiyin.demo.world import World
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Batch, Import, Log
from zhiyin.warehouse.tables import DIMENSION_PREFIX

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor

_LABEL = "demo"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a fill did.

    Args:
        imports: import id per source, of those that added anything.
        facts_added: rows of the log.
        truth: what is really so.
    """

    imports: Mapping[str, str]
    facts_added: int
    truth: Truth


def settle(workspace: str, *, by: Actor) -> None:
    """Give the workspace the company's clock and money: Shanghai, yuan, weeks from Monday.

    Raises:
        Problem: ``accounts.no-workspace``.
    """
    from zhiyin.accounts.actions import change_workspace

    change_workspace(by=by, slug=workspace, timezone=ZONE, currency="CNY", week_start=0)


def plan_of(log: Log, workspace: str) -> Plan | None:
    """The company that a workspace shows, as it was asked for; None where it shows none."""
    for each in _demo_imports(log, workspace):
        seed, customers, months, until = each.label.split()[1:5]
        return Plan(int(seed), int(customers), int(months), date.fromisoformat(until))
    return None


def is_demo(log: Log, workspace: str) -> bool:
    """Whether the workspace shows the demo company: pages say so in a banner."""
    return bool(_demo_imports(log, workspace))


def there(log: Log, workspace: str) -> list[Import]:
    """The imports that the demo company is made of.

    Raises:
        Problem: ``demo.not-there``.
    """
    found = _demo_imports(log, workspace)
    if not found:
        raise Problem(
            "demo.not-there",
            _("Workspace {workspace} holds no demo company.", workspace=workspace),
            _("There is nothing to remove."),
        )
    return found


def fill(
    log: Log,
    workspace: str,
    plan: Plan,
    *,
    folder: Path | None = None,
    progress: Progress = unseen,
) -> Filled:
    """Put the company into a workspace that is empty, or that a fill of the same company left.

    A fill that was killed is finished by filling again: what the log has is not added twice.

    Args:
        log: the experience log.
        workspace: its slug.
        plan: the company.
        folder: where ``truth.json`` and the reference files go (units, targets…); None: nowhere.
        progress: called with chunks done and chunks in all.

    Raises:
        Problem: ``demo.workspace-not-empty`` or ``demo.another-company``.
    """
    check(log, workspace, plan)
    label = _label_of(plan)
    log.declare(workspace, facts.DIMENSIONS)
    world = World.of(plan)
    truth = Truth(world)
    sources = list(dict.fromkeys(family.source for family in facts.FAMILIES))
    with ExitStack() as stack:
        batches = {
            source: stack.enter_context(log.begin(workspace, source=source, label=label))
            for source in sources
        }
        pen = _Pen(batches)
        for number in range(plan.chunks):
            chunk = make(world, number)
            truth.add(chunk)
            for family, table in facts.of(chunk):
                truth.wrote(family.name, table.num_rows)
                pen.write(family, table)
            progress(number + 1, plan.chunks)
        receipts = {source: batches[source].commit() for source in sources}
    if folder is not None:
        _keep(world, truth, folder)
    return Filled(
        imports={s: r.import_id for s, r in receipts.items() if r.facts_added},
        facts_added=sum(r.facts_added for r in receipts.values()),
        truth=truth,
    )


def remove(log: Log, workspace: str, *, progress: Progress = unseen) -> int:
    """Take the whole demo company out of a workspace; returns how many facts went.

    Args:
        progress: called with imports done and imports in all; what it raises leaves the rest
            there, to be removed by the next call.

    Raises:
        Problem: ``demo.not-there``.
    """
    found = there(log, workspace)
    gone = 0
    for number, each in enumerate(found):
        progress(number, len(found))
        gone += log.undo(workspace, each.import_id)
    progress(len(found), len(found))
    return gone


def _demo_imports(log: Log, workspace: str) -> list[Import]:
    return [
        each
        for each in log.imports(workspace)
        if each.undone_at is None and each.label.startswith(f"{_LABEL} ")
    ]


def _label_of(plan: Plan) -> str:
    return f"{_LABEL} {plan.seed} {plan.customers} {plan.months} {plan.until.isoformat()}"


def check(log: Log, workspace: str, plan: Plan) -> None:
    """Refuse to put the company where other data is.

    Raises:
        Problem: ``demo.workspace-not-empty`` or ``demo.another-company``.
    """
    live = [each for each in log.imports(workspace) if each.undone_at is None]
    if any(not each.label.startswith(f"{_LABEL} ") for each in live):
        raise Problem(
            "demo.workspace-not-empty",
            _("Workspace {workspace} already holds data of its own.", workspace=workspace),
            _("Put the demo into an empty workspace, or write it to files with --to."),
        )
    if any(each.label != _label_of(plan) for each in live):
        raise Problem(
            "demo.another-company",
            _("Workspace {workspace} already holds another demo company.", workspace=workspace),
            _("Remove it first: zhiyin demo --remove"),
        )


class _Pen:
    """Writes tables into their source's batch, with the numbers of rows that the log wants."""

    def __init__(self, batches: Mapping[str, Batch]) -> None:
        self._batches = batches
        self._next = dict.fromkeys(batches, 0)

    def write(self, family: facts.Family, table: pa.Table) -> None:
        """Stage one table."""
        if not table.num_rows:
            return
        first = self._next[family.source]
        self._next[family.source] = first + table.num_rows
        if family.table == "events":
            table = table.drop_columns(list(facts.PROPERTIES))
        dimensions = facts.DIMENSIONS.get(family.table, {})
        names = [DIMENSION_PREFIX + n if n in dimensions else n for n in table.schema.names]
        rows = pa.array(np.arange(first, first + table.num_rows))
        self._batches[family.source].write(
            family.table, table.rename_columns(names).append_column("row", rows)
        )


def _keep(world: World, truth: Truth, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in reference.of(world).items():
        plain = pa.table(
            {
                field.name: table[field.name].cast(pa.string())
                if pa.types.is_dictionary(field.type)
                else table[field.name]
                for field in table.schema
            }
        )
        pa_csv.write_csv(plain, folder / f"{name}.csv")
    (folder / "truth.json").write_bytes(truth.json())
