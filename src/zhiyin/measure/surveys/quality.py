"""How well a survey was answered: signs of carelessness, and what leaving them out would change.

Signs are computed at every look and written nowhere: no response is deleted or changed by them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.measure.surveys import pages, said
from zhiyin.measure.surveys.rates import CONFIDENCE, Share, share_of, state_column
from zhiyin.measure.surveys.reading import Fillings, Ints, Reading, few_left_out
from zhiyin.measure.surveys.said import Values
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.stats import careless
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Cross
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Sign = Literal["speeding", "straight", "duplicate", "repeat", "bot", "machine"]

SIGNS: dict[Sign, tuple[Text, Text]] = {
    "speeding": (_("speeding"), _(
        "came to the end in less than a third of the median time of responses to the same version"
        " with as many pages"
    )),
    "straight": (_("straight-lining"), _(
        "gave one value to every row of each matrix that it answered, of four rows or more"
    )),
    "duplicate": (_("same answers"), _(
        "says in each of ten closed items or more what an earlier response said"
    )),
    "repeat": (_("same customer"), _(
        "its customer had answered already: about the same, or within a day"
    )),
    "bot": (_("trap filled in"), _("filled in a field that nobody sees")),
    "machine": (_("faster than anybody reads"), _(
        "gave its answers in less than half a second an item"
    )),
}  # fmt: skip
"""What is looked for: its name, and the rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Signed:
    """Responses with the signs that each has."""

    fillings: Fillings
    signs: dict[Sign, NDArray[np.bool_]]

    def any_of(self, signs: Collection[str]) -> NDArray[np.bool_]:
        """Which have one of these signs."""
        found = np.zeros(len(self.fillings), dtype=np.bool_)
        for sign in signs:
            found |= self.signs[sign]  # type: ignore[index]
        return found


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with its interval."""

    value: float
    low: float | None
    high: float | None
    n: int
    customers: int


@dataclass(frozen=True, slots=True)
class Beside:
    """One figure with and without the responses that are left out.

    Args:
        choice: of a share, what was chosen.
        state: why `without` is not there: so few are left out that they could be calculated.
        difference: without less with; in the unit of the figure.
    """

    name: str
    metric: said.Measure
    choice: str
    label: str
    state: Literal["ok", "too_few", "withheld"]
    all: Value | None = None
    without: Value | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """The signs in a survey's responses.

    Args:
        counts: responses with each sign, of all.
        any: with one at least of those that are left out.
        without: the signs that are left out.
    """

    key: str
    as_of: datetime
    minimum_base: int
    responses: int
    customers: int
    without: tuple[Sign, ...]
    counts: dict[Sign, Share]
    any: Share | None
    figures: tuple[Beside, ...]

    @property
    def is_shown(self) -> bool:
        """Whether enough customers have a response."""
        return self.customers >= max(self.minimum_base, 1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "key": self.key,
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "minimum_base": self.minimum_base,
            "state": "ok" if self.is_shown else "too_few",
            "responses": self.responses if self.is_shown else None,
            "without": list(self.without),
            "signs": {sign: asdict(share) for sign, share in self.counts.items()},
            "any": None if self.any is None else asdict(self.any),
            "figures": [asdict(one) for one in self.figures],
        }

    def lead(self) -> Lead | None:
        """The share of responses with a sign."""
        if self.any is None:
            return None
        return Lead(
            figure(self.any.value, "percent") + "%",
            interval(self.any.low, self.any.high, "percent"),
            _("Of {of} responses {n} have one sign of carelessness or more.",
              of=count(self.responses), n=count(int(self.any.n))),
            (_("None is deleted; a sign is no proof."),),
        )  # fmt: skip

    def sheets(self) -> tuple[Sheet, ...]:
        """Signs, and figures with and without."""
        signs = [
            {"sign": SIGNS[sign][0], "says": SIGNS[sign][1], **asdict(share)}
            for sign, share in self.counts.items()
        ]
        rows = [_row(one) for one in self.figures]
        return (
            Sheet(
                "signs", _("Signs of carelessness"),
                _("Responses with each sign; one may have several. Half the median time, or one"
                  " value all the way, can be honest: look at what it changes before you leave"
                  " anything out."),
                (Column("sign", _("Sign")), Column("says", _("Rule")),
                 Column("n", _("Responses"), "count"), Column("value", "%", "percent"),
                 Column("low", _("Interval"), "percent", upper="high")),
                tuple(signs), bar="value",
            ),
            Sheet(
                "figures", _("Figures with and without them"),
                _("Left out: {signs}. Every answer counts once, without weights. The interval of"
                  " the change counts that both share customers.",
                  signs=", ".join(str(SIGNS[one][0]) for one in self.without)),
                (Column("item", _("Question")), Column("metric", _("Figure"), is_minor=True),
                 Column("n", "n", "count", is_minor=True),
                 Column("value", _("All"), "factor"),
                 Column("value_low", _("Interval"), "factor", upper="value_high", is_minor=True),
                 Column("kept_n", _("n without"), "count", is_minor=True),
                 Column("kept", _("Without"), "factor"),
                 Column("difference", _("Difference"), "factor", is_signed=True),
                 Column("low", _("Interval"), "factor", upper="high", is_signed=True),
                 *state_column(rows)),
                tuple(rows),
            ),
        )  # fmt: skip


METRICS: dict[said.Measure, Text | str] = {"nps": _("NPS"), "mean": _("mean"), "share": "%"}


def _row(one: Beside) -> dict[str, Any]:
    found: dict[str, Any] = {
        "item": f"{one.name}: {one.label}" if one.choice else one.name,
        "metric": METRICS[one.metric],
        "state": NOT_SHOWN.get(one.state, ""),
        "difference": one.difference, "low": one.low, "high": one.high,
    }  # fmt: skip
    if one.all is not None:
        found |= {"n": one.all.n, "value": one.all.value, "value_low": one.all.low,
                  "value_high": one.all.high}  # fmt: skip
    if one.without is not None:
        found |= {"kept_n": one.without.n, "kept": one.without.value}
    return found


def quality(
    log: Log,
    settings: Settings,
    key: str,
    *,
    without: Sequence[str] = tuple(SIGNS),
    version: int | None = None,
    where: Filter | None = None,
    now: datetime | None = None,
) -> Quality:
    """The signs in a survey's responses, and its figures with and without those that have them.

    Args:
        without: the signs whose responses are left out.
        where: of responses.

    Raises:
        Problem: ``survey.none``, ``survey.no-version``, ``survey.not-published``,
            ``survey.no-sign``.
    """
    chosen = checked(without)
    reading = Reading.of(log, settings, key, version=version, where=where, now=now)
    settings = reading.settings
    found = signed(reading)
    fillings = found.fillings
    customers = fillings.customers
    made = Quality(key, reading.as_of, settings.minimum_base, len(fillings), customers, chosen,
                   {}, None, ())  # fmt: skip
    if not made.is_shown:
        return made
    gone = found.any_of(chosen)
    figures = tuple(
        _beside(one, fillings.customer, ~gone, reading.minimum)
        for one in said.values(reading, fillings)
    )
    return Quality(
        key, reading.as_of, settings.minimum_base, len(fillings), customers, chosen,
        {sign: share_of(mask, fillings.customer) for sign, mask in found.signs.items()},
        share_of(gone, fillings.customer), figures,
    )  # fmt: skip


def checked(signs: Sequence[str]) -> tuple[Sign, ...]:
    """The signs of these names, each once.

    Raises:
        Problem: ``survey.no-sign``.
    """
    for one in signs:
        if one not in SIGNS:
            raise Problem(
                "survey.no-sign",
                _("There is no sign called {name}.", name=one[:40]),
                _("Use one of: {known}.", known=", ".join(SIGNS)),
            )
    return tuple(one for one in SIGNS if one in signs)


def keep(reading: Reading, without: Sequence[str]) -> tuple[Fillings, NDArray[np.bool_]]:
    """(the responses, which of them have none of these signs).

    Raises:
        Problem: ``survey.no-sign``; ``survey.without-few`` where so few customers would be left
            out that the figures with and without tell of them.
    """
    chosen = checked(without)
    if not chosen:
        fillings = reading.fillings()
        return fillings, np.ones(len(fillings), dtype=np.bool_)
    found = signed(reading)
    gone = found.any_of(chosen)
    few = len(np.unique(found.fillings.customer[gone]))
    if 0 < few < reading.minimum:
        raise few_left_out(reading.minimum)
    return found.fillings, ~gone


def signed(reading: Reading) -> Signed:
    """Every response with its signs."""
    fillings = reading.fillings()
    size = len(fillings)
    standing = reading.standing(fillings)
    names = pages.of_survey(reading)
    seen = pages.visits(reading, fillings, names)
    said_on = ~np.isnat(seen.last)
    page_count = np.bincount(seen.filling[said_on], minlength=size)
    lasted = (fillings.ended - fillings.started) / np.timedelta64(1, "s")
    until = np.full(size, np.datetime64("NaT"), dtype="datetime64[us]")
    for at in (seen.page == one for one in np.unique(seen.page)):
        until[seen.filling[at]] = np.fmax(until[seen.filling[at]], seen.last[at])
    answering = (until - fillings.started) / np.timedelta64(1, "s")
    speeding, _threshold = careless.hasty(lasted, fillings.version * 1000 + page_count)
    pattern, items = _patterns(reading, fillings)
    return Signed(
        fillings,
        {
            "speeding": speeding,
            "straight": _straight(reading, fillings),
            "duplicate": careless.again(pattern, items),
            "repeat": _repeats(reading, fillings),
            "bot": fillings.flagged("bot"),
            "machine": careless.machine_fast(answering, standing.answered),
        },
    )


def _straight(reading: Reading, fillings: Fillings) -> NDArray[np.bool_]:
    """All matrices of a response, each told from its rows' scores in one pass of the log."""
    matrices: dict[str, list[str]] = {}
    for series, item in reading.items().items():
        if item.row is not None:
            matrices.setdefault(item.question.name, []).append(series)
    size = len(fillings)
    some, every = np.zeros(size, dtype=np.bool_), np.ones(size, dtype=np.bool_)
    for rows in matrices.values():
        if len(rows) < careless.ROWS:
            continue
        answers = reading.answers("question", "score")
        here = answers.filter(
            answers.question.isin(reading.codes("question", rows)), answers.score.notnull()
        )
        found = reading.run(
            here.group_by("filling").aggregate(
                n=here.count(), low=here.score.min(), high=here.score.max()
            ),
            words=False,
        )
        n, low, high = (found[name].to_numpy() for name in ("n", "low", "high"))
        place = fillings.places(found["filling"])
        enough = n >= careless.ROWS
        some[place[enough]] = True
        every[place[enough]] &= careless.straight(n, low, high)[enough]
    return some & every


