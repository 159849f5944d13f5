"""`zhiyin demo`: the demo company into a workspace, or into files."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.bar import bar
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.demo.plan import Plan
    from zhiyin.demo.truth import Truth


@click.command(
    "demo",
    help="""Fill an empty workspace with Qingchuan Air, a simulated airline whose true numbers are
    known.

    With --to, write it to files instead: Parquet and CSV, with mapping files for the import and
    truth.json beside them.""",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write files into this new folder, and leave the workspace alone.",
)
@click.option("--customers", type=int, default=20_000, help="How many known customers.")
@click.option("--months", type=int, default=24, help="How long the history is.")
@click.option("--seed", type=int, default=20_260_630, help="Another seed gives another company.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day of the history (default: yesterday; with --to, 2026-06-30).",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(["parquet", "csv", "both"]),
    default="both",
    help="With --to: which kind of files.",
)
@click.option("--remove", is_flag=True, help="Take the demo company out of the workspace.")
@click.pass_obj
def command(
    session: Session,
    folder: Path | None,
    customers: int,
    months: int,
    seed: int,
    until: datetime | None,
    formats: str,
    remove: bool,
) -> None:
    """Fill, write or remove."""
    from zhiyin.demo import company
    from zhiyin.demo.plan import FILES_UNTIL, Plan

    if remove:
        _remove(session)
        return
    last = until.date() if until else FILES_UNTIL if folder else company.of_today().until
    plan = Plan(seed=seed, customers=customers, months=months, until=last)
    if folder is None:
        _fill(session, plan)
    else:
        _write(session, plan, folder, formats)


def begin(session: Session, *, is_new: bool) -> None:
    """Fill a new workspace with the default company; go on where an earlier start was cut off.

    A workspace that has been opened once is left as it is, also when its demo was removed.
    """
    workspace = session.workspace.slug
    unfinished = session.data / "demo" / f"{workspace}.unfinished"
    if not is_new and not unfinished.exists():
        return
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.demo import company, filling

    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.touch()
    if filling.is_demo(session.log, workspace):
        filling.remove(session.log, workspace)
    plan = company.of_today()
    with bar(session) as progress:
        company.put_in(
            session.log, workspace, plan, by=COMMAND_LINE, data=session.data, progress=progress
        )
    unfinished.unlink()


def _fill(session: Session, plan: Plan) -> None:
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.demo import company

    started = time.monotonic()
    kept = company.kept_in(session.data, workspace)
    session.log.create(workspace)
    with bar(session) as progress:
        done = company.put_in(
            session.log, workspace, plan, by=COMMAND_LINE, data=session.data, progress=progress
        )
    document = {
        "workspace": workspace,
        **_about(plan, done.truth),
        "facts_added": done.facts_added,
        "imports": dict(done.imports),
        "truth": str(kept / "truth.json"),
        "seconds": round(time.monotonic() - started, 1),
    }
    session.say(
        document,
        lambda: str(
            _(
                "Workspace {workspace} now shows Qingchuan Air: {facts} facts about {customers}"
                " customers until {until}. What is really so: {truth}",
                workspace=workspace,
                facts=f"{done.facts_added:,}",
                customers=f"{plan.customers:,}",
                until=plan.until.isoformat(),
                truth=document["truth"],
            )
        ),
    )


def _write(session: Session, plan: Plan, folder: Path, formats: str) -> None:
    from zhiyin.demo import files

    started = time.monotonic()
    chosen: tuple[files.Format, ...] = files.FORMATS
    if formats == "parquet":
        chosen = ("parquet",)
    elif formats == "csv":
        chosen = ("csv",)
    with bar(session) as progress:
        truth = files.write(plan, folder, formats=chosen, progress=progress)
    document = {
        "folder": str(folder),
        **_about(plan, truth),
        "truth": str(folder / "truth.json"),
        "seconds": round(time.monotonic() - started, 1),
    }
    session.say(
        document,
        lambda: str(
            _(
                "Qingchuan Air is in {folder}: {customers} customers until {until}."
                " What is really so: {truth}",
                folder=folder,
                customers=f"{plan.customers:,}",
                until=plan.until.isoformat(),
                truth=document["truth"],
            )
        ),
    )


def _remove(session: Session) -> None:
    from zhiyin.demo import filling, planned

    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE

    if plan := filling.plan_of(session.log, workspace):
        planned.remove(session.workspace, plan, by=COMMAND_LINE)
    gone = filling.remove(session.log, workspace)
    session.say(
        {"workspace": workspace, "facts_removed": gone},
        lambda: str(
            _(
                "The demo company is out of workspace {workspace}: {facts} facts.",
                workspace=workspace,
                facts=f"{gone:,}",
            )
        ),
    )


def _about(plan: Plan, truth: Truth) -> dict[str, Any]:
    return {
        "customers": plan.customers,
        "months": plan.months,
        "seed": plan.seed,
        "from": plan.first,
        "until": plan.until,
        "rows": dict(sorted(truth.rows.items())),
    }
