"""What *Methods* says of journeys: how a figure was made, in the order in which a sceptic asks."""

from __future__ import annotations

from datetime import datetime, timedelta

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import Chosen, write_steps
from zhiyin.journey.before import BeforeAsked
from zhiyin.journey.funnel import FunnelAsked
from zhiyin.journey.losses import Losses, LossesAsked
from zhiyin.journey.parting import PartingAsked
from zhiyin.journey.paths import PathsAsked
from zhiyin.kernel.figures import lasted
from zhiyin.kernel.periods import Grain
from zhiyin.kernel.text import Text, _
from zhiyin.measure.asking import EVERY

Lines = tuple[tuple[str, str], ...]

ORDERS: dict[str, Text] = {
    "any": _(
        "Any event of the first step may start. Of the starts that come as far, the latest counts:"
        " it has the most of its time left."
    ),
    "earliest": _("Only a customer's earliest event of the first step may start."),
    "strict": _("The steps are consecutive events, with none of any other name between."),
}
_WILSON = _("95%, Wilson's, over customers")
_TESTED = _(
    "Newcombe's, over customers; one family a table (Benjamini–Hochberg, q = 0.05), and an interval"
    " leaves 0 out where the row is marked"
)
_COUNTED = _("customers, each once, after merges; never events")


def of_funnel(settings: Settings, asked: FunnelAsked, now: datetime) -> Lines:
    """Of a funnel and its course over time."""
    more: list[tuple[Text, object]] = []
    if asked.by is not None:
        more = [
            (
                _("Groups"),
                _(
                    "by the value at the event that starts the chain; who started in two groups is"
                    " in both"
                ),
            )
        ]
    elif asked.by_segments:
        more = [
            (
                _("Groups"),
                _(
                    "customers of each segment as they are now; who is in several counts in each,"
                    " and one is withheld where sums or differences of them would tell of too few"
                ),
            )
        ]
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("how many customers pass these steps in this order, in this time")),
        (_("Steps"), write_steps(asked.steps)),
        (
            _("Time"),
            _(
                "from the first step to the last at most {time}, the end included",
                time=lasted(asked.within.total_seconds()),
            ),
        ),
        (_("Order of steps"), ORDERS[asked.order]),
        (_("Counted"), _COUNTED),
        *more,
        (
            _("Median time"),
            _("from the start of the chain to when a customer first came so far"),
        ),
        (
            _("Time to convert"),
            _(
                "Kaplan and Meier's share of those still on their way from the earliest first step,"
                " in whole seconds; who has not come when her time is over, or at the log's last"
                " event, was watched until then. Interval: Greenwood's on the scale log(−log), at"
                " each moment by itself."
            ),
        ),
        (
            _("Over time"),
            _(
                "by the period in which the chain began; not final until the time is over for the"
                " last who began"
            ),
        ),
        (_("Interval"), _WILSON),
    ]
    return written([*said, *shared(settings, asked.chosen, now)])


def of_paths(settings: Settings, asked: PathsAsked, now: datetime) -> Lines:
    """Of the graph and its table."""
    gap = (
        _("events further apart than {time} do not follow one another", time=_length(asked.gap))
        if asked.gap
        else _("however long between the two")
    )
    start = [] if asked.start is None else [(_("From"), _first(asked.start))]
    end = [] if asked.end is None else [(_("Up to"), _last(asked.end))]
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("which event of a customer directly follows which")),
        (_("Pairs"), gap),
        *start,
        *end,
        (_("Node"), _("the touchpoint of an event that is at one, else its name")),
        (_("Counted"), _("pairs of events, and the customers who have one")),
        (_("Median time"), _("between the two, over pairs")),
    ]
    return written([*said, *shared(settings, asked.chosen, now)])


def of_variants(settings: Settings, chosen: Chosen, now: datetime) -> Lines:
    """Of whole histories."""
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("the whole row of a customer's events, whatever the times between")),
        (_("Node"), _("the touchpoint of an event that is at one, else its name")),
        (_("Counted"), _COUNTED),
        (_("Median time"), _("from a customer's first event to her last")),
    ]
    return written([*said, *shared(settings, chosen, now)])


def of_repeats(settings: Settings, chosen: Chosen, now: datetime) -> Lines:
    """Of what comes again."""
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("how many of those who were at a node came to it again: rework")),
        (
            _("Back"),
            _("came again after being at another node: a loop; the others stayed, or repeated it"),
        ),
        (_("Node"), _("the touchpoint of an event that is at one, else its name")),
        (_("Counted"), _COUNTED),
        (_("Interval"), _WILSON),
    ]
    return written([*said, *shared(settings, chosen, now)])


def of_retention(settings: Settings, chosen: Chosen, every: Grain, now: datetime) -> Lines:
    """Of cohorts, and of all of them together."""
    said: list[tuple[Text, object]] = [
        (
            _("Definition"),
            _("of the customers whose first event fell into a period, those with one in a later"),
        ),
        (_("Period"), EVERY[every]),
        (_("Counted"), _COUNTED),
        (
            _("All cohorts"),
            _("those that are shown and for which the period is over, in one share"),
        ),
        (_("Interval"), _WILSON),
    ]
    return written([*said, *shared(settings, chosen, now)])


