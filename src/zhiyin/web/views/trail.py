"""The *audit log* 审计日志: who did what, when and from where."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhiyin.accounts import trail
from zhiyin.accounts.done import in_words
from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.unify.lines import days
from zhiyin.web import audit_file
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_AUDIT, personal=True)
def audit(request: HttpRequest, here: Here) -> HttpResponse:
    """Entries that pass, the newest first."""
    problem, before = None, request.GET.get("before", "")
    try:
        asked = _asked(request, here)
    except Problem as wrong:
        asked, problem = trail.Asked(), wrong
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = trail.page(here.slug, asked, before=number)
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "entries": [(entry, changes(entry)) for entry in found.entries],
        "older": found.older,
        "query": query.urlencode(),
        "given": request.GET,
        "actions": [(action, in_words(action)) for action in trail.actions(here.slug)],
        "problem": problem,
    }
    return render(request, "web/audit.html", context, status=422 if problem else 200)


@require_safe
@needs(Right.SEE_AUDIT, personal=True)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """All entries that pass, as a file."""
    asked = _asked(request, here)
    kind = request.GET.get("format", "csv")
    return audit_file.download(here.workspace, asked, kind, by=here.by)


def changes(entry: AuditEntry) -> list[tuple[str, object, object]]:
    """(field, before, after) of what an entry says changed; None where there was nothing."""
    names = dict.fromkeys([*entry.before, *entry.after])
    both = [(name, _some(entry.before.get(name)), _some(entry.after.get(name))) for name in names]
    return [(name, was, becomes) for name, was, becomes in both if was != becomes]


def _some(value: object) -> object:
    return None if value in ("", [], {}) else value


def _asked(request: HttpRequest, here: Here) -> trail.Asked:
    given = request.GET
    start, end = days(here.workspace, given.get("from", ""), given.get("until", ""))
    return trail.Asked(
        text=given.get("q", "").strip()[:100],
        action=given.get("action", "").strip(),
        start=_aware(start),
        end=_aware(end),
    )


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None
