"""Rights: what one customer may ask for, and what the workspace has decided about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, language
from zhiyin.unify import consent, erasure, exporting, papers, receipts, rules
from zhiyin.unify.models import Erasure
from zhiyin.warehouse.rights import Subject
from zhiyin.warehouse.tables import TABLES
from zhiyin.web.kinds import KINDS
from zhiyin.web.views.reading import Here, needs

RECEIPTS_SHOWN = 50


@require_safe
@needs(Right.FULFIL, personal=True)
def customer(request: HttpRequest, here: Here) -> HttpResponse:
    """Export, consent and erasure of the customer of an id."""
    name = request.GET.get("id", "").strip()
    if not name:
        return render(request, "web/customer_rights.html", {"name": ""})
    try:
        found = _found(here, request.GET)
    except Problem as problem:
        context = {"name": name, "problem": problem}
        return render(request, "web/customer_rights.html", context, status=404)
    return render(request, "web/customer_rights.html", _shown(here, name, found))


def _shown(here: Here, name: str, found: Subject, **more: object) -> dict[str, Any]:
    said = consent.history(here.log, here.slug, found.customer)
    return {
        "name": name,
        "kind": next((one.kind for one in found.ids if one.id == name), ""),
        "subject": found,
        "standing": consent.standing(said),
        "history": said,
        "reasons": papers.REASONS.items(),
        "rules": rules.of(find(here.slug)),
        "given": {},
        **more,
    }


@require_POST
@needs(Right.FULFIL, personal=True)
def export(request: HttpRequest, here: Here) -> HttpResponse:
    """Everything about one customer, as a file."""
    workspace = here.workspace
    document = exporting.everything(
        by=here.by,
        log=here.log,
        data=settings.ZHIYIN_DATA,
        workspace=here.slug,
        name=request.POST.get("id", ""),
        kind=request.POST.get("kind") or None,
    )
    if request.POST.get("as") == "page":
        page = papers.everything(document, workspace.name, workspace.language)
        return _file(page, "text/html; charset=utf-8", "customer.html")
    body = json.dumps(document, ensure_ascii=False, indent=2)
    return _file(body, "application/json", "customer.json")


@require_POST
@needs(Right.FULFIL, personal=True)
def record_consent(request: HttpRequest, here: Here) -> HttpResponse:
    """Write down what a customer said about a purpose."""
    found = _found(here, request.POST)
    try:
        consent.record(
            by=here.by,
            log=here.log,
            workspace=here.slug,
            customer=found.ids[0],
            purpose=request.POST.get("purpose", ""),
            channel=request.POST.get("channel"),
            is_given=request.POST.get("says") == "given",
            evidence=request.POST.get("evidence", ""),
        )
    except Problem as problem:
        name = request.POST.get("id", "")
        context = _shown(here, name, found, given=request.POST, consent_problem=problem)
        return render(request, "web/customer_rights.html", context, status=422)
    messages.success(request, gettext("It is written down."))
    return redirect(_address(here.slug, request.POST))


@require_POST
@needs(Right.FULFIL, personal=True)
def erase(request: HttpRequest, here: Here) -> HttpResponse:
    """Erase a customer, when her id was typed again."""
    name = request.POST.get("id", "")
    found = _found(here, request.POST)
    if request.POST.get("again", "").strip() != name:
        problem = Problem(
            "rights.not-typed",
            _("What was typed is not the id."),
            _("Type it exactly as it stands above; nothing was erased."),
        )
        context = _shown(here, name, found, erase_problem=problem)
        return render(request, "web/customer_rights.html", context, status=422)
    reason = request.POST.get("reason", "request")
    if reason not in papers.REASONS:
        raise Http404
    done = erasure.erase(
        by=here.by,
        log=here.log,
        data=settings.ZHIYIN_DATA,
        workspace=here.slug,
        name=name,
        kind=request.POST.get("kind") or None,
        reason=reason,
    )
    # Nothing of her goes into the message: it waits in the session.
    messages.success(
        request, gettext("Erased. The receipt is %(number)s.") % {"number": done.number[:12]}
    )
    return redirect("rights", slug=here.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.FULFIL)
def rights(request: HttpRequest, here: Here) -> HttpResponse:
    """Receipts, the stated time, rows of erased ids, and how long each kind of data is kept."""
    problem = None
    if request.method == "POST":
        try:
            rules.change(
                by=here.by,
                log=here.log,
                workspace=here.slug,
                stated_days=_whole(request.POST.get("stated_days", "")),
                erased_ids=request.POST.get("erased_ids", ""),
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The rules are changed."))
            return redirect("rights", slug=here.slug)
    context = _page(here.slug, rules.retention(here.slug), problem=problem)
    return render(request, "web/rights.html", context, status=422 if problem else 200)


@require_POST
@needs(Right.FULFIL)
def retention(request: HttpRequest, here: Here) -> HttpResponse:
    """Show what new rules of retention would take away; change them when that was seen."""
    try:
        months = _months(request.POST)
        if request.POST.get("seen"):
            rules.keep(by=here.by, workspace=here.slug, months=months)
            messages.success(
                request, gettext("The rules are changed. They take effect in the coming night.")
            )
            return redirect("rights", slug=here.slug)
        going = rules.going(here.log, here.slug, months)
    except Problem as problem:
        context = _page(here.slug, {}, retention_problem=problem, given=request.POST)
        return render(request, "web/rights.html", context, status=422)
    context = _page(here.slug, months, going=sorted(going.items()), is_preview=True)
    return render(request, "web/rights.html", context)


@require_safe
@needs(Right.FULFIL)
def receipt(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """A receipt as a file: JSON with its signature, or a page."""
    found = Erasure.objects.filter(workspace__slug=here.slug, pk=number).first()
    if found is None:
        raise Http404
    document = receipts.document(found, settings.ZHIYIN_DATA)
    if request.GET.get("as") == "page":
        page = papers.receipt(document, language())
        return _file(page, "text/html; charset=utf-8", f"receipt-{found.number[:12]}.html")
    body = json.dumps(document, ensure_ascii=False, indent=2)
    return _file(body, "application/json", f"receipt-{found.number[:12]}.json")


def _page(slug: str, months: Mapping[tuple[str, str], int], **more: object) -> dict[str, Any]:
    kept = [
        {"table": table, "label": label, "months": months.get((table, ""), "")}
        for table, label in KINDS.items()
        if table in TABLES and table not in rules.KEPT_ALWAYS
    ]
    patterns = [(p, number) for (table, p), number in sorted(months.items()) if p]
    return {
        "receipts": Erasure.objects.filter(workspace__slug=slug)[:RECEIPTS_SHOWN],
        "rules": rules.of(find(slug)),
        "kept": kept,
        "patterns": [*patterns, ("", ""), ("", "")],
        "given": {},
        **more,
    }


def _months(posted: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """The months that were typed, by table and by pattern of event names; blank keeps for good."""
    found = {
        (table, ""): _whole(posted[f"months-{table}"])
        for table in KINDS
        if posted.get(f"months-{table}", "").strip()
    }
    place = 0
    while f"pattern-{place}" in posted:
        pattern = posted[f"pattern-{place}"].strip()
        if pattern:
            found["events", pattern] = _whole(posted.get(f"pattern-months-{place}", ""))
        place += 1
    return found


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Problem(
            "rights.no-number",
            _("“{text}” is no whole number.", text=text[:40]),
            _("Write digits only."),
        ) from error


def _found(here: Here, asked: Mapping[str, str]) -> Subject:
    return here.log.subject(here.slug, asked.get("id", "").strip(), asked.get("kind") or None)


def _address(slug: str, asked: Mapping[str, str]) -> str:
    query = {"id": asked.get("id", ""), **({"kind": asked["kind"]} if asked.get("kind") else {})}
    return f"{reverse('customer-rights', args=[slug])}?{urlencode(query)}"


def _file(body: str, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
