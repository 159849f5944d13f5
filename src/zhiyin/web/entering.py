"""The door: who has proved one thing is let in, or asked for her second step first."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from zhiyin.accounts import second_step, sessions, signing
from zhiyin.accounts.models import Person
from zhiyin.web.language import keep_language

KNOWN_COOKIE = "zhiyin_known"
HALF_WAY = "half_way"
HALF_WAY_SECONDS = 600
"""So long a password that was right waits for its second step."""

SEEN = "seen"
SEEN_SECONDS = 300

BEFORE_SET_UP = frozenset({"second-step", "add-passkey", "sign-out", "language", "password"})
"""What a person may do who must set up a second step first."""


class SecondStepRequired:
    """Middleware: who works where two steps are required sets them up before anything else."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual."""
        return self.answer(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Lead to the page where a second step is set up; None goes on."""
        person, match = request.user, request.resolver_match
        if not isinstance(person, Person) or (match and match.url_name in BEFORE_SET_UP):
            return None
        if not second_step.is_required(person) or second_step.has(person):
            return None
        return redirect("second-step")


class Sessions:
    """Middleware: each session in use is on the list that its person sees.

    After the answer, so that signing in by whatever way is on it; what Django's session keeps of
    it saves the store a look at each request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual; every few minutes write down who was here."""
        answer = self.answer(request)
        person, key = request.user, request.session.session_key
        if isinstance(person, Person) and key:
            number, written_at, of_key = request.session.get(SEEN, (0, 0.0, ""))
            if key != of_key or time.time() - written_at > SEEN_SECONDS:
                where, agent = address_of(request), request.headers.get("User-Agent", "")
                number = sessions.seen(person, key=key, number=number, where=where, agent=agent)
                request.session[SEEN] = (number, time.time(), key)
        return answer


def enter(request: HttpRequest, person: Person, *, way: str, then: str) -> HttpResponse:
    """Let somebody in who proved that it is she, or ask for her second step where she has one.

    Args:
        way: what she proved it with.
        then: the page that she asked for.
    """
    if not second_step.has(person):
        return let_in(request, person, way=way, then=then)
    # Whoever gave her this session's key, to have it signed in by her, does not know the new one.
    request.session.cycle_key()
    request.session[HALF_WAY] = {
        "person": person.pk,
        "password": person.get_session_auth_hash(),
        "at": time.time(),
        "way": way,
        "then": then,
    }
    return redirect("sign-in-step")


def half_way(request: HttpRequest) -> tuple[Person, str, str] | None:
    """Who waits for the second step, what she proved so far, where she is bound for."""
    kept = request.session.get(HALF_WAY)
    if kept is None or not 0 <= time.time() - kept["at"] < HALF_WAY_SECONDS:
        return None
    person = Person.objects.filter(pk=kept["person"], is_active=True).first()
    if person is None:
        return None
    # The password may have been changed since, by her, because somebody knew it.
    if not hmac.compare_digest(person.get_session_auth_hash(), kept["password"]):
        return None
    return person, kept["way"], kept["then"]


def let_in(request: HttpRequest, person: Person, *, way: str, then: str) -> HttpResponse:
    """Sign in; on a browser that has not chosen, read in the language chosen elsewhere."""
    request.session.pop(HALF_WAY, None)
    login(request, person)
    signing.succeeded(person, address_of(request), known(request), way)
    answer = redirect(then)
    answer.set_cookie(
        KNOWN_COOKIE,
        signing.mark_of(person),
        max_age=signing.KNOWN_DAYS * 24 * 3600,
        path=reverse("sign-in"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if person.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        keep_language(answer, person.language)
    return answer


def bound_for(request: HttpRequest) -> str:
    """The page of ours that was asked for before the sign-in page came between."""
    asked = request.POST.get("next", request.GET.get("next", ""))
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(asked, hosts, require_https=request.is_secure()):
        return asked
    return reverse("home")


def address_of(request: HttpRequest) -> str:
    """The network address that a request comes from."""
    return str(request.META.get("REMOTE_ADDR", ""))[:64]


def known(request: HttpRequest) -> str:
    """What this browser was given when somebody signed in with it; blank where nobody did."""
    return request.COOKIES.get(KNOWN_COOKIE, "")
