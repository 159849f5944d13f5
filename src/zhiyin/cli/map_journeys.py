"""`zhiyin journey conformance` and `journey whole`: how journeys go along a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.journeys_chosen import customers, hundredfold, percent, too_few
from zhiyin.cli.map_asked import asked_of, heading, looked_by
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import MISSING, count, figure, interval
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhiyin.journey.shares import Figure
    from zhiyin.kernel.text import Text
    from zhiyin.maps.leaving import Ways
    from zhiyin.maps.looking import Followed, Opened
    from zhiyin.maps.whole import Whole


@click.command("conformance")
@click.argument("key")
@looked_by
@click.pass_obj
def conformance_command(session: Session, /, key: str, **given: Any) -> None:
    """Say how many journeys follow the map KEY as it is drawn, and where the others leave it."""
    settings = session.workspace
    from zhiyin.maps import looking

    told = looking.followed(session.log, settings, key, asked_of(**given))
    session.say(told.as_dict(), lambda: _conformance(told))


@click.command("whole")
@click.argument("key")
@looked_by
@click.pass_obj
def whole_command(session: Session, /, key: str, **given: Any) -> None:
    """Show how journeys of the map KEY are judged as a whole, by how much went badly in them."""
    settings = session.workspace
    from zhiyin.maps import looking
    from zhiyin.maps.whole import whole

    one = looking.opened(session.log, settings, key, asked_of(**given))
    found = whole(session.log, settings, one.map, one.seen, hidden=one.hidden)
    told = {**one.along, **found.as_dict()}
    session.say(told, lambda: _whole(one, found))


def _share(one: Figure) -> str:
    if one.value is None:
        return MISSING
    ends = interval(hundredfold(one.low), hundredfold(one.high), "percent")
    return f"{percent(one.value)}% {ends}"


def _conformance(followed: Followed) -> str:
    from zhiyin.maps.document import said

    one, found, judged = followed.of, followed.found, followed.judged
    told = _(
        "Of {n} customers {share} follow the map in all their journeys; of {journeys} journeys"
        " {part} do.",
        n=customers(found.customers, found.state, found.minimum_base),
        share=_share(found.share),
        journeys=count(found.instances),
        part=_share(found.share_of_instances),
    )
    heads = [
        "", _("Left after"), _("Came to"), _("Without having been at"), _("Customers"), "%",
        _("Instances"),
    ]  # fmt: skip
    kinds = {"back": _("back"), "skipped": _("skipped")}
    names = {node.id: said(node.name) or node.id for node in one.map.nodes}
    rows = [
        [kinds[way.kind], names[way.before], names[way.to],
         names[way.missing] if way.missing else "", count(way.customers), _share(way.share),
         count(way.instances)]
        for way in found.deviations
    ]  # fmt: skip
    parts = [heading(one), str(told)]
    if rows:
        parts.append(table(heads, rows, "46"))
    if judged.ways:
        parts.append(_judged(judged, kinds, names))
    return "\n\n".join(parts)


def _judged(judged: Ways, kinds: Mapping[str, Text], names: Mapping[str, str]) -> str:
    """The scores of journeys by their way, beside those that follow; ``*`` is more than chance."""
    heads = ["", _("Left after"), _("Came to"), _("Without having been at"), _("Instances"),
             _("Customers"), _("Score"), _("Interval"), _("Difference"), _("Interval"),
             ""]  # fmt: skip
    rows = [
        [_("followed the map") if way.kind == "follows" else kinds[way.kind],
         *(names[id_] if id_ else "" for id_ in (way.before, way.to, way.missing)),
         count(way.journeys), count(way.customers),
         *_score(way.score), *_score(way.difference), "*" if way.marked else ""]
        for way in judged.ways
    ]  # fmt: skip
    title = _("How journeys are judged as a whole: {question}", question=judged.question)
    return f"{title}\n\n{table(heads, rows, '45679')}"


def _score(one: Figure) -> tuple[str, str]:
    return figure(one.value, "scale"), interval(one.low, one.high, "scale")


def _whole(one: Opened, found: Whole) -> str:
    if found.question is None:
        return f"{heading(one)}\n\n{_('Nobody judged a whole journey in these days.')}"
    if found.state != "ok":
        return f"{heading(one)}\n\n{too_few(found.minimum_base)}"
    heads = [_("Bad touchpoints"), _("Instances"), _("Customers"), _("Score"), _("Interval"),
             "NPS", _("Came again")]  # fmt: skip
    rows = [
        [
            f"{row.bad}+" if row is found.groups[-1] else row.bad,
            count(row.journeys),
            customers(row.customers, row.state, found.minimum_base),
            *_score(row.score),
            figure(row.nps.value, "points"),
            _share(row.again),
        ]
        for row in found.groups
    ]
    return f"{heading(one)} · {found.question}\n\n{table(heads, rows, '01235')}"
