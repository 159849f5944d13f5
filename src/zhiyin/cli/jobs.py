"""`zhiyin jobs`: background work as the page of jobs shows it, and its cancelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.accounts.jobs import Job

PAST = 20


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List background work: what runs, what waits, what the clock asks for, what is over."""
    if context.invoked_subcommand is not None:
        return
    session: Session = context.obj
    workspace = session.workspace.slug
    from zhiyin.accounts import jobs

    running, waiting = jobs.running(workspace), jobs.waiting(workspace)
    past = [jobs.seen(held) for held in jobs.past(workspace, jobs.Asked())[:PAST]]
    document = {
        "running": [job.as_dict() for job in running],
        "waiting": [job.as_dict() for job in waiting],
        "past": [job.as_dict() for job in past],
        "schedules": [one.as_dict() for one in jobs.schedules(workspace)],
    }
    session.say(document, lambda: _lines([*running, *waiting, *past]))


@command.command()
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@click.pass_obj
def cancel(session: Session, number: int) -> None:
    """Cancel ID: what waits never begins, what runs stops at its next piece."""
    session.start_django()
    from zhiyin.accounts import jobs, work
    from zhiyin.accounts.audit import COMMAND_LINE

    held = jobs.seen(work.cancel(by=COMMAND_LINE, number=number))
    session.say(held.as_dict(), lambda: f"{held.label}: {held.state_in_words}")


def _lines(found: list[Job]) -> str:
    if not found:
        return str(_("There is no background work."))
    heads = [str(head) for head in (_("id"), _("job"), _("state"), _("asked for by"), _("seconds"))]
    return table(heads, [_row(job) for job in found])


def _row(job: Job) -> list[str]:
    state = str(job.state_in_words)
    if job.is_open and job.parts:
        state += f" {job.parts_done}/{job.parts}"
    if job.error is not None:
        state += f": {job.error.message}"
    taken = "" if job.seconds is None else f"{job.seconds:.1f}"
    asked_by = job.asked_by or str(_("the clock"))
    return [str(job.number), str(job.label), state, asked_by, taken]
