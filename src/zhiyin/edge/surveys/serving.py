"""The survey page over HTTP: ``/s/<id>``, and ``/s/<id>/answers`` for single answers of its script.

A page is sent by POST and shown by GET, so that a reload asks nothing twice. What is acknowledged
is on disk. Without cookies the form itself says which response it belongs to.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec

from zhiyin.collect.surveys import answering, logic
from zhiyin.collect.surveys.facts import About
from zhiyin.collect.surveys.logic import SKIPPED, Step
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.edge import bodies
from zhiyin.edge.addresses import is_this_machine
from zhiyin.edge.limits import Buckets
from zhiyin.edge.surveys import asked, page, replies
from zhiyin.edge.surveys.asked import Asked
from zhiyin.edge.surveys.replies import Header
from zhiyin.edge.surveys.responses import Response, Responses
from zhiyin.edge.surveys.tending import Tending
from zhiyin.edge.surveys.views import View
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _, best_language, in_language

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]

_PATH = re.compile(r"/s/([A-Za-z0-9]{4,40})(/answers)?/?")

MOST_BYTES = 256 * 1024
"""A page with its answers."""

COOKIE_SECONDS = 30 * 86_400

ADDRESS_RATE = 50.0
"""Pages and answers a second from one address: a call centre of hundreds answers behind one."""

_log = logging.getLogger("zhiyin.edge")


class Finding(Protocol):
    """Who knows the published surveys: `collect.surveys.published.Published`."""

    def find(self, public_id: str) -> PublishedSurvey | None:
        """The survey with this id in its address."""


class _Single(msgspec.Struct):
    """One answer, as the page's script sends it."""

    response: str
    item: str
    page: str
    values: dict[str, list[str]] = {}
    fields: dict[str, str] = {}
    language: str = ""


_single = msgspec.json.Decoder(_Single)


