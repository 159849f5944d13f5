"""`zhiyin survey step`, `zhiyin survey orders`: what was drawn at random, and what it did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.text import _
from zhiyin.measure.words import NOT_SHOWN

if TYPE_CHECKING:
    from zhiyin.measure.version_steps import Step


@click.command()
@click.argument("key")
@click.option("--series", required=True, metavar="NAME", help="Of a score, or its question's name.")
@click.option("--version", type=int, metavar="N",
              help="The newer of the two (default: the last that ran beside another).")  # fmt: skip
@click.pass_obj
def step(session: Session, key: str, series: str, version: int | None) -> None:
    """Say by how much a score of KEY differs between two versions that ran beside each other."""
    settings = session.workspace
    from zhiyin.measure import version_steps

    found = version_steps.steps(session.log, settings, key, series, version=version)
    session.say({"key": key, "steps": [one.as_dict() for one in found]}, lambda: _table(found))


@click.command()
@click.argument("key")
@click.option("-o", "--output", "file", required=True, metavar="FILE",
              type=click.Path(dir_okay=False, path_type=Path), help="The CSV file to write.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def orders(session: Session, key: str, file: Path, force: bool) -> None:
    """Write in which order each response of KEY was shown what is shuffled."""
    settings = session.workspace
    from zhiyin.collect.exports import plain
    from zhiyin.collect.surveys import orders as drawn

    if file.exists() and not force:
        raise click.UsageError(str(_("{file} is there already; --force replaces it.", file=file)))
    rows = drawn.of(session.log, settings.slug, key)
    plain.write_csv(drawn.as_file(rows), file, settings.timezone, lambda _rows: None)
    said = _("{rows} rows are in {file}.", rows=count(len(rows)), file=file)
    session.say({"file": str(file), "rows": len(rows)}, lambda: str(said))


def _table(found: list[Step]) -> str:
    from zhiyin.measure import registry

    heads = [_("measure"), _("version"), _("beside"), _("step"), _("answers")]
    rows = []
    for one in found:
        metric, row = registry.metric(one.metric), one.found
        values = [
            "–" if value is None else figure(value, metric.unit)
            for value in (row.value, row.reference_value, row.difference)
        ]
        within = NOT_SHOWN.get(row.state) or interval(row.low, row.high, metric.unit)
        n = f"{row.n or 0:,} / {row.reference_n or 0:,}"
        rows.append(
            [str(metric.label), f"{one.version}: {values[0]}", f"{one.beside}: {values[1]}",
             f"{values[2]} {within}", n]
        )  # fmt: skip
    return table(heads, rows)
