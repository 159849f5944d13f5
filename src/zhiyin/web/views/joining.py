"""Joining a workspace by an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import inviting
from zhiyin.accounts.models import Person, Role
from zhiyin.accounts.rights import ROLE_NAMES
from zhiyin.kernel.errors import Problem


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What the invitation is; one click for who is signed in, else a form for name and password."""
    try:
        invitation = inviting.invitation_of(token)
    except Problem as gone:
        return render(request, "web/join.html", {"gone": gone}, status=404)
    person = request.user if isinstance(request.user, Person) else None
    is_known = Person.objects.filter(login=invitation.login).exists()
    problem: Problem | None = None
    mistake = ""
    if request.method == "POST":
        if person is None and request.POST.get("password", "") != request.POST.get("again", ""):
            mistake = gettext("The two passwords differ.")
        else:
            try:
                joined = inviting.accept(
                    token=token,
                    where=request.META.get("REMOTE_ADDR", ""),
                    person=person,
                    name=request.POST.get("name", ""),
                    password=request.POST.get("password", ""),
                )
            except Problem as refused:
                problem = refused
            else:
                if person is None:
                    login(request, joined)
                messages.success(
                    request,
                    gettext("Welcome to %(workspace)s.") % {"workspace": invitation.workspace.name},
                )
                return redirect("home")
    context = {
        "invitation": invitation,
        "role": ROLE_NAMES[Role(invitation.role)],
        "is_hers": person is not None and person.login == invitation.login,
        "is_somebody_else": person is not None and person.login != invitation.login,
        "must_sign_in": person is None and is_known,
        "problem": problem,
        "mistake": mistake,
        "given": request.POST,
    }
    status = 422 if problem or mistake else 200
    return render(request, "web/join.html", context, status=status)
