"""Responses that were broken off: after two days somebody says what became of each question.

Those of anonymous surveys have no time: they are over when nothing was said between two sweeps.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from zhiyin.collect.surveys.facts import About
from zhiyin.collect.surveys.held import LeftOpen
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.edge.surveys.anonymous.keeping import Keeping, Versions
from zhiyin.edge.surveys.anonymous.store import Kept
from zhiyin.edge.surveys.responses import OPEN_HOURS, Responses, final_states, held_as
from zhiyin.kernel.errors import Problem

EVERY_SECONDS = 600.0

LOOKED_BACK = timedelta(days=60)
"""A server that stood still for longer leaves older ones open, and they count as they are."""

_log = logging.getLogger("zhiyin.edge")

LeftOpenSince = Callable[[datetime, datetime], list[LeftOpen]]
"""Responses of every workspace that began before the first moment and after the second. It reads
the log, and so runs on a thread."""


class Tending:
    """Ends what was left open, while it lives.

    Args:
        clock: the present (UTC, naive).
    """

    def __init__(
        self,
        responses: Responses,
        versions: Versions,
        keeping: Keeping,
        left_open: LeftOpenSince,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None),
    ) -> None:
        self._responses = responses
        self._versions = versions
        self._keeping = keeping
        self._left_open = left_open
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look every ten minutes from now on; called on the event loop."""
        self._task = asyncio.create_task(self._live())

    def end(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def once(self) -> int:
        """End what has been open for two days; returns how many."""
        now = self._clock()
        before = now - timedelta(hours=OPEN_HOURS)
        ended = 0
        for left in await asyncio.to_thread(self._left_open, before, now - LOOKED_BACK):
            published = self._versions.of(left.workspace, left.survey, left.version)
            if published is None:
                continue
            about = About(left.survey, left.version, left.response, 0, "")
            response = await self._responses.find(published, about, is_new=False)
            await self._responses.end(response, is_left=True)
            ended += 1
        return ended

    async def anonymous(self) -> None:
        """End anonymous responses that were left, and tell the log what has come together."""
        for workspace in self._keeping.workspaces():

            def left(kept: Kept, workspace: str = workspace) -> Kept:
                begun = self._versions.of(workspace, kept.survey, kept.version)
                return kept if begun is None else _left(kept, begun)

            await self._keeping.sweep(workspace, left)
            for key in self._keeping.surveys(workspace):
                if (published := self._versions.of(workspace, key)) is not None:
                    is_closed = published.is_closed(self._clock())
                    await self._keeping.release(published, is_closed=is_closed)

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.once()
                await self.anonymous()
            except Problem as problem:
                _log.warning("responses that were left open stay so for now: %s", problem.code)
            except Exception:
                _log.exception("responses that were left open")


def _left(kept: Kept, published: PublishedSurvey) -> Kept:
    """What stands of a response when nobody comes back to it."""
    about = About(kept.survey, kept.version, kept.name, 0, "")
    response = held_as(kept, published, about, "")
    answers = {**kept.answers, **final_states(response)}
    return msgspec.structs.replace(kept, answers=answers, over="left")
