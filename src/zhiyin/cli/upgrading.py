"""`zhiyin upgrade`: the stores of an older version, brought up to date."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.text import _


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--no-backup", is_flag=True, help="Another copy of the data folder is at hand.")
@click.pass_obj
def command(session: Session, file: Path | None, no_backup: bool) -> None:
    """Bring the stores of an older Zhiyin up to date, after a backup into FILE.

    No server may run on the folder. What a newer Zhiyin has written is refused. An upgrade that
    was cut off is run again, with the same FILE.
    """
    if (file is None) != no_backup:
        raise click.UsageError(str(_("Name a FILE for the backup, or say --no-backup.")))
    session.start_django()
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.processes import upgrading

    began = time.monotonic()
    done = upgrading.upgrade(session.data, file.absolute() if file else None, by=COMMAND_LINE)
    document = {
        "data": str(session.data),
        "backup": str(done.backup) if done.backup else None,
        "migrations": list(done.migrations),
        "log": done.log,
        "seconds": round(time.monotonic() - began, 2),
    }
    session.say(document, lambda: _in_words(document))


def _in_words(document: dict[str, Any]) -> str:
    """What was changed, and where what was there before is kept."""
    if not document["migrations"] and not document["log"]:
        return str(_("{data} is up to date; nothing was changed.", data=document["data"]))
    lines = [_("{data} is up to date.", data=document["data"])]
    if document["migrations"]:
        steps = ", ".join(document["migrations"])
        lines.append(_("  relational store: {steps}", steps=steps))
    lines += [
        _("  log of workspace {workspace}: from form {form}", workspace=slug, form=form)
        for slug, form in document["log"].items()
    ]
    if document["backup"]:
        lines.append(_("What was there before is in {file}.", file=document["backup"]))
    return "\n".join(str(line) for line in lines)
