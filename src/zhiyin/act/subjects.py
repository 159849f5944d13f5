"""What a case can be about: found by kind and key, and shown as it stands now.

Alerts, customers' words and marks do not know cases, nor one another: they meet here. A kind of
subject that is added is one function in `_FINDERS` and one in `_SHOWN`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import fired, saying
from zhiyin.act.alerts.models import Alert
from zhiyin.act.alerts.models import Severity as AlertSeverity
from zhiyin.act.cases import statuses
from zhiyin.act.cases.actions import Subject
from zhiyin.act.cases.kept import NOBODY
from zhiyin.act.cases.models import Case, Severity, SubjectKind
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, In
from zhiyin.kernel.text import _, in_language
from zhiyin.listen import subjects as aspects
from zhiyin.listen.searching import Heard, Search, Wanted
from zhiyin.maps import pins
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import Pin
from zhiyin.measure import branches
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader

MOST_ASPECTS = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A subject as it stands now; all None where it is gone, or not for the reader to see.

    Args:
        words: what a customer said, read clause by clause.
        mark: on a journey map.
        alert: what fired; the words that it is about stand beside it.
        title: of the alert, as it is read.
        touchpoint: of the mark, as it is called on the map.
    """

    words: Heard | None = None
    mark: Pin | None = None
    alert: Alert | None = None
    title: str = ""
    touchpoint: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether there is nothing to be shown."""
        return self.words is None and self.mark is None and self.alert is None


def find(kind: str, key: str, *, log: Log, settings: Settings, scope: Filter | None) -> Subject:
    """The subject of a case that is to be opened.

    Args:
        log: as whoever opens it may read it.
        scope: what she sees; None is the whole workspace.

    Raises:
        Problem: ``cases.kind``; ``cases.no-subject``: there is no such thing, or she does not see
            it.
    """
    statuses.known_kind(kind)
    found = _FINDERS[kind](key, log, settings, scope)
    if found is None:
        raise Problem(
            "cases.no-subject",
            _("What the case is to be about is not there, or not for you to see."),
            _("Take it from the page that shows it."),
        )
    return found


def shown(case: Case, log: Log, settings: Settings) -> Shown:
    """What a case is about, as it stands now.

    Args:
        log: as whoever looks may read it.
    """
    return _SHOWN[case.kind](case.key, log, settings)


def _words(key: str, log: Log, settings: Settings, _scope: Filter | None) -> Subject | None:
    row = _number(key)
    heard = None if row is None else Search(log, settings, Wanted()).one(row)
    if heard is None:
        return None
    said = lang.table(log.schema(settings.slug), "verbatims")
    query = said.filter(said.seq == heard.row).select("customer", "unit")
    # The key of the id under which she said it: it stays hers, whatever is merged or parted.
    reader = Reader(is_merged=False)
    (stored,) = log.execute(settings.slug, query, reader=reader, words=True).to_pylist()
    return Subject(
        kind=SubjectKind.VERBATIM,
        key=str(heard.row),
        title=_title(heard, settings),
        customer=stored["customer"],
        unit=stored["unit"] or "",
        touchpoint=heard.touchpoint or "",
        severity=_severity(heard),
    )


def _title(heard: Heard, settings: Settings) -> str:
    """What was spoken of and where, in the workspace's language, without a word of hers."""
    with in_language(settings.language):
        names = aspects.named(settings.slug)
        spoken = dict.fromkeys(
            names.get(one.aspect, one.aspect) for one in heard.clauses if one.aspect
        )
        parts = [*list(spoken)[:MOST_ASPECTS], *([heard.touchpoint] if heard.touchpoint else [])]
        # An aspect and a touchpoint may be called alike.
        once: dict[str, str] = {}
        for one in parts:
            once.setdefault(one.casefold(), one)
        return " · ".join(once.values())[:200] or str(_("A customer’s words"))


def _severity(heard: Heard) -> str:
    if any(one.urgency for one in heard.clauses):
        return Severity.HIGH.value
    tones = {one.polarity for one in heard.clauses}
    is_praise = tones and tones <= {"positive", "neutral"} and "positive" in tones
    return Severity.LOW.value if is_praise else Severity.NORMAL.value


