"""*Themes* 主题: listed, one of them whole, named, hidden, made an aspect, and all of it undone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhiyin.accounts.rights import Right
from zhiyin.collect.aspects import kept as aspects
from zhiyin.kernel.errors import Problem
from zhiyin.listen import subjects
from zhiyin.listen.themes import actions, examples, figures, kept
from zhiyin.listen.themes.examples import Example
from zhiyin.listen.themes.models import Theme
from zhiyin.web import downloads, htmx, themes_export, themes_page
from zhiyin.web.log import the_log
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs

MOST_SHOWN = 12


@require_safe
@needs(Right.SEE_FIGURES)
def listed(request: HttpRequest, here: Here) -> HttpResponse:
    """The themes of the last weeks, those first that grow by more than noise."""
    page = themes_page.build(
        here.log,
        here.workspace,
        request.GET,
        sees_it=here.sees_personal_data,
        sees_rows=here.access.may(Right.SEE_CUSTOMERS),
    )
    is_part = htmx.is_part(request)
    template = "web/themes.html#found" if is_part else "web/themes.html"
    answer = render(
        request, template, {"page": page, "is_part": is_part}, status=422 if page.problem else 200
    )
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@needs(Right.SEE_FIGURES)
def export(request: HttpRequest, here: Here) -> HttpResponseBase:
    """The figures of the themes that the address asks for, as a file."""
    given = {name: request.GET.get(name, "").strip() for name in themes_page.FIELDS}
    found = themes_page.asked(here.log, here.workspace, given, sees_it=here.sees_personal_data)
    return downloads.download(
        themes_export.table(themes_page.wanted_of(found, given["show"])),
        name=f"{here.slug}-themes",
        kind=request.GET.get("as", "csv"),
        timezone=here.workspace.timezone,
    )


@require_safe
@needs(Right.SEE_FIGURES)
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One theme, week by week, with what customers said."""
    theme = found_or_404(lambda: kept.get(here.slug, number))
    return render(request, "web/theme.html", _context(here, theme))


@require_POST
@needs(Right.DEFINE)
def change(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Name a theme, hide it, list it again, or take back that it is an aspect."""
    theme = found_or_404(lambda: kept.get(here.slug, number))
    what = request.POST.get("what", "")
    asked: dict[str, Any] = {"by": here.by, "workspace": here.slug, "number": number}
    try:
        if what == "hide":
            actions.hide(**asked)
        elif what == "show":
            actions.show(**asked)
        elif what == "demote":
            actions.demote(**asked, log=here.log, whole=the_log())
        else:
            actions.rename(**asked, name=request.POST.get("name", ""))
    except Problem as problem:
        context = {**_context(here, theme), "problem": problem}
        return render(request, "web/theme.html", context, status=422)
    messages.success(request, gettext("Noted."))
    return redirect("voice-theme", slug=here.slug, number=number)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def promote(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """A form that makes a theme an aspect, named in both languages."""
    theme = found_or_404(lambda: kept.get(here.slug, number))
    context, problem = _context(here, theme), None
    given = {name: request.POST.get(name, "").strip() for name in ("key", "en", "zh", "parent")}
    if request.method == "POST":
        try:
            actions.promote(
                by=here.by, log=here.log, whole=the_log(), workspace=here.slug, number=number,
                examples=_ticked(request, context["examples"]), **given,
            )  # fmt: skip
        except Problem as refused:
            problem = refused
        else:
            messages.success(
                request, gettext("It is an aspect now; all is read anew in the background.")
            )
            return redirect("voice-theme", slug=here.slug, number=number)
    context |= {
        "given": given,
        "problem": problem,
        "aspects": aspects.of(here.slug, with_retired=False),
    }
    return render(request, "web/promote_theme.html", context, status=422 if problem else 200)


def _context(here: Here, theme: Theme) -> dict[str, Any]:
    found = figures.told(here.log, here.workspace)
    held = [one for one in found.told if one.theme.number == theme.number]
    sees_it = here.sees_personal_data
    said: tuple[Example, ...] = ()
    if here.access.may(Right.SEE_CUSTOMERS):
        said = examples.of(here.log, here.workspace, held, each=MOST_SHOWN).get(theme.number, ())
    names = subjects.named(here.slug)
    return {
        "theme": theme,
        "name": kept.name_of(theme),
        "found": found,
        "told": held[0] if held else None,
        "trend": themes_page.TRENDS[held[0].trend] if held else None,
        "under": names.get(theme.under, theme.under),
        "aspect": names.get(theme.aspect, theme.aspect),
        "turns": themes_page.in_words(theme),
        "first_word": next(iter([*theme.words_zh, *theme.words_en]), ""),
        "examples": said,
        "said": [(one, one.words(sees_it=sees_it)) for one in said],
    }


def _ticked(request: HttpRequest, said: tuple[Example, ...]) -> list[Example]:
    """The clauses of which she says that they are about it."""
    ticked = set(request.POST.getlist("example"))
    return [one for one in said if one.place in ticked]
