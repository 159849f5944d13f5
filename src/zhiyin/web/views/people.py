"""*People* 成员: who works here, in what role, on which part; invitations."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from zhiyin.accounts import inviting, mail, people, second_step, units
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.models import Membership, Role
from zhiyin.accounts.rights import ROLE_NAMES, ROLES, SAYS, Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text
from zhiyin.web import invitations
from zhiyin.web.views.reading import Here, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_PEOPLE)
def everybody(request: HttpRequest, here: Here) -> HttpResponse:
    """Everybody who works here, who is invited, and a form to invite."""
    problem, invited = None, None
    if request.method == "POST":
        try:
            invited = invitations.invite(
                by=here.by,
                workspace=here.workspace,
                login=request.POST.get("login", ""),
                allows=_allows(request.POST),
            )
        except Problem as refused:
            problem = refused
        else:
            if invitations.goes_by_mail(invited):
                messages.success(
                    request,
                    gettext("The invitation is on its way to %(login)s.")
                    % {"login": invited.invitation.login},
                )
                return redirect("people", slug=here.slug)
    context = {
        "members": people.members(here.slug),
        "invitations": inviting.waiting(here.slug),
        "has_mail": mail.is_set_up(),
        "invited": invited.invitation if invited else None,
        "link": invitations.link(invited) if invited else "",
        "given": request.POST if problem else {"personal": "1"},
        "problem": problem,
        **_choices(here),
    }
    return render(request, "web/people.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_PEOPLE)
def member(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One member: another role, another part to see."""
    held, problem = _member(here, number), None
    given: dict[str, object] = {
        "role": held.role,
        "unit": held.unit.key if held.unit else "",
        "scope": held.scope,
        "personal": held.sees_personal_data,
    }
    if request.method == "POST":
        try:
            people.change(
                by=here.by, workspace=here.slug, membership=number, allows=_allows(request.POST)
            )
        except Problem as refused:
            problem, given = refused, {**request.POST.dict()}
        else:
            messages.success(request, gettext("It is changed, and holds from the next click on."))
            return redirect("people", slug=here.slug)
    context = {
        "held": held,
        "given": given,
        "problem": problem,
        "has_second_step": second_step.has(held.person),
        **_choices(here),
    }
    return render(request, "web/member.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_PEOPLE)
def remove_member(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then take somebody out."""
    held, problem = _member(here, number), None
    if request.method == "POST":
        try:
            people.remove(by=here.by, workspace=here.slug, membership=number)
        except Problem as refused:
            problem = refused
        else:
            messages.success(
                request,
                gettext("%(login)s works here no longer.") % {"login": held.person.login},
            )
            return redirect("people", slug=here.slug)
    context = {"held": held, "problem": problem}
    return render(request, "web/remove_member.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_PEOPLE)
def remove_second_step(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then have a member sign in by her password alone again."""
    held, problem = _member(here, number), None
    if request.method == "POST":
        try:
            people.take_second_step_away(by=here.by, workspace=here.slug, membership=number)
        except Problem as refused:
            problem = refused
        else:
            said = gettext("%(login)s signs in without a second step now.")
            messages.success(request, said % {"login": held.person.login})
            return redirect("member", slug=here.slug, number=number)
    context = {"held": held, "problem": problem}
    return render(request, "web/remove_second_step.html", context, status=422 if problem else 200)


@require_POST
@needs(Right.CHANGE_PEOPLE)
def withdraw(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Take an invitation back."""
    try:
        inviting.withdraw(by=here.by, workspace=here.slug, invitation=number)
    except Problem as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, gettext("The invitation is taken back."))
    return redirect("people", slug=here.slug)


def _member(here: Here, number: int) -> Membership:
    held = next((one for one in people.members(here.slug) if one.pk == number), None)
    if held is None:
        raise Http404
    return held


def _allows(given: QueryDict) -> Allows:
    return Allows(
        role=given.get("role", ""),
        unit=given.get("unit", ""),
        scope=given.get("scope", "").strip(),
        sees_personal_data="personal" in given,
    )


def _choices(here: Here) -> dict[str, object]:
    """Roles that this person may give, what each allows, and the units."""
    is_chief = here.access.may(Right.CHANGE_CHIEFS)
    roles = [r for r in Role if is_chief or r != Role.ADMINISTRATOR_IN_CHIEF]
    return {
        "roles": [(role.value, ROLE_NAMES[role]) for role in roles],
        "allowing": [(ROLE_NAMES[role], _said(role)) for role in Role],
        "units": units.tree(here.slug),
    }


def _said(role: Role) -> list[Text]:
    return [SAYS[right] for right in Right if right in ROLES[role]]