def _patterns(reading: Reading, fillings: Fillings) -> tuple[Ints, Ints]:
    """(a number that stands for all closed answers of a response, how many items they are)."""
    rows = reading.answers("question", "score", "choice")
    closed = rows.filter(rows.score.notnull() | rows.choice.notnull())
    text = (
        closed.question.cast("string")
        + lang.literal(":")
        + lang.coalesce(closed.score.cast("string"), lang.literal(""))
        + lang.literal(":")
        + lang.coalesce(closed.choice, lang.literal(""))
    )
    closed = closed.mutate(mark=text.hash())
    patterns = closed.group_by("filling").aggregate(pattern=closed.mark.bit_xor())
    once = closed.select("filling", "question").distinct()
    counted = once.group_by("filling").aggregate(items=once.count())
    found = reading.run(patterns.join(counted, "filling"), words=False)
    pattern = np.zeros(len(fillings), dtype=np.int64)
    items = np.zeros(len(fillings), dtype=np.int64)
    place = fillings.places(found["filling"])
    pattern[place] = found["pattern"].to_numpy().astype(np.int64)
    items[place] = found["items"].to_numpy()
    # The same answers to another version are answers to something else.
    return pattern ^ (fillings.version << 48), items


def _repeats(reading: Reading, fillings: Fillings) -> NDArray[np.bool_]:
    rows = reading.responses().select("seq", "about_kind", "about_id").order_by("seq")
    found = reading.run(rows, words=False)
    kinds, ids = found["about_kind"].to_pylist(), found["about_id"].to_pylist()
    has_about = np.array([one is not None for one in ids], dtype=np.bool_)
    who = np.array(
        [f"{customer}|{kind}|{one}" if one is not None else f"{customer}"
         for customer, kind, one in zip(fillings.customer.tolist(), kinds, ids, strict=True)],
        dtype=np.str_,
    )  # fmt: skip
    mask = np.zeros(len(fillings), dtype=np.bool_)
    for here, within in ((has_about, None), (~has_about, np.timedelta64(1, "D"))):
        at = np.flatnonzero(here)
        mask[at] = careless.repeated(who[at], fillings.started[at], within=within)
    return mask


