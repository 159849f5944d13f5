"""What clauses can be about: a workspace's aspects, and how our seeds speak of them.

A workspace may use some of our aspects, all, or its own. A seed counts under its aspect, else
under the nearest above it that the workspace has, else under none that is known. An aspect that is
none of ours is learned from its labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from zhiyin.collect.aspects import starters
from zhiyin.kernel.text import language


@dataclass(frozen=True, slots=True)
class Subject:
    """One aspect that clauses can be about: its key, and its labels in English and Chinese."""

    key: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Subjects:
    """The aspects that a reader tells apart."""

    every: tuple[Subject, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Their keys."""
        return frozenset(one.key for one in self.every)

    @property
    def digest(self) -> str:
        """What they are, in 16 hexadecimal digits."""
        return hashlib.sha256(repr(sorted(map(repr, self.every))).encode()).hexdigest()[:16]

    def own(self) -> list[Subject]:
        """Those of which no seed speaks."""
        return [one for one in self.every if one.key not in _PARENTS]

    def under(self, aspect: str) -> str | None:
        """Where a seed about this aspect of ours counts; None where it counts nowhere."""
        at: str | None = aspect
        while at and at not in self.keys:
            at = _PARENTS.get(at) or None
        return at or None


_PARENTS = {one.key: one.parent for one in starters.every()}


def of_starter(industry: str) -> Subjects:
    """The aspects that an industry begins with.

    Raises:
        Problem: ``aspects.no-industry``.
    """
    return _from((one.key, one.en, one.zh) for one in starters.of(industry))


def of_workspace(workspace: str) -> Subjects:
    """The aspects of a workspace that are in use; all of ours where it has none."""
    from zhiyin.collect.aspects import kept

    found = kept.of(workspace, with_retired=False)
    return _from((one.key, one.label_en, one.label_zh) for one in found) if found else ours()


def named(workspace: str) -> dict[str, str]:
    """What the aspects of a workspace are called in the language of the moment, those that retired
    and ours among them."""
    from zhiyin.collect.aspects import kept

    is_english = language() == "en"
    names = {one.key: one.en if is_english else one.zh for one in starters.every()}
    names.update((one.key, one.labels()[0]) for one in kept.of(workspace))
    return names


def ours() -> Subjects:
    """All our aspects: for texts of which nothing is known."""
    return _from((one.key, one.en, one.zh) for one in starters.every())


def _from(rows: Iterable[tuple[str, str, str]]) -> Subjects:
    return Subjects(tuple(Subject(*row) for row in rows))
