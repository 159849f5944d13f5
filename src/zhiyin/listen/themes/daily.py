"""Who spoke of each theme, day by day, for whoever watches how often it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import Filter
from zhiyin.listen.themes import figures
from zhiyin.listen.themes.heard import Numbers
from zhiyin.listen.themes.models import Theme, ThemeFinding, ThemeState
from zhiyin.warehouse.log import Log


@dataclass(frozen=True, slots=True, eq=False)
class Daily:
    """Clauses, one a place of `day`, `speaker` and `theme`, from `first` up to, not including,
    `until`; before and after, nothing is known.

    Attributes:
        day: from 0.
        speaker: as in `heard.Heard`.
        theme: the place of its theme in `numbers`; -1: none.
        numbers: of the themes that somebody speaks of and nobody has hidden.
    """

    first: date
    until: date
    day: Numbers
    speaker: Numbers
    theme: Numbers
    numbers: tuple[int, ...]

    def between(self, start: date, end: date) -> NDArray[np.bool_]:
        """Which clauses are of these days."""
        first, last = (start - self.first).days, (end - self.first).days
        found: NDArray[np.bool_] = (self.day >= first) & (self.day < last)
        return found

    def customers(self, start: date, end: date) -> tuple[Numbers, Numbers]:
        """Of each day how many customers spoke of each theme, shape (themes, days), and how many
        said anything, shape (days,); 0 where nothing is known."""
        days, of = (end - start).days, self.between(start, end)
        day, speaker = self.day[of] - (start - self.first).days, self.speaker[of]
        everybody = np.unique(np.stack([day, speaker]), axis=1)
        spoke = np.bincount(everybody[0], minlength=days)
        inside = self.theme[of] >= 0
        cell = self.theme[of][inside] * days + day[inside]
        pairs = np.unique(np.stack([cell, speaker[inside]]), axis=1)
        counted = np.bincount(pairs[0], minlength=len(self.numbers) * days)
        return counted.reshape(len(self.numbers), days), spoke

    def spoke_of(self, place: int, start: date, end: date) -> tuple[int, int]:
        """How many different customers spoke of a theme in these days, and how many spoke."""
        of = self.between(start, end)
        hers = np.unique(self.speaker[of & (self.theme == place)])
        return len(hers), len(np.unique(self.speaker[of]))


def known_until(workspace: str) -> date | None:
    """The day after the last on which clauses were put into themes; None: they never were."""
    finding = ThemeFinding.objects.filter(workspace__slug=workspace).only("until").first()
    return finding.until if finding else None


def read(log: Log, settings: Settings, *, narrowed: Filter | None = None) -> Daily | None:
    """The clauses of the weeks that were looked at last; None where no themes were looked for.

    Args:
        log: reads no more than the reader may see.
        narrowed: over `clauses`.
    """
    finding = ThemeFinding.objects.filter(workspace__slug=settings.slug).first()
    if finding is None:
        return None
    _weeks, said, theme, _near, themes = figures.placed(log, settings, finding, narrowed)
    shown = {number for number, one in themes.items() if one.state != ThemeState.HIDDEN}
    numbers = sorted({int(one) for one in np.unique(theme)} & shown)
    place = np.full(int(theme.max(initial=0)) + 1, -1, np.int64)
    place[numbers] = np.arange(len(numbers))
    return Daily(finding.first, finding.until, said.day, said.speaker, place[theme], tuple(numbers))


def open_themes(workspace: str) -> list[Theme]:
    """The themes of which somebody speaks and which nobody has hidden, by number."""
    found = Theme.objects.filter(workspace__slug=workspace, is_silent=False)
    return list(found.exclude(state=ThemeState.HIDDEN).order_by("number"))
