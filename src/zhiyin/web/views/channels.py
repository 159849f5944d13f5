"""*Channels* 通知渠道: where teams are told, with what went there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.act.channels import actions, kept
from zhiyin.act.channels.actions import Wanted
from zhiyin.act.channels.kinds import KINDS
from zhiyin.act.channels.models import Channel
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import LANGUAGES
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

ROWS = 50
FIELDS = ("key", "name", "kind", "address", "secret", "keyword", "language")


@require_safe
@needs(Right.SEE_DATA)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The channels, with what waits for them."""
    rows = [(one, KINDS[one.kind].label) for one in kept.of(here.slug)]  # type: ignore[index]
    return render(request, "web/channels.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """Add a channel."""
    asked = request.POST if request.method == "POST" else request.GET
    typed = {name: asked.get(name, "").strip() for name in FIELDS}
    typed["kind"] = typed["kind"] if typed["kind"] in KINDS else "wecom"
    problem = None
    if request.method == "POST":
        try:
            made = actions.add(
                by=here.by, workspace=here.slug, key=typed["key"], wanted=_wanted(typed)
            )
        except Problem as refused:
            problem = refused
        else:
            if made.secret:
                return _shown(request, here, made.channel, secret=made.secret)
            messages.success(request, gettext("The channel is there. Send a test message."))
            return redirect("channel", slug=here.slug, key=made.channel.key)
    context = {**_form(here, typed), "problem": problem}
    return render(request, "web/new_channel.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA, to_write=Right.CHANGE_DATA)
def one(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """One channel: changed, and what went there."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    if request.method != "POST":
        return _shown(request, here, held)
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        actions.change(by=here.by, workspace=here.slug, key=key, wanted=_wanted(typed))
    except Problem as problem:
        return _shown(request, here, held, problem=problem)
    messages.success(request, gettext("The channel is changed."))
    return redirect("channel", slug=here.slug, key=key)


@require_POST
@needs(Right.CHANGE_DATA)
def act(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Send a test message; switch a channel on or off."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    do = request.POST.get("do", "")
    try:
        if do == "test":
            actions.test(by=here.by, workspace=here.slug, key=key)
            messages.success(request, gettext("A test message is on its way. Load the page again."))
        else:
            actions.switch(by=here.by, workspace=here.slug, key=key, is_on=do == "on")
    except Problem as problem:
        return _shown(request, here, held, problem=problem)
    return redirect("channel", slug=here.slug, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def remove(request: HttpRequest, here: Here, key: str) -> HttpResponse:
    """Ask once, then remove a channel with what waits for it."""
    held = found_or_404(lambda: kept.get(here.slug, key))
    if request.method == "POST":
        actions.remove(by=here.by, workspace=here.slug, key=key)
        messages.success(request, gettext("The channel is removed."))
        return redirect("channels", slug=here.slug)
    return render(request, "web/remove_channel.html", {"held": held})


@require_POST
@needs(Right.CHANGE_DATA)
def replay(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Send a message once more."""
    held = found_or_404(lambda: kept.delivery(here.slug, number))
    try:
        actions.replay(by=here.by, workspace=here.slug, number=number)
    except Problem as problem:
        return _shown(request, here, kept.get(here.slug, held.channel.key), problem=problem)
    messages.success(request, gettext("It is sent once more."))
    return redirect("channel", slug=here.slug, key=held.channel.key)


def _shown(request: HttpRequest, here: Here, held: Channel, **more: Any) -> HttpResponse:
    part = Paginator(kept.deliveries(here.slug, channel=held.key), ROWS).get_page(
        request.GET.get("page", "1")
    )
    typed = {"kind": held.kind, "name": held.name, "keyword": held.keyword,
             "language": held.language}  # fmt: skip
    context = {
        **_form(here, typed),
        "held": held,
        "part": part,
        "rows": [(one, kept.STATES[one.state]) for one in part.object_list],
        **more,
    }
    status = 422 if more.get("problem") else 200
    return render(request, "web/channel.html", context, status=status)


def _form(here: Here, typed: dict[str, str]) -> dict[str, Any]:
    kind = KINDS[typed["kind"]]  # type: ignore[index]
    return {
        "form": typed,
        "kind": kind,
        "kinds": [(name, one.label) for name, one in KINDS.items()],
        "languages": LANGUAGES.items(),
        "usual_language": here.workspace.language,
    }


def _wanted(typed: dict[str, str]) -> Wanted:
    return Wanted(
        name=typed["name"], kind=typed["kind"], address=typed["address"], secret=typed["secret"],
        keyword=typed["keyword"], language=typed["language"],
    )  # fmt: skip
