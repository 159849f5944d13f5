"""Response rates of a survey by their AAPOR names, whole and by any column of the askings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.measure.surveys import dispositions
from zhiyin.measure.surveys.dispositions import CODES, Askings, Rule
from zhiyin.measure.surveys.reading import Ints, Reading
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.stats import outcome_rates, proportion
from zhiyin.stats.totals import Totals
from zhiyin.stats.withheld import Wholes, beside
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

CONFIDENCE = 0.95
RULE = Rule()
State = Literal["ok", "too_few", "withheld"]
MOST_GROUPS = 200

NAMES: dict[str, Text] = {
    "RR1": _("complete, of all who were asked"),
    "RR2": _("complete or partial, of all who were asked"),
    "RR3": _("complete, of those who could have answered, by estimate"),
    "RR4": _("complete or partial, of those who could have answered, by estimate"),
    "RR5": _("complete, of those known to be reached"),
    "RR6": _("complete or partial, of those known to be reached"),
    "COOP1": _("complete, of those reached"),
    "COOP2": _("complete or partial, of those reached"),
    "COOP3": _("complete, of those reached and able"),
    "COOP4": _("complete or partial, of those reached and able"),
    "REF1": _("refused or broken off, of all who were asked"),
    "REF2": _("refused or broken off, of those who could have answered, by estimate"),
    "REF3": _("refused or broken off, of those known to be reached"),
    "CON1": _("reached, of all who were asked"),
    "CON2": _("reached, of those who could have answered, by estimate"),
    "CON3": _("reached, of those known to be reached or missed"),
}


@dataclass(frozen=True, slots=True)
class Share:
    """Per cent, with its interval over customers; `n` above and `of` below the line, weighted."""

    value: float
    low: float | None
    high: float | None
    n: float
    of: float


@dataclass(frozen=True, slots=True)
class Group:
    """The askings of one group; all but `group` and `state` is empty where it is not shown.

    Args:
        group: column → value, None where an asking has none; empty: all of them.
        codes: askings by disposition.
        rates: by AAPOR's name; None where nobody is below the line.
    """

    group: dict[str, str | None]
    state: State
    askings: int | None = None
    customers: int | None = None
    codes: dict[str, int] | None = None
    rates: dict[str, Share | None] | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """The invitation (1) or a reminder: to how many it went, and how many began after it.

    Args:
        share: of those to whom it went.
        reached: of all who were asked, who had begun by then.
    """

    number: int
    sent: int
    share: Share
    reached: Share


@dataclass(frozen=True, slots=True)
class Rates:
    """The outcome rates of a survey.

    Args:
        eligible: e.
        open: askings whose response may still go on; none is told where too few were asked, and
            so of `uninvited` and `withheld`.
        uninvited: responses that nobody was invited to: in no rate.
        withheld: customers whom a rule held back, by reason.
    """

    key: str
    as_of: datetime
    minimum_base: int
    rule: Rule
    eligible: float
    by: tuple[str, ...]
    total: Group
    groups: tuple[Group, ...]
    letters: tuple[Letter, ...]
    open: int
    uninvited: int
    withheld: dict[str, int]

    @property
    def is_shown(self) -> bool:
        """Whether enough customers were asked."""
        return self.total.state == "ok"

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        found = {name: getattr(self, name) for name in ("key", "minimum_base", "eligible")}
        return {
            **found,
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "complete_from": self.rule.complete * 100,
            "partial_from": self.rule.partial * 100,
            "counts_withheld": self.rule.has_withheld,
            "by": list(self.by),
            "total": asdict(self.total),
            "groups": [asdict(one) for one in self.groups],
            "letters": [asdict(one) for one in self.letters],
            "open": self.open,
            "uninvited": self.uninvited,
            "withheld": dict(self.withheld),
        }

    def lead(self) -> Lead | None:
        """The response rate that AAPOR calls RR2."""
        rates, n = self.total.rates, self.total.askings
        found = rates["RR2"] if rates else None
        if found is None:
            return None
        more: list[Text] = []
        if self.open:
            more.append(_("{n} responses may still go on.", n=count(self.open)))
        if self.uninvited:
            more.append(
                _("{n} responses came without an invitation; they are in no rate.",
                  n=count(self.uninvited))
            )  # fmt: skip
        return Lead(
            figure(found.value, "percent") + "%",
            interval(found.low, found.high, "percent"),
            _("Answered completely or in part (RR2): of {n} askings of {customers} customers.",
              n=count(n), customers=count(self.total.customers)),
            tuple(more),
        )  # fmt: skip

    def sheets(self) -> tuple[Sheet, ...]:
        """Rates, dispositions, groups, letters, and who was held back."""
        if not self.is_shown:
            return ()
        found = [self._rates(), self._codes()]
        if self.groups:
            found.insert(0, self._groups())
        if len(self.letters) > 1:
            found.append(self._letters())
        if self.withheld:
            found.append(self._withheld())
        return tuple(found)

    def _rates(self) -> Sheet:
        rows = [
            {"rate": name, "says": NAMES[name], **(asdict(one) if one else {})}
            for name, one in (self.total.rates or {}).items()
        ]
        return Sheet(
            "rates", _("Outcome rates"),
            _("By AAPOR's Standard Definitions, for internet surveys of named persons. Cases whose"
              " eligibility is unknown count wholly in RR1, RR2, REF1 and CON1, by e = {e} in RR3,"
              " RR4, REF2 and CON2, and not at all in the others.", e=f"{self.eligible:g}"),
            (Column("rate", _("Rate")), Column("says", _("What it says")),
             *SHARE), tuple(rows), bar="value",
        )  # fmt: skip

    def _codes(self) -> Sheet:
        total = self.total.askings or 1
        rows = [
            {"code": code, "says": CODES[code][0], "counts_as": CODES[code][1], "n": n,
             "value": 100 * n / total}
            for code, n in (self.total.codes or {}).items()
        ]  # fmt: skip
        return Sheet(
            "dispositions", _("What became of the askings"),
            _("A response is complete from {complete}% of the items that she could answer, partial"
              " from {partial}%, broken off below; “does not apply” and “don't know” are answers."
              " Of several responses to one invitation the one that went furthest counts.",
              complete=f"{self.rule.complete * 100:g}", partial=f"{self.rule.partial * 100:g}"),
            (Column("code", _("Outcome code")), Column("says", _("What it says")),
             Column("counts_as", _("Counts as"), is_minor=True), Column("n", _("Askings"), "count"),
             Column("value", "%", "percent")),
            tuple(rows), bar="value",
        )  # fmt: skip

    def _groups(self) -> Sheet:
        rows = []
        for one in self.groups:
            row: dict[str, Any] = {
                "group": " · ".join(said_or_none(value) for value in one.group.values()),
                "state": NOT_SHOWN.get(one.state, ""),
                "askings": one.askings,
                "customers": one.customers,
            }
            for name in ("RR2", "COOP2", "REF1", "CON1"):
                found = (one.rates or {}).get(name)
                row |= {name: None if found is None else found.value}
                if name == "RR2" and found is not None:
                    row |= {"low": found.low, "high": found.high}
            rows.append(row)
        return Sheet(
            "groups", _("By group"),
            _("Answered completely or in part (RR2) with its interval, and of those reached"
              " (COOP2), who refused (REF1) and who was reached (CON1)."),
            (Column("group", _("Group")), Column("askings", _("Askings"), "count"),
             Column("customers", _("Customers"), "count", is_minor=True),
             Column("RR2", "RR2 %", "percent"),
             Column("low", _("Interval"), "percent", upper="high"),
             Column("COOP2", "COOP2 %", "percent", is_minor=True),
             Column("REF1", "REF1 %", "percent", is_minor=True),
             Column("CON1", "CON1 %", "percent", is_minor=True), *state_column(rows)),
            tuple(rows), bar="RR2",
        )  # fmt: skip

    def _letters(self) -> Sheet:
        rows = [
            {"letter": _("invitation") if one.number == 1 else
             _("reminder {n}", n=one.number - 1), "sent": one.sent, **asdict(one.share),
             "reached": one.reached.value}
            for one in self.letters
        ]  # fmt: skip
        return Sheet(
            "letters", _("By letter"),
            _("Of those to whom a letter went, who began after it and before the next; and who of"
              " all had begun by then."),
            (Column("letter", _("Letter")), Column("sent", _("Sent"), "count"), *SHARE,
             Column("reached", _("In all by then, %"), "percent")),
            tuple(rows), bar="value",
        )  # fmt: skip

    def _withheld(self) -> Sheet:
        rows = [{"reason": why or str(_("no reason is known")), "n": n}
                for why, n in self.withheld.items()]  # fmt: skip
        return Sheet(
            "withheld", _("Held back"),
            _("Customers whom a rule held back before they were asked. They are no part of the"
              " rates unless they are counted as code 3.11."),
            (Column("reason", _("Reason")), Column("n", _("Customers"), "count")), tuple(rows),
        )  # fmt: skip


SHARE = (
    Column("n", "n", "amount", is_minor=True), Column("of", _("of"), "amount", is_minor=True),
    Column("value", "%", "percent"), Column("low", _("Interval"), "percent", upper="high"),
)  # fmt: skip
"""The columns of a share."""


def state_column(rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The column that says why a row has no figures, where one has none."""
    return (Column("state", _("State")),) if any(row["state"] for row in rows) else ()


