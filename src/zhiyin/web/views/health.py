"""The page *Data health* 数据健康."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhiyin.collect import health as data_health
from zhiyin.collect import rejected, touchpoints
from zhiyin.web.log import the_log
from zhiyin.web.sources import counted
from zhiyin.web.views.reading import required


@require_safe
def health(request: HttpRequest, slug: str) -> HttpResponse:
    """Each source against what is usual; silences, refusals, and what is not linked."""
    workspace = required(request, slug)
    log = the_log()
    sources = counted(log, workspace)
    unlinked, answers = data_health.unlinked_answers(log, slug)
    context = {
        "sources": sources,
        "gaps": sorted(
            (gap for one in sources for gap in one.gaps), key=lambda gap: gap.since, reverse=True
        )[:20],
        "unlinked": unlinked,
        "answers": answers,
        "traffic": touchpoints.traffic(log, slug),
        "rejects": rejected.newest(Path(settings.ZHIYIN_DATA), log.imports(slug)),
        "intake": [(state, seen) for what, state, seen in log.check() if what == f"intake {slug}"],
        "zone": workspace.timezone,
        "days": touchpoints.DAYS,
    }
    return render(request, "web/health.html", context)
