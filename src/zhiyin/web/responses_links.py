"""The way from a figure to the responses behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

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
        start, last = self._days(period)
        given, where = question.given, self._where(group)
        asked = {
            **{name: given[name] for name in ("metric", "kind", "question", "per", "date_of")},
            "from": start.isoformat() if start else "",
            "until": last.isoformat() if last else "",
            "where": str(where) if where else "",
        }
        address = reverse("responses", args=[self.settings.slug])
        return f"{address}?{urlencode({name: value for name, value in asked.items() if value})}"

    def _where(self, group: Group) -> Filter | None:
        where = self.question.request.where
        possible = requests.breakable(self.question.metric, self.schema)
        for name, value in group.items():
            request = replace(self.question.request, where=where)
            where = asking.of_group(request, possible[name], value)
        return where

    def _days(self, period: str | None) -> tuple[date | None, date | None]:
        """The first day and the last."""
        held = self.periods.get(period or "")
        if held is not None:
            zone = self.settings.timezone
            first, last = held.start, held.end - timedelta(microseconds=1)
            return local_day(first, zone), local_day(last, zone)
        request = self.question.request
        return request.start, request.end - timedelta(days=1) if request.end else None
