"""The public interface of a source of verbatims.

Whoever writes one needs nothing else of this room: a class with the attributes and functions of
`Source`, an object of it under the entry point group `GROUP`, and `testkit` to try it with.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

GROUP = "zhiyin.sources"
"""The group of entry points under which a package offers sources."""

Record = Mapping[str, Any]
"""One thing said, with all that is known of it: JSON values by their names. What lies inside of
another object is named with dots by the time it is mapped: ``author.name``."""

Cursor = Mapping[str, Any]
"""How far a source has come: JSON values that only the source itself reads; empty at first."""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting.

    Args:
        kind: ``text``; ``address``, of the web; ``number``, a whole one; ``choice``, one of
            `choices`; ``switch``, ``yes`` or blank; ``secret``, kept sealed and never shown.
        help: what to write there, in a sentence.
        default: what holds where nothing is written.
    """

    name: str
    label: Text
    help: Text
    kind: Literal["text", "address", "number", "choice", "switch", "secret"] = "text"
    default: str = ""
    choices: tuple[tuple[str, Text], ...] = ()
    is_needed: bool = False
    least: int = 0
    most: int = 1_000_000


class Settings(Mapping[str, str]):
    """The settings of one source, its secrets among them; those are not in what it prints as."""

    __slots__ = ("_secrets", "_values")

    def __init__(self, values: Mapping[str, str], secrets: Mapping[str, str] | None = None) -> None:
        self._values = dict(values)
        self._secrets = dict(secrets or {})

    def __getitem__(self, name: str) -> str:
        return self._secrets[name] if name in self._secrets else self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._values, **self._secrets})

    def __len__(self) -> int:
        return len({**self._values, **self._secrets})

    def __repr__(self) -> str:
        hidden = dict.fromkeys(self._secrets, "…")
        return f"Settings({ {**self._values, **hidden} })"

    @property
    def secrets(self) -> Mapping[str, str]:
        """Those that are kept sealed."""
        return self._secrets

    @property
    def plain(self) -> Mapping[str, str]:
        """The others."""
        return self._values

    def number(self, name: str) -> int:
        """A setting of the kind ``number``; 0 where it is blank."""
        return int(self.get(name) or 0)

    def is_on(self, name: str) -> bool:
        """A setting of the kind ``switch``."""
        return self.get(name) == "yes"


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, and how far the source has come with them.

    Args:
        cursor: given to `Source.fetch`, it goes on behind these records.
    """

    records: Sequence[Record]
    cursor: Cursor


class Later(Problem):
    """The other side wants to be asked later.

    Args:
        seconds: as it said; 0 where it did not.
    """

    def __init__(self, message: Text, seconds: float = 0.0) -> None:
        super().__init__("source.later", message, _("It is asked again by itself."))
        self.seconds = seconds


class Source(Protocol):
    """A kind of source. One object serves all sources of its kind, and keeps nothing of them.

    Attributes:
        kind: its name in the store and on the command line: small letters and hyphens.
        label, says: what people call it, and what it fetches.
        fields: its settings, in the order of the form.
    """

    kind: str
    label: Text
    says: Text
    fields: tuple[Field, ...]

    def mapping(self, settings: Settings) -> dict[str, Any]:
        """What the fields of its records are, as in a mapping file (docs/import.md), without ``as``
        and ``source``. ``id`` and ``at`` must be there. It can be changed for each source."""

    def check(self, settings: Settings) -> None:
        """Look whether the settings fit together; each alone was looked at. Nobody is asked.

        Raises:
            Problem: what is wrong, and what to do.
        """

    def fetch(self, cursor: Cursor, settings: Settings) -> Iterator[Page]:
        """Pages from where `cursor` stands, the next asked for when it is wanted.

        A record that was given may be given again (its id tells that it is the same), none may be
        left out: whoever reads is killed at any place and goes on with the last cursor that she
        kept. A record that is broken is given as it is, and rejected with its reason.
        The iterator ends where there is nothing more for now.

        Whatever goes out to an address goes by `zhiyin.kernel.outbound`.

        Raises:
            Later: the other side is asked too often.
            Problem: what is wrong, and what to do.
        """


@contextmanager
def reading(source: Source, cursor: Cursor, settings: Settings) -> Iterator[Iterator[Page]]:
    """The pages of a source; when no more are wanted, what it holds open is closed."""
    pages = source.fetch(cursor, settings)
    try:
        yield pages
    finally:
        if isinstance(pages, Generator):
            pages.close()
