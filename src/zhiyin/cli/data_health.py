"""`zhiyin data-health`: is the data whole? What the page of that name shows."""

from __future__ import annotations

from typing import Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _


@click.command()
@click.pass_obj
def command(session: Session) -> None:
    """Say each source's last row and silences, and what is refused or linked to nobody."""
    workspace = session.workspace
    from zhiyin.collect import documents, health

    sources = health.sources(session.log, workspace)
    found = documents.data_health(session.log, workspace.slug, sources, data=session.data)
    session.say(found, lambda: _in_words(found))


def _in_words(found: dict[str, Any]) -> str:
    heads = [_("source"), _("rows"), _("last row"), _("silent since")]
    rows = [
        [one["source"], count(one["rows"]), one["last_at"][:16], _silent(one)]
        for one in found["sources"]
    ]
    if not rows:
        return str(_("Nothing has come in yet; `zhiyin import` brings files in."))
    unlinked = found["unlinked"]
    said = [
        _(
            "Of {n} answers of the last {days} days {nobody} are of nobody known.",
            n=count(unlinked["answers"]),
            days=unlinked["days"],
            nobody=count(unlinked["of_nobody"]),
        ),
        _("Refused events that wait: {n}.", n=count(sum(r["count"] for r in found["refused"]))),
        _("Rejected rows of imports: {n}.", n=count(sum(r["rows"] for r in found["rejects"]))),
    ]
    return "\n".join([table([str(head) for head in heads], rows, "1"), *map(str, said)])


def _silent(source: dict[str, Any]) -> str:
    lasting = [one["since"][:16] for one in source["silences"] if one["until"] is None]
    return lasting[0] if lasting else ""
