"""How many pages an address or a person may ask for: plenty for people, few where guessing pays.

Kept in the memory of the web process, which is one: a start forgets it, and so may any visitor
who has more addresses than are kept, each of which had its full allowance already.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from zhiyin.accounts.models import Person
from zhiyin.kernel import server_log
from zhiyin.web import faults

MOST_KEPT = 50_000
"""So many addresses and people are remembered, each under every limit that it has met."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How often somebody may ask.

    Args:
        at_once: requests after a pause.
        a_minute: requests, again and again.
    """

    name: str
    at_once: int
    a_minute: int


ADDRESS = Limit("address", 1000, 3000)
"""All pages, for one network address: an office may be behind it."""

PERSON = Limit("person", 600, 600)
"""All pages, for somebody who is signed in."""

SIGN_IN = Limit("sign-in", 60, 60)
PASSWORD = Limit("password", 10, 2)
JOIN = Limit("join", 30, 10)
EXPORT = Limit("export", 10, 6)
TABLES = Limit("tables", 60, 30)
"""Files of figures and of plans, which hold nobody."""
UPLOAD = Limit("upload", 20, 10)
PICTURES = Limit("pictures", 60, 30)

WRITES = frozenset({"POST"})
ALL = frozenset({"GET", "HEAD", "POST"})

TIGHT: dict[str, tuple[Limit, frozenset[str]]] = {
    "sign-in": (SIGN_IN, WRITES),
    "password": (PASSWORD, WRITES),
    "forgotten": (PASSWORD, WRITES),
    "new-password": (JOIN, ALL),
    "join": (JOIN, ALL),
    "export-customers": (EXPORT, ALL),
    "export-responses": (EXPORT, ALL),
    "export-customer": (EXPORT, ALL),
    "export-audit": (EXPORT, ALL),
    "export-voice": (EXPORT, ALL),
    "export-cases": (EXPORT, ALL),
    "export-voice-first": (TABLES, ALL),
    "export-voice-apart": (TABLES, ALL),
    "export-voice-themes": (TABLES, ALL),
    "export-voice-versions": (TABLES, ALL),
    "export-scores": (TABLES, ALL),
    "export-targets": (TABLES, ALL),
    "map-export": (TABLES, ALL),
    "export-map-compare": (TABLES, ALL),
    "export-marks": (TABLES, ALL),
    "export-pins": (TABLES, ALL),
    "export-funnel": (TABLES, ALL),
    "export-paths": (TABLES, ALL),
    "export-cohorts": (TABLES, ALL),
    "export-before": (TABLES, ALL),
    "export-parting": (TABLES, ALL),
    "export-adoption": (TABLES, ALL),
    "export-engagement": (TABLES, ALL),
    "export-tasks": (TABLES, ALL),
    "export-losses": (TABLES, ALL),
    "export-walkthrough": (TABLES, ALL),
    "export-survey": (TABLES, ALL),
    "export-analysis": (TABLES, ALL),
    "api:export_customers": (EXPORT, ALL),
    "api:export_survey": (EXPORT, ALL),
    "api:export_rows": (EXPORT, ALL),
    "api:export_targets": (TABLES, ALL),
    "api:export_marks": (TABLES, ALL),
    "api:export_walkthrough": (TABLES, ALL),
    "api:walkthrough_picture": (PICTURES, ALL),
    "api:export_audit": (EXPORT, ALL),
    "api:import_rejects": (EXPORT, ALL),
    "new-import": (UPLOAD, WRITES),
    "surveys": (UPLOAD, WRITES),
    "invite-survey": (UPLOAD, WRITES),
    "change-walkthrough-picture": (PICTURES, WRITES),
}
"""Pages that guessing, carrying away or filling the disk pays for: the limit, and the methods that
count."""


class Meter:
    """Counts requests; any thread asks.

    Of each who asks one number is kept: when she would have asked, had she asked steadily.

    Args:
        share: of each limit; 2 is twice as generous.
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._guard = threading.Lock()
        self._steady: OrderedDict[tuple[str, str], float] = OrderedDict()

    def wait(self, limit: Limit, who: str) -> float:
        """Seconds until `who` may ask again; 0 when she may now, and this request is counted."""
        now = self._clock()
        apart = 60 / (limit.a_minute * self._share)
        spare = apart * limit.at_once * self._share
        key = (limit.name, who)
        with self._guard:
            steady = max(self._steady.pop(key, now), now)
            over = steady + apart - now - spare
            self._steady[key] = steady if over > 0 else steady + apart
            if len(self._steady) > MOST_KEPT:
                self._steady.popitem(last=False)
        return max(over, 0.0)


class Limits:
    """Middleware: whoever asks too often is told when to ask again."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.ZHIYIN_PAGE_LIMITS == 0:
            raise MiddlewareNotUsed
        self.answer = answer
        self._meter = Meter(settings.ZHIYIN_PAGE_LIMITS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual, unless the address, or else the person, has asked too often."""
        # The address first: it is known without asking the store who is signed in.
        address = _group(request.META.get("REMOTE_ADDR", ""))
        wait = self._meter.wait(ADDRESS, address) if address else 0.0
        if not wait and isinstance(request.user, Person):
            wait = self._meter.wait(PERSON, str(request.user.pk))
        return faults.too_often(request, math.ceil(wait)) if wait else self.answer(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """The same for a page that has a limit of its own."""
        limit, methods = TIGHT.get(server_log.route_of(request), (None, ALL))
        if limit is None or request.method not in methods:
            return None
        if isinstance(request.user, Person):
            who = str(request.user.pk)
        else:
            who = _group(request.META.get("REMOTE_ADDR", ""))
        wait = self._meter.wait(limit, who) if who else 0.0
        return faults.too_often(request, math.ceil(wait)) if wait else None


@lru_cache(4096)
def _group(address: str) -> str:
    """Under which name an address counts; blank for this machine, which has no limit.

    An address of IPv6 counts with its network: a household or a server has all of a /64.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return _group(str(found.ipv4_mapped))
        if not found.is_loopback:
            return str(ipaddress.ip_network((int(found), 64), strict=False))
    return "" if found.is_loopback else str(found)
