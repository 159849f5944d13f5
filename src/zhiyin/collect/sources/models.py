"""Sources that a workspace has, and what each of their runs came to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from zhiyin.accounts.models import Workspace


class VerbatimSource(models.Model):
    """One place from which verbatims are fetched by an interval.

    What was fetched is in the log, under `key` as its source; removing this leaves it there.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="verbatim_sources"
    )
    key = models.CharField(max_length=60, help_text="the source of its rows in the log")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, help_text="one of `sources.known`")
    settings = models.JSONField(default=dict, help_text="without secrets")
    secrets = models.TextField(blank=True, default="", help_text="sealed JSON; blank: none")
    mapping = models.TextField(help_text="YAML, as a mapping file without `as` and `source`")
    voice = models.CharField(max_length=60, blank=True, default="")
    touchpoint = models.CharField(max_length=200, blank=True, default="")
    channel = models.CharField(max_length=200, blank=True, default="")
    replaces = models.BooleanField(
        default=False, help_text="what is told anew of a known id supersedes what was told before"
    )
    every_minutes = models.PositiveIntegerField(default=60)
    is_paused = models.BooleanField(default=False)
    cursor = models.TextField(
        blank=True, default="", help_text="sealed JSON: an address in it may hold a secret"
    )
    next_at = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="somebody fetches from it; if killed, until then"
    )
    last_at = models.DateTimeField(null=True, blank=True, help_text="when the last run ended")
    failures = models.PositiveIntegerField(
        default=0, help_text="runs that failed, one after another"
    )
    error = models.JSONField(default=dict, blank=True, help_text="of the last run; empty: none")
    made_by = models.CharField(max_length=254, help_text="login, or the program itself")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="verbatim_source_once", fields=["workspace", "key"]),
            models.CheckConstraint(
                name="verbatim_source_named", condition=~Q(key="") & ~Q(name="") & ~Q(kind="")
            ),
            models.CheckConstraint(name="verbatim_source_every", condition=Q(every_minutes__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class SourceRun(models.Model):
    """What one run came to. Runs that found nothing are not kept."""

    source = models.ForeignKey(VerbatimSource, on_delete=models.CASCADE, related_name="runs")
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    pages = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    doubles = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    imports = models.JSONField(default=list, help_text="ids of the log's imports")
    error = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source_id} {self.began_at:%Y-%m-%d %H:%M}"
