"""The pages of competitor audits 竞品体验走查: listed, one with its figures, made, changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.maps import audit_lists, auditing, audits, kept
from zhiyin.maps.document import said
from zhiyin.maps.models import Audit
from zhiyin.web import audit_forms, audits_export, audits_page, downloads
from zhiyin.web.views import lists
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.lists import BroughtIn
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The walkthroughs of the workspace, the last changed first."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    rows = [{**audits.as_dict(one), "changed": one.changed_at} for one in audits.of(here.slug)]
    if text:
        rows = [
            one for one in rows if text.casefold() in f"{one['title']} {one['task']}".casefold()
        ]
    return render(request, "web/walkthroughs.html", {"rows": rows, "q": text})


@require_safe
@needs(Right.SEE_FIGURES)
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One walkthrough: sites side by side, step by step, and its runs."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    page = audits_page.build(held)
    context = {"page": page, "held": held, "map_name": _map_name(held)}
    return render(request, "web/walkthrough.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """A form for a walkthrough: what is to be done, and on which sites."""
    given, problem = audit_forms.of_audit(None), None
    if request.method == "POST":
        given = audit_forms.read_audit(request.POST)
        try:
            asked = audit_forms.asked_audit(given)
            made = auditing.create(by=here.by, workspace=here.slug, asked=asked)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The walkthrough is made. Write down its runs."))
            return redirect("walkthrough", slug=here.slug, number=made.pk)
    context = {"given": given, "problem": problem, "maps": _maps(here)}
    return render(request, "web/edit_walkthrough.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def edit(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """A form for what a walkthrough says of itself, its map and its sites."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    given, problem = audit_forms.of_audit(held), None
    if request.method == "POST":
        given = audit_forms.read_audit(request.POST)
        try:
            auditing.change(
                by=here.by, workspace=here.slug, number=number,
                asked=audit_forms.asked_audit(given), revision=audit_forms.revision(request.POST),
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The walkthrough is changed."))
            return redirect("walkthrough", slug=here.slug, number=number)
    context = {"given": given, "problem": problem, "maps": _maps(here), "held": held}
    return render(request, "web/edit_walkthrough.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def remove(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask whether a walkthrough goes with its runs and pictures, and take it out."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    if request.method == "POST":
        auditing.remove(by=here.by, workspace=here.slug, number=number)
        messages.success(request, gettext("The walkthrough is gone."))
        return redirect("walkthroughs", slug=here.slug)
    return render(request, "web/remove_walkthrough.html", {"held": audits.as_dict(held)})


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """Its figures, its steps or its runs as a file, as ``table`` and ``as`` say."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    table = request.GET.get("table", "figures")
    if table not in audits_export.TABLES:
        raise Http404
    return downloads.download(
        audits_export.TABLES[table](held), name=f"{here.slug}-walkthrough-{number}-{table}",
        kind=request.GET.get("as", "csv"), timezone=here.workspace.timezone,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def bring_in(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """A list of runs: looked at first, then written whole or not at all."""
    held = found_or_404(lambda: audits.get(here.slug, number))

    def write(preview: audit_lists.Preview) -> str:
        made = auditing.add_runs(
            by=here.by, workspace=here.slug, number=number, asked=preview.asked
        )
        return ngettext(
            "%(n)s run is written down.", "%(n)s runs are written down.", len(made)
        ) % {"n": len(made)}  # fmt: skip

    kind = BroughtIn(
        columns=audit_lists.COLUMNS,
        preview=lambda data: audit_lists.preview(data, held),
        write=write,
        template="web/bring_runs.html",
        back=reverse("walkthrough", args=[here.slug, number]),
    )
    return lists.bring_in(request, kind)


def _maps(here: Here) -> list[tuple[str, str]]:
    """(key, name) of the maps that a walkthrough may follow."""
    return [(one.key, said(kept.draft(one).name) or one.key) for one in kept.of(here.slug)]


def _map_name(held: Audit) -> str:
    return said(kept.shown(held.map)[1].name) or held.map.key if held.map else ""
