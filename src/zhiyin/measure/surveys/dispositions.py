"""What became of each asking, by the codes of AAPOR for internet surveys of named persons.

Source: American Association for Public Opinion Research, Standard Definitions (9th edition, 2016),
*Final Disposition Codes for Internet Surveys of Specifically Named Persons*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.measure.requests import BreakColumn
from zhiyin.measure.surveys.reading import Ints, Objects, Reading, Times
from zhiyin.stats.outcome_rates import OUTCOMES, Outcome
from zhiyin.warehouse import lang

CODES: dict[str, tuple[Text, Outcome]] = {
    "1.1": (_("complete"), "I"),
    "1.2": (_("partial"), "P"),
    "2.112": (_("refused"), "R"),
    "2.1121": (_("opened the survey, answered nothing"), "R"),
    "2.1122": (_("opened the invitation, did not come"), "R"),
    "2.12": (_("broken off"), "R"),
    "3.11": (_("not sent: held back by a rule"), "U"),
    "3.19": (_("nothing came back"), "U"),
    "3.30": (_("undelivered"), "U"),
}
"""The codes that a log can tell apart, with what they count as."""

COMPLETE, PARTIAL = 0.8, 0.5
"""From which share of the items that she could answer a response is complete, and partial."""

ACTIONS = ("invited", "delivered", "opened", "started", "answered", "dismissed", "bounced",
           "stopped", "withheld")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """When a response is complete, partial or broken off.

    Args:
        complete, partial: shares of the items that she could answer, 0…1.
        has_withheld: whether those whom a rule held back count as asked.
    """

    complete: float = COMPLETE
    partial: float = PARTIAL
    has_withheld: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Askings:
    """Everybody who was asked, a place an invitation.

    Args:
        code: of each, its place in `CODES`.
        letters: how many were sent to her, the invitation included.
        answered_after: the letter after which she began, 1 the invitation; 0: she did not.
        is_open: whether her response may still go on.
        by: what each is broken down by, in words.
        withheld: why rules held people back, with how many; blank: no reason is known.
    """

    invitation: Objects
    customer: Ints
    code: Ints
    letters: Ints
    answered_after: Ints
    is_open: NDArray[np.bool_]
    by: dict[str, Objects]
    withheld: dict[str, int]
    uninvited: int
    """Responses that nobody was invited to: they are in no rate."""

    def __len__(self) -> int:
        return len(self.invitation)

    @property
    def outcome(self) -> Ints:
        """Of each, its place in `OUTCOMES`."""
        kinds = np.array([OUTCOMES.index(kind) for _says, kind in CODES.values()], dtype=np.int64)
        found: Ints = kinds[self.code]
        return found


def of(
    reading: Reading, rule: Rule, *, where: Filter | None = None, by: Sequence[str] = ()
) -> Askings:
    """What became of everybody who was asked.

    Args:
        where: of exposures.
        by: columns of exposures.

    Raises:
        Problem: ``survey.no-column``; a filter that cannot be asked.
    """
    columns = [reading.column("exposures", name) for name in by]
    found = reading.run(_asked(reading, where, columns), words=False)
    invitation = found["invitation"].to_numpy(zero_copy_only=False)
    did = {name: found[name].to_numpy().astype(np.int64) > 0 for name in ACTIONS}
    fillings = reading.fillings()
    standing = reading.standing(fillings)
    known = {token: place for place, token in enumerate(invitation)}
    invited = [known.get(token, -1) for token in fillings.invitation]
    of_filling = np.array(invited, dtype=np.int64)
    best = _best(len(invitation), of_filling, standing.share)
    has_response = best >= 0
    share = np.where(has_response, standing.share[best] if len(fillings) else 0.0, 0.0)
    answered = np.where(has_response, standing.answered[best] if len(fillings) else 0, 0)
    is_over = ~np.isnat(fillings.last) if len(fillings) else np.zeros(0, dtype=np.bool_)
    is_open = has_response.copy()
    if len(fillings):
        is_open &= ~is_over[best]
    left = has_response & (fillings.flagged("dismissed")[best] if len(fillings) else False)
    code = _codes(did, has_response | did["started"], share, answered, left, rule)
    began = fillings.started[best] if len(fillings) else np.zeros(0, dtype="datetime64[us]")
    after, letters = _letters(reading, known, has_response, began)
    is_asked = did["invited"] | ~did["withheld"] | rule.has_withheld
    place = np.flatnonzero(is_asked)
    return Askings(
        invitation[place],
        found["customer"].to_numpy().astype(np.int64)[place],
        code[place],
        letters[place],
        after[place],
        is_open[place],
        {
            column.name: reading.words_of(column, found[f"by_{at}"])[place]
            for at, column in enumerate(columns)
        },
        _withheld(reading, where),
        # A filter is of askings: whom it leaves out was invited all the same.
        int((of_filling < 0).sum())
        if where is None
        else sum(token is None for token in fillings.invitation),
    )


def _asked(
    reading: Reading, where: Filter | None, columns: Sequence[BreakColumn]
) -> lang.Expression:
    """A row an invitation: what was done with it, and what it is broken down by."""
    every = reading.table("exposures")
    if where is not None:
        wanted = reading.table("exposures", where=where).select("invitation").distinct()
        every = every.semi_join(wanted, "invitation")
    codes = dict(zip(ACTIONS, reading.codes("action", ACTIONS), strict=True))
    is_first = every.action.isin([codes["invited"], codes["withheld"]])
    # What was said at the invitation stands; without one, whatever was said later.
    said = {
        f"by_{at}": lang.coalesce(
            lang.ifelse(is_first, every[column.physical], lang.null()).max(),
            every[column.physical].max(),
        )
        for at, column in enumerate(columns)
    }
    did = {
        name: lang.ifelse(every.action == code, 1, 0).max().cast("int64")
        for name, code in codes.items()
    }
    grouped = every.group_by("invitation").aggregate(customer=every.customer.max(), **did, **said)
    return grouped.order_by("invitation")


def _best(size: int, of_filling: Ints, share: Any) -> Ints:
    """Of each invitation the response that went furthest; −1: none."""
    best = np.full(size, -1, dtype=np.int64)
    order = np.argsort(share, kind="stable")
    order = order[of_filling[order] >= 0]
    best[of_filling[order]] = order
    return best


def _codes(
    did: dict[str, NDArray[np.bool_]],
    has_begun: NDArray[np.bool_],
    share: NDArray[np.float64],
    answered: Ints,
    left: NDArray[np.bool_],
    rule: Rule,
) -> Ints:
    places = {code: place for place, code in enumerate(CODES)}
    conditions = [
        # Of an anonymous survey no more is known than that she came to its end.
        ("1.1", (share >= rule.complete) | did["answered"]),
        ("1.2", share >= rule.partial),
        ("2.112", left),
        ("2.12", answered > 0),
        ("2.112", did["dismissed"]),
        ("2.1121", has_begun),
        # An address that does not exist reached nobody, whatever else was seen of it.
        ("3.30", did["bounced"]),
        ("2.112", did["stopped"]),
        ("2.1122", did["opened"]),
        ("3.11", did["withheld"] & ~did["invited"]),
    ]
    found: Ints = np.select(
        [holds for _code, holds in conditions],
        [np.int64(places[code]) for code, _holds in conditions],
        default=np.int64(places["3.19"]),
    )
    return found


def _letters(
    reading: Reading, known: dict[Any, int], has_response: NDArray[np.bool_], began: Times
) -> tuple[Ints, Ints]:
    """(the letter after which she began, the letters that were sent) of each invitation."""
    letters = np.ones(len(has_response), dtype=np.int64)
    after = has_response.astype(np.int64)
    rows = reading.table("exposures")
    reminded = rows.filter(rows.action == reading.codes("action", ["reminded"])[0])
    found = reading.run(reminded.select("invitation", "occurred_at"), words=False)
    if not found.num_rows:
        return after, letters
    place = np.array([known.get(token, -1) for token in found["invitation"].to_pylist()])
    at = found["occurred_at"].to_numpy().astype("datetime64[us]")
    place, at = place[place >= 0], at[place >= 0]
    np.add.at(letters, place, 1)
    np.add.at(after, place, (has_response[place] & (at <= began[place])).astype(np.int64))
    return after, letters


def _withheld(reading: Reading, where: Filter | None) -> dict[str, int]:
    """How many customers were held back and never asked, by reason."""
    rows = reading.table("exposures", where=where)
    action = reading.codes("action", ["invited", "withheld"])
    asked = rows.filter(rows.action == action[0]).select("invitation")
    back = rows.filter(rows.action == action[1]).anti_join(asked, "invitation")
    if "reason" not in reading.schema.columns("exposures"):
        query = back.select("customer").distinct().count().name("n").as_table()
        n = int(reading.run(query)["n"][0].as_py())
        return {"": n} if n else {}
    once = back.select("reason", "customer").distinct()
    counted = once.group_by("reason").aggregate(n=once.count()).order_by("reason")
    return {row["reason"] or "": row["n"] for row in reading.run(counted).to_pylist()}