def said_or_none(value: str | None) -> str:
    """A group's value, or that there is none."""
    return str(_("(none)")) if value is None else value


def rates(
    log: Log,
    settings: Settings,
    key: str,
    *,
    by: Sequence[str] = (),
    where: Filter | None = None,
    eligible: float = 1.0,
    rule: Rule = RULE,
    now: datetime | None = None,
) -> Rates:
    """The outcome rates of a survey's askings.

    Args:
        by: columns of exposures.
        where: of exposures.
        eligible: e, the share of the cases of unknown eligibility who could have answered. The
            log holds nobody who turned out not to be eligible, so nothing less than 1 can be
            estimated from it.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.no-column``,
            ``survey.too-many-groups``, ``survey.share``.
    """
    check_share(eligible, "eligible")
    check_share(rule.complete, "complete")
    check_share(rule.partial, "partial")
    reading = Reading.of(log, settings, key, now=now)
    settings = reading.settings
    found = dispositions.of(reading, rule, where=where, by=by)
    names, cell = groups_of(found.by)
    total = _groups(found, [{}], np.zeros(len(found), dtype=np.int64), reading.minimum, eligible)[0]
    groups = _groups(found, names, cell, reading.minimum, eligible) if by else []
    is_shown = total.state == "ok"
    return Rates(
        key=key, as_of=reading.as_of, minimum_base=settings.minimum_base, rule=rule,
        eligible=eligible, by=tuple(by), total=total, groups=tuple(groups) if is_shown else (),
        letters=tuple(_letters(found)) if is_shown else (),
        open=int(found.is_open.sum()) if is_shown else 0,
        uninvited=found.uninvited if is_shown else 0,
        withheld=found.withheld if is_shown else {},
    )  # fmt: skip


