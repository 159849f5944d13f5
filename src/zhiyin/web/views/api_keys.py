"""The page of API keys 接口密钥: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import api_keys, units
from zhiyin.accounts.models import ApiKey
from zhiyin.accounts.rights import SAYS, WHOLE, Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.web.views.reading import Here, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def keys(request: HttpRequest, here: Here) -> HttpResponse:
    """Every key of the workspace, when it was last used, and a form for a new one."""
    problem, made = None, None
    given: dict[str, Any] = {"days": "365"}
    if request.method == "POST":
        try:
            made = _made(here, request.POST)
        except Problem as refused:
            problem, given = refused, {**request.POST.dict()}
    context = {
        "keys": [(key, _in_words(key)) for key in api_keys.of(here.slug)],
        "made": made,
        "problem": problem,
        "given": given,
        "rights": [
            (right.value, SAYS[right], right in WHOLE, right.value in request.POST.getlist("right"))
            for right in api_keys.GIVEN
            if here.access.may(right)
        ],
        "units": units.tree(here.slug),
    }
    answer = render(request, "web/api_keys.html", context, status=422 if problem else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def revoke(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then end the key."""
    key = next((key for key in api_keys.of(here.slug) if key.pk == number), None)
    if key is None:
        raise Http404
    if request.method != "POST":
        return render(request, "web/revoke_api_key.html", {"key": key})
    api_keys.revoke(by=here.by, workspace=here.slug, number=number)
    messages.success(request, gettext("The key “%(name)s” is revoked.") % {"name": key.name})
    return redirect("api-keys", slug=here.slug)


def _made(here: Here, posted: QueryDict) -> api_keys.Made:
    return api_keys.create(
        by=here.by,
        workspace=here.slug,
        name=posted.get("name", ""),
        rights=posted.getlist("right"),
        sees_personal_data=bool(posted.get("personal")),
        unit=posted.get("unit", ""),
        days=_days(posted.get("days", "").strip()),
        maker=here.access,
    )


def _in_words(key: ApiKey) -> str:
    return " · ".join(str(SAYS[Right(right)]) for right in key.rights)


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Problem(
            "api-keys.days",
            _("“{text}” is no number of days.", text=text[:40]),
            _("Write digits only; nothing for a key without an end."),
        )
    return int(text[:9])
