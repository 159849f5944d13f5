"""`zhiyin export`: answers, responses, events and orders as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.periods import read_instant
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.collect.exports.run import Exported


Command = TypeVar("Command", bound=Callable[..., Any])


def written_by(command: Command) -> Command:
    """The options that say which file, and which rows."""
    for option in reversed(
        (
            click.option("--format", "kind", required=True,
                         type=click.Choice(["csv", "xlsx", "parquet", "jsonl", "sav"]),
                         help="Of the file; sav is SPSS, one row a response."),
            click.option("-o", "--output", required=True, metavar="FILE",
                         type=click.Path(dir_okay=False, path_type=Path),
                         help="The file to write."),
            click.option("--where", metavar="EXPR", help="Only rows for which this holds."),
            click.option("--as-of", metavar="TIME", help="As the log was known at this time."),
            click.option("--force", is_flag=True, help="Replace a file that is there."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("what", type=click.Choice(["answers", "responses", "events", "orders"]))
@written_by
@click.pass_obj
def command(
    session: Session,
    what: str,
    kind: str,
    output: Path,
    where: str | None,
    as_of: str | None,
    force: bool,
) -> None:
    """Write answers, responses, events or orders to a file."""
    settings = session.workspace
    from zhiyin.collect.exports import rows, run
    from zhiyin.collect.surveys import labels
    from zhiyin.kernel.filters import parse

    done = run.export(
        session.log,
        settings,
        next(known for known in rows.WHATS if known == what),
        next(known for known in run.FORMATS if known == kind),
        output.absolute(),
        condition=parse(where) if where else None,
        as_of=read_instant(as_of, settings.timezone) if as_of else None,
        asked=labels.by_surveys(settings.slug),
        replace=force,
    )
    say_written(session, done)


@click.command("export")
@click.argument("key")
@written_by
@click.pass_obj
def of_survey(
    session: Session,
    key: str,
    kind: str,
    output: Path,
    where: str | None,
    as_of: str | None,
    force: bool,
) -> None:
    """Write the responses to the survey of this KEY to a file, a row each.

    Its questions stand in their order; of several choices each has a column.
    """
    settings = session.workspace
    from zhiyin.collect.exports import of_survey, run
    from zhiyin.kernel.filters import parse

    done = of_survey.export(
        session.log,
        settings,
        key,
        next(known for known in run.FORMATS if known == kind),
        output.absolute(),
        where=parse(where) if where else None,
        as_of=read_instant(as_of, settings.timezone) if as_of else None,
        replace=force,
    )
    say_written(session, done)


def say_written(session: Session, done: Exported) -> None:
    """Say which file was written and how much is in it."""
    said = _(
        "{rows} rows with {columns} columns written to {file} in {seconds} s.",
        rows=count(done.rows),
        columns=done.columns,
        file=done.file,
        seconds=done.seconds,
    )
    session.say(done.as_dict(), lambda: str(said))
