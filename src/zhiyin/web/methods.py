"""*Methods*: what the figures of a page are, in lines of a term and its text."""

from __future__ import annotations

from datetime import timedelta

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _
from zhiyin.measure.comparisons import Comparisons
from zhiyin.measure.scores import Scores
from zhiyin.measure.words import KINDS, UNITS

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

Lines = tuple[tuple[str, str], ...]


def lines(settings: Settings, found: Scores, compared: Comparisons | None) -> Lines:
    """The lines in the reader's language, in the order in which a sceptic asks."""
    said = [
        (_("Definition"), _definition(found)),
        (_("Population"), found.metric.population),
        (_("Of what, over what"), f"{found.metric.numerator} / {found.metric.denominator}"),
        (_("Unit of measure"), UNITS[found.unit]),
        *_asked(found),
        (_("Counted"), _counted(found)),
        (_("Weighting"), _weighting(found)),
        *_dates(found),
        (_("Interval"), _interval(found)),
        (_("Smallest bases"), _bases(settings)),
        *_compared(compared),
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


def _dates(found: Scores) -> list[tuple[Text, Text]]:
    if found.start is None or found.end is None:
        return []
    last = found.end - timedelta(days=1)
    said = _(
        "{first} to {last}, both included ({timezone})",
        first=found.start,
        last=last,
        timezone=found.timezone,
    )
    return [(_("Dates"), said), (_("Dated by"), found.metric.window)]


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


def _compared(compared: Comparisons | None) -> list[tuple[Text, Text]]:
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
    found = [(_("Comparison"), family)]
    if name:
        level = _percent(compared.interval_confidence)
        method = METHODS.get(name, name)
        found.insert(0, (_("Interval of the difference"), _(
            "{method}, {level}", method=method, level=level)))  # fmt: skip
    return found


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"
