"""What customers said of a theme, in their words: central clauses, none the same again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.listen import signs
from zhiyin.listen.searching import Stretch, pieces_of
from zhiyin.listen.themes.figures import Place, Told
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

TELLING = 10
"""Characters from which a clause says something by itself."""

ALIKE = 0.5
"""The share of signs in common from which a clause says what was shown already."""


@dataclass(frozen=True, slots=True)
class Example:
    """A clause of a theme.

    Attributes:
        row: the number of its verbatim.
        text: of the whole verbatim.
    """

    row: int
    starts: int
    ends: int
    at: datetime
    text: str
    touchpoint: str | None
    polarity: str
    aspect: str | None

    @property
    def place(self) -> str:
        """Which clause it is, for an address or a form."""
        return f"{self.row}-{self.starts}"

    def words(self, *, sees_it: bool) -> str:
        """The clause; for whom `sees_it` is not, what says who the customer is is masked."""
        stretch = Stretch(self.starts, self.ends)
        pieces = pieces_of(self.text, [stretch], sees_it=sees_it)
        return "".join(one.text for one in pieces if one.clause is stretch).strip()

    def as_dict(self, *, sees_it: bool) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "row": self.row,
            "start": self.starts if sees_it else None,
            "at": f"{self.at.isoformat()}Z",
            "text": self.words(sees_it=sees_it),
            "touchpoint": self.touchpoint,
            "polarity": self.polarity,
            "aspect": self.aspect,
        }


def of(
    log: Log, settings: Settings, told: Sequence[Told], *, each: int = 3
) -> dict[int, tuple[Example, ...]]:
    """So many examples of each theme at most, the most central first, by its number."""
    shown = [one for one in told if one.trend != "few"]
    found = _read(log, settings, [place for one in shown for place in one.central])
    return {one.theme.number: _diverse(one.central, found, each) for one in shown}


def _read(log: Log, settings: Settings, places: Sequence[Place]) -> dict[Place, Example]:
    if not places:
        return {}
    clauses = lang.table(log.schema(settings.slug), "clauses")
    seqs = lang.given_numbers(sorted({seq for seq, _start in places}), "seq")
    query = clauses.semi_join(seqs, "seq").select(
        "seq", "starts", "ends", "occurred_at", "text", "touchpoint", "polarity", "aspect"
    )
    wanted = set(places)
    found = {}
    for row in log.execute(settings.slug, query, words=True).to_pylist():
        place = (row["seq"], row["starts"])
        if place in wanted:
            found[place] = Example(
                row["seq"], row["starts"], row["ends"], row["occurred_at"], row["text"],
                row["touchpoint"], row["polarity"], row["aspect"],
            )  # fmt: skip
    return found


def _diverse(
    places: Sequence[Place], found: Mapping[Place, Example], each: int
) -> tuple[Example, ...]:
    chosen: list[Example] = []
    seen: list[set[str]] = []
    held = [found[place] for place in places if place in found]
    # A whole sentence tells more than the few characters that lie in the very middle.
    for one in sorted(held, key=lambda one: one.ends - one.starts < TELLING):
        said = set(signs.of(one.text[one.starts : one.ends]))
        if any(len(said & other) >= ALIKE * min(len(said), len(other)) for other in seen):
            continue
        chosen.append(one)
        seen.append(said)
        if len(chosen) == each:
            break
    return tuple(chosen)
