"""A workspace's settings as the rooms above read them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import OperationalError, ProgrammingError

from zhiyin.accounts.models import Workspace
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


@dataclass(frozen=True, slots=True)
class Settings:
    """What a figure needs to know of the workspace that it is about.

    Args:
        slug: short name, also of the log file.
        name: as people read it.
        timezone: IANA name; days begin there.
        week_start: 0 is Monday.
        currency: ISO 4217.
        language: ``en`` or ``zh-hans``.
        minimum_base: under so many customers no figure is shown.
        test_base: under so many customers nothing is tested.
        small_base: under so many customers a figure is flagged.
        fiscal_year_start: a month, 1 to 12.
        requires_second_step: who works here signs in by two steps.
    """

    slug: str
    name: str
    timezone: str
    week_start: int
    currency: str
    language: str
    minimum_base: int = 10
    test_base: int = 30
    small_base: int = 100
    fiscal_year_start: int = 1
    requires_second_step: bool = False


def settings_of(slug: str) -> Settings:
    """The settings of the workspace called `slug`.

    Raises:
        Problem: ``accounts.no-workspace``.
    """
    return of(find(slug))


def find(slug: str) -> Workspace:
    """The workspace called `slug`.

    Raises:
        Problem: ``accounts.no-workspace``.
    """
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise Problem(
            "accounts.no-workspace",
            _("There is no workspace {slug}.", slug=slug),
            _("Check its short name, or make one with: zhiyin init"),
        )
    return workspace


def of(workspace: Workspace) -> Settings:
    """The settings of `workspace`."""
    return Settings(
        slug=workspace.slug,
        name=workspace.name,
        timezone=workspace.timezone,
        week_start=workspace.week_start,
        currency=workspace.currency,
        language=workspace.language,
        minimum_base=workspace.minimum_base,
        test_base=workspace.test_base,
        small_base=workspace.small_base,
        fiscal_year_start=workspace.fiscal_year_start,
        requires_second_step=workspace.requires_second_step,
    )


def slugs() -> list[str]:
    """The short names of every workspace, in order."""
    return list(Workspace.objects.order_by("slug").values_list("slug", flat=True))


def made_slugs() -> list[str]:
    """The short names of every workspace, of which there must be one.

    Raises:
        Problem: ``accounts.no-workspace-yet``.
    """
    try:
        known = slugs()
    except (OperationalError, ProgrammingError) as error:
        # No store, or one without tables: an empty folder, or the wrong one.
        raise _none_yet() from error
    if not known:
        raise _none_yet()
    return known


def default_slug() -> str:
    """The workspace that is meant when none is named: the only one.

    Raises:
        Problem: ``accounts.no-workspace-yet``, ``accounts.which-workspace``.
    """
    known = made_slugs()
    if len(known) > 1:
        raise Problem(
            "accounts.which-workspace",
            _("There are several workspaces: {slugs}.", slugs=", ".join(known)),
            _("Name one with --workspace."),
        )
    return known[0]


def _none_yet() -> Problem:
    return Problem(
        "accounts.no-workspace-yet",
        _("There is no workspace yet."),
        _("Make one with: zhiyin init"),
    )
