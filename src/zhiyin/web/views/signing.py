"""Signing in and out, and the password."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from zhiyin.accounts.actions import change_password
from zhiyin.kernel.errors import Problem
from zhiyin.web.language import keep_language
from zhiyin.web.views.reading import actor_of, person_of


class SignIn(LoginView):
    """The sign-in page. The session gets a new key, and the page that was asked for opens."""

    template_name = "web/sign_in.html"
    authentication_form = AuthenticationForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in; on a browser that has not chosen, read in the language chosen elsewhere."""
        answer = super().form_valid(form)
        person = person_of(self.request)
        if person.language and settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            keep_language(answer, person.language)
        return answer


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
                change_password(by=actor_of(request), person=person, password=new)
            except Problem as refused:
                problem = str(refused)
            else:
                update_session_auth_hash(request, person)
                messages.success(request, gettext("The password is changed."))
                return redirect("home")
    status = 422 if problem else 200
    return render(request, "web/password.html", {"problem": problem}, status=status)