class Surveys:
    """Serves the survey page.

    Args:
        tending: ends what was left open.
        address_rate: requests a second of one address; 0: any number.
    """

    def __init__(
        self,
        published: Finding,
        responses: Responses,
        *,
        tending: Tending | None = None,
        address_rate: float = ADDRESS_RATE,
    ) -> None:
        self.tending = tending
        self._published = published
        self._responses = responses
        self._address_rate = address_rate
        self._by_address = Buckets()

    def route(self, scope: Scope) -> tuple[str, Handler] | None:
        """What kind of request this is and who answers it; None where it is about no survey."""
        path = scope["path"]
        if not path.startswith("/s/"):
            return None
        found = _PATH.fullmatch(path)
        if found is None:
            return "survey", _nowhere
        if found[2]:
            return "survey-answer", self._answer if scope["method"] == "POST" else _nowhere
        if scope["method"] == "POST":
            return "survey-sent", self._send
        return "survey", self._show if scope["method"] in ("GET", "HEAD") else _nowhere

    # GET

    async def _show(self, scope: Scope, _receive: Receive, send: Send) -> None:
        request = _asked(scope)
        async with self._met(request, send):
            self._pace(scope)
            published = self._found(request)
            fields = asked.fields(request.query)
            language = request.language(
                published.survey, request.query.get("lang", request.query.get("l", [""]))[0]
            )
            held = request.cookie(_cookie_name(request.id))
            response = await self._response(request, published, held, language, fields)
            more = [] if response.id == held else [_cookie(request, response.id)]
            await self._shown(request, send, published, response, language, more)

    async def _shown(
        self,
        request: Asked,
        send: Send,
        published: PublishedSurvey,
        response: Response,
        language: str,
        more: list[Header],
        *,
        at: str | None = None,
    ) -> None:
        """The page on which a response stands, or that of the address if it may be seen already."""
        view = _view(request, published, response, language)
        with in_language(best_language(language)):
            if response.is_over:
                await self._html(request, send, 200, _over(view, response), view, more)
                return
            if not response.is_begun and (closed := await self._closed(published)):
                await self._html(request, send, 410, page.told(view, *closed), view, more)
                return
            steps = response.steps()
            if not steps:
                # Conditions on what the link says have left nothing to ask.
                await self._html(request, send, 200, _over(view, response), view, more)
                return
            step = _at(response, steps, at or request.query.get("p", [""])[0])
            response.seen.add(step.page.name)
            await self._html(request, send, 200, _asking(view, response, step), view, more)

    # POST

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _asked(scope)
        async with self._met(request, send):
            self._pace(scope)
            form = asked.read_form(await bodies.read(receive, MOST_BYTES))
            published = self._found(request)
            language = request.language(published.survey, form.get("l", [""])[0])
            response = await self._response(
                request, published, form.get("r", [""])[0], language, asked.fields(form)
            )
            await self._taken(request, send, published, response, language, form)

    async def _taken(
        self,
        request: Asked,
        send: Send,
        published: PublishedSurvey,
        response: Response,
        language: str,
        form: dict[str, list[str]],
    ) -> None:
        view = _view(request, published, response, language)
        steps = response.steps()
        step = next((one for one in steps if one.page.name == form.get("p", [""])[0]), None)
        if (
            response.is_over
            or step is None
            or (not response.is_begun and await self._closed(published))
        ):
            await self._on(request, send, published, response, language, None)
            return
        if form.get("website", [""])[0]:
            response.flags.add("bot")
        read = answering.read(step, form)
        is_leaving = bool(form.get("dismiss")) or bool(form.get("back"))
        said = {
            name: answer
            for name, answer in read.answers.items()
            # Who leaves a page has not skipped what she did not come to.
            if not (is_leaving and answer == SKIPPED and name not in response.answers)
        }
        try:
            if said or not is_leaving:
                await self._responses.tell(response, said)
            if form.get("dismiss"):
                response.seen.add(step.page.name)
                await self._responses.end(response, is_dismissed=True)
        except Problem as problem:
            sent = replace(view, sent=form)
            await self._not_kept(request, send, sent, response, step, problem)
            return
        if form.get("dismiss"):
            await self._on(request, send, published, response, language, None)
        elif form.get("back"):
            before = steps[max(steps.index(step) - 1, 0)]
            await self._on(request, send, published, response, language, before)
        elif read.wrong:
            again = replace(view, sent=form, wrong=read.wrong)
            await self._again(request, send, again, response, step)
        else:
            await self._next(request, send, published, response, language, step)

    async def _next(
        self,
        request: Asked,
        send: Send,
        published: PublishedSurvey,
        response: Response,
        language: str,
        step: Step,
    ) -> None:
        """The page after one that was sent whole; itself where an answer has opened a question."""
        steps = response.steps()
        here = next((n for n, one in enumerate(steps) if one.page.name == step.page.name), None)
        if here is not None and any(
            item.name not in response.answers for item in steps[here].items()
        ):
            await self._on(request, send, published, response, language, steps[here])
            return
        response.sent.add(step.page.name)
        after = response.step() if here is None else next(iter(steps[here + 1 :]), None)
        if after is None:
            after = response.step()
        if after is None:
            with in_language(best_language(language)):
                try:
                    await self._responses.end(response)
                except Problem as problem:
                    view = _view(request, published, response, language)
                    await self._not_kept(request, send, view, response, step, problem)
                    return
        await self._on(request, send, published, response, language, after)

    async def _on(
        self,
        request: Asked,
        send: Send,
        published: PublishedSurvey,
        response: Response,
        language: str,
        step: Step | None,
    ) -> None:
        """Lead on to a page by GET; show it at once to a browser that keeps no cookie."""
        if request.cookie(_cookie_name(request.id)) == response.id:
            query = {"lang": language} | ({"p": step.page.name} if step else {})
            await replies.see(send, f"{request.address}?{urlencode(query)}", [])
            return
        at = step.page.name if step else None
        more = [_cookie(request, response.id)]
        await self._shown(request, send, published, response, language, more, at=at)

    async def _again(
        self, request: Asked, send: Send, view: View, response: Response, step: Step
    ) -> None:
        """The same page, with what is wrong and with what was sent."""
        with in_language(best_language(view.language)):
            text = _asking(view, response, step)
        await self._html(request, send, 422, text, view, [])

    async def _not_kept(
        self,
        request: Asked,
        send: Send,
        view: View,
        response: Response,
        step: Step,
        problem: Problem,
    ) -> None:
        """The same page with all that was sent: it is not on disk, and can be sent again."""
        _log.warning("a survey's answers were not taken: %s", problem.code)
        says = _("Not saved yet: please send it again in a moment.")
        with in_language(best_language(view.language)):
            text = _asking(replace(view, trouble=says), response, step)
        await self._html(request, send, 503, text, view, [(b"retry-after", b"3")])

    # POST of one answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _asked(scope)
        try:
            self._pace(scope)
            single = _single.decode(await bodies.read(receive, MOST_BYTES))
            published = self._found(request)
            form = {f"f.{name}": [value] for name, value in single.fields.items()}
            response = await self._response(
                request,
                published,
                single.response,
                request.language(published.survey, single.language),
                asked.fields(form),
            )
            status, body = await self._one(published, response, single)
        except bodies.Left:
            return
        except (msgspec.DecodeError, RecursionError):
            status, body = 400, {"error": "not-json"}
        except Problem as problem:
            status = _STATUS.get(problem.code, 503)
            body = {"error": problem.code}
        await replies.document(send, status, body)

    async def _one(
        self, published: PublishedSurvey, response: Response, single: _Single
    ) -> tuple[int, dict[str, object]]:
        if response.is_over or (not response.is_begun and await self._closed(published)):
            return 410, {"error": "survey.over"}
        for step in response.steps():
            for one in step.asked:
                for item in one.items():
                    if item.name != single.item or step.page.name != single.page:
                        continue
                    answer = answering.one(one, item, single.values)
                    if isinstance(answer, Text):
                        with in_language(best_language(single.language)):
                            return 422, {"error": "survey.wrong", "message": str(answer)}
                    if answer != SKIPPED or item.name in response.answers:
                        response.seen.add(step.page.name)
                        await self._responses.tell(response, {item.name: answer})
                    return 200, {"saved": item.name}
        return 404, {"error": "survey.no-such-question"}

    # Pieces

    def _found(self, request: Asked) -> PublishedSurvey:
        published = self._published.find(request.id)
        if published is None:
            raise _no_survey()
        return published

    async def _response(
        self,
        request: Asked,
        published: PublishedSurvey,
        response: str,
        language: str,
        fields: dict[str, str],
    ) -> Response:
        is_new = self._responses.made_at(response) is None
        about = About(
            survey=published.key,
            version=published.number,
            response=self._responses.new_id() if is_new else response,
            started_at=int(datetime.now(UTC).timestamp() * 1e6),
            language=language,
            mode=request.mode(),
            device=request.device(),
            touchpoint=published.survey.touchpoint,
            channel=published.survey.channel,
            fields=fields,
        )
        return await self._responses.find(published, about, is_new=is_new)

    async def _closed(self, published: PublishedSurvey) -> tuple[Text, Text] | None:
        """Why nobody can begin it; None: everybody can."""
        closes_on = published.survey.closes_on
        is_over = closes_on is not None and local_day(now(), published.zone) >= closes_on
        if is_over or not published.is_open:
            return (
                _("This survey is closed."),
                _("Thank you for wanting to answer. There is nothing more to do here."),
            )
        if await self._responses.is_full(published):
            return (
                _("This survey has all the answers that it needs."),
                _("Thank you for wanting to answer. There is nothing more to do here."),
            )
        return None

    def _pace(self, scope: Scope) -> None:
        client = scope.get("client")
        if not client or not self._address_rate or is_this_machine(str(client[0])):
            return
        address = str(client[0])
        if self._by_address.wait(address, self._address_rate) > 0:
            raise Problem(
                "survey.too-fast",
                _("Too many answers come from here at once."),
                _("Wait a moment and load the page again."),
            )
        self._by_address.take(address, self._address_rate, 1)

    async def _html(
        self,
        request: Asked,
        send: Send,
        status: int,
        text: str,
        view: View,
        more: list[Header],
    ) -> None:
        await replies.html(
            send,
            status,
            text,
            colour=view.survey.colour,
            is_packed=b"gzip" in request.headers.get(b"accept-encoding", b""),
            is_head=request.scope["method"] == "HEAD",
            more=more,
        )

    @contextlib.asynccontextmanager
    async def _met(self, request: Asked, send: Send) -> Any:
        """Whatever goes wrong is said on a page, kindly."""
        try:
            yield
        except bodies.Left:
            return
        except Problem as problem:
            code = best_language(request.headers.get(b"accept-language", b"").decode("latin-1"))
            with in_language(code):
                text = page.bare(problem.message, problem.hint or _("Thank you."), code)
            await replies.html(
                send, _STATUS.get(problem.code, 503), text, is_packed=False,
                is_head=request.scope["method"] == "HEAD",
            )  # fmt: skip


