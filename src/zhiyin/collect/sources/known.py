"""Every kind of source that this installation has: our own, and those of packages beside it."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from zhiyin.collect.sources.feed import Feed
from zhiyin.collect.sources.mailbox import Mailbox
from zhiyin.collect.sources.rest import Rest
from zhiyin.collect.sources.source import GROUP, Source
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


@cache
def all_kinds() -> dict[str, Source]:
    """By their names, ours first."""
    ours: list[Source] = [Feed(), Mailbox(), Rest()]
    found = {one.kind: one for one in ours}
    for point in entry_points(group=GROUP):
        source: Source = point.load()()
        found.setdefault(source.kind, source)
    return found


def of(kind: str) -> Source:
    """The kind of source that is called so.

    Raises:
        Problem: ``source.no-kind``.
    """
    found = all_kinds().get(kind)
    if found is None:
        raise Problem(
            "source.no-kind",
            _("There is no kind of source {kind}.", kind=kind or "“”"),
            _("It is one of: {known}.", known=", ".join(all_kinds())),
        )
    return found
