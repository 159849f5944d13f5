"""Lists that come part by part: the addresses of the parts beside the one that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page as Part


class Paged:
    """A list whose address keeps what was asked.

    Whoever is one has `given`, what the address says by name, and `part`, None where there is no
    list.
    """

    __slots__ = ()

    given: Mapping[str, str]
    part: Part[Any] | None

    @property
    def query(self) -> str:
        """The query of its address, without the number of the part."""
        return urlencode({name: value for name, value in self.given.items() if value})

    @property
    def previous(self) -> str:
        """The query of the part before, or ""."""
        part = self.part
        return self._at(part.number - 1) if part is not None and part.has_previous() else ""

    @property
    def next(self) -> str:
        """The query of the part after, or ""."""
        part = self.part
        return self._at(part.number + 1) if part is not None and part.has_next() else ""

    def _at(self, number: int) -> str:
        return urlencode({**{n: v for n, v in self.given.items() if v}, "page": number})