def of_before(settings: Settings, asked: BeforeAsked, now: datetime) -> Lines:
    """Of what came before an outcome."""
    outcome = asked.outcome
    others = {
        "others": _(
            "her last moment of the same kind that was not the outcome; who has both counts on both"
            " sides, with her covariance"
        ),
        "earlier": _("the same customers, in as long a time directly before that"),
    }
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("what customers did in the time before the outcome last came about")),
        (
            _("Time"),
            _(
                "{time} before it, up to it; of who stopped, up to the last event itself",
                time=_length(asked.within),
            ),
        ),
        (_("Compared with"), others[asked.compares]),
        *([(_("Only outcomes"), outcome.where.text)] if outcome.where else []),
        (_("Last events"), _("a row of the same event is one")),
        (_("Counted"), _COUNTED),
        (_("Difference"), _TESTED),
    ]
    return written([*said, *shared(settings, asked.chosen, now)])


def of_parting(settings: Settings, asked: PartingAsked, now: datetime) -> Lines:
    """Of where two groups go on differently."""
    groups = asked.groups
    said: list[tuple[Text, object]] = [
        (_("Definition"), _("how customers go on after their first visit to an event")),
        (_("First group"), groups.one.text),
        (_("Second group"), groups.two.text),
        (
            _("Next step"),
            _(
                "the event that follows in {time}; visits less than that before the end are left"
                " out",
                time=_length(asked.gap),
            ),
        ),
        (_("Counted"), _("one visit of each customer at each event")),
        (
            _("Test"),
            _(
                "Pearson's χ² of the next steps, one family over all events (Benjamini–Hochberg,"
                " q = 0.05); intervals of differences are so wide that those of all marked events"
                " hold together"
            ),
        ),
        (
            _("(others)"),
            _("steps that one group has too few customers at, or that would be rare in both"),
        ),
    ]
    return written([*said, *shared(settings, asked.chosen, now)])


def of_losses(settings: Settings, asked: LossesAsked, found: Losses, now: datetime) -> Lines:
    """Of losses before anyone is known."""
    said: list[tuple[Text, object]] = [
        (
            _("Definition"),
            _(
                "sessions that came to a step × (the share of like sessions elsewhere that went on"
                " − the share here) × what a session elsewhere that went on brought"
            ),
        ),
        (_("Steps"), " > ".join(found.steps)),
        (
            _("Unknown"),
            _("customers of whom nothing but anonymous ids is known now, after merges"),
        ),
        (
            _("Session"),
            _(
                "events with no pause longer than {time}, one of them of the first step; it is"
                " where its first event was, and came to the last step that it has an event of",
                time=_length(asked.gap),
            ),
        ),
        (
            _("Like ones elsewhere"),
            _(
                "sessions of unknown customers in other places that came to the same step and"
                " agree in: {columns}. Of the step before the goal, sessions of everybody, here"
                " and there, since who comes to the goal is mostly known by it.",
                columns=", ".join(found.like) or "–",
            ),
        ),
        (
            _("What a session brought"),
            _(
                "orders in {currency} of the same customer, from its first event to 24 hours after"
                " its last and before her next session, where it came to the goal; anyone's"
                " sessions",
                currency=found.currency,
            ),
        ),
        (
            _("Assumption"),
            _(
                "that these customers would have gone on as like ones elsewhere did. What else"
                " differs between them is in the figure too; it proves no cause."
            ),
        ),
        (
            _("Interval"),
            _(
                "{level}%, delta method over customers; all rows are one family of {tests} tests"
                " (FDR), and an interval leaves out 0 exactly where a row is marked",
                level=f"{100 * found.interval_confidence:.3g}",
                tests=found.tests,
            ),
        ),
    ]
    return written([*said, *shared(settings, asked.chosen, now)])


def shared(settings: Settings, chosen: Chosen, now: datetime) -> list[tuple[Text, object]]:
    """What holds for every figure of journeys: dates, filter, smallest base, as of when."""
    first = chosen.start.isoformat() if chosen.start else "…"
    last = (chosen.end - timedelta(days=1)).isoformat() if chosen.end else "…"
    found: list[tuple[Text, object]] = [
        (
            _("Dates"),
            _("{first} to {last}, {zone}", first=first, last=last, zone=settings.timezone)
            if chosen.start or chosen.end
            else _("all events, {zone}", zone=settings.timezone),
        )
    ]
    if chosen.where is not None:
        found.append(
            (
                _("Filter"),
                _(
                    "{rule}: other events are as if they had never happened",
                    rule=chosen.where.text,
                ),
            )
        )
    if chosen.customers:
        found.append((_("Customers"), _("{rule}, as they are now", rule=chosen.customers)))
    minimum = settings.minimum_base
    found += [
        (
            _("Smallest base"),
            _(
                "Nothing is told of fewer than {minimum} customers, nor of what would tell of them"
                " by subtraction: who stopped between two steps is a group too.",
                minimum=minimum,
            ),
        ),
        (_("As of"), f"{now:%Y-%m-%d %H:%M} UTC"),
    ]
    return found


def _length(span: timedelta) -> str:
    return lasted(span.total_seconds())


def _first(name: str) -> Text:
    return _("each customer's first {name}; what came before is left out", name=name)


def _last(name: str) -> Text:
    return _("each customer's last {name}; what came after is left out", name=name)


def written(said: list[tuple[Text, object]]) -> Lines:
    """The lines in the reader's language."""
    return tuple((str(term), str(text)) for term, text in said)
