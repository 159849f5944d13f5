"""No more letters: what a customer reaches from a letter, and her mail program by itself."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from zhiyin.collect.reaching import distributions, stopping
from zhiyin.collect.surveys import definition
from zhiyin.kernel.text import language


@csrf_exempt  # a mail program has neither cookie nor form (RFC 8058); the address is signed
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, named: str) -> HttpResponse:
    """A page with a button; whatever only looks at the address, a scanner too, changes nothing."""
    asking = stopping.asking_of(named)
    if asking is None:
        return render(request, "web/stop.html", {"is_unknown": True}, status=404)
    if request.method == "POST":
        stopping.unsubscribe(asking)
    survey = distributions.survey_of(asking.distribution)
    code = definition.language_of(language())
    context = {
        "is_stopped": request.method == "POST",
        "company": definition.said(survey.company, code, survey),
    }
    return render(request, "web/stop.html", context)
