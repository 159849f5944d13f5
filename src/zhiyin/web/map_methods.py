"""What *Methods* says under a journey map: how its figures were made."""

from __future__ import annotations

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.text import Text, _
from zhiyin.maps.figures import Figures
from zhiyin.maps.seen import Seen
from zhiyin.web import map_picture
from zhiyin.web.map_page import Page

Lines = tuple[tuple[str, str], ...]

FIGURES: tuple[tuple[Text, Text], ...] = (
    (
        _("Tint"),
        _("beside all other touchpoints of the map together; one family of tests"
          " (Benjamini–Hochberg, q = 0.05); darker from a tenth of the measure's range on"),
    ),
    (
        _("Change of the score"),
        _("beside the period before or a year ago; all touchpoints are one family; customers who"
          " answered in both count with their covariance"),
    ),
    (
        _("Emotion"),
        _("net satisfaction of all answers about touchpoints of the stage: best two boxes minus"
          " worst two"),
    ),
    (
        _("Ended here"),
        _("of the customers who came, those of whom a journey that is over ended here and never"
          " reached the goal in these days; who reached it before the first day counts among them"),
    ),
    (
        _("Necessity"),
        _("of the customers who reached the goal, those who had passed here"),
    ),
    (
        _("Convenience"),
        _("time, attempts, switches of channel, help and effort, each beside the best comparable"
          " touchpoint; 100 is the best in all"),
    ),
    (
        _("Money"),
        _("ordered in these days by customers who came here; it is not caused by the touchpoint,"
          " and a customer's orders count at each that she passes"),
    ),
)  # fmt: skip
"""Each figure, and what it is."""


def of_map(settings: Settings, page: Page, seen: Seen, found: Figures) -> Lines:
    """The lines in the reader's language, in the order in which a sceptic asks."""
    said: list[tuple[Text, object]] = [
        (
            _("Days"),
            _("{first} – {end} (the last day not included) · {zone}",
              first=seen.start, end=seen.end, zone=settings.timezone),
        )
    ]  # fmt: skip
    if seen.where is not None:
        said.append((_("Filter"), seen.where.text))
    if seen.customers:
        said.append((_("Customers"), map_picture.whose(page, seen)))
    if found.scores is not None:
        told = _("Answers about one touchpoint; an answer is about the first touchpoint whose rule"
                 " holds.")  # fmt: skip
        said.append((_("Score"), f"{found.scores.metric.definition} {told}"))
    said += FIGURES
    said += [
        (
            _("Interval"),
            _("{level}%, over customers", level=f"{100 * seen.confidence:g}"),
        ),
        (
            _("Smallest bases"),
            _("Nothing is shown that is about fewer than {minimum} customers.",
              minimum=found.minimum_base),
        ),
        (_("As of"), f"{found.as_of:%Y-%m-%d %H:%M} UTC"),
    ]  # fmt: skip
    return tuple((str(term), str(text)) for term, text in said)
