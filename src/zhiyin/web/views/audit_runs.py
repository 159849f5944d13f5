"""The runs of a competitor audit: written down, shown with their proofs, changed, taken out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.maps import audit_asked, audit_pictures, auditing, audits
from zhiyin.maps.models import Audit, AuditRun
from zhiyin.web import audit_forms, htmx
from zhiyin.web.audit_forms import GivenRun
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_safe
@needs(Right.SEE_FIGURES)
def one(request: HttpRequest, here: Here, number: int, run: int) -> HttpResponse:
    """One run, step by step, with what failed and its proofs."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    found = found_or_404(lambda: audits.run(held, run))
    names = audits.touchpoints(held.map)
    context = {
        "held": held,
        "run": found,
        "seconds": audits.seconds_of(found),
        "steps": [(step, names.get(step.node, step.node)) for step in found.steps.all()],
    }
    return render(request, "web/walkthrough_run.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def new(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """A form for a run, step after step; another row for a step without saving."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    if request.method != "POST":
        return _form(request, here, held, _first(request, here))
    given = audit_forms.read_run(request.POST)
    if "more" in request.POST:
        return _form(request, here, held, given.longer())
    try:
        made = auditing.add_run(
            by=here.by, workspace=here.slug, number=number, asked=audit_forms.asked_run(given)
        )
    except Problem as problem:
        return _form(request, here, held, given, problem=problem)
    messages.success(
        request, gettext("The run is written down. Add pictures to its steps, or go on.")
    )
    return redirect("walkthrough-run", slug=here.slug, number=number, run=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def edit(request: HttpRequest, here: Here, number: int, run: int) -> HttpResponse:
    """The same form, to change a run."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    found = found_or_404(lambda: audits.run(held, run))
    if request.method != "POST":
        return _form(request, here, held, audit_forms.of_run(found), run=found)
    given = audit_forms.read_run(request.POST, found)
    if "more" in request.POST:
        return _form(request, here, held, given.longer(), run=found)
    try:
        auditing.change_run(
            by=here.by, workspace=here.slug, number=number, run=run,
            asked=audit_forms.asked_run(given), revision=audit_forms.revision(request.POST),
        )  # fmt: skip
    except Problem as problem:
        return _form(request, here, held, given, run=found, problem=problem)
    messages.success(request, gettext("The run is changed."))
    return redirect("walkthrough-run", slug=here.slug, number=number, run=run)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def remove(request: HttpRequest, here: Here, number: int, run: int) -> HttpResponse:
    """Ask whether a run goes with its steps and pictures, and take it out."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    found = found_or_404(lambda: audits.run(held, run))
    problem = None
    if request.method == "POST":
        try:
            auditing.remove_run(
                by=here.by, workspace=here.slug, number=number, run=run,
                revision=audit_forms.revision(request.POST),
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, gettext("The run is gone."))
            return redirect("walkthrough", slug=here.slug, number=number)
    context = {"held": held, "run": found, "problem": problem}
    status = 422 if problem else 200
    return render(request, "web/remove_walkthrough_run.html", context, status=status)


@require_safe
@needs(Right.SEE_FIGURES)
def picture(
    request: HttpRequest,  # noqa: ARG001 - the view's form
    here: Here,
    number: int,
    run: int,
    place: int,
) -> FileResponse:
    """The picture of a step: pixels that were drawn anew, and nothing that a browser runs."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    step = found_or_404(lambda: audits.step(held, run, place))
    path = audit_pictures.path_of(_data(), here.slug, number, step.picture)
    if path is None:
        raise Http404
    answer = FileResponse(
        path.open("rb"), content_type=audit_pictures.TYPES[path.suffix],
        filename=f"{here.slug}-{number}-{run}-{place}{path.suffix}",
    )  # fmt: skip
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def change_picture(
    request: HttpRequest, here: Here, number: int, run: int, place: int
) -> HttpResponse:
    """A form that brings a step's picture, or takes it away."""
    held = found_or_404(lambda: audits.get(here.slug, number))
    step = found_or_404(lambda: audits.step(held, run, place))
    problem = None
    if request.method == "POST":
        where: dict[str, Any] = {
            "by": here.by, "workspace": here.slug, "number": number, "run": run, "place": place,
        }  # fmt: skip
        try:
            if "remove" in request.POST:
                auditing.remove_picture(**where)
            else:
                auditing.set_picture(**where, content=_sent(request))
        except Problem as refused:
            problem = refused
        else:
            return redirect("walkthrough-run", slug=here.slug, number=number, run=run)
    context = {
        "held": held, "run": run, "step": step, "problem": problem,
        "accept": audit_pictures.ACCEPT, "most": audit_pictures.MOST_BYTES // 1024 // 1024,
    }  # fmt: skip
    return render(request, "web/walkthrough_picture.html", context, status=422 if problem else 200)


def _data() -> Path:
    return Path(settings.ZHIYIN_DATA)


def _sent(request: HttpRequest) -> bytes:
    """The picture that was chosen.

    Raises:
        Problem: ``walkthrough.picture``, ``walkthrough.picture-large``.
    """
    file = request.FILES.get("picture")
    if file is None:
        return b""
    if (file.size or 0) > audit_pictures.MOST_BYTES:
        raise audit_pictures.too_large()
    return bytes(file.read())


def _first(request: HttpRequest, here: Here) -> GivenRun:
    """An empty form for today; what the last run has in common with the next is kept."""
    today = local_day(clock.now(), here.workspace.timezone).isoformat()
    site, device = (request.GET.get(name, "")[:120] for name in ("site", "device"))
    return GivenRun(done_on=today, site=site, device=device)


def _form(
    request: HttpRequest,
    here: Here,
    held: Audit,
    given: GivenRun,
    *,
    run: AuditRun | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    is_part = htmx.is_part(request)
    template = "web/edit_walkthrough_run.html"
    context = {
        "held": held,
        "run": run,
        "given": given,
        "problem": problem,
        "touchpoints": list(audits.touchpoints(held.map).items()),
        "is_full": len(given.steps) >= audit_asked.MOST_STEPS,
        "eases": range(audit_asked.EASE[0], audit_asked.EASE[1] + 1),
        "today": local_day(clock.now(), here.workspace.timezone).isoformat(),
    }
    answer = render(
        request, f"{template}#steps" if is_part else template, context,
        status=422 if problem else 200,
    )  # fmt: skip
    patch_vary_headers(answer, ["HX-Request"])
    return answer