def _alert(key: str, log: Log, settings: Settings, scope: Filter | None) -> Subject | None:
    number = _number(key)
    alert = None if number is None else fired.of(settings.slug).filter(number=number).first()
    if alert is None:
        return None
    row = _row_of(alert, log, settings) or {}
    unit = alert.unit.key if alert.unit else ""
    own = branches.own_units(scope)
    if own is not None and not (row or (alert.is_of_a_part and branches.is_hers(unit, own))):
        return None
    with in_language(settings.language):
        title = saying.title(alert)
    return Subject(
        kind=SubjectKind.ALERT,
        key=str(alert.number),
        title=_line(title),
        customer=row.get("customer"),
        unit=row.get("unit") or unit,
        touchpoint=row.get("touchpoint") or alert.touchpoint,
        severity=_SEVERITIES[alert.severity],
    )


def _row_of(alert: Alert, log: Log, settings: Settings) -> Mapping[str, Any] | None:
    """The row of the log that an alert is about; None where there is none, or none to be read."""
    if not alert.table:
        return None
    facts = lang.table(log.schema(settings.slug), alert.table)
    query = facts.filter(facts.seq == alert.row).select("customer", "unit", "touchpoint")
    reader = Reader(is_merged=False)
    return next(
        iter(log.execute(settings.slug, query, reader=reader, words=True).to_pylist()), None
    )


def _mark(key: str, _log: Log, settings: Settings, scope: Filter | None) -> Subject | None:
    pin = _pin(key, settings)
    if pin is None:
        return None
    return Subject(
        kind=SubjectKind.MARK,
        key=f"{pin.map.key}/{pin.number}",
        title=_line(pin.title),
        # A map is the whole company's: who sees one unit takes its marks for that unit.
        unit=_home(scope),
        touchpoint=touchpoints(pin.map).get(pin.node, pin.node),
    )


def _pin(key: str, settings: Settings) -> Pin | None:
    map_key, _slash, number = key.rpartition("/")
    row = _number(number)
    if not map_key or row is None:
        return None
    return pins.of(settings.slug, map_key).filter(number=row).first()


def _home(scope: Filter | None) -> str:
    """The unit at the root of what somebody sees; blank for the whole company."""
    if scope is None:
        return ""
    match scope.root:
        case In("unit", values, negated=False):
            return str(values[0])
        case Compare("unit", "=", value):
            return str(value)
    return ""


def _line(text: str) -> str:
    """A title in one line that can be shown, whatever signs somebody has put into it."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:200] or NOBODY


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _shown_words(key: str, log: Log, settings: Settings) -> Shown:
    row = _number(key)
    return Shown(words=None if row is None else Search(log, settings, Wanted()).one(row))


def _shown_mark(key: str, _log: Log, settings: Settings) -> Shown:
    pin = _pin(key, settings)
    return Shown(mark=pin, touchpoint=touchpoints(pin.map).get(pin.node, "") if pin else "")


def _shown_alert(key: str, log: Log, settings: Settings) -> Shown:
    number = _number(key)
    alert = None if number is None else fired.of(settings.slug).filter(number=number).first()
    if alert is None:
        return Shown()
    # What fired by itself is told to whoever sees the case; the row's words to who may read them.
    words = _shown_words(str(alert.row), log, settings) if alert.table == "verbatims" else Shown()
    return Shown(words=words.words, alert=alert, title=saying.title(alert))


_SEVERITIES: Mapping[str, str] = {
    AlertSeverity.URGENT: Severity.HIGH.value,
    AlertSeverity.WARNING: Severity.NORMAL.value,
    AlertSeverity.INFO: Severity.LOW.value,
}
_FINDERS: Mapping[str, Callable[[str, Log, Settings, Filter | None], Subject | None]] = {
    SubjectKind.ALERT: _alert,
    SubjectKind.VERBATIM: _words,
    SubjectKind.MARK: _mark,
}
_SHOWN: Mapping[str, Callable[[str, Log, Settings], Shown]] = {
    SubjectKind.ALERT: _shown_alert,
    SubjectKind.VERBATIM: _shown_words,
    SubjectKind.MARK: _shown_mark,
}


def as_dict(found: Shown, *, sees_it: bool) -> dict[str, Any] | None:
    """A subject as the command line and the API write it; None where it is gone.

    Args:
        sees_it: whether who a customer is may be in it.
    """
    if found.is_gone:
        return None
    words, pin, alert = found.words, found.mark, found.alert
    return {
        "words": words.as_dict(None, sees_it=sees_it) if words else None,
        "mark": {"map": pin.map.key, "number": pin.number, "status": pin.status} if pin else None,
        "alert": {"number": alert.number, "status": alert.status} if alert else None,
    }
