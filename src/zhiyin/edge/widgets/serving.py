"""Where the widget in a browser asks: ``/w.js`` and ``/v1/widget/…``.

``rules`` says what a site may show; ``choose`` and ``ask`` decide about one visitor, and ``ask``
answers when her invitation is on disk; ``close`` keeps that she closed it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode

import msgspec

from zhiyin.collect.surveys.definition import said
from zhiyin.collect.surveys.facts import About
from zhiyin.collect.surveys.html import page
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.collect.widgets import drawing, facts, signing
from zhiyin.collect.widgets.choosing import Visitor
from zhiyin.collect.widgets.definition import DEVICES
from zhiyin.collect.widgets.facts import Shown
from zhiyin.collect.widgets.published import PublishedRule, PublishedRules
from zhiyin.edge import bodies, replies, script
from zhiyin.edge.asgi import Handler, Receive, Scope, Send, respond
from zhiyin.edge.intake import Reception, Taking, too_fast
from zhiyin.edge.keys import Key
from zhiyin.edge.limits import Buckets
from zhiyin.edge.replies import Slow
from zhiyin.edge.surveys.asked import language_of, preferred
from zhiyin.edge.surveys.responses import Responses
from zhiyin.edge.surveys.serving import Finding
from zhiyin.edge.widgets import asked
from zhiyin.edge.widgets.asked import Ask, Choose, Close, Who
from zhiyin.kernel import server_log
from zhiyin.kernel.clock import microseconds, now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, best_language, in_language
from zhiyin.warehouse.arriving import Letter

PATHS = "/v1/widget/"
RULES_SECONDS = 60
"""A browser asks for the rules anew after so long."""

RECENT, RECENT_SECONDS = 20_000, 600.0
"""Askings in memory: the log knows of one only after a second."""

AT_ONCE, MOST_WAITING = 4, 64
"""Questions to the log; whoever comes beyond is not asked."""

_log = logging.getLogger("zhiyin.edge")


class Knowing(Protocol):
    """Who knows what the log says of visitors: `collect.widgets.choosing.Choosing`."""

    def is_in_segment(self, rule: PublishedRule, visitor: Visitor, *, at: datetime) -> bool:
        """Whether she is in the rule's segment."""

    def was_asked(self, rule: PublishedRule, visitor: Visitor, *, at: datetime) -> bool:
        """Whether she was asked too often or too lately."""


MayAsk = Callable[[str, PublishedSurvey, Visitor], Awaitable[bool]]
"""Whether a workspace's rules of asking let this visitor be asked by this survey, now."""


async def anybody(_workspace: str, _survey: PublishedSurvey, _visitor: Visitor) -> bool:
    """No rules beside those of the widget."""
    return True


@dataclass(frozen=True, slots=True)
class _Request:
    """One request of a widget.

    Args:
        name: of the write key.
        origin: of the page.
    """

    body: bytes
    name: str
    key: Key
    origin: str
    languages: str


