"""Passkeys 通行密钥: signing in by one; added, named and removed on *You*."""

from __future__ import annotations

import json
import time

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import passkeys, signing
from zhiyin.accounts.passkeys import Passkey
from zhiyin.kernel.errors import Problem
from zhiyin.web import entering
from zhiyin.web.views.reading import actor_of, person_of
from zhiyin.web.views.second_step import shown_once

CONFIRMED = "passkey_confirmed_at"
CONFIRMED_SECONDS = 300


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """What the browser is asked, as JSON; then its answer, which signs in."""
    if request.method == "GET":
        return JsonResponse(dict(passkeys.to_enter()))
    try:
        person = passkeys.who(request.POST.get("credential", ""))
    except Problem as refused:
        messages.warning(request, str(refused))
        return redirect("sign-in")
    return entering.let_in(request, person, way="passkey", then=entering.bound_for(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Ask for the password, then have the browser make a passkey."""
    person, problem = person_of(request), None
    if "credential" in request.POST and _is_confirmed(request):
        try:
            codes = passkeys.add(
                by=actor_of(request),
                person=person,
                name=request.POST.get("name", ""),
                answer=request.POST["credential"],
            )
        except Problem as refused:
            problem = refused
        else:
            del request.session[CONFIRMED]
            messages.success(request, gettext("The passkey is kept: you can sign in by it."))
            return shown_once(request, codes)
    elif request.method == "POST":
        try:
            signing.confirm(person, request.POST.get("password", ""), entering.address_of(request))
        except Problem as refused:
            problem = refused
        else:
            request.session[CONFIRMED] = time.time()
    is_confirmed = request.method == "POST" and _is_confirmed(request)
    asked = json.dumps(passkeys.to_add(person)) if is_confirmed else ""
    context = {"problem": problem, "asked": asked}
    return render(request, "web/add_passkey.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest, number: int) -> HttpResponse:
    """One passkey: another name."""
    held = _mine(request, number)
    if request.method == "POST":
        passkeys.rename(
            by=actor_of(request),
            person=person_of(request),
            number=number,
            name=request.POST.get("name", ""),
        )
        messages.success(request, gettext("Saved."))
        return redirect("me")
    return render(request, "web/passkey.html", {"held": held})


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for the password, then take a passkey out."""
    held, person, problem = _mine(request, number), person_of(request), None
    if request.method == "POST":
        try:
            signing.confirm(person, request.POST.get("password", ""), entering.address_of(request))
            passkeys.remove(by=actor_of(request), person=person, number=number)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The passkey signs nobody in any longer."))
            return redirect("me")
    context = {"held": held, "problem": problem}
    return render(request, "web/remove_passkey.html", context, status=422 if problem else 200)


def _mine(request: HttpRequest, number: int) -> Passkey:
    held = passkeys.one_of(person_of(request), number)
    if held is None:
        raise Http404
    return held


def _is_confirmed(request: HttpRequest) -> bool:
    age = time.time() - request.session.get(CONFIRMED, 0)
    return bool(0 <= age < CONFIRMED_SECONDS)
