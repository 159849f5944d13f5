"""Rules of the website widget as they are kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiyin.accounts.models import Workspace


class WidgetRule(models.Model):
    """How a survey is shown on companies' own sites; whom it was shown is in the log."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="widget_rules")
    survey = models.ForeignKey(
        "collect.Survey", on_delete=models.CASCADE, related_name="widget_rules"
    )
    name = models.CharField(max_length=60, help_text="the log calls the distribution so")
    says = models.JSONField(help_text="see zhiyin.collect.widgets.definition")
    seed = models.PositiveBigIntegerField(help_text="visitors are drawn with it")
    revision = models.PositiveIntegerField(default=1)
    is_on = models.BooleanField(default=False)
    created_by = models.CharField(max_length=254, help_text="login, or the program itself")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="widget_rule_once", fields=["workspace", "name"]),
        ]

    def __str__(self) -> str:
        return self.name