class Widgets:
    """Answers the widgets of all sites.

    Args:
        reception: knows the write keys, and how much an address may ask.
        intake: makes invitations durable.
        secret: of the installation.
        may_ask: the workspace's own rules.
    """

    def __init__(
        self,
        *,
        reception: Reception,
        intake: Taking,
        rules: PublishedRules,
        surveys: Finding,
        responses: Responses,
        choosing: Knowing,
        secret: bytes,
        may_ask: MayAsk = anybody,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._reception = reception
        self._intake = intake
        self._rules = rules
        self._surveys = surveys
        self._responses = responses
        self._choosing = choosing
        self._secret = secret
        self._signing = signing.Signing(secret)
        self._may_ask = may_ask
        self._clock = clock
        self._script = script.Script(script.WIDGET_PATH)
        self._by_key = Buckets()
        self._recent: OrderedDict[tuple[str, str], tuple[float, str, bytes]] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    def route(self, scope: Scope) -> tuple[str, Handler] | None:
        """What kind of request this is and who answers it; None where it is about no widget."""
        method, path = scope["method"], scope["path"]
        if path == script.WIDGET_PATH and method in ("GET", "HEAD"):
            return "widget-script", self._script.answer
        if not path.startswith(PATHS):
            return None
        what = path.removeprefix(PATHS)
        if method == "OPTIONS" and what in ("rules", "choose", "ask", "close"):
            return "preflight", _preflight
        if method == "GET" and what == "rules":
            return "widget-rules", self._answering(self._told_rules, RULES_SECONDS)
        does = {"choose": self._choose, "ask": self._ask, "close": self._close}.get(what)
        return (f"widget-{what}", self._answering(does)) if does and method == "POST" else None

    def _answering(self, does: Callable[[_Request], Awaitable[bytes]], seconds: int = 0) -> Handler:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            headers = dict(scope["headers"])
            origin = headers.get(b"origin", b"")
            languages = headers.get(b"accept-language", b"").decode("latin-1")
            status, more = 200, []
            try:
                body = await does(await self._read(scope, receive, headers, languages))
                server = f"private, max-age={seconds}" if seconds else "no-store"
            except bodies.Left:
                return
            except Problem as problem:
                self._reception.tally.refused(problem.code)
                with in_language(best_language(languages)):
                    status, body = replies.refusal(problem)
                more, server = replies.waiting(problem, status), "no-store"
                if problem.code == "intake.origin":
                    origin = b""
            said = [(b"content-type", b"application/json"), (b"cache-control", server.encode())]
            await respond(send, status, [*said, *replies.cors(origin), *more], body)

        return answer

    async def _read(
        self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], languages: str
    ) -> _Request:
        self._reception.pace(scope)
        body = b""
        if scope["method"] == "POST":
            body = await bodies.read(receive, asked.MOST_BYTES)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        name = query.get("writeKey", [""])[0]
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        key = self._reception.key(name, origin)
        server_log.note_workspace(key.workspace)
        if rate := key.events_per_second:
            if (seconds := self._by_key.wait(name, rate)) > 0:
                raise Slow(too_fast(), seconds)
            self._by_key.take(name, rate, 1)
        return _Request(body, name, key, origin, languages)

    # What may be shown

    async def _told_rules(self, request: _Request) -> bytes:
        now = self._clock()
        found = [
            asked.as_told(one)
            for one in self._rules.of(request.key.workspace)
            if request.origin in one.rule.origins
            and (survey := self._surveys.find(one.survey)) is not None
            and not survey.is_closed(now)
        ]
        return msgspec.json.encode({"rules": found[: asked.MOST_RULES]})

    async def _choose(self, request: _Request) -> bytes:
        given = asked.read(request.body, Choose)
        visitor = self._visitor(request, given)
        found: dict[str, Any] = {}
        for name in given.rules[: asked.MOST_RULES]:
            rule = self._rules.find(request.key.workspace, name)
            if rule is None or request.origin not in rule.rule.origins:
                continue
            is_chosen = await self._is_chosen(rule, visitor)
            says = self._signing.choice(rule=rule.id, visitor=visitor.said, is_chosen=is_chosen)
            found[name] = {"chosen": is_chosen, "says": says}
        return msgspec.json.encode({"rules": found, "seconds": signing.CHOICE_SECONDS})

    async def _is_chosen(self, rule: PublishedRule, visitor: Visitor) -> bool:
        """Whether she is drawn, and in the segment."""
        if not drawing.is_drawn(rule.seed, visitor.device, rule.rule.percent):
            return False
        if rule.segment is None:
            return True
        at = self._clock()
        return await self._looked_up(
            lambda: self._choosing.is_in_segment(rule, visitor, at=at), otherwise=False
        )

    # Asking

    async def _ask(self, request: _Request) -> bytes:
        given = asked.read(request.body, Ask)
        rule = self._rules.find(request.key.workspace, given.rule)
        if rule is None or request.origin not in rule.rule.origins:
            return _NOT_SHOWN
        survey = self._surveys.find(rule.survey)
        if survey is None or survey.is_closed(self._clock()):
            return _NOT_SHOWN
        # Two windows of one browser ask at the same moment: the second is not shown another.
        turn = (rule.id, given.device)
        began, attempt, answer = self._recent.pop(turn, (0.0, "", _NOT_SHOWN))
        now = time.monotonic()
        if now - began < RECENT_SECONDS:
            self._recent[turn] = began, attempt, answer
            return answer if attempt and attempt == given.attempt else _NOT_SHOWN
        self._recent[turn] = now, given.attempt, _NOT_SHOWN
        answer = _NOT_SHOWN
        try:
            answer = await self._decided(request, given, rule, survey)
        finally:
            if answer == _NOT_SHOWN:
                self._recent.pop(turn, None)
            else:
                self._recent[turn] = now, given.attempt, answer
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        return answer

    async def _decided(
        self, request: _Request, given: Ask, rule: PublishedRule, survey: PublishedSurvey
    ) -> bytes:
        visitor = self._visitor(request, given)
        chosen = self._signing.read(given.says, rule=rule.id, visitor=visitor.said)
        if chosen is None:
            chosen = await self._is_chosen(rule, visitor)
        if not chosen or await self._responses.is_full(survey):
            return _NOT_SHOWN
        at = self._clock()
        was_asked = await self._looked_up(
            lambda: self._choosing.was_asked(rule, visitor, at=at), otherwise=True
        )
        if was_asked or not await self._may_ask(rule.workspace, survey, visitor):
            return _NOT_SHOWN
        return await self._invited(request, given, rule, survey, visitor)

    async def _invited(
        self,
        request: _Request,
        given: Ask,
        rule: PublishedRule,
        survey: PublishedSurvey,
        visitor: Visitor,
    ) -> bytes:
        """Make her invitation durable, and say where it leads."""
        now = self._clock()
        invitation = self._responses.invitations.new()
        shown = _shown(rule, survey, visitor, invitation, now)
        if given.event is not None and rule.rule.event:
            about = given.event.about[: asked.LONGEST_PATH]
            shown = msgspec.structs.replace(
                shown,
                about_kind=rule.rule.about_kind if about else "",
                about_id=about if rule.rule.about_kind else "",
                experienced_at=given.event.experienced_at(now),
            )
        await self._keep(shown, rule.workspace, now)
        document = survey.survey
        tags = [given.language, *preferred(request.languages)]
        language = language_of(tags, document.spoken())
        query = {"lang": language}
        if not document.is_anonymous:
            path = given.path[: asked.LONGEST_PATH]
            query |= {"i": invitation, "f.page": path}
            self._expect(survey, shown, given, language, {"page": path})
        with in_language(best_language(language)):
            words = {
                "close": str(_("Close the survey")),
                "title": said(document.title, language, document),
            }
        return msgspec.json.encode(
            {
                "shown": True,
                "invitation": invitation,
                "survey": rule.survey,
                "address": f"/s/{rule.survey}?{urlencode(query)}",
                "language": language,
                "rtl": page.is_right_to_left(language),
                "colour": document.colour,
                **words,
            }
        )

    def _expect(
        self,
        survey: PublishedSurvey,
        shown: Shown,
        given: Ask,
        language: str,
        fields: dict[str, str],
    ) -> None:
        about = About(
            survey=survey.key,
            version=survey.number,
            response=self._responses.ids.derived(shown.invitation),
            started_at=shown.at,
            language=language,
            mode=facts.MODE,
            device=given.kind if given.kind in DEVICES else "",
            customer=shown.customer,
            customer_kind=shown.customer_kind,
            invitation=shown.invitation,
            touchpoint=shown.touchpoint,
            channel=shown.channel,
            about_kind=shown.about_kind,
            about_id=shown.about_id,
            experienced_at=shown.experienced_at,
            fields=fields,
        )
        self._responses.expect(survey, about)

    # Closing

    async def _close(self, request: _Request) -> bytes:
        given = asked.read(request.body, Close)
        survey = self._surveys.find(given.survey)
        rule = self._rules.find(request.key.workspace, given.rule)
        is_ours = self._responses.invitations.made_at(given.invitation) is not None
        if survey is None or survey.workspace != request.key.workspace or not is_ours:
            return replies.SUCCESS  # nothing that is known was closed, and it need not ask again
        now = self._clock()
        shown = _shown(rule, survey, self._visitor(request, given), given.invitation, now)
        await self._keep(
            msgspec.structs.replace(shown, action="dismissed"), request.key.workspace, now
        )
        return replies.SUCCESS

    # Pieces

    def _visitor(self, request: _Request, who: Who) -> Visitor:
        workspace = request.key.workspace
        is_proven = bool(who.proof) and signing.is_proven(
            signing.proof_key(self._secret, workspace), who.customer, who.proof
        )
        return Visitor(who.device, who.customer, is_proven)

    async def _keep(self, shown: Shown, workspace: str, now: datetime) -> None:
        letter = Letter(workspace, facts.SOURCE, facts.WIRE, now, facts.body(shown))
        await self._intake.submit(letter, facts.read(letter))

    async def _looked_up(self, ask: Callable[[], bool], *, otherwise: bool) -> bool:
        """What the log says; `otherwise` where it cannot say, or too many ask."""
        if self._waiting >= MOST_WAITING:
            return otherwise
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(ask)
        except Problem as problem:
            _log.warning("a widget asks nobody for now: %s", problem.code)
            return otherwise
        finally:
            self._waiting -= 1


_NOT_SHOWN = b'{"shown":false}'


def _shown(
    rule: PublishedRule | None,
    survey: PublishedSurvey,
    visitor: Visitor,
    invitation: str,
    now: datetime,
) -> Shown:
    return Shown(
        invitation=invitation,
        action="invited",
        survey=survey.key,
        rule=rule.name if rule else "",
        at=microseconds(now),
        customer=visitor.customer or visitor.device,
        is_known=bool(visitor.customer),
        touchpoint=(rule.rule.touchpoint if rule else "") or survey.survey.touchpoint,
        channel=survey.survey.channel or "web",
    )


async def _preflight(scope: Scope, _receive: Receive, send: Send) -> None:
    headers = dict(scope["headers"])
    answer = replies.preflight(
        headers.get(b"origin", b""), headers.get(b"access-control-request-headers", b"")
    )
    await respond(send, 204, answer)
