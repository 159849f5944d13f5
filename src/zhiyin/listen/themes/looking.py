"""Themes looked for: once a day, over the last weeks as a whole, and kept under their numbers.

Groups are made afresh from all clauses of these weeks, in which a clause of yesterday counts as one
of ten weeks ago: so what is new is found by being said, and a test of growth is not of groups that
were made for it. Which group is which theme is told by what they share with the last time.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.kernel import clock
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.listen import embedding, keeping
from zhiyin.listen.columns import Floats
from zhiyin.listen.embedding import Embedder, Points
from zhiyin.listen.themes import following, grouping, heard, members, points, words
from zhiyin.listen.themes.following import Followed
from zhiyin.listen.themes.grouping import ALONE, Groups
from zhiyin.listen.themes.heard import Text, Weeks
from zhiyin.listen.themes.members import Members
from zhiyin.listen.themes.models import Theme, ThemeFinding, ThemeTurn
from zhiyin.warehouse.log import Log

LEAST_SPEAKERS = 8
"""Customers who must say something before it is a theme; more where the workspace's minimum is."""

UNDER = 0.6
"""The share of a theme's clauses that were read as of one aspect from which the aspect may name
it."""

USUAL = 0.25
"""…if the theme lies nearer to the aspect's other clauses than this share of themselves do."""

SHORTEST = 5
"""Letters or characters; a shorter clause says nothing that could be a theme."""

_SPACE = re.compile(r"[\W_]+")

_CODE = re.compile(r"[A-Za-z]*\d+[A-Za-z]*")
"""Numbers of flights, orders and days: what is said of one of them may be said of all."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a search for themes came to."""

    clauses: int
    themes: int
    new: int


def version(log: Log, workspace: str) -> str:
    """What themes of now would be found by."""
    reading = keeping.state(log, workspace).version
    return f"{points.version(embedding.default())}-{reading}"


def is_due(log: Log, settings: Settings, now: datetime | None = None) -> bool:
    """Whether a day has passed, or everything was read anew, since themes were looked for."""
    kept = ThemeFinding.objects.filter(workspace__slug=settings.slug).first()
    state = keeping.state(log, settings.slug)
    if not state.read:
        return False
    until = local_day(now or clock.now(), settings.timezone)
    if kept is None or kept.until < until:
        return True
    is_whole = state.up_to_date == state.verbatims
    return is_whole and kept.version != f"{points.version(embedding.default())}-{state.version}"


def look(
    log: Log,
    workspace: str,
    data: Path,
    *,
    now: datetime | None = None,
    progress: Progress = unseen,
) -> Looked:
    """Look for themes in the last weeks, and keep them in the place of those of before.

    It may be cut off at any moment and done again.
    """
    settings, at = settings_of(workspace), now or clock.now()
    weeks = Weeks(local_day(at, settings.timezone))
    said = [one for one in heard.texts(log, settings, weeks) if len(_folded(one.text)) >= SHORTEST]
    made = _grouped(said, data, settings, progress)
    keys = members.key_of(
        np.array([one.verbatim for one in said], np.int64),
        np.array([one.starts for one in said], np.int64),
    )
    named = words.of_groups(
        [words.Said(one.text, one.language, one.speaker) for one in said], made.groups
    )
    with transaction.atomic():
        place = Workspace.objects.select_for_update(no_key=True).get(slug=workspace)
        kept = ThemeFinding.objects.filter(workspace=place).first()
        before = members.read(bytes(kept.content)) if kept else Members.none()
        themes = {one.number: one for one in Theme.objects.filter(workspace=place)}
        became = following.follow(
            made.groups, before.themes_of(keys, unseen=-1), made.middles, _silent(themes, made)
        )
        numbers = _numbered(became, themes)
        new = _keep(place, themes, numbers, became, made, named, said, at)
        theme = np.array([*numbers, 0], np.int32)[made.groups]
        ThemeFinding.objects.update_or_create(
            workspace=place,
            defaults={
                "content": members.written(members.of(keys, theme, made.near)),
                "first": weeks.first,
                "until": weeks.until,
                "clauses": len(said),
                "version": version(log, workspace),
                "found_at": _aware(at),
            },
        )
    return Looked(len(said), len(numbers), new)


@dataclass(frozen=True, slots=True)
class _Made:
    """Clauses in groups.

    Attributes:
        groups: of each clause.
        near: of each to its group's middle.
        middles: of each group, as the embedder sees it; None without one.
        under: the aspect that names each group already, or "".
    """

    groups: Groups
    near: NDArray[np.float32]
    middles: Floats | None
    under: list[str]


def _grouped(said: Sequence[Text], data: Path, settings: Settings, progress: Progress) -> _Made:
    """What says the same letter by letter is one point, which counts as many as say it."""
    once: dict[str, int] = {}
    of = np.array([once.setdefault(_folded(one.text), len(once)) for one in said], np.int64)
    first: dict[int, str] = {}
    speakers: dict[int, set[int]] = defaultdict(set)
    for one, row in zip(said, of.tolist(), strict=True):
        first.setdefault(row, _CODE.sub(" ", one.text))
        speakers[row].add(one.speaker)
    if len(once) < 2:
        nothing = np.full(len(said), ALONE, np.int32)
        return _Made(nothing, np.zeros(len(said), np.float32), None, [])
    texts = [first[row] for row in range(len(once))]
    embedder = embedding.default()
    seen = _embedded(embedder, texts, data, settings.slug, progress)
    rows = points.together(seen, texts)
    weights = np.array([len(speakers[row]) for row in range(len(once))], float)
    least = float(max(LEAST_SPEAKERS, settings.minimum_base))
    groups = _spoken_by(grouping.group(rows, weights, least=least), of, said, least)
    middles = _middles(rows, groups)
    near = np.einsum("ij,ij->i", rows, np.vstack([middles, np.zeros(rows.shape[1])])[groups])
    under = _under(rows[of], groups[of], middles, [one.aspect for one in said])
    apart = None if seen is None else _middles(seen - seen.mean(axis=0), groups)
    return _Made(groups[of], np.clip(near[of], 0, 1).astype(np.float32), apart, under)


