"""What the pages of journeys call: shares, bars, times, charts."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from zhiyin.charts import bars, strings
from zhiyin.charts.axis import Axis
from zhiyin.charts.strings import Estimate
from zhiyin.journey.compared import Side
from zhiyin.journey.funnel import Step
from zhiyin.journey.losses import Loss
from zhiyin.journey.retention import Cohort, Together
from zhiyin.journey.shares import Figure
from zhiyin.kernel import figures
from zhiyin.measure.words import customers
from zhiyin.web import journeys_charts, paths_page
from zhiyin.web.adoption_page import Page as AdoptionPage
from zhiyin.web.cohorts_page import Page as CohortsPage
from zhiyin.web.funnels_page import Page as FunnelsPage
from zhiyin.web.paths_page import Page as PathsPage
from zhiyin.web.tasks_page import Page as TasksPage

register = template.Library()


@register.simple_tag
def share(value: float | None) -> str:
    """A share of 0…1 in per cent."""
    return figures.figure(None if value is None else 100 * value, "percent")


@register.filter
def percent(value: float) -> str:
    """A share of 0…1 in per cent, within a sentence."""
    return figures.figure(100 * value, "percent")


@register.simple_tag
def shares(low: float | None, high: float | None) -> str:
    """An interval of shares of 0…1 in per cent."""
    if low is None or high is None:
        return figures.MISSING
    return figures.interval(100 * low, 100 * high, "percent")


@register.simple_tag
def share_difference(value: float | None) -> str:
    """A difference of shares of 0…1 in per cent, with its sign."""
    return figures.figure(None if value is None else 100 * value, "percent", signed=True)


@register.simple_tag
def share_differences(low: float | None, high: float | None) -> str:
    """An interval of such a difference."""
    if low is None or high is None:
        return figures.MISSING
    return figures.interval(100 * low, 100 * high, "percent", signed=True)


@register.filter
def told(one: Step | Cohort | Together | Side | Loss, minimum: int) -> str:
    """How many customers: ``1,482``, or ``< 10`` where they are too few to say."""
    return customers(one.customers, one.state, minimum)


@register.simple_tag
def few(count: int | None, state: str, minimum: int) -> str:
    """A count of customers: ``1,482``, or ``< 10`` where they are too few to say."""
    return customers(count, state, minimum)


@register.filter
def money(value: float | None) -> str:
    """An amount, without decimals from a thousand on."""
    return figures.figure(value, "count")


@register.simple_tag
def moneys(low: float | None, high: float | None) -> str:
    """An interval of amounts."""
    return figures.interval(low, high, "count")


@register.filter
def lasted(seconds: float | None) -> str:
    """A length of time in its two largest units."""
    return figures.lasted(seconds)


@register.simple_tag
def bar(step: Step, width: int) -> SafeString:
    """A step's share of the first as a bar from 0 to 100%, with its interval."""
    drawn = bars.bar(step.share_of_first, step.low, step.high, width=width)
    return SafeString(drawn)  # `charts` escapes all that it writes


@register.simple_tag
def share_string(step: Step, axis: Axis | None, average: float | None) -> SafeString:
    """A share on a hairline: bar for the interval, bead for the value, tick for all."""
    if step.share_of_first is None or step.low is None or step.high is None:
        one = Estimate(None)
    else:
        one = Estimate(100 * step.share_of_first, 100 * step.low, 100 * step.high)
    whole = None if average is None else 100 * average
    return SafeString(strings.string(one, axis, average=whole))  # as above


@register.simple_tag
def times(low: float | None, high: float | None) -> str:
    """An interval of lengths of time."""
    return figures.times(low, high)


@register.simple_tag
def waits_chart(page: FunnelsPage, width: int) -> SafeString:
    """The share still on its way, by the time since the first step."""
    return SafeString(journeys_charts.waits(page, width=width))  # as above


@register.simple_tag
def counted(known: int | None, state: str, minimum: int) -> str:
    """How many customers: ``1,482``, or ``< 10`` where they are too few to say."""
    return customers(known, state, minimum)


@register.simple_tag
def mean(value: float | None) -> str:
    """A mean of counts."""
    return figures.figure(value, "scale")


@register.simple_tag
def ends(low: float | None, high: float | None) -> str:
    """An interval of means of counts."""
    return figures.interval(low, high, "scale")


@register.simple_tag
def figure_string(one: Figure, axis: Axis | None, average: float | None) -> SafeString:
    """A share on a hairline: bar for the interval, bead for the value, tick for all."""
    if one.value is None or one.low is None or one.high is None:
        shown = Estimate(None)
    else:
        shown = Estimate(100 * one.value, 100 * one.low, 100 * one.high)
    whole = None if average is None else 100 * average
    return SafeString(strings.string(shown, axis, average=whole))  # as above


@register.simple_tag
def completion_chart(page: TasksPage, width: int) -> SafeString:
    """The share of attempts that succeed, over time."""
    return SafeString(journeys_charts.completion(page, width=width))  # as above


@register.simple_tag
def adoption_chart(page: AdoptionPage, width: int) -> SafeString:
    """The share of those who were new that took it up, over time."""
    return SafeString(journeys_charts.adoption(page, width=width))  # as above


@register.simple_tag
def conversion_chart(page: FunnelsPage, width: int) -> SafeString:
    """The share that comes to the end, over time."""
    return SafeString(journeys_charts.conversion(page, width=width))  # as above


@register.simple_tag
def together_chart(page: CohortsPage, width: int) -> SafeString:
    """The share of all cohorts that came so many periods later."""
    return SafeString(journeys_charts.together(page, width=width))  # as above


@register.simple_tag
def paths_graph(page: PathsPage) -> SafeString:
    """What follows what."""
    return SafeString(paths_page.picture(page))  # as above
