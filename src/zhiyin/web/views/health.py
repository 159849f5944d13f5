"""The page *Data health* 数据健康, and the dead letters."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhiyin.accounts import audit
from zhiyin.accounts.rights import Right
from zhiyin.collect import caught, rejected
from zhiyin.collect import health as data_health
from zhiyin.web.sources import counted
from zhiyin.web.views.data import is_empty
from zhiyin.web.views.reading import Here, needs

LETTERS = 50


@require_safe
@needs(Right.SEE_DATA)
def health(request: HttpRequest, here: Here) -> HttpResponse:
    """Each source against what is usual; silences, refusals, and what is not linked."""
    workspace = here.workspace
    log = here.log
    if is_empty(log, here.slug):
        return redirect("begin", slug=here.slug)
    sources = counted(log, workspace)
    unlinked, answers = data_health.unlinked_answers(log, here.slug)
    context = {
        "sources": sources,
        "gaps": sorted(
            (gap for one in sources for gap in one.gaps), key=lambda gap: gap.since, reverse=True
        )[:20],
        "unlinked": unlinked,
        "answers": answers,
        "traffic": caught.traffic(log, here.slug, "touchpoint", "events"),
        "letters": log.dead_letter_counts(here.slug),
        "rejects": rejected.newest(Path(settings.ZHIYIN_DATA), log.imports(here.slug)),
        "intake": data_health.waiting(log, here.slug),
        "days": caught.DAYS,
    }
    return render(request, "web/health.html", context)


@require_safe
@needs(Right.SEE_DATA, personal=True)
def dead_letters(request: HttpRequest, here: Here) -> HttpResponse:
    """What intake refused and why; by reason and source, the newest first."""
    log = here.log
    code, source = request.GET.get("code") or None, request.GET.get("source") or None
    before = request.GET.get("before", "")
    letters = log.dead_letters(
        here.slug,
        code=code,
        source=source,
        before=int(before) if before.isascii() and before.isdigit() else None,
        limit=LETTERS + 1,
    )
    context = {
        "letters": letters[:LETTERS],
        "older": letters[LETTERS - 1].number if len(letters) > LETTERS else None,
        "counts": log.dead_letter_counts(here.slug),
        "code": code or "",
        "source": source or "",
    }
    return render(request, "web/dead_letters.html", context)


@require_POST
@needs(Right.CHANGE_DATA, personal=True)
def settle_letters(request: HttpRequest, here: Here) -> HttpResponse:
    """Read the chosen letters again, or put them aside."""
    numbers = [int(text) for text in request.POST.getlist("number") if text.isdigit()]
    if not numbers:
        messages.error(request, gettext("No event was chosen."))
    elif request.POST.get("do") == "replay":
        done = here.log.replay_dead_letters(here.slug, numbers)
        _record(here, "dead_letters.replayed", len(numbers))
        messages.success(
            request,
            gettext("%(taken)s of %(tried)s are in the log now.")
            % {"taken": done.taken, "tried": done.tried},
        )
    elif request.POST.get("do") == "dismiss":
        count = here.log.dismiss_dead_letters(here.slug, numbers)
        _record(here, "dead_letters.dismissed", count)
        messages.success(request, gettext("%(count)s are put aside.") % {"count": count})
    return redirect(reverse("dead-letters", args=[here.slug]))


def _record(here: Here, action: str, count: int) -> None:
    audit.record(
        by=here.by, action=action, subject=here.slug, workspace=here.slug, after={"events": count}
    )
