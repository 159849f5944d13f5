"""Lists that people keep in a spreadsheet: how a command takes one, and how it writes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.measure.lists import Fault

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
OUTPUT = click.option(
    "-o", "--output", required=True, metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path), help="The file to write.",
)  # fmt: skip


def bring_in(
    session: Session,
    faults: Sequence[Fault],
    write: Callable[[], object] | None,
    counts: Mapping[str, int],
    said: Text,
) -> None:
    """Do all that a list asks, or nothing where a line is wrong, and say what that was.

    Args:
        write: does it; None where the list is only looked at.
        counts: of its lines, by what became of them.

    Raises:
        Problem: ``list.wrong``, with all that is wrong line by line.
    """
    from zhiyin.measure import lists

    lists.check(faults)
    if write is not None:
        write()
    session.say(lists.brought(counts, is_dry_run=write is None), lambda: str(said))


def write(session: Session, output: Path, text: str, rows: int) -> None:
    """Write a list to a file, and say how many rows it has."""
    output.write_text(text, encoding="utf-8-sig", newline="")
    said = _("{rows} rows are in {file}.", rows=count(rows), file=output)
    session.say({"file": str(output), "rows": rows}, lambda: str(said))