def _embedded(
    embedder: Embedder | None, texts: Sequence[str], data: Path, workspace: str, progress: Progress
) -> Points | None:
    if embedder is None:
        return None
    return points.embedded(embedder, texts, points.place_of(data, workspace), progress)


def _spoken_by(groups: Groups, of: NDArray[np.int64], said: Sequence[Text], least: float) -> Groups:
    """Groups that so many different customers speak of, numbered anew, the most first."""
    heard_of: dict[int, set[int]] = defaultdict(set)
    for one, group in zip(said, groups[of].tolist(), strict=True):
        if group != ALONE:
            heard_of[group].add(one.speaker)
    order = sorted(heard_of, key=lambda one: (-len(heard_of[one]), one))
    number = {one: place for place, one in enumerate(o for o in order if len(heard_of[o]) >= least)}
    made: Groups = np.array([number.get(one, ALONE) for one in groups.tolist()], np.int32)
    return made


def _middles(rows: Floats, groups: Groups) -> Floats:
    count = int(groups.max()) + 1 if groups.size else 0
    sums = np.zeros((max(count, 0), rows.shape[1]))
    inside = groups != ALONE
    np.add.at(sums, groups[inside], rows[inside])
    made: Floats = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return made


def _under(rows: Floats, groups: Groups, middles: Floats, aspects: Sequence[str]) -> list[str]:
    """The aspect that names each group already: most of it was read as of that aspect, and it lies
    among the aspect's other clauses rather than at their edge."""
    told = np.array(aspects, dtype=object)
    found = []
    for group in range(len(middles)):
        inside = groups == group
        (aspect, n), *_others = Counter(told[inside].tolist()).most_common(1)
        if not aspect or n < UNDER * inside.sum():
            found.append("")
            continue
        others = rows[(told == aspect) & ~inside]
        if len(others) >= LEAST_SPEAKERS:
            middle = others.mean(axis=0)
            usual = np.quantile(others @ middle, USUAL)
            if middles[group] @ middle < usual:
                found.append("")
                continue
        found.append(str(aspect))
    return found


def _silent(themes: dict[int, Theme], made: _Made) -> dict[int, Floats]:
    """The middles of themes that may come back."""
    if made.middles is None:
        return {}
    held = {n: np.frombuffer(one.middle, np.float16) for n, one in themes.items() if one.middle}
    width = made.middles.shape[1]
    return {n: row.astype(float) for n, row in held.items() if row.size == width}


def _numbered(became: Followed, themes: dict[int, Theme]) -> list[int]:
    following_ = max(themes, default=0) + 1
    numbers = []
    for one in became.number:
        numbers.append(following_ if one is None else one)
        following_ += one is None
    return numbers


def _keep(
    place: Workspace,
    themes: dict[int, Theme],
    numbers: Sequence[int],
    became: Followed,
    made: _Made,
    named: Sequence[dict[str, tuple[str, ...]]],
    said: Sequence[Text],
    at: datetime,
) -> int:
    """Write what each theme is now; returns how many are new."""
    first_week: dict[int, int] = {}
    for group, one in zip(made.groups.tolist(), said, strict=True):
        first_week[group] = min(first_week.get(group, one.week), one.week)
    settings = settings_of(place.slug)
    starts = Weeks(local_day(at, settings.timezone)).starts
    moment, new = _aware(at), 0
    turns: list[tuple[Theme, str, int | None]] = []
    for group, number in enumerate(numbers):
        theme = themes.get(number)
        if theme is None:
            theme = Theme(
                workspace=place, number=number, found_at=moment,
                first_said_on=starts[first_week[group]],
            )  # fmt: skip
            new += 1
        elif theme.is_silent:
            turns.append((theme, "back", None))
        theme.is_silent = False
        theme.words_zh = list(named[group].get("zh", ()))
        theme.words_en = list(named[group].get("en", ()))
        theme.under = made.under[group]
        theme.middle = (
            None if made.middles is None else made.middles[group].astype(np.float16).tobytes()
        )
        theme.save()
        if group in became.split_from:
            turns.append((theme, "split", became.split_from[group]))
    for number, theme in themes.items():
        if number in numbers or theme.is_silent:
            continue
        theme.is_silent = True
        theme.save(update_fields=["is_silent"])
        if number in became.merged_into:
            turns.append((theme, "merged", numbers[became.merged_into[number]]))
    ThemeTurn.objects.bulk_create(
        ThemeTurn(theme=theme, kind=kind, other=other, at=moment) for theme, kind, other in turns
    )
    return new


def _folded(text: str) -> str:
    """What is left where case, width, marks and figures do not count."""
    plain = _CODE.sub(" ", unicodedata.normalize("NFKC", text)).lower()
    return _SPACE.sub(" ", plain).strip()


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
