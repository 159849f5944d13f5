"""What people have taken upon themselves: cases, what was done to each, and a workspace's rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Person, Workspace


class Status(models.TextChoices):
    """How far a case is; `zhiyin.act.cases.statuses` says what may follow what."""

    NEW = "new", "new"
    TAKEN = "taken", "taken"
    WAITING = "waiting", "waiting for the customer"
    DONE = "done", "done"
    NOT_JUSTIFIED = "not_justified", "not justified"


OVER = (Status.DONE, Status.NOT_JUSTIFIED)
"""Nothing is left to be done."""


class Severity(models.TextChoices):
    """How much it matters, and so how many business hours there are."""

    HIGH = "high", "high"
    NORMAL = "normal", "normal"
    LOW = "low", "low"


class SubjectKind(models.TextChoices):
    """What a case is about."""

    ALERT = "alert", "alert"
    VERBATIM = "verbatim", "verbatim"
    MARK = "mark", "mark"


class Case(models.Model):
    """One thing that somebody looks after until it is closed 工单."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="cases")
    number = models.PositiveIntegerField(help_text="within the workspace")
    kind = models.CharField(max_length=10, choices=SubjectKind.choices, help_text="of its subject")
    key = models.CharField(max_length=200, help_text="of its subject")
    title = models.CharField(max_length=200)
    customer = models.BigIntegerField(
        null=True, blank=True, help_text="key of the log, before merges; null: about nobody"
    )
    unit = models.CharField(max_length=120, blank=True, help_text="blank: the whole company")
    touchpoint = models.CharField(max_length=200, blank=True)
    severity = models.CharField(
        max_length=10, choices=Severity.choices, default=Severity.NORMAL
    )  # fmt: skip
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.NEW)
    reason = models.CharField(max_length=40, blank=True, help_text="key of the workspace's list")
    owner = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    opened_by = models.CharField(max_length=254)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="by business hours; stands still while it waits")
    seconds_left = models.BigIntegerField(
        null=True, blank=True, help_text="business time that was left when it began to wait"
    )
    first_response_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="one more with every change")

    class Meta:
        ordering: ClassVar = ["workspace", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="case_numbered_once", fields=["workspace", "number"]),
            models.UniqueConstraint(
                name="case_open_once",
                fields=["workspace", "kind", "key"],
                condition=~Q(status__in=["done", "not_justified"]),
            ),
            models.CheckConstraint(
                name="case_closed_when_over",
                condition=Q(status__in=["done", "not_justified"], closed_at__isnull=False)
                | (~Q(status__in=["done", "not_justified"]) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="case_clock_stops_while_waiting",
                condition=Q(status="waiting", seconds_left__isnull=False)
                | (~Q(status="waiting") & Q(seconds_left__isnull=True)),
            ),
            models.CheckConstraint(
                name="case_done_has_reason", condition=~Q(status="done") | ~Q(reason="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="case_of_owner", fields=["workspace", "owner", "status"]),
            models.Index(name="case_due", fields=["workspace", "status", "due_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.workspace.slug} {self.number}"

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done."""
        return self.status in OVER


class CaseStep(models.Model):
    """What was done to a case, or said about it: its history. Never changed, never removed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(
        max_length=10, help_text="opened, assigned, moved, changed, noted, wrote, told"
    )
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    says = models.TextField(blank=True, help_text="of a note, or of a message to the customer")
    by = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.case} {self.what}"


class CaseRules(models.Model):
    """By which hours cases fall due, and for which reasons they are closed. None: the usual."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="case_rules"
    )  # fmt: skip
    week = models.JSONField(help_text="seven days from Monday: '09:00-18:00', or blank for none")
    has_holidays = models.BooleanField(help_text="whether the calendar's holidays are days off")
    hours = models.JSONField(help_text="business hours by severity")
    reasons = models.JSONField(help_text="key, en, zh, is_retired of each, in their order")

    def __str__(self) -> str:
        return self.workspace.slug
