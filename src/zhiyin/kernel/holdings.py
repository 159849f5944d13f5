"""What a room says about the personal data that it holds. Erasure and export walk it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Holding:
    """One place where data lies, and what in it says something of a person.

    Args:
        kind: a Django ``model``, a ``table`` of the log, or a ``folder`` under ``ZHIYIN_DATA``.
        place: the model's label (``accounts.Person``), the table, or the folder's name.
        about: whose data it is: a ``customer``, a ``person`` who works here, or ``nobody``.
        fields: the fields or columns that say something of them; a folder has none.
        why: what it is held for, in one line.
    """

    kind: Literal["model", "table", "folder"]
    place: str
    about: Literal["customer", "person", "nobody"]
    fields: tuple[str, ...]
    why: str
