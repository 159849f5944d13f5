"""Whom an export or an erasure is about, as every place that holds something of her is told."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhiyin.kernel.masking import HIDDEN
from zhiyin.warehouse import naming
from zhiyin.warehouse.rights import Id


@dataclass(frozen=True, slots=True)
class Her:
    """One customer.

    Args:
        workspace: its slug.
        data: the data folder.
        ids: every id that is hers, after merges.
        keys: the log's keys of those ids.
        contacts: her telephone numbers and mail addresses, which name her too.
        pseudonym: what stands in the place of her ids where a record must stay.
    """

    workspace: str
    data: Path
    ids: tuple[Id, ...]
    keys: tuple[int, ...] = ()
    contacts: tuple[str, ...] = ()
    pseudonym: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Every word that names her."""
        return frozenset((*(one.id for one in self.ids), *self.contacts))

    def is_named_in(self, value: Any) -> bool:
        """Whether a word of a JSON value is one of her names, alone and whole.

        A part of a longer word does not count: the customer 12 is not named by 2012.
        """
        return naming.is_named_in(value, self.names)

    def hidden_in(self, text: str) -> str:
        """A text with her names hidden where they stand alone: 12 is not a part of 2012."""
        for name in sorted(self.names, key=len, reverse=True):
            if name in text:
                alone = rf"(?<![0-9A-Za-z_]){re.escape(name)}(?![0-9A-Za-z_])"
                text = re.sub(alone, HIDDEN, text)
        return text

    def hidden_in_fields(self, held: Any, written: Collection[str]) -> Any:
        """An entry of a history with her names hidden in what people wrote.

        Args:
            held: fields by name, or nothing.
            written: the names of those that people write.
        """
        if not isinstance(held, dict):
            return held
        return {
            name: self.hidden_in(one) if name in written and isinstance(one, str) else one
            for name, one in held.items()
        }
