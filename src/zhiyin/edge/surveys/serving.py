"""The survey page over HTTP: ``/s/<id>``, and ``/s/<id>/answers`` for single answers of its script.

A page is sent by POST and shown by GET, so that a reload asks nothing twice. What is acknowledged
is on disk. Without cookies the form itself says which response it belongs to.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from pathlib import Path
from typing import Any, Protocol

import msgspec

from zhiyin.collect.surveys import answer_files, answering
from zhiyin.collect.surveys.answering import DECLINED
from zhiyin.collect.surveys.facts import About
from zhiyin.collect.surveys.html import page
from zhiyin.collect.surveys.logic import SKIPPED, Step
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.edge import bodies
from zhiyin.edge.addresses import is_this_machine
from zhiyin.edge.asgi import Handler, Header, Receive, Scope, Send
from zhiyin.edge.limits import Buckets
from zhiyin.edge.surveys import asked, multipart, replies
from zhiyin.edge.surveys.asked import Asked
from zhiyin.edge.surveys.responses import Response, Responses
from zhiyin.edge.surveys.tending import Tending
from zhiyin.edge.surveys.visit import QUOTA_IS_FULL, Visit, cookie_name
from zhiyin.kernel.clock import microseconds, now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.kernel.text import Text, _, customers_language, in_customers_language

_PATH = re.compile(r"/s/([A-Za-z0-9]{4,40})(/answers)?/?")

MOST_BYTES = 256 * 1024
"""A page with its answers."""

ADDRESS_RATE = 50.0
"""Pages and answers a second from one address: a call centre of hundreds answers behind one."""

_log = logging.getLogger("zhiyin.edge")


class Finding(Protocol):
    """Who knows the published surveys: `collect.surveys.published.Published`."""

    def find(self, public_id: str) -> PublishedSurvey | None:
        """The survey with this id in its address."""


class Framing(Protocol):
    """Who knows which sites show a survey: `collect.widgets.published.PublishedRules`."""

    def hosts(self, survey: str) -> tuple[str, ...]:
        """The origins whose pages may hold it."""


class _Single(msgspec.Struct):
    """One answer, as the page's script sends it."""

    response: str
    item: str
    page: str
    values: dict[str, list[str]] = {}
    fields: dict[str, str] = {}
    language: str = ""
    invitation: str = ""


_single = msgspec.json.Decoder(_Single)


