"""Rules, the windows in which they watch a figure, what fired, and who was told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Person, Role, Unit, Workspace
from zhiyin.act.channels.models import Channel


class Severity(models.TextChoices):
    """How much an alert presses. The values are stored."""

    INFO = "info", "to know"
    WARNING = "warning", "to look at"
    URGENT = "urgent", "urgent"


class Pace(models.TextChoices):
    """When people are told. The values are stored."""

    AT_ONCE = "at_once", "at once"
    DAILY = "daily", "once a day"
    WEEKLY = "weekly", "once a week"


class Rule(models.Model):
    """What is watched, and who is told 预警规则."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alert_rules")
    number = models.PositiveIntegerField(help_text="within its workspace, from 1")
    name = models.CharField(max_length=120)
    condition = models.JSONField(help_text="see zhiyin.act.alerts.conditions")
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.WARNING)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="only facts of this branch of the tree",
    )  # fmt: skip
    is_on = models.BooleanField(default=True)
    snoozed_until = models.DateTimeField(null=True, blank=True, help_text="nobody is told until")
    pace = models.CharField(max_length=8, choices=Pace.choices, default=Pace.AT_ONCE)
    hour = models.PositiveSmallIntegerField(default=9, help_text="of a digest")
    weekday = models.PositiveSmallIntegerField(default=0, help_text="of a weekly one; 0 is Monday")
    quiet = models.CharField(max_length=11, blank=True, default="", help_text="as 21:00-09:00")
    version = models.PositiveIntegerField(default=1, help_text="of what is watched")
    watches_since = models.DateTimeField(help_text="nothing that came before fires")
    looked_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(
        max_length=300, blank=True, default="", help_text="why it could not be looked at"
    )
    made_by = models.CharField(max_length=254, help_text="login, or the program itself")
    made_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="alert_rule_once", fields=["workspace", "number"]),
            models.CheckConstraint(name="alert_rule_named", condition=~Q(name="")),
            models.CheckConstraint(name="alert_rule_hour", condition=Q(hour__lte=23)),
            models.CheckConstraint(name="alert_rule_weekday", condition=Q(weekday__lte=6)),
        ]

    def __str__(self) -> str:
        return self.name


class Recipient(models.Model):
    """Who is told of a rule's alerts: a person, everybody in a role, the owner of the touchpoint,
    or a channel."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="recipients")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=32, choices=Role.choices, blank=True, default="")
    is_owner = models.BooleanField(default=False, help_text="of the touchpoint, on a map")
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="alert_recipient_is_one",
                condition=Q(person__isnull=False, role="", is_owner=False, channel__isnull=True)
                | (Q(person__isnull=True, is_owner=False, channel__isnull=True) & ~Q(role=""))
                | Q(person__isnull=True, role="", is_owner=True, channel__isnull=True)
                | Q(person__isnull=True, role="", is_owner=False, channel__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or self.role or self.channel or "owner")


class Watch(models.Model):
    """One window of a rule: a hypothesis that nothing has changed, and the evidence against it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(
        help_text="in the order in which hypotheses of the workspace were opened: e-LOND's t"
    )
    rule = models.ForeignKey(
        Rule, on_delete=models.SET_NULL, null=True, related_name="watches",
        help_text="a rule that is removed leaves its hypotheses counted",
    )  # fmt: skip
    version = models.PositiveIntegerField()
    starts_on = models.DateField(help_text="a local day")
    ends_on = models.DateField(help_text="the day after the last")
    looked_until = models.DateField(help_text="the day after the last that was looked at")
    e_value = models.FloatField(default=1.0)
    threshold = models.FloatField(default=0.0, help_text="that it had to reach at the last look")
    n = models.PositiveIntegerField(default=0, help_text="customers, or events, counted")
    fired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["workspace", "number"]
        verbose_name_plural = "watches"
        constraints: ClassVar = [
            models.UniqueConstraint(name="alert_watch_once", fields=["workspace", "number"]),
            models.UniqueConstraint(
                name="alert_watch_of_a_rule", fields=["rule", "version", "starts_on"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} from {self.starts_on}"


class AlertStatus(models.TextChoices):
    """What became of an alert. The values are stored."""

    OPEN = "open", "open"
    NOTED = "noted", "taken note of"
    DISMISSED = "dismissed", "dismissed"


class Alert(models.Model):
    """Something fired 预警: why, and what became of it. It never fires twice."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alerts")
    number = models.PositiveIntegerField(help_text="within its workspace, from 1")
    rule = models.ForeignKey(Rule, on_delete=models.SET_NULL, null=True, related_name="alerts")
    key = models.CharField(max_length=100, help_text="what of: a row, or a window")
    rule_name = models.CharField(max_length=120, help_text="as the rule was called")
    rule_version = models.PositiveIntegerField()
    condition = models.JSONField(help_text="as it was")
    severity = models.CharField(max_length=8, choices=Severity.choices)
    unit = models.ForeignKey(Unit, on_delete=models.SET_NULL, null=True, related_name="+")
    is_of_a_part = models.BooleanField(default=False, help_text="of a unit, as the rule was")
    table = models.CharField(max_length=20, blank=True, default="", help_text="of a single row")
    row = models.BigIntegerField(null=True, blank=True, help_text="its number in the log")
    touchpoint = models.CharField(max_length=200, blank=True, default="")
    figures = models.JSONField(default=dict, help_text="why it fired; none of a single row")
    happened_at = models.DateTimeField()
    fired_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=9, choices=AlertStatus.choices, default=AlertStatus.OPEN)
    reason = models.CharField(max_length=20, blank=True, default="", help_text="why dismissed")
    note = models.TextField(blank=True, default="")
    closed_by = models.CharField(max_length=254, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["workspace", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="alert_once", fields=["workspace", "number"]),
            models.UniqueConstraint(name="alert_fires_once", fields=["workspace", "key"]),
            models.CheckConstraint(
                name="alert_of_a_row",
                condition=Q(table="", row__isnull=True) | (~Q(table="") & Q(row__isnull=False)),
            ),
            models.CheckConstraint(
                name="alert_closed_when_over",
                condition=Q(status=AlertStatus.OPEN, closed_at__isnull=True)
                | (~Q(status=AlertStatus.OPEN) & Q(closed_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="alert_list", fields=["workspace", "status", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.rule_name}"


class Notice(models.Model):
    """Somebody is to be told of an alert, once."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    due_at = models.DateTimeField(null=True, db_index=True, help_text="null: it is over")
    told_at = models.DateTimeField(null=True, blank=True)
    why_not = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="alert_notice_person", fields=["alert", "person"],
                condition=Q(person__isnull=False),
            ),
            models.UniqueConstraint(
                name="alert_notice_channel", fields=["alert", "channel"],
                condition=Q(channel__isnull=False),
            ),
            models.CheckConstraint(
                name="alert_notice_is_one",
                condition=Q(person__isnull=False, channel__isnull=True)
                | Q(person__isnull=True, channel__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.alert_id} to {self.person or self.channel}"
