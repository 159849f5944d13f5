"""Reports as they are edited, as they were published, and to whom they are sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import LANGUAGES, Mail, Membership, Person, Workspace


class Report(models.Model):
    """A document of blocks in order; what it holds is asked anew whenever it is opened."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="reports")
    title = models.CharField(max_length=120)
    language = models.CharField(max_length=10, choices=LANGUAGES)
    blocks = models.JSONField(default=list, help_text="see zhiyin.reports.blocks")
    removed = models.JSONField(
        default=dict, help_text="the block taken out last and where it stood, so that it comes back"
    )
    made_by = models.CharField(max_length=254, help_text="login, or the program itself")
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-changed_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="report_title_once", fields=["workspace", "title"])
        ]

    def __str__(self) -> str:
        return self.title


class Schedule(models.Model):
    """A report is published and sent every week or every month."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="schedule")
    every = models.CharField(max_length=5, choices=[("week", "week"), ("month", "month")])
    day = models.PositiveSmallIntegerField(
        help_text="of the week, 0 is Monday; of the month, 1 to 28"
    )
    hour = models.PositiveSmallIntegerField(help_text="in the workspace's time zone")
    attaches = models.BooleanField(default=True, help_text="the PDF goes along; else a link alone")
    to = models.ManyToManyField(Membership, related_name="+")
    since = models.DateTimeField(help_text="times before it are not made up for")
    asked_by = models.CharField(max_length=254)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="schedule_when",
                condition=(Q(every="week", day__lte=6) | Q(every="month", day__gte=1, day__lte=28))
                & Q(hour__lte=23),
            )
        ]

    def __str__(self) -> str:
        return f"{self.report}, every {self.every}"


class Sending(models.Model):
    """One time at which a schedule came due; it is there once, whatever was killed."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sendings")
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, help_text="when every letter was written")

    class Meta:
        ordering: ClassVar = ["-due_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="sending_once", fields=["report", "due_at"])
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.due_at:%Y-%m-%d %H:%M}"


class Edition(models.Model):
    """A report as it was published: values of one moment, for readers of one scope."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField(help_text="within its report, from 1")
    scope = models.TextField(
        blank=True, default="", help_text="the filter of what it was made of; blank: everything"
    )
    as_of = models.DateTimeField(help_text="what the log knew then")
    published_by = models.CharField(max_length=254)
    published_at = models.DateTimeField()
    content = models.JSONField(help_text="see zhiyin.reports.content")
    sending = models.ForeignKey(
        Sending, null=True, on_delete=models.SET_NULL, related_name="editions"
    )

    class Meta:
        ordering: ClassVar = ["-published_at", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="edition_number_once", fields=["report", "number"]),
            models.UniqueConstraint(
                name="edition_of_a_sending_once",
                fields=["sending", "scope"],
                condition=Q(sending__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.number}"


class Letter(models.Model):
    """An edition on its way to one member, or why it is not."""

    sending = models.ForeignKey(Sending, on_delete=models.CASCADE, related_name="letters")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    edition = models.ForeignKey(Edition, null=True, on_delete=models.SET_NULL, related_name="+")
    is_masked = models.BooleanField(default=False, help_text="without personal data")
    attaches = models.BooleanField(default=True)
    mail = models.OneToOneField(Mail, null=True, on_delete=models.SET_NULL, related_name="report")
    why_not = models.CharField(
        max_length=12, blank=True, default="", help_text="no letter: a key of sending.WHY_NOT"
    )

    class Meta:
        ordering: ClassVar = ["person__login"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="report_letter_once", fields=["sending", "person"])
        ]

    def __str__(self) -> str:
        return f"{self.sending} to {self.person}"
