"""What people do with themes: name one, hide one, make one an aspect; and all of it undone."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.aspects import actions as aspects
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.listen import labels
from zhiyin.listen.models import ClauseLabel
from zhiyin.listen.themes import kept
from zhiyin.listen.themes.examples import Example
from zhiyin.listen.themes.models import Theme, ThemeState
from zhiyin.warehouse.log import Log

LONGEST = 120


@transaction.atomic
def rename(*, by: Actor, workspace: str, number: int, name: str) -> Theme:
    """Give a theme a name; blank: it is called by its words again.

    Raises:
        Problem: ``themes.none``, ``themes.name``.
    """
    theme, given = _locked(workspace, number), name.strip()
    if len(given) > LONGEST:
        raise Problem(
            "themes.name",
            _("The name of a theme has at most {most} characters.", most=LONGEST),
            _("Shorten it, or leave it blank to call the theme by its words."),
        )
    _record(by, "theme.renamed", theme, {"name": theme.given_name}, {"name": given})
    theme.given_name = given
    theme.save(update_fields=["given_name"])
    return theme


@transaction.atomic
def hide(*, by: Actor, workspace: str, number: int) -> Theme:
    """Say that this is no theme: it is listed no more, and keeps its number.

    Raises:
        Problem: ``themes.none``, ``themes.promoted``.
    """
    return _turn(by, workspace, number, ThemeState.HIDDEN)


@transaction.atomic
def show(*, by: Actor, workspace: str, number: int) -> Theme:
    """List a theme again that was hidden.

    Raises:
        Problem: ``themes.none``, ``themes.promoted``.
    """
    return _turn(by, workspace, number, ThemeState.OPEN)


def promote(
    *,
    by: Actor,
    log: Log,
    whole: Log,
    workspace: str,
    number: int,
    key: str,
    en: str,
    zh: str,
    parent: str = "",
    examples: Sequence[Example] = (),
) -> Theme:
    """Make a theme an aspect of the workspace; its examples are the first that it is learned from.

    All that was said is then read anew, with the aspect among those that a clause can be about.

    Args:
        log: reads no more than this person may see.
        whole: where findings are kept.
        examples: clauses of which she says that they are about it.

    Raises:
        Problem: ``themes.none``, ``themes.promoted``, and those of `aspects.actions.add`.
    """
    with transaction.atomic():
        theme = _locked(workspace, number)
        _check_is_none(theme)
        aspects.add(by=by, workspace=workspace, key=key, en=en, zh=zh, parent=parent)
        theme.state, theme.aspect = ThemeState.PROMOTED, key
        theme.save(update_fields=["state", "aspect"])
        _record(by, "theme.promoted", theme, None, {"aspect": key})
    for one in examples:
        labels.say(
            by=by, log=log, whole=whole, workspace=workspace, place=(one.row, one.starts),
            polarity=one.polarity, aspect=key,
        )  # fmt: skip
    return theme


def demote(*, by: Actor, log: Log, whole: Log, workspace: str, number: int) -> Theme:
    """Take a promotion back: the aspect retires, and what was said of its examples is withdrawn.

    Raises:
        Problem: ``themes.none``, ``themes.not-promoted``.
    """
    theme = kept.get(workspace, number)
    if theme.state != ThemeState.PROMOTED:
        raise Problem(
            "themes.not-promoted",
            _("Theme {number} is no aspect.", number=number),
            _("There is nothing to take back."),
        )
    said = ClauseLabel.objects.filter(workspace__slug=workspace, aspect=theme.aspect)
    places = list(said.values_list("verbatim", "starts"))
    with transaction.atomic():
        theme = _locked(workspace, number)
        key = theme.aspect
        theme.state, theme.aspect = ThemeState.OPEN, ""
        theme.save(update_fields=["state", "aspect"])
        _record(by, "theme.demoted", theme, {"aspect": key}, None)
        aspects.edit(by=by, workspace=workspace, key=key, is_retired=True)
    for place in places:
        try:
            labels.withdraw(by=by, log=log, whole=whole, workspace=workspace, place=place)
        except Problem as problem:
            # Of a text that is gone meanwhile, or that this person may not see, the word stays.
            if problem.code != "labels.none":
                raise
    return theme


def _turn(by: Actor, workspace: str, number: int, state: ThemeState) -> Theme:
    theme = _locked(workspace, number)
    _check_is_none(theme)
    if theme.state != state:
        _record(by, f"theme.{state}", theme, {"state": theme.state}, {"state": state})
        theme.state = state
        theme.save(update_fields=["state"])
    return theme


def _check_is_none(theme: Theme) -> None:
    if theme.state == ThemeState.PROMOTED:
        raise Problem(
            "themes.promoted",
            _("Theme {number} is the aspect {aspect}.", number=theme.number, aspect=theme.aspect),
            _("Take that back first."),
        )


def _locked(workspace: str, number: int) -> Theme:
    kept.get(workspace, number)
    return Theme.objects.select_for_update(no_key=True).get(
        workspace__slug=workspace, number=number
    )


def _record(
    by: Actor,
    action: str,
    theme: Theme,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
) -> None:
    audit.record(
        by=by, action=action, subject=str(theme.number), workspace=theme.workspace.slug,
        before=before, after=after,
    )  # fmt: skip
