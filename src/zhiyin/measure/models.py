"""What people want the figures to be, and what they know of dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from zhiyin.accounts.models import Workspace
from zhiyin.collect.models import Survey


class Target(models.Model):
    """What a measure should be in one period, of the whole company or of a branch of its tree."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="targets")
    metric = models.CharField(max_length=64, help_text="slug of the measure")
    kind = models.CharField(
        max_length=20, blank=True, help_text="of answers; blank where there is only one"
    )
    question = models.CharField(max_length=200, blank=True, help_text="blank: every question")
    unit = models.CharField(
        max_length=120, blank=True, help_text="key of a unit, its branch; blank: the whole company"
    )
    first = models.DateField(help_text="first local day of the period")
    end = models.DateField(help_text="the day after the last")
    value = models.FloatField(help_text="in the unit of the measure: points, per cent, …")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "-first", "end", "metric", "kind", "question", "unit"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="target_once",
                fields=["workspace", "metric", "kind", "question", "unit", "first", "end"],
            ),
            models.CheckConstraint(name="target_lasts", condition=Q(end__gt=F("first"))),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.unit or 'all'} [{self.first}, {self.end}): {self.value:g}"


class MarkKind(models.TextChoices):
    """What a marked date was."""

    INCIDENT = "incident", "incident"
    CAMPAIGN = "campaign", "campaign"
    HOLIDAY = "holiday", "holiday"
    PROCESS = "process", "process change"
    SURVEY = "survey", "survey change"
    GAP = "gap", "data gap"


class Mark(models.Model):
    """Days on which something happened that figures should be read with, and whom it concerned."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="marks")
    name = models.CharField(max_length=120, help_text="what happened, in words")
    kind = models.CharField(max_length=10, choices=MarkKind.choices)
    first = models.DateField(help_text="first local day")
    end = models.DateField(help_text="the day after the last")
    unit = models.CharField(max_length=120, blank=True, help_text="key of a unit: its branch")
    touchpoint = models.CharField(max_length=120, blank=True)
    where = models.TextField(blank=True, help_text="a filter over facts")
    about = models.JSONField(default=list, help_text="ids of orders, flights, contacts, visits")
    customers = models.JSONField(default=list, help_text="ids of customers")
    made_by = models.CharField(max_length=254, help_text="login, key, or the program itself")
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "-first", "-end", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="mark_once", fields=["workspace", "name", "first", "end"]),
            models.CheckConstraint(name="mark_kind", condition=Q(kind__in=MarkKind.values)),
            models.CheckConstraint(name="mark_lasts", condition=Q(end__gt=F("first"))),
            models.CheckConstraint(name="mark_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} [{self.first}, {self.end})"

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)


class HolidayCalendar(models.Model):
    """Which holidays a workspace's figures are read with; the days are computed, not stored."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="holiday_calendar"
    )
    country = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166 code of whose public holidays; blank: none"
    )
    has_lunar_festivals = models.BooleanField(
        default=False, help_text="the festivals of the Chinese lunar calendar"
    )

    def __str__(self) -> str:
        return f"holidays of {self.workspace}: {self.country or 'none'}"


class SurveyTargets(models.Model):
    """To which margins the answers of a survey are weighted, with where these come from."""

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="targets")
    document = models.TextField(help_text="see zhiyin.measure.surveys.targeting")
    changed_by = models.CharField(max_length=254, help_text="login, key, or the program itself")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "survey targets"

    def __str__(self) -> str:
        return f"targets of {self.survey}"
