"""Runs of a competitor audit as CSV, a line a step: written, and read with all faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zhiyin.collect.exports.plain import safe
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import audit_asked, audits
from zhiyin.maps.audit_asked import RunAsked, StepAsked
from zhiyin.maps.models import Audit, AuditRun
from zhiyin.measure import lists, mark_lists
from zhiyin.measure.lists import Column, Fault, Line

OF_RUN = ("site", "done_on", "who", "device", "done", "ease")
COLUMNS = (
    Column("run", "走查", is_needed=True),
    Column("site", "网站", is_needed=True),
    Column("done_on", "日期", is_needed=True),
    Column("who", "走查人", is_needed=True),
    Column("device", "设备"),
    Column("done", "完成", is_needed=True),
    Column("ease", "轻松度"),
    Column("step", "步骤", is_needed=True),
    Column("touchpoint", "触点"),
    Column("seconds", "秒数"),
    Column("failed", "问题"),
    Column("proof", "证据"),
)
_YES = frozenset({"yes", "y", "true", "1", "是"})
_NO = frozenset({"no", "n", "false", "0", "否"})


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do.

    Args:
        asked: its runs that are not there yet, where no line is wrong.
        faults: what is wrong, line by line; nothing is written while there are any.
        same: how many are there already, word for word.
    """

    asked: tuple[RunAsked, ...]
    faults: tuple[Fault, ...]
    same: int = 0

    @property
    def new(self) -> int:
        """How many would be written."""
        return len(self.asked)

    @property
    def counts(self) -> dict[str, int]:
        """Its runs by what becomes of them."""
        return {"new": self.new, "same": self.same}


def rows(runs: Iterable[AuditRun]) -> list[dict[str, Any]]:
    """The lines of a list: one a step, the run's own columns on each."""
    return [
        {
            "run": run.pk, "site": run.site.name, "done_on": run.done_on.isoformat(),
            "who": run.who, "device": run.device, "done": "yes" if run.is_done else "no",
            "ease": run.ease, "step": step.says, "touchpoint": step.node,
            "seconds": step.seconds, "failed": step.failed, "proof": step.link,
        }
        for run in runs
        for step in run.steps.all()
    ]  # fmt: skip


def write(runs: Iterable[AuditRun]) -> str:
    """A list of runs that `preview` takes."""
    return lists.write(COLUMNS, rows(runs))


def preview(data: bytes, audit: Audit) -> Preview:
    """What a list would do, or all that is wrong with it.

    Lines with the same word in *run* are the steps of one run, in their order; what the run says of
    itself stands on its first line, and may stand on the others.

    Raises:
        Problem: it is no list of runs at all.
    """
    by_run: dict[str, list[Line]] = {}
    for line in lists.read(data, COLUMNS):
        by_run.setdefault(line.cells["run"], []).append(line)
    nodes, zone = audits.touchpoints(audit.map), audit.workspace.timezone
    names = {site.name.casefold() for site in audit.sites.all()}
    faults: list[Fault] = []
    asked: list[RunAsked] = []
    for lines in by_run.values():
        found = _run(lines, faults)
        if found is None:
            continue
        try:
            if found.site.casefold() not in names:
                raise _no_site(audit, found.site)
            asked.append(audit_asked.run(found, zone=zone, nodes=nodes))
        except Problem as problem:
            faults.append(Fault(lines[0].number, problem))
    if faults:
        return Preview((), tuple(sorted(faults, key=lambda one: one.line)))
    there = {_as_asked(run) for run in audits.runs(audit)}
    new = tuple(one for one in asked if _bare(one) not in there)
    return Preview(new, (), same=len(asked) - len(new))


def _run(lines: Sequence[Line], faults: list[Fault]) -> RunAsked | None:
    """A run of its lines; None where one is wrong, which is then among the faults."""
    before = len(faults)
    first, steps = lines[0], []
    for line in lines:
        try:
            _check_same(first, line)
            steps.append(_step(line.cells))
        except Problem as problem:
            faults.append(Fault(line.number, problem))
    if len(faults) > before:
        return None
    try:
        return _of_run(first.cells, tuple(steps))
    except Problem as problem:
        faults.append(Fault(first.number, problem))
        return None


def _check_same(first: Line, line: Line) -> None:
    if not line.cells["run"]:
        raise Problem(
            "walkthrough.line",
            _("The line names no run."),
            _("Give the steps of one run the same number or word in the column run."),
        )
    for name in OF_RUN:
        if line.cells[name] not in ("", first.cells[name]):
            raise Problem(
                "walkthrough.line",
                _("Of the same run, line {line} has another {column}.",
                  line=first.number, column=name),
                _("Give the run another name in the column run, or the same words."),
            )  # fmt: skip


def _of_run(cells: Mapping[str, str], steps: tuple[StepAsked, ...]) -> RunAsked:
    return RunAsked(
        site=cells["site"],
        done_on=mark_lists.day(cells["done_on"]),
        who=_plain(cells["who"]),
        is_done=_is_done(cells["done"]),
        steps=steps,
        device=_plain(cells["device"]),
        ease=_whole(cells["ease"]) if cells["ease"] else None,
    )


def _step(cells: Mapping[str, str]) -> StepAsked:
    return StepAsked(
        says=_plain(cells["step"]),
        node=cells["touchpoint"],
        seconds=lists.number(cells["seconds"]) if cells["seconds"] else None,
        failed=_plain(cells["failed"]),
        link=cells["proof"],
    )


def _plain(text: str) -> str:
    """Text without the apostrophe that kept a spreadsheet from taking it for a formula."""
    return text[1:] if text.startswith("'") and safe(text[1:]) == text else text


def _is_done(text: str) -> bool:
    said = text.casefold()
    if said not in _YES | _NO:
        raise Problem(
            "walkthrough.line",
            _("“{text}” does not say whether the task was completed.", text=text[:40]),
            _("Write yes or no."),
        )
    return said in _YES


def _whole(text: str) -> int:
    number = lists.number(text)
    if not number.is_integer():
        raise Problem(
            "walkthrough.line",
            _("“{text}” is no whole number.", text=text[:40]),
            _("How easy it was is said from 1 to 7."),
        )
    return int(number)


def _no_site(audit: Audit, name: str) -> Problem:
    return Problem(
        "walkthrough.no-site",
        _("The walkthrough has no site {name}.", name=name[:120]),
        _("Its sites: {known}.", known=", ".join(one.name for one in audit.sites.all())),
    )


def _as_asked(run: AuditRun) -> RunAsked:
    return RunAsked(
        site=run.site.name.casefold(), done_on=run.done_on, who=run.who, device=run.device,
        is_done=run.is_done, ease=run.ease,
        steps=tuple(
            StepAsked(one.says, one.node, one.seconds, one.failed, one.link)
            for one in run.steps.all()
        ),
    )  # fmt: skip


def _bare(asked: RunAsked) -> RunAsked:
    return replace(asked, site=asked.site.casefold())
