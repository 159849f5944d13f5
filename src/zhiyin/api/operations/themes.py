"""Themes: listed, one of them whole, and what people do with them."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, Caller, may
from zhiyin.api.documents.themes import KeptThemeDocument, ThemeDocument, ThemesDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, facts_filter, gives
from zhiyin.kernel.text import _
from zhiyin.listen.themes import actions, documents, examples, figures, kept
from zhiyin.listen.themes.examples import Example
from zhiyin.listen.themes.figures import Told
from zhiyin.listen.themes.models import Theme
from zhiyin.web.log import the_log

router = Router(tags=["figures"], by_alias=True)


class ThemesAsked(Asking):
    """Which figures."""

    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("In it is a clause for which this holds; figures are of what passes.")),
    )  # fmt: skip
    now: int = Field(
        default=figures.NOW, ge=1, le=6,
        description=str(_("So many last weeks are set against those before.")),
    )  # fmt: skip


class ThemeStep(Schema):
    """What to do with a theme."""

    what: Literal["rename", "hide", "unhide", "promote", "demote"]
    name: str = Field(
        default="", max_length=500,
        description=str(_("For `rename`; blank: it is called by its words again.")),
    )  # fmt: skip
    key: str = Field(default="", max_length=200)
    en: str = Field(default="", max_length=500)
    zh: str = Field(default="", max_length=500)
    parent: str = Field(default="", max_length=200)
    examples: int = Field(
        default=0, ge=0, le=24,
        description=str(
            _("For `promote`: say of so many central clauses that they are about it.")
        ),
    )  # fmt: skip


@router.get(
    "/voice/themes", auth=may(Right.SEE_FIGURES), response=gives(ThemesDocument),
    operation_id="themes",
    summary=str(_("Themes, those first that are new or grow by more than noise")),
)  # fmt: skip
def themes(request: Asked, asked: Query[ThemesAsked]) -> HttpResponse:
    """With examples for a key that may see what single customers said."""
    caller = request.auth
    narrowed = facts_filter(request, asked.where)
    found = figures.told(caller.log, caller.workspace, narrowed=narrowed, now=asked.now)
    said = _said(caller, list(found.told), each=3)
    return send(documents.found(found, said, sees_it=caller.sees_personal_data))


@router.get(
    "/voice/themes/{int:number}", auth=may(Right.SEE_FIGURES), response=gives(ThemeDocument),
    operation_id="theme", summary=str(_("One theme, week by week")),
)  # fmt: skip
def theme(request: Asked, number: int) -> HttpResponse:
    """As `zhiyin listen themes show`; one that nobody speaks of now has no figures."""
    caller = request.auth
    held = kept.get(caller.slug, number)
    told = _told(caller, held)
    said = _said(caller, [told], each=12).get(number, ())
    return send(documents.theme(told, said, sees_it=caller.sees_personal_data))


@router.post(
    "/voice/themes/{int:number}", auth=may(Right.DEFINE), response=gives(KeptThemeDocument),
    operation_id="step_theme",
    summary=str(_("Name a theme, hide it, list it again, make it an aspect, or take that back")),
    openapi_extra=ONCE,
)  # fmt: skip
def step(request: Asked, number: int, given: ThemeStep) -> HttpResponse:
    """As the commands of the same names."""
    caller = request.auth

    def done() -> dict[str, object]:
        return documents.kept_(_step(caller, number, given))

    return once(request, done)


def _step(caller: Caller, number: int, given: ThemeStep) -> Theme:
    by, slug = caller.by, caller.slug
    if given.what == "rename":
        return actions.rename(by=by, workspace=slug, number=number, name=given.name)
    if given.what == "hide":
        return actions.hide(by=by, workspace=slug, number=number)
    if given.what == "unhide":
        return actions.show(by=by, workspace=slug, number=number)
    if given.what == "demote":
        return actions.demote(by=by, log=caller.log, whole=the_log(), workspace=slug, number=number)
    told = _told(caller, kept.get(slug, number))
    said = _said(caller, [told], each=given.examples) if given.examples else {}
    return actions.promote(
        by=by, log=caller.log, whole=the_log(), workspace=slug, number=number, key=given.key,
        en=given.en, zh=given.zh, parent=given.parent, examples=said.get(number, ()),
    )  # fmt: skip


def _told(caller: Caller, held: Theme) -> Told:
    found = figures.told(caller.log, caller.workspace).told
    here = next((one for one in found if one.theme.number == held.number), None)
    return here or figures.nothing(held)


def _said(caller: Caller, told: list[Told], *, each: int) -> dict[int, tuple[Example, ...]]:
    if Right.SEE_CUSTOMERS not in caller.key.rights:
        return {}
    return examples.of(caller.log, caller.workspace, told, each=each)