class Surveys:
    """Serves the survey page.

    Args:
        tending: ends what was left open.
        data: the data folder, for files that customers send; None: none are kept.
        framing: else no page may hold it.
        address_rate: requests a second of one address; 0: any number.
    """

    def __init__(
        self,
        published: Finding,
        responses: Responses,
        *,
        tending: Tending | None = None,
        data: Path | None = None,
        framing: Framing | None = None,
        address_rate: float = ADDRESS_RATE,
    ) -> None:
        self.tending = tending
        self._framing = framing
        self.published = published
        self.responses = responses
        self._data = data
        self._drawing = asyncio.Semaphore(1)
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
            asked_for = request.query.get("lang", [""])[0]
            invitation = request.query.get("i", [""])[0]
            anonymous = invitation if published.survey.is_anonymous else ""
            visit = await self._visit(
                request,
                published,
                request.cookie(cookie_name(request.id, anonymous)),
                request.language(published.survey, asked_for),
                asked.fields(request.query),
                invitation,
            )
            # What a link in a letter says is shown as chosen. It is no answer before she sends it.
            said = {name: values for name, values in request.query.items() if name[:2] == "a."}
            await self._shown(send, visit, request.query.get("p", [""])[0], said)

    async def _shown(
        self, send: Send, visit: Visit, name: str, said: dict[str, list[str]] | None = None
    ) -> None:
        """The page on which a response stands, or the one called so if it may be seen already.

        Args:
            said: what stands in its fields already, and is not kept.
        """
        response = visit.response
        with in_customers_language(visit.language):
            step = None if response.is_over else visit.at(name)
            if step is None:
                is_again = visit.request.scope["method"] != "POST" and response.is_over
                is_again &= "end" not in visit.request.query
                await self._html(send, 200, visit.over(is_again=is_again), visit)
            elif not response.is_begun and (closed := await self._closed(visit)):
                await self._html(send, 410, page.told(visit.view(), *closed), visit)
            else:
                response.seen.add(step.page.name)
                await self._html(send, 200, visit.asking(step, visit.view(sent=said)), visit)

    # POST

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _asked(scope)
        async with self._met(request, send):
            self._pace(scope)
            published = self._found(request)
            form, files = await self._form(request, published, receive)
            visit = await self._visit(
                request,
                published,
                form.get("r", [""])[0],
                request.language(published.survey, form.get("l", [""])[0]),
                asked.fields(form),
                form.get("i", [""])[0],
            )
            with in_customers_language(visit.language):
                await self._taken(send, visit, form, files)

    async def _form(
        self, request: Asked, published: PublishedSurvey, receive: Receive
    ) -> tuple[dict[str, list[str]], dict[str, bytes | None]]:
        """What was sent: fields, and files where the survey asks for some."""
        boundary = multipart.boundary_of(request.headers.get(b"content-type", b""))
        takes_files = any(one.type == "file" for one in published.survey.questions())
        if boundary is None or not takes_files:
            return asked.read_form(await bodies.read(receive, MOST_BYTES)), {}
        with multipart.on_disk() as file:
            await multipart.spooled(receive, file)
            sent = await asyncio.to_thread(multipart.read, file, boundary)
        return sent.fields, sent.files

    async def _files(
        self,
        visit: Visit,
        step: Step,
        form: dict[str, list[str]],
        files: dict[str, bytes | None],
    ) -> dict[str, Text]:
        """Keep what was chosen on a page, and put into the form what stands for it.

        Returns:
            By item, what is wrong with a file.
        """
        wrong: dict[str, Text] = {}
        response = visit.response
        for item in step.items():
            if item.question.type != "file":
                continue
            # Nobody says in words which file is hers.
            field = f"a.{item.name}"
            said = [value for value in form.pop(field, []) if value in DECLINED]
            held = response.answers.get(item.name)
            if field in files and not said and self._data is not None:
                try:
                    said = [await self._kept_file(self._data, response, files[field])]
                except Problem as problem:
                    wrong[item.name] = problem.message
            elif not said and held is not None and held.state == "answered":
                said = list(held.chosen)
            form[field] = said
        return wrong

    async def _kept_file(self, data: Path, response: Response, content: bytes | None) -> str:
        if content is None:
            raise answer_files.too_large()
        about = response.about
        kind = about.customer_kind if about.customer else ANONYMOUS
        customer = (about.customer or about.response, kind)
        # One at a time: a picture takes memory while it is drawn anew.
        async with self._drawing:
            return await asyncio.to_thread(
                answer_files.keep, data, response.workspace, customer, content
            )

    async def _taken(
        self,
        send: Send,
        visit: Visit,
        form: dict[str, list[str]],
        files: dict[str, bytes | None],
    ) -> None:
        response = visit.response
        steps = response.steps()
        step = next((one for one in steps if one.page.name == form.get("p", [""])[0]), None)
        is_shut = not response.is_begun and await self._closed(visit)
        if response.is_over and response.ticket:
            # What a crash left undone is done now: her answers are kept, and she is told so.
            await self._ended(visit)
        if response.is_over or step is None or is_shut:
            await self._on(send, visit, None)
            return
        if form.get("website", [""])[0]:
            response.flags.add("bot")
        wrong = await self._files(visit, step, form, files)
        read = answering.read(step, form, today=visit.today, language=visit.language)
        for name, why in wrong.items():
            read.answers.pop(name, None)
            read.wrong[name] = why
        try:
            after = await self._kept(visit, step, read, form)
        except Problem as problem:
            if problem.code == "survey.answered":
                await self._html(send, 410, page.told(visit.view(), *_answered()), visit)
                return
            # All that was sent is shown again: it is not on disk, and can be sent again.
            _log.warning("a survey's answers were not taken: %s", problem.code)
            trouble = _("Not saved yet: please send it again in a moment.")
            text = visit.asking(step, visit.view(sent=form, trouble=trouble))
            await self._html(send, 503, text, visit, (b"retry-after", b"3"))
            return
        if read.wrong and not _is_leaving(form):
            text = visit.asking(step, visit.view(sent=form, wrong=read.wrong))
            await self._html(send, 422, text, visit)
        else:
            await self._on(send, visit, after)

    async def _kept(
        self, visit: Visit, step: Step, read: answering.Read, form: dict[str, list[str]]
    ) -> Step | None:
        """Make durable what a page says.

        Returns:
            The page that comes next: the same one where an answer is wrong, None at the end.

        Raises:
            Problem: intake does not take it.
        """
        response = visit.response
        is_leaving = _is_leaving(form)
        said = {
            name: answer
            for name, answer in read.answers.items()
            # Who leaves a page has not skipped what she did not come to.
            if not (is_leaving and answer == SKIPPED and name not in response.answers)
        }
        if said or not is_leaving:
            await self.responses.tell(response, said)
        if form.get("dismiss"):
            response.seen.add(step.page.name)
            await self._ended(visit, is_dismissed=True)
            return None
        if form.get("back"):
            names = [one.page.name for one in response.steps()]
            place = max(names.index(step.page.name) - 1, 0) if step.page.name in names else 0
            return response.steps()[place]
        if read.wrong:
            return step
        response.sent.add(step.page.name)
        after = visit.after(step)
        if after is None or await self.responses.full_quota(response) is not None:
            await self._ended(visit)
            return None
        return after

    async def _ended(self, visit: Visit, *, is_dismissed: bool = False) -> None:
        """End a response. Raises as `Responses.end`; ``survey.answered``."""
        if not visit.response.ticket:
            await self.responses.end(visit.response, is_dismissed=is_dismissed)
            return
        is_hers = await self.responses.end_anonymous(
            visit.published, visit.response, visit.invitation, is_dismissed=is_dismissed
        )
        if not is_hers:
            raise Problem("survey.answered", *_answered())

    async def _on(self, send: Send, visit: Visit, step: Step | None) -> None:
        """Lead on to a page by GET; show it at once to a browser that keeps no cookie."""
        if visit.has_cookie:
            await replies.see(send, visit.address(step))
        else:
            await self._shown(send, visit, step.page.name if step else "")

    # POST of one answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _asked(scope)
        try:
            self._pace(scope)
            single = _single.decode(await bodies.read(receive, MOST_BYTES))
            published = self._found(request)
            form = {f"f.{name}": [value] for name, value in single.fields.items()}
            visit = await self._visit(
                request,
                published,
                single.response,
                request.language(published.survey, single.language),
                asked.fields(form),
                single.invitation,
            )
            status, body = await self._one(visit, single)
        except bodies.Left:
            return
        except (msgspec.DecodeError, RecursionError):
            status, body = 400, {"error": "not-json"}
        except Problem as problem:
            status = _STATUS.get(problem.code, 503)
            body = {"error": problem.code}
        await replies.document(send, status, body)

    async def _one(self, visit: Visit, single: _Single) -> tuple[int, dict[str, object]]:
        response = visit.response
        if response.is_over or (not response.is_begun and await self._closed(visit)):
            return 410, {"error": "survey.over"}
        found = next(
            (
                (step, one, item)
                for step in response.steps()
                for one in step.asked
                for item in one.items()
                if item.name == single.item and step.page.name == single.page
            ),
            None,
        )
        if found is None:
            return 404, {"error": "survey.no-such-question"}
        step, one, item = found
        if item.question.type == "file":
            return 422, {"error": "survey.file"}
        answer = answering.one(one, item, single.values, today=visit.today, language=visit.language)
        if isinstance(answer, Text | str):
            with in_customers_language(visit.language):
                return 422, {"error": "survey.wrong", "message": str(answer)}
        if answer != SKIPPED or item.name in response.answers:
            response.seen.add(step.page.name)
            await self.responses.tell(response, {item.name: answer})
            if response.is_over:
                return 410, {"error": "survey.over"}
        return 200, {"saved": item.name}

    # Pieces

    def _found(self, request: Asked) -> PublishedSurvey:
        published = self.published.find(request.id)
        if published is None:
            raise _no_survey()
        return published

    async def _visit(
        self,
        request: Asked,
        published: PublishedSurvey,
        response: str,
        language: str,
        fields: dict[str, str],
        invitation: str,
    ) -> Visit:
        if self.responses.invitations.made_at(invitation) is None:
            invitation = ""
        elif not published.survey.is_anonymous:
            # A link of her own has one response, on whatever device she opens it.
            response = self.responses.ids.derived(invitation)
        is_new = self.responses.ids.made_at(response) is None
        if is_new:
            response = self.responses.ids.new()
        published = self.responses.drawn(published, response)
        language = request.language(published.survey, language)
        about = About(
            survey=published.key,
            version=published.number,
            response=response,
            started_at=microseconds(now()),
            language=language,
            mode=request.mode(),
            device=request.device(),
            touchpoint=published.survey.touchpoint,
            channel=published.survey.channel,
            invitation=invitation,
            fields=fields,
        )
        found = await self.responses.find(published, about, is_new=is_new)
        return Visit(request, published, found, language, invitation, self._hosts(request.id))

    def _hosts(self, survey: str) -> tuple[str, ...]:
        return self._framing.hosts(survey) if self._framing else ()

    async def _closed(self, visit: Visit) -> tuple[Text, Text] | None:
        """Why she cannot begin it; None: she can."""
        published = visit.published
        if published.is_closed(now()):
            return (
                _("This survey is closed."),
                _("Thank you for wanting to answer. There is nothing more to do here."),
            )
        if await self.responses.full_quota(visit.response) is not None:
            return QUOTA_IS_FULL
        if await self.responses.is_full(published):
            return (
                _("This survey has all the answers that it needs."),
                _("Thank you for wanting to answer. There is nothing more to do here."),
            )
        is_hers = visit.response.ticket and visit.invitation
        if is_hers and await self.responses.is_answered(published, visit.invitation):
            return _answered()
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

    async def _html(self, send: Send, status: int, text: str, visit: Visit, *more: Header) -> None:
        await replies.html(
            send,
            status,
            text,
            colour=visit.response.survey.colour,
            hosts=visit.hosts,
            is_packed=b"gzip" in visit.request.headers.get(b"accept-encoding", b""),
            is_head=visit.request.scope["method"] == "HEAD",
            more=[*more] if visit.has_cookie else [*more, visit.cookie()],
        )

    @contextlib.asynccontextmanager
    async def _met(self, request: Asked, send: Send) -> Any:
        """Whatever goes wrong is said on a page, kindly."""
        try:
            yield
        except bodies.Left:
            return
        except Problem as problem:
            await _trouble(request.scope, send, problem, self._hosts(request.id))


