"""What people say of events, the files that they bring in the browser, and surveys."""

from __future__ import annotations

from typing import Any, ClassVar

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


class Upload(models.Model):
    """A file that somebody brought in the browser, from its upload to its import.

    The file itself, what was seen in it and what a dry run gave lie in a folder of the data folder,
    and go with the import; what the import came to stays.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="uploads")
    folder = models.CharField(max_length=32, unique=True, help_text="under `uploads`")
    name = models.CharField(max_length=200, help_text="of the file, as it was called there")
    bytes = models.PositiveBigIntegerField()
    uploaded_by = models.CharField(max_length=150, help_text="login")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    mapping = models.TextField(blank=True, default="", help_text="YAML, as `zhiyin import` reads")
    replaces = models.BooleanField(
        default=False, help_text="rows with a known id and other content supersede the old"
    )
    tried_id = models.CharField(
        max_length=40, blank=True, default="",
        help_text="what the import is called that is being made; it may be cut off",
    )  # fmt: skip
    import_id = models.CharField(max_length=40, blank=True, default="", db_index=True)
    result = models.JSONField(default=dict, help_text="counts of rows and facts, why rows went")
    imported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="upload_imported_paired",
                condition=Q(import_id="", imported_at__isnull=True)
                | (~Q(import_id="") & Q(imported_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_imported(self) -> bool:
        """Whether it is over: the file is gone then."""
        return self.imported_at is not None


class SavedMapping(models.Model):
    """A mapping that a workspace keeps for the next file of the same kind."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="saved_mappings"
    )
    name = models.CharField(max_length=80)
    says = models.TextField(help_text="YAML, as `zhiyin import --map` reads")
    saved_by = models.CharField(max_length=150, help_text="login")
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="saved_mapping_once", fields=["workspace", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class Survey(models.Model):
    """A survey: the draft that people edit; what customers see are its versions."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="surveys")
    public_id = models.CharField(max_length=10, unique=True, help_text="in its address: /s/…")
    key = models.CharField(max_length=60, help_text="what the log calls it; it never changes")
    draft = models.TextField(help_text="JSON, see zhiyin.collect.surveys.definition")
    revision = models.PositiveIntegerField(
        default=1, help_text="of the draft: who saves it says which one was seen"
    )
    is_open = models.BooleanField(default=False, help_text="its last version takes answers")
    created_by = models.CharField(max_length=254, help_text="login, or the program itself")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="survey_key_once", fields=["workspace", "key"]),
        ]

    def __str__(self) -> str:
        return self.key


class SurveyVersion(models.Model):
    """A survey as it was published. It never changes: answers speak of its number."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="within its survey, from 1")
    document = models.TextField(help_text="JSON, as the draft")
    revision = models.PositiveIntegerField(help_text="of the draft that it was")
    published_by = models.CharField(max_length=254)
    published_at = models.DateTimeField(auto_now_add=True)
    notes = models.TextField(blank=True, default="", help_text="what is new in it")

    class Meta:
        ordering: ClassVar = ["survey", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="survey_version_once", fields=["survey", "number"]),
            models.CheckConstraint(name="survey_version_from_1", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new version; refuse to store one again."""
        if not self._state.adding:
            raise TypeError("a version of a survey is never changed")
        super().save(*args, **kwargs)


from zhiyin.collect.widgets.models import WidgetRule  # noqa: E402 - the room's models are here

__all__ = [
    "EventDefinition",
    "SavedMapping",
    "Survey",
    "SurveyVersion",
    "Upload",
    "WidgetRule",
]
