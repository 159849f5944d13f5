"""What people say that clauses mean, and what a workspace's models learned from it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Workspace


class ClauseLabel(models.Model):
    """What a person says that a clause means.

    The words are not here but in the log, under the verbatim's number: what is erased there is
    learned from no more.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="clause_labels")
    verbatim = models.BigIntegerField(help_text="its number in the log")
    starts = models.PositiveIntegerField(help_text="where the clause begins, in characters")
    ends = models.PositiveIntegerField(help_text="behind its last character")
    language = models.CharField(max_length=12)
    polarity = models.CharField(max_length=10, help_text="negative, neutral, positive or mixed")
    aspect = models.CharField(max_length=64, blank=True, help_text="blank: no single thing")
    drawn = models.CharField(
        max_length=6,
        help_text="lot: by lot; doubt: it was in doubt; page: seen and put right",
    )
    told_polarity = models.CharField(max_length=10, help_text="how it was read at that moment")
    told_aspect = models.CharField(max_length=64, blank=True)
    told_probability = models.FloatField(help_text="of that polarity")
    told_by = models.CharField(max_length=120, help_text="the version that read it so")
    said_by = models.CharField(max_length=254, help_text="login")
    said_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["workspace", "said_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="clause_label_once", fields=["workspace", "verbatim", "starts"]
            ),
            models.CheckConstraint(
                name="clause_label_drawn", condition=Q(drawn__in=["lot", "doubt", "page"])
            ),
            models.CheckConstraint(
                name="clause_label_polarity",
                condition=Q(polarity__in=["negative", "neutral", "positive", "mixed"]),
            ),
            models.CheckConstraint(
                name="clause_label_stretch", condition=Q(ends__gt=models.F("starts"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verbatim}:{self.starts} {self.polarity} {self.aspect}"


class OwnModel(models.Model):
    """What a workspace's labels and scored comments taught: numbers, and no words."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="own_model")
    content = models.BinaryField(help_text="arrays, see zhiyin.listen.own")
    digest = models.CharField(max_length=16, blank=True, help_text="blank: the seeds alone read")
    figures = models.JSONField(help_text="how rightly it reads, see zhiyin.listen.rightness")
    learned_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["workspace"]

    def __str__(self) -> str:
        return f"{self.workspace} {self.digest}"


# Django looks for the models of a room here.
import zhiyin.listen.themes.models  # noqa: E402, F401
