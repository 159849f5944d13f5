"""Signing in at the company's own identity provider 单点登录."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from zhiyin.accounts import company
from zhiyin.kernel.errors import Problem
from zhiyin.web import entering
from zhiyin.web.views.reading import actor_of, person_of


@login_not_required
@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Lead to the provider."""
    _is_set_up()
    try:
        return redirect(company.begin(request, then=entering.bound_for(request)))
    except Problem as refused:
        return _back(request, refused)


@login_not_required
@never_cache
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    """Come back from the provider, and go on as after a right password."""
    _is_set_up()
    try:
        claims, then = company.finish(request)
        person = company.who(claims, where=entering.address_of(request))
    except Problem as refused:
        return _back(request, refused)
    return entering.enter(request, person, way="company", then=then)


@require_POST
def let_go(request: HttpRequest) -> HttpResponse:
    """Have the provider sign the person in no longer."""
    company.let_go(by=actor_of(request), person=person_of(request))
    messages.success(request, gettext("You sign in by your password, until you link it again."))
    return redirect("me")


def _is_set_up() -> None:
    if not company.name():
        raise Http404


def _back(request: HttpRequest, refused: Problem) -> HttpResponse:
    messages.warning(request, str(refused))
    return redirect("sign-in")