def _beside(one: Values, customer: Ints, keep_: NDArray[np.bool_], minimum: int) -> Beside:
    label = said.choice_of(one.item, one.choice) if one.choice else ""
    name = one.item.name
    everyone, kept = one.totals(customer), one.at(keep_)
    if everyone.customers < minimum:
        return Beside(name, one.measure, one.choice, label, "too_few")
    whole = one.estimate(everyone)
    gone = one.at(~keep_)
    few = len(np.unique(customer[gone.place]))
    alone = Beside(name, one.measure, one.choice, label, "ok", _value(whole))
    if 0 < few < minimum:
        return Beside(name, one.measure, one.choice, label, "withheld", _value(whole))
    left = kept.totals(customer)
    if left.customers < minimum:
        return Beside(name, one.measure, one.choice, label, "too_few", _value(whole))
    cross = Cross.of(kept.value, customer[kept.place], one.value, customer[one.place])
    found = one.difference(left, everyone, cross)
    without = _value(kept.estimate(left))
    if found is None:
        return alone
    factor = said.FACTORS[one.measure]
    low, high = (None if end is None else end * factor for end in (found.low, found.high))
    return Beside(
        name, one.measure, one.choice, label, "ok", _value(whole), without,
        found.difference * factor, low, high,
    )  # fmt: skip


def _value(found: Estimate | None) -> Value | None:
    if found is None:
        return None
    return Value(found.value, found.low, found.high, found.n, found.customers)


def listed(
    log: Log,
    settings: Settings,
    key: str,
    *,
    version: int | None = None,
    where: Filter | None = None,
) -> list[dict[str, Any]]:
    """The responses that have a sign, by their ids in files of responses.

    Raises:
        Problem: as `quality`; nothing is listed where too few customers have a response.
    """  # fmt: skip
    reading = Reading.of(log, settings, key, version=version, where=where)
    found = signed(reading)
    if found.fillings.customers < reading.minimum:
        return []
    rows = []
    for place in np.flatnonzero(found.any_of(tuple(SIGNS))):
        signs = [sign for sign, mask in found.signs.items() if mask[place]]
        rows.append({"response": str(found.fillings.response[place]), "signs": signs})
    return rows
