"""Who may be asked in a workspace, and how far each trigger has read the log."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Workspace


class ContactRules(models.Model):
    """Who may be asked, and when: rules of a workspace for every survey that is sent out."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="contact_rules"
    )
    days_any = models.PositiveSmallIntegerField(
        default=14, help_text="from one asking to the next, whatever the survey; 0: no rule"
    )
    days_relationship = models.PositiveSmallIntegerField(
        default=90, help_text="between askings of this kind of survey"
    )
    days_journey = models.PositiveSmallIntegerField(default=30)
    days_touchpoint = models.PositiveSmallIntegerField(default=30)
    quiet = models.CharField(
        max_length=11, default="21:00-09:00", blank=True, help_text="by the customer's clock"
    )
    needs_consent = models.BooleanField(
        default=False, help_text="only who gave it is asked; who withdrew it never is"
    )
    purpose = models.CharField(
        max_length=200, default="surveys", help_text="of the consent, as the log calls it"
    )
    pauses_in_incident = models.BooleanField(
        default=True, help_text="nobody is asked while she waits for us"
    )
    incident_begins = models.CharField(
        max_length=200, default="Conversation Started", help_text="name of an event"
    )
    incident_ends = models.CharField(
        max_length=200, default="Conversation Ended", help_text="name of an event"
    )
    incident_days = models.PositiveSmallIntegerField(
        default=30, help_text="an incident that nobody ended is over after so many"
    )

    class Meta:
        verbose_name_plural = "contact rules"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="contact_rules_numbers",
                condition=Q(
                    days_any__lte=366,
                    days_relationship__lte=366,
                    days_journey__lte=366,
                    days_touchpoint__lte=366,
                    incident_days__gte=1,
                    incident_days__lte=366,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"contact rules of {self.workspace}"


class TriggerLook(models.Model):
    """How far the trigger of a distribution has read the log's events.

    What arrived after `since_at` asks. Of this, what had arrived by `seen_at` and was lived by
    `lived_upto` is dealt with; what an event came to stands in the askings.
    """

    distribution = models.OneToOneField(
        "collect.Distribution", on_delete=models.CASCADE, related_name="look"
    )
    says = models.CharField(
        max_length=64, help_text="a hash of event and filter: of others nothing was read"
    )
    since_at = models.DateTimeField(help_text="`received_at` before which nothing asks")
    seen_at = models.DateTimeField(help_text="`received_at` of the newest event that was seen")
    lived_upto = models.DateTimeField(help_text="events of then and before waited long enough")
    trouble = models.CharField(
        max_length=80, blank=True, default="", help_text="code of the problem of the last look"
    )

    def __str__(self) -> str:
        return f"look of {self.distribution}"
