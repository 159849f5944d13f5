"""Responses that are open: what was said so far, kept in memory and found again in the log.

Each answer is a letter of its own: whoever waits for `tell` is told when it is on disk. What is in
memory can be dropped at any time; the log, once it has what intake took, says the same. Those of an
anonymous survey are in the holding store instead.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from zhiyin.collect.surveys import facts, logic
from zhiyin.collect.surveys.definition import Quota, Survey
from zhiyin.collect.surveys.facts import About, Filling, Said, Told
from zhiyin.collect.surveys.held import QUOTA, Held, Row
from zhiyin.collect.surveys.logic import SKIPPED, Answer, State, Step
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.collect.surveys.tokens import INVITATION, RESPONSE, Tokens
from zhiyin.edge.intake import Taking
from zhiyin.edge.surveys.anonymous.keeping import Keeping, Versions, new_name
from zhiyin.edge.surveys.anonymous.store import Kept, Over
from zhiyin.kernel.clock import microseconds, moment
from zhiyin.warehouse.arriving import Letter

KEPT = 50_000
"""Open responses in memory; the one that nobody has touched for longest is looked up again."""

QUOTA_FULL = "quota_full"
"""The flag of a response that came when a quota that it counts in was full."""

OPEN_HOURS = 48
"""A response that nobody has ended is over then, and can be read and no longer changed."""


@dataclass(slots=True)
class Response:
    """One response.

    Args:
        answers: by item, what stands.
        numbers: by item, how often something was said to it.
        sent: pages that were sent, by name.
        seen: pages that were shown.
        is_begun: whether the log knows of it.
        ended_at: microseconds since 1970.
        ticket: of an anonymous one, what its browser has; blank: its id.
    """

    about: About
    survey: Survey
    workspace: str
    ticket: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
    is_begun: bool = False
    last_at: int = 0
    ended_at: int | None = None
    is_over: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def id(self) -> str:
        """What the log calls it."""
        return self.about.response

    @property
    def token(self) -> str:
        """By what its browser names it."""
        return self.ticket or self.id

    def steps(self) -> tuple[Step, ...]:
        """The pages that it is asked, given what was said so far."""
        return logic.steps(self.survey, self.answers, self.about.fields, seed=self.id)

    def quotas(self) -> tuple[Quota, ...]:
        """The quotas that it counts in, by what was said so far."""
        return logic.quotas(self.survey, self.answers, self.about.fields, seed=self.id)

    def step(self) -> Step | None:
        """The first page that has something which nothing was said to; None: it is through."""
        for step in self.steps():
            if not step.items() and step.page.name not in self.sent:
                return step
            if any(item.name not in self.answers for item in step.items()):
                return step
        return None


LookUp = Callable[[str, str, str, datetime], Held]
"""What the log has of a response: its workspace, its id, its invitation if there is one, and since
when. It waits until what intake took is in the log, and so runs on a thread."""


Ended = Callable[[str, str], Counter[str]]
"""How many responses of a workspace's survey have come to the end: under a blank all, and by quota.
Likewise on a thread."""


class Responses:
    """Every response that is open.

    Args:
        intake: makes letters durable.
        look_up: reads the log.
        ended: counts in the log.
        versions: a response goes on in the version in which it began.
        keeping: holds those of anonymous surveys.
        secret: with it ids are signed.

    Attributes:
        ids: of responses.
        invitations: of links that are somebody's own.
    """

    def __init__(
        self,
        intake: Taking,
        look_up: LookUp,
        ended: Ended,
        versions: Versions,
        keeping: Keeping,
        secret: bytes,
        *,
        clock: Callable[[], float] = time.time,
        kept: int = KEPT,
    ) -> None:
        self._intake = intake
        self._look_up = look_up
        self._count_ended = ended
        self._ended: dict[tuple[str, str], Counter[str]] = {}
        self._versions = versions
        self._keeping = keeping
        self._answered: set[str] = set()
        self._ending: dict[str, str] = {}
        self.ids = Tokens(secret, RESPONSE, clock=clock)
        self.invitations = Tokens(secret, INVITATION, clock=clock)
        self._clock = clock
        self._kept = kept
        self._open: OrderedDict[str, Response] = OrderedDict()
        self._finding: dict[str, asyncio.Future[Response]] = {}

    # Finding

    async def find(self, published: PublishedSurvey, about: About, *, is_new: bool) -> Response:
        """The response with this id: from memory, from the log, or begun now.

        Args:
            about: what is known of it where nobody knows it yet.
            is_new: its id has just been made: the log need not be asked.
        """
        key = about.response
        if published.survey.is_anonymous:
            return self._anonymous(published, about)
        held = self._open.get(key)
        if held is not None:
            self._open.move_to_end(key)
            return held
        if is_new:
            # Kept before it begins: to ask the log for it would wait for the loader.
            response = Response(about, published.survey, published.workspace)
            self._keep(response)
            return response
        finding = self._finding.get(key)
        if finding is None:
            finding = asyncio.ensure_future(self._recover(published, about))
            self._finding[key] = finding
            finding.add_done_callback(lambda _done: self._finding.pop(key, None))
        return await asyncio.shield(finding)

    def expect(self, published: PublishedSurvey, about: About) -> None:
        """Somebody was invited just now: what is known of her response is kept until she opens it,
        so that she need not wait until the log has her invitation."""
        self._keep(Response(about, published.survey, published.workspace))

    def _anonymous(self, published: PublishedSurvey, about: About) -> Response:
        """The response of a ticket: what is held of it counts, and begun now where nothing is."""
        ticket = about.response
        kept = self._keeping.find(published.workspace, ticket)
        held = self._open.get(ticket)
        if held is not None and (kept is None or held.is_over or not kept.over):
            self._open.move_to_end(ticket)
            return held
        about = msgspec.structs.replace(about, response=new_name(), invitation="", fields={})
        if kept is None:
            response = Response(about, published.survey, published.workspace, ticket)
        else:
            begun = self._versions.of(published.workspace, published.key, kept.version)
            response = held_as(kept, begun or published, about, ticket)
        self._keep(response)
        return response

    async def is_answered(self, published: PublishedSurvey, invitation: str) -> bool:
        """Whether an invitation to an anonymous survey has been answered."""
        if invitation not in self._answered:
            held = await self._invitation(published, invitation)
            if held.has_answered:
                self._answered.add(invitation)
        return invitation in self._answered

    async def _invitation(self, published: PublishedSurvey, invitation: str) -> Held:
        since = moment(self.invitations.made_at(invitation) or 0)
        return await asyncio.to_thread(self._look_up, published.workspace, "", invitation, since)

    def drawn(self, published: PublishedSurvey, response: str) -> PublishedSurvey:
        """The version that a response is given where it has not begun: of two, one at random."""
        number = published.number_for(response)
        if number == published.number:
            return published
        return self._versions.of(published.workspace, published.key, number) or published

    async def _recover(self, published: PublishedSurvey, about: About) -> Response:
        since = moment(self.ids.made_at(about.response) or 0)
        held = await asyncio.to_thread(
            self._look_up, published.workspace, about.response, about.invitation, since
        )
        if held.filling is None:
            response = Response(_invited(about, held), published.survey, published.workspace)
            self._keep(response)
            return response
        number = held.filling["version"]
        begun = self._versions.of(published.workspace, published.key, number) or published
        response = recovered(held, begun, about)
        self._keep(response)
        return response

    def _keep(self, response: Response) -> None:
        self._open[response.token] = response
        self._open.move_to_end(response.token)
        while len(self._open) > self._kept:
            self._open.popitem(last=False)

    async def is_full(self, published: PublishedSurvey) -> bool:
        """Whether so many have come to the end as the survey asks for.

        Whoever has begun may end; so a few more may come than it asks for.
        """
        most = published.survey.most_responses
        if most is None:
            return False
        return (await self._counts(published.workspace, published.key))[""] >= most

    async def full_quota(self, response: Response) -> str | None:
        """A quota that is full and that a response counts in; None: there is none."""
        counted = response.quotas()
        if not counted or response.is_over:
            return None
        counts = await self._counts(response.workspace, response.about.survey)
        return next((one.name for one in counted if counts[one.name] >= one.most), None)

    async def _counts(self, workspace: str, survey: str) -> Counter[str]:
        key = workspace, survey
        if key not in self._ended:
            found = await self._keeping.counted(*key, self._count_ended)
            # Whoever asked at the same time may have counted, and added to it, in between.
            self._ended.setdefault(key, found)
        return self._ended[key]

    # Saying

    async def tell(self, response: Response, said: Mapping[str, Answer]) -> None:
        """Make answers durable; those that say nothing new are none.

        Raises:
            Problem: intake does not take them; nothing has changed then.
        """
        async with response.turn:
            if response.is_over:
                return  # it ended while this waited for its turn
            fresh = {
                name: answer
                for name, answer in said.items()
                if response.answers.get(name) != answer
            }
            if not fresh and response.is_begun:
                return
            filling = None if response.is_begun else Filling(1)
            await self._submit(response, fresh, filling, self._now(), "")

    async def end(
        self, response: Response, *, is_dismissed: bool = False, is_left: bool = False
    ) -> None:
        """Say of every question what became of it, and that the response is over.

        Where a quota that it counts in is full, it is kept and has not come to the end: its flag
        is ``quota_full``. A place is taken before it is written, so that two who end at once never
        take one.

        Args:
            is_dismissed: the customer would rather not answer.
            is_left: nobody has come back to it.

        Raises:
            Problem: intake does not take it; the response is open still.
        """
        async with response.turn:
            if response.is_over:
                return
            now = self._now()
            states = final_states(response, is_dismissed=is_dismissed)
            flags = response.flags | ({"dismissed"} if is_dismissed else set())
            is_full = not is_left and await self.full_quota(response) is not None
            came_to_the_end = not is_dismissed and not is_left and not is_full
            counted = [one.name for one in response.quotas()] if came_to_the_end else []
            flags |= {QUOTA_FULL} if is_full else {QUOTA + name for name in counted}
            filling = Filling(
                2,
                max(response.last_at, response.about.started_at) if is_left else now,
                now if came_to_the_end else None,
                " ".join(sorted(flags)),
            )
            over: Over = "dismissed" if is_dismissed else "ended" if came_to_the_end else "left"
            counts = self._ended.get((response.workspace, response.about.survey), Counter())
            taken = ["", *counted] if came_to_the_end else []
            counts.update(taken)
            try:
                await self._submit(response, states, filling, now, over)
            except BaseException:
                counts.subtract(taken)
                raise
            response.ended_at = filling.ended_at
            response.flags = flags

    async def end_anonymous(
        self,
        published: PublishedSurvey,
        response: Response,
        invitation: str,
        *,
        is_dismissed: bool = False,
    ) -> bool:
        """End an anonymous response, and say of its invitation that it was answered.

        Asked again after a crash it does what is left.

        Args:
            invitation: blank: it came by the bare address.

        Returns:
            False where the invitation was answered by another response: this one is overwritten.

        Raises:
            Problem: as `end`.
        """
        if not response.is_over:
            is_second = bool(invitation) and await self.is_answered(published, invitation)
            claimed = self._ending.get(invitation)
            # Her own second sending may have ended it, or be ending it, meanwhile.
            is_hers = response.is_over or claimed == response.ticket
            if not is_hers and (is_second or claimed is not None):
                await self._keeping.drop(response.workspace, response.ticket)
                self._open.pop(response.ticket, None)
                return False
            if invitation:
                self._ending[invitation] = response.ticket
            try:
                await self.end(response, is_dismissed=is_dismissed)
            except BaseException:
                self._ending.pop(invitation, None)
                raise
        if invitation and not await self.is_answered(published, invitation):
            await self._mark(published, invitation)
        self._ending.pop(invitation, None)
        await self._keeping.release(published)
        return True

    async def _mark(self, published: PublishedSurvey, invitation: str) -> None:
        held = await self._invitation(published, invitation)
        at = self._keeping.today(published.zone)
        said = About(published.key, published.number, "", at, "", "", invitation=invitation)
        about = _invited(said, held)
        if about.invitation:
            told = Told(about, at, has_answered=True)
            now = moment(self._now())
            letter = Letter(published.workspace, facts.SOURCE, facts.WIRE, now, facts.body(told))
            await self._intake.submit(letter, facts.read(letter))
        self._answered.add(invitation)

    async def _hold(
        self, response: Response, said: Mapping[str, Answer], filling: Filling | None, over: Over
    ) -> None:
        about = response.about
        flags = filling.flags.split() if filling is not None and over else response.flags
        kept = Kept(
            about.survey,
            about.version,
            response.id,
            {**response.answers, **said},
            tuple(response.sent),
            tuple(response.seen),
            tuple(sorted(flags)),
            over,
        )
        await self._keeping.keep(response.workspace, response.ticket, kept)

    async def _submit(
        self,
        response: Response,
        said: Mapping[str, Answer],
        filling: Filling | None,
        now: int,
        over: Over,
    ) -> None:
        if response.ticket:
            await self._hold(response, said, filling, over)
        else:
            await self._send(response, said, filling, now)
        for name, answer in said.items():
            response.answers[name] = answer
            response.numbers[name] = response.numbers.get(name, 0) + 1
        response.last_at = now
        if filling is not None:
            response.is_begun = True
            response.is_over = response.is_over or filling.number > 1
        self._keep(response)

    async def _send(
        self, response: Response, said: Mapping[str, Answer], filling: Filling | None, now: int
    ) -> None:
        items = {item.name: item for item in response.survey.items()}
        rows: list[Said] = []
        for name, answer in said.items():
            number = response.numbers.get(name, 0) + 1
            rows.append(facts.said(response.survey, items[name], answer, number))
        told = Told(response.about, now, tuple(rows), filling)
        letter = Letter(
            response.workspace,
            facts.SOURCE,
            facts.WIRE,
            moment(now),
            facts.body(told),
        )
        await self._intake.submit(letter, facts.read(letter))

    def _now(self) -> int:
        return int(self._clock() * 1e6)


def final_states(response: Response, *, is_dismissed: bool = False) -> dict[str, Answer]:
    """What is said at the end of every item that has no answer, or may have none any more."""
    shown = {item.name: step for step in response.steps() for item in step.items()}
    found: dict[str, Answer] = {}
    for item in response.survey.items():
        step = shown.get(item.name)
        held = response.answers.get(item.name)
        if step is None:
            if held is None or held.state != "hidden":
                found[item.name] = Answer("hidden")
        elif held is None or held.state in ("hidden", "not_reached", "shown"):
            found[item.name] = Answer(_unsaid(response, step, is_dismissed))
    return found


def _unsaid(response: Response, step: Step, is_dismissed: bool) -> State:
    if step.page.name in response.sent:
        return SKIPPED.state
    if step.page.name in response.seen:
        return "dismissed" if is_dismissed else "shown"
    return "not_reached"


def recovered(held: Held, published: PublishedSurvey, about: About) -> Response:
    """A response as the log knows it, which nobody has in memory."""
    filling = held.filling or {}
    found = facts.recovered(published.survey, held.answers, held.texts)
    ended = filling["ended_at"]
    response = Response(
        about=_known(about, filling, held.customer),
        survey=published.survey,
        workspace=published.workspace,
        answers={name: answer for name, (answer, _number) in found.items()},
        numbers={name: number for name, (_answer, number) in found.items()},
        is_begun=True,
        last_at=max((microseconds(row["occurred_at"]) for row in held.answers), default=0),
        ended_at=None if ended is None else microseconds(ended),
        is_over=filling["last_at"] is not None,
        flags=set((filling["flags"] or "").split()),
    )
    # A page is sent as a whole: whatever nothing is said to was skipped then.
    for step in response.steps():
        if step.items() and all(item.name in response.answers for item in step.items()):
            response.sent.add(step.page.name)
    stands = response.step()
    response.seen |= response.sent | ({stands.page.name} if stands else set())
    return response


def held_as(kept: Kept, published: PublishedSurvey, about: About, ticket: str) -> Response:
    """An anonymous response as the holding store knows it."""
    name = kept.name or about.response
    return Response(
        msgspec.structs.replace(about, response=name, version=kept.version),
        published.survey,
        published.workspace,
        ticket,
        answers=dict(kept.answers),
        sent=set(kept.sent),
        seen=set(kept.seen),
        flags=set(kept.flags),
        is_begun=True,
        is_over=bool(kept.over),
        ended_at=about.started_at if kept.over == "ended" else None,
    )


_TEXTS = ("mode", "device", "invitation", "touchpoint", "channel", "unit", "arm", "about_kind",
          "about_id")  # fmt: skip


def _invited(about: About, held: Held) -> About:
    """What is known of a response that has not begun: what its invitation says, if it has one."""
    if held.invitation is None or held.invitation["survey"] != about.survey:
        return msgspec.structs.replace(about, invitation="")
    said = held.invitation
    experienced = said["experienced_at"]
    customer, kind = held.customer
    # What the survey says of itself stands where the invitation says nothing.
    texts = {name: said[name] for name in _TEXTS if said.get(name)}
    return msgspec.structs.replace(
        about,
        customer=customer,
        customer_kind=kind,
        experienced_at=None if experienced is None else microseconds(experienced),
        **texts,
    )


def _known(about: About, filling: Row, customer: tuple[str, str]) -> About:
    experienced = filling["experienced_at"]
    return msgspec.structs.replace(
        about,
        version=filling["version"],
        customer=customer[0],
        customer_kind=customer[1],
        started_at=microseconds(filling["started_at"]),
        language=filling["language"] or about.language,
        experienced_at=None if experienced is None else microseconds(experienced),
        **{name: filling[name] or "" for name in _TEXTS},
    )
