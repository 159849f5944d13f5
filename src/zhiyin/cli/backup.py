"""`zhiyin backup` and `zhiyin restore`: everything in one file, and back."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.kernel.archive import Archive
    from zhiyin.processes.restoring import ErasedSince


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(session: Session, file: Path) -> None:
    """Write everything that Zhiyin holds into FILE, while it runs.

    What was acknowledged before the command began is in it. The file holds personal data and the
    installation's keys: keep it as safe as the data folder, and no longer than erasures allow.
    """
    session.start_django()
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.processes import backups

    began = time.monotonic()
    file = file.absolute()
    written = backups.write(file, session.data, session.log, by=COMMAND_LINE)
    document = {
        "file": str(file),
        "bytes": written.bytes,
        "created_at": written.created_at,
        "workspaces": list(written.workspaces),
        "seconds": round(time.monotonic() - began, 2),
    }
    session.say(
        document,
        lambda: str(
            _("{size} MB written to {file}.", size=f"{written.bytes / 1e6:,.1f}", file=file)
        ),
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace what the data folder holds.")
@click.option("--yes", "is_sure", is_flag=True, help="Replace without asking.")
@click.pass_obj
def restore(session: Session, file: Path, replace: bool, is_sure: bool) -> None:
    """Put a backup back: FILE takes the place of all that the data folder holds.

    FILE is seen to be whole before anything is changed. No server may run on the folder.
    """
    session.start_django()
    from zhiyin.kernel.archive import Archive
    from zhiyin.processes import restoring

    began = time.monotonic()
    with Archive(file) as archive:
        restoring.check(archive)
        since: list[ErasedSince] | None = None
        if not restoring.is_empty(session.data):
            since = restoring.erased_since(archive)
            _ask(session, archive, replace=replace, is_sure=is_sure)
        restoring.restore(archive, session.data)
    about = archive.about
    document = {
        "data": str(session.data),
        "created_at": about["created_at"],
        "version": about["version"],
        "workspaces": sorted(about["log"]),
        "erased_since": None if since is None else [_as_dict(one) for one in since],
        "seconds": round(time.monotonic() - began, 2),
    }
    session.say(document, lambda: _in_words(document))


def _ask(session: Session, archive: Archive, *, replace: bool, is_sure: bool) -> None:
    """Let nothing be replaced that nobody said may be."""
    if not replace:
        raise Problem(
            "restore.not-empty",
            _("{data} is not empty, and would be lost.", data=session.data),
            _("Choose an empty folder with --data, or add --replace."),
        )
    if is_sure:
        return
    if session.is_json:
        raise click.UsageError(str(_("With --json nobody is asked: add --yes.")))
    click.confirm(
        str(
            _(
                "Replace all that {data} holds by the backup of {at}?",
                data=session.data,
                at=archive.about["created_at"],
            )
        ),
        abort=True,
        err=True,
    )


def _as_dict(one: ErasedSince) -> dict[str, str | datetime]:
    return {
        "workspace": one.workspace,
        "number": one.number,
        "customer": one.customer,
        "asked_at": one.asked_at,
    }


def _in_words(document: dict[str, Any]) -> str:
    """What was restored, and whom it may have brought back."""
    at = document["created_at"]
    lines = [_("{data} is as it was at {at}.", data=document["data"], at=at)]
    if document["erased_since"] is None:
        lines.append(
            _("Erasures after {at} are not known here: ask for each of them again.", at=at)
        )
    elif document["erased_since"]:
        lines.append(_("Erased after it, and back now; erase them again:"))
        lines += [
            _(
                "  receipt {number} of {asked_at}, workspace {workspace}",
                number=one["number"],
                asked_at=one["asked_at"],
                workspace=one["workspace"],
            )
            for one in document["erased_since"]
        ]
    return "\n".join(str(line) for line in lines)
