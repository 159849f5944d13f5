"""What an address names and what is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import Http404

from zhiyin.kernel.errors import Problem

Found = TypeVar("Found")

MISSING = frozenset(
    {
        "alerts.no-rule", "alerts.none", "aspects.none", "cases.none", "channels.no-delivery",
        "channels.none", "distribution.none", "labels.none", "map.none", "map.no-such-file",
        "map.no-version",
        "source.none", "source.no-kind",
        "pins.none", "reports.none", "reports.no-edition", "reports.no-such-file",
        "survey.none", "themes.none", "widget.none", "walkthrough.none", "walkthrough.no-run",
        "walkthrough.no-step",
    }
)  # fmt: skip


def found_or_404(find: Callable[[], Found]) -> Found:
    """What `find` gives, or the page that says that there is no such page.

    Raises:
        Http404: there is no such thing.
    """
    try:
        return find()
    except Problem as problem:
        if problem.code in MISSING:
            raise Http404 from problem
        raise
