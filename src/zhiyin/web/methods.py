"""*Methods*: what the figures of a page are, in lines of a term and its text."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import numpy as np

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _
from zhiyin.measure import reproducing
from zhiyin.measure.comparisons import Comparisons
from zhiyin.measure.scores import Scores
from zhiyin.measure.words import KINDS, UNITS
from zhiyin.stats.totals import Totals
from zhiyin.web import scores_asked
from zhiyin.web.scores_asked import Question

METHODS: dict[str, Text] = {
    "adjusted-wald": _("adjusted Wald interval (Rocks 2016)"),
    "wald": _("plain Wald interval"),
    "wilson": _("Wilson interval"),
    "newcombe": _("Newcombe interval"),
    "t": _("t interval"),
    "welch": _("Welch interval"),
    "ratio-t": _("t interval of a ratio"),
    "ratio-welch": _("Welch interval of a ratio"),
}
"""What `Score.method` and `Comparison.method` are called; ``-against`` is against a fixed value."""

NOT_RANKED = _(
    "People of different countries and languages use scales differently, so these groups are set"
    " against their own past and not against one another"
)

Lines = tuple[tuple[str, str], ...]


def lines(
    settings: Settings, found: Scores, compared: Comparisons | None, question: Question | None
) -> Lines:
    """The lines in the reader's language, in the order in which a sceptic asks."""
    said = [
        (_("Definition"), _definition(found)),
        (_("Population"), found.metric.population),
        (_("Of what, over what"), f"{found.metric.numerator} / {found.metric.denominator}"),
        (_("Unit of measure"), UNITS[found.unit]),
        *_asked(found),
        (_("Counted"), _counted(found)),
        (_("Weighting"), _weighting(found)),
        *_dates(found, question),
        *_filter(question),
        *_rolling(question),
        (_("Interval"), _interval(found)),
        (_("Smallest bases"), _bases(settings)),
        *_compared(compared, question),
        *_own_past(question),
        (_("As of"), f"{found.as_of:%Y-%m-%d %H:%M} UTC"),
    ]
    return tuple((str(term), str(text)) for term, text in said)


def left_out(settings: Settings, found: Scores) -> Lines:
    """What figures say of whom or what they leave out; nothing where they leave out nobody."""
    said = []
    for one in found.without:
        first = local_day(one.start, settings.timezone)
        last = local_day(one.end, settings.timezone) - timedelta(days=1)
        sentence = (
            _(
                "without all answers of the customers concerned by “{name}” ({first} to {last})",
                name=one.name,
                first=first,
                last=last,
            )
            if one.drops == "customers"
            else _(
                "without the answers concerned by “{name}” ({first} to {last})",
                name=one.name,
                first=first,
                last=last,
            )
        )
        whom = _("everybody of these days") if one.where is None else one.where.text
        said.append((str(_("Left out")), f"{sentence}: {whom}"))
    return tuple(said)


def _definition(found: Scores) -> Text:
    return _(
        "{definition} (version {version})",
        definition=found.metric.definition,
        version=found.metric.version,
    )


def _asked(found: Scores) -> list[tuple[Text, str]]:
    if not found.questions:
        return []
    parts = [", ".join(found.questions)]
    if found.scale:
        parts.append(str(found.scale))
    if found.kind:
        parts.append(str(KINDS.get(found.kind, found.kind)))
    return [(_("Questions"), " · ".join(parts))]


def _counted(found: Scores) -> Text:
    if found.per == "customer":
        return _("each customer's latest answer")
    return _("every answer; intervals and tests count customers")


def _weighting(found: Scores) -> Text:
    if "weighted" in found.total.flags:
        return _("answers count by their weight; bases are unweighted")
    return _("none")


def r_call(found: Scores) -> str:
    """The R call that makes the interval of the total again; blank where it is not shown."""
    if found.sums is None:
        return ""
    one = Totals(*(np.asarray(getattr(found.sums, f.name))[0] for f in fields(Totals)))
    return reproducing.r_call(found.metric, one, found.confidence, found.scale)


def _filter(question: Question | None) -> list[tuple[Text, str]]:
    where = question.request.where if question else None
    return [(_("Only where"), str(where))] if where else []


def _rolling(question: Question | None) -> list[tuple[Text, Text]]:
    if question is None or question.rolling is None:
        return []
    said = _(
        "each figure is of the {days} days up to the day that it is called by; neighbours share"
        " most of their answers, so they are not tested against one another",
        days=question.rolling,
    )
    return [(_("Rolling"), said)]


def _own_past(question: Question | None) -> list[tuple[Text, Text]]:
    if question is None or not scores_asked.is_own_past(question.given["by"]):
        return []
    return [(_("Not ranked"), NOT_RANKED)]


def _dates(found: Scores, question: Question | None) -> list[tuple[Text, Text]]:
    if found.start is None or found.end is None:
        return []
    last = found.end - timedelta(days=1)
    said = _(
        "{first} to {last}, both included ({timezone})",
        first=found.start,
        last=last,
        timezone=found.timezone,
    )
    by = found.metric.window
    if question is not None and question.request.date_of == "experience":
        by = _("the day of the experience; an answer without one counts on its own day")
    return [(_("Dates"), said), (_("Dated by"), by)]


def _interval(found: Scores) -> Text:
    return _(
        "{method}, {level}",
        method=METHODS.get(found.total.method, found.total.method),
        level=_percent(found.confidence),
    )


def _bases(settings: Settings) -> Text:
    return _(
        "under {minimum} customers no figure, under {test} no test, under {small} flagged; where"
        " the total less the other groups would give away a group, the smallest of these is"
        " withheld",
        minimum=settings.minimum_base,
        test=settings.test_base,
        small=settings.small_base,
    )


def _compared(
    compared: Comparisons | None, question: Question | None
) -> list[tuple[Text, Text | str]]:
    if compared is None:
        return []
    used = next((row.method for row in compared.rows if row.difference is not None), "")
    name = used.removesuffix("-against")
    family = _(
        "{tests} tests as one family, false discoveries at {q} ({procedure}); intervals adjusted"
        " so that they agree with the marks",
        tests=compared.tests,
        q=_percent(compared.q),
        procedure=compared.fdr.upper(),
    )
    found: list[tuple[Text, Text | str]] = [(_("Comparison"), family)]
    if question is not None and question.pair is not None:
        here, there = question.pair
        found.insert(0, (_("One group and another"), f"{here} / {there}"))
    elif question is not None:
        reference = scores_asked.AGAINST.get(question.given["against"])
        found.insert(0, (_("Compared with"), reference or question.given["against"]))
    if name:
        level = _percent(compared.interval_confidence)
        method = METHODS.get(name, name)
        said = _("{method}, {level}", method=method, level=level)
        found.insert(1, (_("Interval of the difference"), said))
    return found


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"
