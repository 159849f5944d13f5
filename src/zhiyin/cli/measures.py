"""`zhiyin measure`: every measure, and how it is counted."""

from __future__ import annotations

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _


@click.command()
@click.pass_obj
def command(session: Session) -> None:
    """List every measure and how it is counted: one definition each, the same everywhere."""
    session.start_django()
    from zhiyin.measure import figures, registry

    found = [figures.described(one) for one in registry.METRICS.values()]
    heads = [str(head) for head in (_("measure"), _("name"), _("definition"))]
    rows = [[one["metric"], one["label"], one["definition"]] for one in found]
    session.say({"measures": found}, lambda: table(heads, rows))