def check_share(value: float, name: str) -> None:
    """Refuse what is no share.

    Raises:
        Problem: ``survey.share``.
    """
    if not 0 <= value <= 1:
        raise Problem(
            "survey.share",
            _("{name} is a share from 0 to 1, not {value}.", name=name, value=f"{value:g}"),
            _("Give a number such as 0.8."),
        )


def groups_of(by: dict[str, Any]) -> tuple[list[dict[str, str | None]], Ints]:
    """(the groups, of each row its group); a value that a row does not have is a group too.

    Raises:
        Problem: ``survey.too-many-groups``.
    """
    if not by:
        return [{}], np.zeros(0, dtype=np.int64)
    rows = list(zip(*by.values(), strict=True))
    known = sorted(set(rows), key=lambda row: [(one is None, one or "") for one in row])
    if len(known) > MOST_GROUPS:
        raise Problem(
            "survey.too-many-groups",
            _("{n} groups are too many for one table.", n=len(known)),
            _("Break down by fewer columns, or narrow with --where; {most} at most.",
              most=MOST_GROUPS),
        )  # fmt: skip
    place = {row: at for at, row in enumerate(known)}
    return (
        [dict(zip(by, row, strict=True)) for row in known],
        np.array([place[row] for row in rows], dtype=np.int64),
    )