_STATUS = {"survey.none": 404, "survey.too-fast": 429, "intake.too-large": 413}


async def _nowhere(scope: Scope, _receive: Receive, send: Send) -> None:
    await _trouble(scope, send, _no_survey())


async def _trouble(scope: Scope, send: Send, problem: Problem, hosts: tuple[str, ...] = ()) -> None:
    """A page that says what is wrong, in the browser's language."""
    header = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    code = customers_language(header.partition(",")[0].partition(";")[0].strip())
    with in_customers_language(code):
        text = page.bare(problem.message, problem.hint or _("Thank you."), code)
    status = _STATUS.get(problem.code, 503)
    is_head = scope["method"] == "HEAD"
    await replies.html(send, status, text, hosts=hosts, is_packed=False, is_head=is_head)


def _is_leaving(form: dict[str, list[str]]) -> bool:
    return bool(form.get("dismiss")) or bool(form.get("back"))


def _asked(scope: Scope) -> Asked:
    found = _PATH.fullmatch(scope["path"])
    assert found is not None  # noqa: S101 - `route` has matched it
    return Asked(found[1], scope)


def _answered() -> tuple[Text, Text]:
    return (
        _("This invitation has been answered already."),
        _("Each can be answered once; what was answered is kept without a name."),
    )


def _no_survey() -> Problem:
    return Problem(
        "survey.none",
        _("There is no survey at this address."),
        _("Look whether the link was cut off when it was copied."),
    )
