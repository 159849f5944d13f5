"""Signing in and out, the password, and what somebody says of herself."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from zhiyin.accounts import company, mail, passkeys, second_step, sessions, signing
from zhiyin.accounts.actions import change_password
from zhiyin.accounts.models import LANGUAGES, Person
from zhiyin.accounts.people import change_person
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.web.entering import address_of, enter, known
from zhiyin.web.language import keep_language
from zhiyin.web.views.reading import actor_of, person_of


class SignIn(LoginView):
    """The sign-in page. The session gets a new key, and the page that was asked for opens."""

    template_name = "web/sign_in.html"
    authentication_form = AuthenticationForm
    redirect_authenticated_user = True

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Name the company's identity provider, where there is one."""
        return super().get_context_data(company=company.name(), **named)

    def post(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Try to sign in, where there were not too many tries."""
        try:
            signing.check(self._login(), address_of(request), known(request))
        except Problem as refused:
            context = self.get_context_data(form=None, refused=refused)
            return self.render_to_response(context, status=429)
        return super().post(request, *args, **named)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count the failure, and say nothing about which of the two was wrong."""
        signing.failed(self._login(), address_of(self.request), known(self.request))
        return super().form_invalid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let in, or go on to the second step."""
        person = form.get_user()
        assert isinstance(person, Person)  # noqa: S101 - the only kind that the store has
        return enter(self.request, person, way="password", then=self.get_success_url())

    def _login(self) -> str:
        return self.request.POST.get("username", "")[:254]


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("sign-in")


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose a password in place of the one that the program made."""
    person, problem = person_of(request), None
    if request.method == "POST":
        old, new = request.POST.get("old", ""), request.POST.get("new", "")
        if not person.check_password(old):
            problem = gettext("The present password is not right.")
        elif new != request.POST.get("again", ""):
            problem = gettext("The two new passwords differ.")
        else:
            try:
                change_password(
                    by=actor_of(request),
                    person=person,
                    password=new,
                    session=request.session.session_key or "",
                )
            except Problem as refused:
                problem = str(refused)
            else:
                update_session_auth_hash(request, person)
                messages.success(request, gettext("The password is changed."))
                return redirect("home")
    status = 422 if problem else 200
    return render(request, "web/password.html", {"problem": problem}, status=status)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send an address that sets a new password. Who is asked for is not told: known or not."""
    is_sent = False
    if request.method == "POST" and mail.is_set_up():
        person = signing.whose(request.POST.get("login", "")[:254])
        to = (person.email or person.login) if person else ""
        if person is not None and "@" in to and not mail.wrote_lately(to):
            number, token = signing.reset_token(person)
            address = reverse("new-password", args=[number, token])
            link = settings.ZHIYIN_PUBLIC_URL.rstrip("/") + address
            said = gettext(
                "Somebody, perhaps you, asked to set a new password for %(login)s on Zhiyin.\n\n"
                "Set it here; the address works once, for an hour:\n%(link)s\n\n"
                "If it was not you, leave this letter be: your password stays as it is."
            )
            mail.write(
                to=to,
                subject=gettext("A new password for Zhiyin"),
                body=said % {"login": person.login, "link": link},
            )
        is_sent = True
    context = {"is_sent": is_sent, "has_mail": mail.is_set_up()}
    return render(request, "web/forgotten.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Set a new password by an address from a letter."""
    try:
        signing.person_of_reset(number, token)
    except Problem as gone:
        return render(request, "web/new_password.html", {"gone": gone}, status=404)
    problem = None
    if request.method == "POST":
        password = request.POST.get("new", "")
        if password != request.POST.get("again", ""):
            problem = gettext("The two new passwords differ.")
        else:
            try:
                signing.reset(
                    number=number, token=token, password=password, where=address_of(request)
                )
            except Problem as refused:
                problem = str(refused)
            else:
                messages.success(request, gettext("The password is changed. Sign in with it."))
                return redirect("sign-in")
    status = 422 if problem else 200
    return render(request, "web/new_password.html", {"problem": problem}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """What somebody says of herself: name, address, language, time zone, theme, keys."""
    person, problem = person_of(request), None
    given = {name: getattr(person, name) for name in OWN}
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in OWN}
        try:
            change_person(by=actor_of(request), person=person, **given)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("Saved."))
            answer = redirect("me")
            if person.language:
                keep_language(answer, person.language)
            return answer
    context = {
        "given": given,
        "problem": problem,
        "zones": sorted(available_timezones()),
        "languages": LANGUAGES,
        "themes": THEMES.items(),
        "keys": KEYS.items(),
        "held": second_step.held(person),
        "passkeys": passkeys.of(person),
        "sessions": sessions.of(person),
        "company": company.name() if company.is_linked(person) else "",
        "session_key": request.session.session_key,
    }
    return render(request, "web/me.html", context, status=422 if problem else 200)


@require_POST
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """Sign out of one browser."""
    if sessions.end(by=actor_of(request), person=person_of(request), number=number):
        messages.success(request, gettext("You are signed out there."))
    return redirect("me")


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out of every browser but this one."""
    key = request.session.session_key or ""
    sessions.end_others(by=actor_of(request), person=person_of(request), key=key)
    messages.success(request, gettext("You are signed in here alone."))
    return redirect("me")


OWN = ("name", "email", "language", "timezone", "theme", "single_keys")

THEMES: dict[str, Text] = {
    "": _("as the device is set"),
    "light": _("light"),
    "dark": _("dark"),
}

KEYS: dict[str, Text] = {"": _("/ goes to the search, ? to the help"), "off": _("do nothing")}
