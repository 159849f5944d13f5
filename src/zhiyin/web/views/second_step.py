"""Two-step sign-in 两步登录: the second page of signing in, and what is set up on *You*."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import passkeys, second_step, signing
from zhiyin.accounts.models import Person
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.web import entering
from zhiyin.web.views.reading import actor_of, person_of

OFFERED = "second_step_offered"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_step(request: HttpRequest) -> HttpResponse:
    """The second page of signing in: a code of the app, or a recovery code."""
    waiting = entering.half_way(request)
    if waiting is None:
        return redirect("sign-in")
    person, way, then = waiting
    problem = None
    if request.method == "POST":
        where, known = entering.address_of(request), entering.known(request)
        try:
            signing.check(person.login, where, known)
            proof = _proof(person, request.POST)
            if proof:
                return entering.let_in(request, person, way=f"{way}, {proof}", then=then)
            signing.failed(person.login, where, known)
            problem = _wrong(request.POST)
        except Problem as refused:
            problem = refused
    status = 429 if problem and problem.code == "sign-in.too-often" else 422 if problem else 200
    held = second_step.held(person)
    asked = passkeys.to_enter(person) if held.passkeys else None
    context = {"problem": problem, "held": held, "asked": json.dumps(asked) if asked else ""}
    return render(request, "web/sign_in_step.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Set an authenticator app up: a picture to scan, a code to confirm, recovery codes once."""
    person, problem = person_of(request), None
    sealed = request.session.get(OFFERED) or second_step.new_secret()
    request.session[OFFERED] = sealed
    if request.method == "POST":
        try:
            codes = second_step.set_up_app(
                by=actor_of(request),
                person=person,
                sealed=sealed,
                code=request.POST.get("code", ""),
            )
        except Problem as refused:
            problem = refused
        else:
            del request.session[OFFERED]
            messages.success(request, gettext("Two-step sign-in is set up."))
            return shown_once(request, codes)
    context = {
        "offer": second_step.offer(person, second_step.opened(sealed)),
        "held": second_step.held(person),
        "is_required": second_step.is_required(person),
        "problem": problem,
    }
    return render(request, "web/second_step.html", context, status=422 if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ask for the password, then make other recovery codes and show them once."""
    person, problem = person_of(request), None
    if request.method == "POST":
        try:
            signing.confirm(person, request.POST.get("password", ""), entering.address_of(request))
            codes = second_step.new_codes(by=actor_of(request), person=person)
        except Problem as refused:
            problem = refused
        else:
            return shown_once(request, codes)
    context = {"problem": problem}
    return render(request, "web/new_codes.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def turn_off(request: HttpRequest) -> HttpResponse:
    """Ask for the password, then ask for the app no longer."""
    person, problem = person_of(request), None
    if request.method == "POST":
        try:
            signing.confirm(person, request.POST.get("password", ""), entering.address_of(request))
            second_step.turn_off_app(by=actor_of(request), person=person)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The authenticator app is asked no longer."))
            return redirect("me")
    context = {"problem": problem}
    return render(request, "web/turn_off_second_step.html", context, status=422 if problem else 200)


def shown_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The page with new recovery codes, or back where there are none to show."""
    if not codes:
        return redirect("me")
    file = "Zhiyin 知音\r\n" + "".join(f"{code}\r\n" for code in codes)
    context = {"codes": codes, "file": f"data:text/plain;charset=utf-8,{quote(file)}"}
    return render(request, "web/codes.html", context)


def _proof(person: Person, given: QueryDict) -> str:
    if "credential" in given:
        return "passkey" if passkeys.proved(person, str(given["credential"])) else ""
    return second_step.proved(person, given.get("code", ""))


def _wrong(given: QueryDict) -> Problem:
    if "credential" in given:
        return passkeys.refused()
    return Problem(
        "second-step.wrong-code",
        _("This code is not right, or was used already."),
        _("Enter the code that the app shows now, or a recovery code that you have not used."),
    )