_STATUS = {"survey.none": 404, "survey.too-fast": 429, "intake.too-large": 413}


async def _nowhere(scope: Scope, _receive: Receive, send: Send) -> None:
    problem = _no_survey()
    headers = dict(scope["headers"])
    code = best_language(headers.get(b"accept-language", b"").decode("latin-1"))
    with in_language(code):
        text = page.bare(problem.message, problem.hint or _("Thank you."), code)
    await replies.html(send, 404, text, is_packed=False, is_head=scope["method"] == "HEAD")


def _asked(scope: Scope) -> Asked:
    found = _PATH.fullmatch(scope["path"])
    assert found is not None  # noqa: S101 - `route` has matched it
    return Asked(found[1], scope)


def _view(request: Asked, published: PublishedSurvey, response: Response, language: str) -> View:
    return View(
        published.survey,
        request.address,
        response.id,
        language,
        answers=response.answers,
        fields=response.about.fields,
    )


def _asking(view: View, response: Response, step: Step) -> str:
    """A page with questions, at its place among those that are asked now."""
    names = [one.page.name for one in response.steps()]
    place = names.index(step.page.name) + 1 if step.page.name in names else 1
    return page.asking(view, step, place=place, steps=max(len(names), 1))


def _at(response: Response, steps: tuple[Step, ...], name: str) -> Step:
    """The page called so, if nothing before it is left open; else the first that is left open."""
    stands = response.step() or steps[-1]
    for step in steps[: steps.index(stands) + 1]:
        if step.page.name == name:
            return step
    return stands


def _over(view: View, response: Response) -> str:
    if response.ended_at is None:
        return page.told(
            view,
            _("Thank you all the same."),
            _("What you answered is kept; you will not be asked again here."),
        )
    ending = logic.ending(view.survey, response.answers, response.about.fields, seed=response.id)
    return page.ended(view, ending)


def _cookie_name(survey: str) -> str:
    return f"r-{survey}"


def _cookie(request: Asked, response: str) -> Header:
    parts = [
        f"{_cookie_name(request.id)}={response}",
        f"Path={request.address}",
        f"Max-Age={COOKIE_SECONDS}",
        "HttpOnly",
        "SameSite=Lax",
        *(["Secure"] if request.is_secure else []),
    ]
    return b"set-cookie", "; ".join(parts).encode()


def _no_survey() -> Problem:
    return Problem(
        "survey.none",
        _("There is no survey at this address."),
        _("Look whether the link was cut off when it was copied."),
    )
