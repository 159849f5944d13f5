"""`zhiyin import`: files into the experience log, and imports taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.collect.files.run import ImportResult


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--map",
    "mapping",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The mapping file, or a folder of them (default: those beside the data).",
)
@click.option("--dry-run", is_flag=True, help="Check and count everything, and change nothing.")
@click.option(
    "--replace", is_flag=True, help="Rows with a known id and other content supersede the old."
)
@click.option("--undo", "import_id", metavar="ID", help="Take the import with this id back.")
@click.pass_obj
def command(
    session: Session,
    path: Path | None,
    mapping: Path | None,
    dry_run: bool,
    replace: bool,
    import_id: str | None,
) -> None:
    """Bring files into the experience log, or take an import back.

    PATH is a file (CSV, TSV, XLSX, Parquet, JSON Lines, SPSS, XES; plain or in .gz or .zip), or a
    folder of files. An event log (XES, or CSV with its names of columns) needs no mapping.
    """
    if (path is None) == (import_id is None):
        raise click.UsageError(str(_("Give either PATH or --undo ID.")))
    if import_id is not None:
        if mapping is not None or dry_run or replace:
            raise click.UsageError(str(_("--undo stands alone.")))
        _undo(session, import_id)
        return
    from zhiyin.collect.files import documents
    from zhiyin.collect.files.run import import_path

    workspace = session.workspace
    result = import_path(
        session.log,
        workspace,
        path or Path(),
        mapping,
        data=session.data,
        dry_run=dry_run,
        replace=replace,
    )
    session.say(documents.imported(result), lambda: in_words(result, dry_run=dry_run))


def _undo(session: Session, import_id: str) -> None:
    from zhiyin.collect.files import documents
    from zhiyin.collect.files.run import undo

    facts = undo(session.log, session.workspace.slug, import_id)
    said = _("Import {id} is taken back: {facts} facts.", id=import_id, facts=f"{facts:,}")
    session.say(documents.undone(import_id, facts), lambda: str(said))


def in_words(result: ImportResult, *, dry_run: bool) -> str:
    """The result for a terminal."""
    lines = [
        _(
            "{read} rows read: {added} added, {duplicate} duplicate, {rejected} rejected.",
            read=f"{result.rows_read:,}",
            added=f"{result.rows_added:,}",
            duplicate=f"{result.rows_duplicate:,}",
            rejected=f"{result.rows_rejected:,}",
        ),
        _(
            "{facts} facts in {seconds} s.",
            facts=f"{result.facts_added:,}",
            seconds=f"{result.seconds:.1f}",
        ),
    ]
    if dry_run:
        lines.append(_("This was a dry run: nothing was changed."))
    elif result.facts_added:
        lines.append(_("To take it back: zhiyin import --undo {id}", id=result.import_id))
    if result.rejects_file is not None:
        lines.append(_("Rejected rows, with reasons: {file}", file=result.rejects_file))
    return "\n".join(str(line) for line in (*lines, *result.notes))