def hidden_groups(customers: NDArray[Any], whole: int, minimum: int) -> list[State]:
    """Which groups are shown beside their whole."""
    withheld = beside(customers, minimum, [Wholes.one(len(customers), whole)])
    found: list[State] = []
    for n, is_withheld in zip(customers, withheld, strict=True):
        found.append("too_few" if n < minimum else "withheld" if is_withheld else "ok")
    return found


def customers_by(customer: Ints, cell: Ints, cells: int) -> Ints:
    """How many customers each cell has."""
    pairs = np.unique(np.stack([cell, customer]), axis=1)
    found: Ints = np.bincount(pairs[0], minlength=cells).astype(np.int64)
    return found


def _groups(
    found: Askings, names: list[dict[str, str | None]], cell: Ints, minimum: int, eligible: float
) -> list[Group]:
    customers = customers_by(found.customer, cell, len(names))
    states = hidden_groups(customers, len(np.unique(found.customer)), minimum)
    known = outcome_rates.estimates(
        found.outcome, found.customer, cell, len(names), eligible=eligible, confidence=CONFIDENCE
    )
    sums = outcome_rates.sums(found.outcome, cell, len(names), eligible=eligible)
    made = []
    for at, (name, state) in enumerate(zip(names, states, strict=True)):
        if state != "ok":
            made.append(Group(name, state))
            continue
        here = cell == at
        codes = np.bincount(found.code[here], minlength=len(CODES))
        rates = {}
        for slug, estimates in known.items():
            one = estimates[at]
            above, below = sums[slug]
            rates[slug] = None if one is None else Share(
                one.value * 100, _times(one.low), _times(one.high), float(above[at]),
                float(below[at]),
            )  # fmt: skip
        made.append(
            Group(
                name, state, int(here.sum()), int(customers[at]),
                {code: int(n) for code, n in zip(CODES, codes, strict=True)}, rates,
            )
        )  # fmt: skip
    return made


def _letters(found: Askings) -> list[Letter]:
    made = []
    for number in range(1, int(found.letters.max(initial=1)) + 1):
        went = (found.letters >= number) & (
            (found.answered_after >= number) | (found.answered_after == 0)
        )
        after = found.answered_after[went] == number
        by_then = (found.answered_after > 0) & (found.answered_after <= number)
        made.append(
            Letter(
                number, int(went.sum()), share_of(after, found.customer[went]),
                share_of(by_then, found.customer),
            )
        )  # fmt: skip
    return [one for one in made if one.sent]


def share_of(holds: NDArray[np.bool_], customer: Ints) -> Share:
    """A share of rows in per cent, with its interval over customers; there is one row at least."""
    found = proportion.estimate(Totals.of(holds.astype(np.float64), customer))
    if found is None:
        return Share(0.0, None, None, 0, 0)
    return Share(
        found.value * 100, _times(found.low), _times(found.high), int(holds.sum()), len(holds)
    )


def _times(value: float | None) -> float | None:
    return None if value is None else value * 100
