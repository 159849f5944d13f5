"""Search over all that a person may open: pages, measures, touchpoints, what was saved, customers.

Names are matched in both languages, whatever language is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import resolve, reverse

from zhiyin.accounts import saved_views
from zhiyin.accounts.access import Access
from zhiyin.accounts.rights import Right
from zhiyin.kernel.text import LANGUAGES, Text, _, in_language
from zhiyin.measure.registry import METRICS
from zhiyin.reports.models import Report
from zhiyin.unify import people, segments
from zhiyin.warehouse.log import Log
from zhiyin.web import personal, surveys_page
from zhiyin.web.views.reading import Needs

MOST = 8
"""Of each kind."""

PAGES: dict[str, Text] = {
    "overview": _("Overview"),
    "funnels": _("Funnels"),
    "paths": _("Paths"),
    "cohorts": _("Retention"),
    "before": _("Before an outcome"),
    "parting": _("Parting"),
    "adoption": _("Adoption"),
    "engagement": _("Engagement"),
    "tasks": _("Tasks"),
    "losses": _("Losses"),
    "walkthroughs": _("Competitor walkthroughs"),
    "scores": _("Scores"),
    "definitions": _("Definitions of measures"),
    "targets": _("Targets"),
    "calendar": _("Calendar"),
    "views": _("Saved views"),
    "surveys": _("Surveys"),
    "reports": _("Reports"),
    "voice": _("Voice"),
    "voice-first": _("What to fix first"),
    "voice-apart": _("What two groups say differently"),
    "voice-themes": _("Themes"),
    "voice-rightness": _("How rightly texts are read"),
    "voice-versions": _("Two versions of the reading"),
    "cases": _("Cases"),
    "responses": _("Responses"),
    "customers": _("Customers"),
    "new-segment": _("New segment"),
    "data": _("Data health"),
    "events": _("Events"),
    "catalogue": _("Catalogue"),
    "touchpoint-rules": _("Touchpoint rules"),
    "unit-rules": _("Unit rules"),
    "identity-rules": _("Identity rules"),
    "sources": _("Sources of verbatims"),
    "keys": _("Write keys"),
    "imports": _("Import"),
    "people": _("People"),
    "units": _("Units"),
    "workspace": _("Workspace"),
    "jobs": _("Jobs"),
    "api-keys": _("API keys"),
    "audit": _("Audit log"),
    "rights": _("Rights"),
    "help": _("Help"),
}
"""Pages by the name of their address; what each needs, its own view says."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: what it is called, what more is said of it, where it is."""

    name: str
    address: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    label: Text
    hits: tuple[Hit, ...]


def find(log: Log, access: Access, text: str) -> tuple[Group, ...]:
    """Everything that this person may open and that is called so, by kind.

    Args:
        log: reads no more than she may see.
        text: a part of a name; of customers a whole id, order, telephone, address or name.
    """
    asked = text.strip()
    if not asked:
        return ()
    found = [
        Group(_("Pages"), _pages(access, asked)),
        Group(_("Measures"), _measures(access, asked)),
        Group(_("Touchpoints"), _touchpoints(log, access, asked)),
        Group(_("Saved views"), _views(access, asked)),
        Group(_("Surveys"), _surveys(access, asked)),
        Group(_("Reports"), _reports(access, asked)),
        Group(_("Segments"), _segments(access, asked)),
        Group(_("Customers"), _customers(log, access, asked)),
    ]
    return tuple(group for group in found if group.hits)


def _says(name: Text, asked: str) -> bool:
    """Whether a name holds these letters in any language."""
    for language in LANGUAGES:
        with in_language(language):
            if asked.casefold() in str(name).casefold():
                return True
    return False


def _pages(access: Access, asked: str) -> tuple[Hit, ...]:
    named = [(name, reverse(page, args=[access.workspace.slug])) for page, name in PAGES.items()]
    return tuple(
        Hit(str(name), address)
        for name, address in named
        if _says(name, asked) and _may_open(access, address)
    )[:MOST]


def _may_open(access: Access, address: str) -> bool:
    asks: Needs | None = getattr(resolve(address).func, "needs", None)
    if asks is None:  # for every member
        return True
    return access.may(asks.to_read) and (access.sees_personal_data or not asks.personal)


def _measures(access: Access, asked: str) -> tuple[Hit, ...]:
    if not access.may(Right.SEE_FIGURES):
        return ()
    address = reverse("scores", args=[access.workspace.slug])
    return tuple(
        Hit(str(one.label), f"{address}?{urlencode({'metric': one.slug})}", str(one.asks))
        for one in METRICS.values()
        if asked.casefold() in one.slug or _says(one.label, asked) or _says(one.asks, asked)
    )[:MOST]


def _touchpoints(log: Log, access: Access, asked: str) -> tuple[Hit, ...]:
    if not access.may(Right.SEE_FIGURES):
        return ()
    address = reverse("scores", args=[access.workspace.slug])
    words = sorted(set(log.words(access.workspace.slug, "touchpoint").values()))
    return tuple(
        Hit(word, f"{address}?{urlencode({'by': '', 'is.touchpoint': word})}")
        for word in words
        if asked.casefold() in word.casefold()
    )[:MOST]


def _views(access: Access, asked: str) -> tuple[Hit, ...]:
    if not access.may(Right.SEE_FIGURES):
        return ()
    return tuple(
        Hit(one.name, saved_views.address(one))
        for one in saved_views.seen_by(access.workspace.slug, access.person, asked)[:MOST]
        if personal.may_open(one.query, sees_it=access.sees_personal_data)
    )


def _surveys(access: Access, asked: str) -> tuple[Hit, ...]:
    if not access.may(Right.SEE_FIGURES):
        return ()
    slug = access.workspace.slug
    return tuple(
        Hit(one.title, reverse("survey", args=[slug, one.survey["key"]]), one.survey["key"])
        for one in surveys_page.listed(slug, asked)
    )[:MOST]


def _reports(access: Access, asked: str) -> tuple[Hit, ...]:
    if not access.may(Right.SEE_FIGURES):
        return ()
    slug = access.workspace.slug
    held = Report.objects.filter(workspace__slug=slug, title__icontains=asked).order_by("title")
    return tuple(Hit(one.title, reverse("report", args=[slug, one.pk])) for one in held[:MOST])


def _segments(access: Access, asked: str) -> tuple[Hit, ...]:
    if not access.may(Right.SEE_CUSTOMERS):
        return ()
    slug = access.workspace.slug
    address = reverse("customers", args=[slug])
    return tuple(
        Hit(one.name, f"{address}?{urlencode({'segment': one.slug})}")
        for one in segments.of(slug)
        if asked.casefold() in one.name.casefold()
    )[:MOST]


def _customers(log: Log, access: Access, asked: str) -> tuple[Hit, ...]:
    """Customers by a whole id or name; for nobody who does not see who they are."""
    if not (access.may(Right.SEE_CUSTOMERS) and access.sees_personal_data):
        return ()
    settings = access.workspace
    found = log.find_customers(settings.slug, asked, limit=MOST)
    people_found = people.of_keys(log, settings, [one.customer for one in found])
    return tuple(
        Hit(
            one.name or one.ids[0].id,
            personal.address(settings.slug, one.key, str(one.ids[0]), sees_it=True),
            str(one.ids[0]),
        )
        for one in people_found
        if one.ids
    )
