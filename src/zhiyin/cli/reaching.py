"""`zhiyin reach`: who may be asked, when an event asks, and sending surveys to people."""

from __future__ import annotations

import click

from zhiyin.cli import asking, sending


@click.group()
def command() -> None:
    """Say who may be asked and when, and send surveys to people."""


for _name, _one in (
    ("list", sending.list_command),
    ("show", sending.show),
    ("create", sending.create),
    ("change", sending.change),
    ("send", sending.send),
    ("test", sending.test),
    ("pause", sending.pause),
    ("again", sending.again),
    ("stop", sending.stop),
    ("bounces", sending.bounces),
    ("hooks", sending.hooks),
    ("links", sending.links),
    ("rules", asking.rules),
    ("triggers", asking.triggers),
    ("trigger", asking.trigger),
    ("draw", asking.draw),
):
    command.add_command(_one, _name)
