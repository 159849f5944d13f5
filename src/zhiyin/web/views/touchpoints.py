"""The page of touchpoint rules 触点规则: ordered, edited, with what each one catches."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from zhiyin.accounts.rights import Right
from zhiyin.collect import caught
from zhiyin.web.views.reading import Here, needs
from zhiyin.web.views.rules import Page, changed, form


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def rules(request: HttpRequest, here: Here) -> HttpResponse:
    """The rules in order, what nothing explains, and a form for a new one with its preview."""
    return form(request, here, PAGE, place=None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def rule(request: HttpRequest, here: Here, place: int) -> HttpResponse:
    """One rule: edited, with a preview."""
    return form(request, here, PAGE, place=place)


@require_POST
@needs(Right.CHANGE_DATA)
def change_rules(request: HttpRequest, here: Here) -> HttpResponse:
    """Move a rule, take one out, or put one back; then show the list."""
    return changed(request, here, PAGE)


def _more(here: Here) -> dict[str, Any]:
    found = caught.traffic(here.log, here.slug, "touchpoint", "events")
    return {
        "traffic": found,
        "rows": list(zip(here.log.rules(here.slug, "touchpoint"), found.rules, strict=True)),
        "touchpoints": sorted(here.log.words(here.slug, "touchpoint").values()),
    }


PAGE = Page("touchpoint", "touchpoint", "touchpoint-rules", "web/touchpoints.html", _more)
