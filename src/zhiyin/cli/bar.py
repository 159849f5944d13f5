"""How far a command is, for whoever waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.progress import Progress, unseen


@contextmanager
def bar(session: Session) -> Iterator[Progress]:
    """A progress bar on standard error; none where the answer is for a program."""
    if session.is_json:
        yield unseen
        return
    with click.progressbar(length=1000, file=sys.stderr) as shown:
        at = 0

        def show(done: int, of: int) -> None:
            nonlocal at
            shown.update(1000 * done // of - at)
            at = 1000 * done // of

        yield show
