"""Aspects as CSV: columns key, label_en, label_zh and parent."""

from __future__ import annotations

import csv
import io

from zhiyin.collect.aspects.starters import Written
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

COLUMNS = ("key", "label_en", "label_zh", "parent")


def read(content: bytes) -> list[Written]:
    """The aspects of a file, parents before those under them.

    Raises:
        Problem: ``aspects.file``.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_list() from error
    if not rows or not set(COLUMNS[:3]) <= set(rows[0]):
        raise _no_list()
    waiting = [Written(*((row.get(name) or "").strip() for name in COLUMNS)) for row in rows]
    found: list[Written] = []
    keys = {one.key for one in waiting}
    while waiting:
        done = {one.key for one in found}
        ready = [one for one in waiting if one.parent not in keys or one.parent in done]
        # What stands under itself is refused where it is added.
        found += ready or waiting
        waiting = [one for one in waiting if ready and one not in ready]
    return found


def _no_list() -> Problem:
    return Problem(
        "aspects.file",
        _("This is no list of aspects."),
        _("Bring a CSV file in UTF-8 with columns key, label_en, label_zh and, if wished, parent."),
    )
