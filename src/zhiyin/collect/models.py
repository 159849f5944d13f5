"""What people say of the events that come in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Workspace


class EventDefinition(models.Model):
    """One name of events, or one property of it: described, hidden, or blocked.

    *Hidden* is left out of pages; *blocked* is no longer taken in.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="event_definitions"
    )
    name = models.CharField(max_length=200)
    property = models.CharField(max_length=200, blank=True, help_text="blank: the name itself")
    description_en = models.TextField(blank=True)
    description_zh = models.TextField(blank=True)
    is_hidden = models.BooleanField(default=False)
    is_blocked = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name", "property"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="event_definition_once", fields=["workspace", "name", "property"]
            ),
            models.CheckConstraint(name="event_definition_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.name}.{self.property}" if self.property else self.name
