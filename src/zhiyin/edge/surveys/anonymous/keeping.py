"""What becomes of an anonymous response: held, then told to the log in a group of five or more.

A group is of one version and one way in which they were over, so that nothing tells its members
apart but their answers. They have the day of the group, are in an order drawn for it, and are
called by names that stand nowhere else.

The log knows in which order invitations were answered. So who goes with a group is drawn from
those who wait, and five stay behind: the last group has five or more too, and of nobody is it known
which of fewer than five responses is hers.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Protocol

from msgspec.structs import replace

from zhiyin.collect.surveys import facts
from zhiyin.collect.surveys.facts import About, Filling, Told
from zhiyin.collect.surveys.held import QUOTA
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.collect.surveys.unnamed import GROUP
from zhiyin.edge.intake import Taking
from zhiyin.edge.surveys.anonymous.store import (
    Changes,
    Holding,
    HoldingStore,
    Kept,
    Over,
    key_of,
)
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.warehouse.arriving import Letter

SWEEP_SECONDS = 48 * 3600
"""A response to which nothing was said between two sweeps is over."""


class Versions(Protocol):
    """Who knows every version that was published: `collect.surveys.published.Published`."""

    def of(self, workspace: str, key: str, number: int | None = None) -> PublishedSurvey | None:
        """A version of a workspace's survey, the newest without a number; None where there is
        none."""


def new_name() -> str:
    """What the log will call a response."""
    return secrets.token_hex(14)


class Keeping:
    """Holds anonymous responses and tells them to the log.

    Args:
        store: where they are until then.
        intake: makes groups durable for the log.
        versions: what was asked in each.
    """

    def __init__(
        self,
        store: HoldingStore,
        intake: Taking,
        versions: Versions,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._intake = intake
        self._versions = versions
        self._clock = clock

    def find(self, workspace: str, ticket: str) -> Kept | None:
        """What is held of the response whose browser has this ticket."""
        return self._store.of(workspace).get(key_of(ticket))

    async def counted(
        self, workspace: str, survey: str, in_log: Callable[[str, str], Counter[str]]
    ) -> Counter[str]:
        """How many came to the end, in the log and here, while no group goes from one to the other.

        Args:
            in_log: counts those of the log, on a thread.

        Raises:
            Problem: a group that was made up cannot be told.
        """
        if workspace not in self._store.workspaces():
            return await asyncio.to_thread(in_log, workspace, survey)
        held = self._store.of(workspace)
        async with held.turn:
            await self._finish(workspace, held)
            return await asyncio.to_thread(in_log, workspace, survey) + self._ended(
                workspace, survey
            )

    def _ended(self, workspace: str, survey: str) -> Counter[str]:
        """How many came to the end and are not in the log: under a blank all, and by quota."""
        found: Counter[str] = Counter()
        for _key, one in self._store.of(workspace).responses():
            if one.survey == survey and one.over == "ended" and one.name:
                quotas = (flag for flag in one.flags if flag.startswith(QUOTA))
                found.update(["", *(flag.removeprefix(QUOTA) for flag in quotas)])
        return found

    async def keep(self, workspace: str, ticket: str, kept: Kept) -> None:
        """Make durable what was said so far.

        Raises:
            Problem: ``survey.not-kept``.
        """
        key = key_of(ticket)

        def change(held: Changes) -> Changes:
            found = held.get(key)
            if found is not None and found.over:
                msg = "a sweep has ended the response meanwhile"
                raise ValueError(msg)
            return {key: kept}

        await self._store.of(workspace).write(change)

    async def drop(self, workspace: str, ticket: str) -> None:
        """Overwrite a response. Raises as `keep` does."""
        key = key_of(ticket)
        await self._store.of(workspace).write(lambda _held: {key: None})

    async def release(self, published: PublishedSurvey, *, is_closed: bool = False) -> int:
        """Tell the log what is over, in groups; returns how many responses.

        Args:
            published: the survey, in any of its versions.
            is_closed: nobody comes any more, and nobody stays behind; fewer than five that came to
                the end are kept, and never told. Of the others, whom no invitation knows, fewer
                are told too, with the day of the last group, so that no day is theirs alone.

        Raises:
            Problem: intake does not take it, or the disk; it goes with the next.
        """
        held = self._store.of(published.workspace)
        async with held.turn:
            await self._finish(published.workspace, held)
            groups: dict[tuple[int, Over], list[bytes]] = {}
            for key, kept in held.responses():
                if kept.survey == published.key and kept.over and kept.name:
                    groups.setdefault((kept.version, kept.over), []).append(key)
            told = 0
            for (version, over), keys in sorted(groups.items()):
                of = self._versions.of(published.workspace, published.key, version) or published
                group = keys if is_closed else _CHANCE.sample(keys, max(len(keys) - GROUP, 0))
                if len(group) >= GROUP:
                    day = self._day(published.zone)
                elif is_closed and over != "ended":
                    last = held.page.days.get(published.key)
                    day = date.fromisoformat(last) if last else self._day(published.zone)
                else:
                    continue
                await self._tell(of, held, group, day)
                told += len(group)
            return told

    async def sweep(self, workspace: str, end: Callable[[Kept], Kept]) -> None:
        """Once in two days: end what nothing was said to since the last time, and forget what went
        into the log before it.

        Args:
            end: says of every question what became of it.

        Raises:
            Problem: ``survey.not-kept``; what was not done is done by the next.
        """
        held = self._store.of(workspace)
        number = int(self._clock() // SWEEP_SECONDS)
        if held.page.swept == number:
            return

        def swept(all_: Changes) -> Changes:
            changes: dict[bytes, Kept | None] = {}
            for key, kept in all_.items():
                if kept is None:
                    continue
                if kept.is_touched:
                    changes[key] = replace(kept, is_touched=False)
                elif not kept.name:
                    changes[key] = None
                elif not kept.over:
                    changes[key] = end(kept)
            return changes

        async with held.turn:
            await held.write(swept, replace(held.page, swept=number))

    def workspaces(self) -> list[str]:
        """Those with a holding store."""
        return self._store.workspaces()

    def surveys(self, workspace: str) -> set[str]:
        """Keys of those of which something is held that is not in the log."""
        held = self._store.of(workspace)
        return {one.survey for _key, one in held.responses() if one.name}

    # A group

    async def _tell(
        self, published: PublishedSurvey, held: Holding, keys: Sequence[bytes], day: date
    ) -> None:
        at = microseconds(day_start(day, published.zone))
        responses = [kept for key in keys if (kept := held.get(key)) is not None]
        _CHANCE.shuffle(responses)
        body = facts.group_body([_told(published, one, at) for one in responses])
        days = {**held.page.days, published.key: day.isoformat()}
        page = replace(held.page, letter=body, letter_of=tuple(keys), days=days)
        await held.write(lambda _held: {}, page)
        await self._finish(published.workspace, held)

    async def _finish(self, workspace: str, held: Holding) -> None:
        """Tell a group that was made up, if there is one; a second time it says nothing new."""
        if not held.page.letter:
            return
        now = datetime.fromtimestamp(self._clock(), UTC).replace(tzinfo=None)
        letter = Letter(workspace, facts.SOURCE, facts.GROUP, now, held.page.letter)
        await self._intake.submit(letter, facts.read_group(letter))
        of = held.page.letter_of
        await held.write(
            lambda all_: {key: _gone(kept) for key in of if (kept := all_.get(key)) is not None}
        )
        # Only then: a crash between the two tells the same letter again, which says nothing new.
        await held.write(lambda _held: {}, replace(held.page, letter=b"", letter_of=()))

    def today(self, zone: str) -> int:
        """When the day began (microseconds since 1970): all that is kept of the time."""
        return microseconds(day_start(self._day(zone), zone))

    def _day(self, zone: str) -> date:
        return local_day(datetime.fromtimestamp(self._clock(), UTC).replace(tzinfo=None), zone)


_CHANCE = secrets.SystemRandom()


def _gone(kept: Kept) -> Kept:
    """What stays of a response that is in the log: that its browser's answers are there."""
    return Kept(kept.survey, kept.version, over=kept.over)


def _told(published: PublishedSurvey, kept: Kept, at: int) -> Told:
    survey = published.survey
    about = About(
        survey=kept.survey,
        version=kept.version,
        response=kept.name,
        started_at=at,
        language="",
        mode="",
        touchpoint=survey.touchpoint,
        channel=survey.channel,
    )
    said = tuple(
        facts.said(survey, item, kept.answers[item.name], 1)
        for item in survey.items()
        if item.name in kept.answers
    )
    end = at if kept.over == "ended" else None
    return Told(about, at, said, Filling(2, at, end, " ".join(sorted(kept.flags))))
