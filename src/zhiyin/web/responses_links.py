"""The way from a figure to the responses behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.urls import reverse

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, local_day
from zhiyin.measure import asking, requests
from zhiyin.measure.asking import Question
from zhiyin.measure.scores import Group
from zhiyin.warehouse.log import Schema


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the responses behind figures; blank for what no answer is behind."""

    settings: Settings
    question: Question
    schema: Schema
    sees_rows: bool
    periods: Mapping[str, Bucket]

    def of(self, group: Group, period: str | None) -> str:
        """The responses of a group in a period."""
        question = self.question
        if not self.sees_rows or not question.metric.is_asked:
            return ""
        start, end = self._days(period)
        request = replace(question.request, start=start, end=end, where=self._where(group))
        address = reverse("responses", args=[self.settings.slug])
        return f"{address}?{asking.query_of(asking.fields_of(request))}"

    def _where(self, group: Group) -> Filter | None:
        where = self.question.request.where
        possible = requests.breakable(self.question.metric, self.schema)
        for name, value in group.items():
            request = replace(self.question.request, where=where)
            where = asking.of_group(request, possible[name], value)
        return where

    def _days(self, period: str | None) -> tuple[date | None, date | None]:
        """The first day, and the day after the last."""
        held = self.periods.get(period or "")
        if held is None:
            return self.question.request.start, self.question.request.end
        zone = self.settings.timezone
        last = local_day(held.end - timedelta(microseconds=1), zone)
        return local_day(held.start, zone), last + timedelta(days=1)
