"""Segments 客群: saved rules over customers, true when they are asked, and kept lists of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, In, parse
from zhiyin.kernel.text import Text, _
from zhiyin.unify.models import KeptCustomer, Segment
from zhiyin.warehouse import lang
from zhiyin.warehouse.customers import KEY
from zhiyin.warehouse.log import Log

MOST_KEPT = 10_000
"""Customers in one kept list."""


@dataclass(frozen=True, slots=True)
class Template:
    """A rule that many need, to begin with."""

    slug: str
    name: Text
    rule: str
    says: Text


TEMPLATES: tuple[Template, ...] = (
    Template(
        "return-without-buying",
        _("Keep returning without buying"),
        "(sessions_30d >= 3 or `did Email Link Clicked 30d` >= 2 or `did Email Opened 30d` >= 3)"
        " and orders_90d = 0",
        _("Three or more visits, or mail opened or clicked, in 30 days, and no order in 90."),
    ),
    Template(
        "waiting-for-us",
        _("Waiting for us"),
        "open_contacts >= 1",
        _("An issue whose latest service contact did not resolve it."),
    ),
    Template(
        "detractors-who-buy",
        _("Detractors who buy"),
        "last_nps <= 6 and orders_365d >= 2",
        _("Gave 0 to 6 last time and bought twice or more in a year."),
    ),
    Template(
        "gone-quiet",
        _("Bought, then went quiet"),
        "orders >= 2 and days_since_order > 180",
        _("Two orders or more, none in the last 180 days."),
    ),
)


@transaction.atomic
def create(*, by: Actor, workspace: str, name: str, rule: str) -> Segment:
    """Save a segment.

    Raises:
        Problem: ``segments.no-name``, ``segments.taken``; a rule that cannot be read.
    """
    name = _name(name)
    parse(rule)
    place = find(workspace)
    _free(workspace, name, None)
    segment = Segment.objects.create(
        workspace=place, name=name, slug=_slug(workspace, name), rule=rule.strip()
    )
    audit.record(
        by=by,
        action="segment.created",
        subject=segment.slug,
        workspace=workspace,
        after={"name": name, "rule": segment.rule},
    )
    return segment


@transaction.atomic
def keep(*, by: Actor, workspace: str, name: str, customers: Sequence[int]) -> Segment:
    """Save a list of customers as it is now. Merges and their undoing are followed: whoever has
    one of these ids is in it; an erased customer leaves it.

    Args:
        customers: their keys, at most `MOST_KEPT`.

    Raises:
        Problem: ``segments.no-name``, ``segments.taken``, ``segments.kept``.
    """
    name = _name(name)
    _check_kept(len(set(customers)))
    place = find(workspace)
    _free(workspace, name, None)
    segment = Segment.objects.create(
        workspace=place, name=name, slug=_slug(workspace, name), rule=""
    )
    KeptCustomer.objects.bulk_create(
        [KeptCustomer(segment=segment, key=key) for key in sorted(set(customers))],
        batch_size=1_000,
    )
    audit.record(
        by=by,
        action="segment.created",
        subject=segment.slug,
        workspace=workspace,
        after={"name": name, "customers": len(set(customers))},
    )
    return segment


def chosen(log: Log, segment: Segment) -> Filter:
    """Who is in it now, as a filter over customers.

    Raises:
        Problem: a rule that cannot be read.
    """
    if not segment.is_kept:
        return parse(segment.rule)
    own = list(segment.kept.values_list("key", flat=True))
    ids = lang.ids()
    query = ids.filter(ids.own.isin(own)).select("key").distinct()
    rows = log.execute(segment.workspace.slug, query).to_pylist() if own else []
    keys = sorted(int(row["key"]) for row in rows)
    return Filter(In(KEY, tuple(keys) or (_NOBODY,)), segment.name)


_NOBODY = -1


def read(log: Log, workspace: str, text: str) -> Filter:
    """Which customers a text means: those of the segment of this short name, or a rule's.

    Raises:
        Problem: ``segments.none``; a rule that cannot be read.
    """
    named = named_by(workspace, text)
    return chosen(log, named) if named else parse(text)


def rule_of(workspace: str, text: str) -> Filter | None:
    """The rule that a text means, its own or that of a segment; None for a kept list and a blank.

    Raises:
        Problem: as `read`.
    """
    named = named_by(workspace, text)
    rule = named.rule if named else text
    return parse(rule) if rule.strip() else None


def named_by(workspace: str, text: str) -> Segment | None:
    """The segment whose short name a text is; None where it is a rule.

    Raises:
        Problem: ``segments.none``.
    """
    name = text.strip()
    return get(workspace, name) if is_name(name) else None


def is_name(text: str) -> bool:
    """Whether a text can only be the short name of a segment, and no rule."""
    return bool(_SHORT.fullmatch(text.strip()))


_SHORT = re.compile(r"[a-z0-9_-]+")
"""What can be a short name; no rule can."""


def _check_kept(n: int) -> None:
    if not 0 < n <= MOST_KEPT:
        raise Problem(
            "segments.kept",
            _("A kept list has from 1 to {most} customers.", most=f"{MOST_KEPT:,}"),
            _("Choose fewer by a filter, or write a rule for them."),
        )


@transaction.atomic
def change(*, by: Actor, workspace: str, slug: str, name: str, rule: str) -> Segment:
    """Change a segment's name and rule; its address stays. A kept list has a name alone.

    Raises:
        Problem: as `create`; ``segments.none``.
    """
    segment = get(workspace, slug)
    name = _name(name)
    if segment.is_kept:
        rule = ""
    else:
        parse(rule)
    _free(workspace, name, segment)
    before = {"name": segment.name, "rule": segment.rule}
    segment.name, segment.rule = name, rule.strip()
    segment.save()
    audit.record(
        by=by,
        action="segment.changed",
        subject=slug,
        workspace=workspace,
        before=before,
        after={"name": name, "rule": segment.rule},
    )
    return segment


@transaction.atomic
def remove(*, by: Actor, workspace: str, slug: str) -> None:
    """Take a segment out; the customers in it stay as they are.

    Raises:
        Problem: ``segments.none``.
    """
    segment = get(workspace, slug)
    before = {"name": segment.name, "rule": segment.rule}
    segment.delete()
    audit.record(by=by, action="segment.removed", subject=slug, workspace=workspace, before=before)


def of(workspace: str) -> list[Segment]:
    """The segments of a workspace, by name."""
    return list(Segment.objects.filter(workspace__slug=workspace).select_related("workspace"))


def get(workspace: str, slug: str) -> Segment:
    """The segment of this short name.

    Raises:
        Problem: ``segments.none``.
    """
    held = Segment.objects.select_related("workspace")
    segment = held.filter(workspace__slug=workspace, slug=slug).first()
    if segment is None:
        raise Problem(
            "segments.none",
            _("There is no segment {slug}.", slug=slug),
            _("The page of customers lists those that there are."),
        )
    return segment


def _name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > 80:
        raise Problem(
            "segments.no-name",
            _("A segment needs a name of at most 80 characters."),
            _("Name it after the customers in it."),
        )
    return tidy


def _free(workspace: str, name: str, mine: Segment | None) -> None:
    others = Segment.objects.filter(workspace__slug=workspace, name=name)
    if mine is not None:
        others = others.exclude(pk=mine.pk)
    if others.exists():
        raise Problem(
            "segments.taken",
            _("There is already a segment {name}.", name=name),
            _("Choose another name."),
        )


def _slug(workspace: str, name: str) -> str:
    """A short name for the address, from the name where it has letters that fit."""
    wanted = slugify(name)[:40].strip("-") or "segment"
    taken = set(Segment.objects.filter(workspace__slug=workspace).values_list("slug", flat=True))
    tries = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(one for one in tries if one not in taken)
