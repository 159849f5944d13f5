"""Themes as they are kept: what they are called, what became of them, which clauses are whose."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Workspace


class ThemeState(models.TextChoices):
    """What people made of a theme."""

    OPEN = "open"
    HIDDEN = "hidden"
    PROMOTED = "promoted"


class Theme(models.Model):
    """Something that many customers say.

    Its words are those that at least three of them use; what single customers said is not here.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="themes")
    number = models.PositiveIntegerField(help_text="its name for programs, for ever")
    state = models.CharField(max_length=8, choices=ThemeState.choices, default=ThemeState.OPEN)
    given_name = models.CharField(max_length=120, blank=True, help_text="by a person")
    words_zh = models.JSONField(default=list)
    words_en = models.JSONField(default=list)
    under = models.CharField(
        max_length=64, blank=True, help_text="the aspect that names it already; blank: nobody did"
    )
    aspect = models.CharField(max_length=64, blank=True, help_text="what it was promoted to")
    middle = models.BinaryField(null=True, help_text="the mean of its points, as float16")
    is_silent = models.BooleanField(default=False, help_text="not said in the last weeks")
    found_at = models.DateTimeField()
    first_said_on = models.DateField(help_text="of the weeks looked at when it was found")

    class Meta:
        ordering: ClassVar = ["workspace", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="theme_once", fields=["workspace", "number"]),
            models.CheckConstraint(
                name="theme_promoted_to",
                condition=Q(state=ThemeState.PROMOTED, aspect__gt="")
                | (~Q(state=ThemeState.PROMOTED) & Q(aspect="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.given_name}".strip()


class ThemeTurn(models.Model):
    """What became of a theme by itself: it split off another, or became a part of it."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="turns")
    kind = models.CharField(
        max_length=6, help_text="split: off the other; merged: into it; back: after silence"
    )
    other = models.PositiveIntegerField(null=True, help_text="the other theme's number")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["theme", "at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="theme_turn_kind", condition=Q(kind__in=["split", "merged", "back"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.theme} {self.kind} {self.other or ''}".strip()


class ThemeFinding(models.Model):
    """Which clauses are of which theme, as they were found last: numbers of verbatims, no words.

    Who said a clause and when is what the log says of its verbatim at the moment of asking.
    """

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="theme_finding"
    )
    content = models.BinaryField(help_text="arrays, see zhiyin.listen.themes.members")
    first = models.DateField(help_text="the first day that was looked at")
    until = models.DateField(help_text="the day after the last")
    clauses = models.PositiveIntegerField(help_text="that were looked at")
    version = models.CharField(
        max_length=160, help_text="of the reading, the points and the groups"
    )
    found_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["workspace"]

    def __str__(self) -> str:
        return f"{self.workspace} {self.until}"
