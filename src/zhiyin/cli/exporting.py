"""`zhiyin export`: answers, responses, events and orders as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.periods import read_instant
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.collect.exports.run import Exported


@click.command()
@click.argument("what", type=click.Choice(["answers", "responses", "events", "orders"]))
@click.option("--format", "kind", required=True,
              type=click.Choice(["csv", "xlsx", "parquet", "jsonl", "sav"]),
              help="Of the file; sav is SPSS, one row a response.")  # fmt: skip
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.",
)
@click.option("--where", metavar="EXPR", help="Only rows for which this holds.")
@click.option("--as-of", metavar="TIME", help="As the log was known at this time.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
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
    from zhiyin.collect.exports import rows, run
    from zhiyin.kernel.filters import parse

    settings = session.workspace
    done = run.export(
        session.log,
        settings,
        next(known for known in rows.WHATS if known == what),
        next(known for known in run.FORMATS if known == kind),
        output.absolute(),
        condition=parse(where) if where else None,
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
