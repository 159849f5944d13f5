"""What a workspace decides of its customers: who is one, their rights, segments; and what waits."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from zhiyin.accounts.models import Person, Workspace


def identifying() -> list[str]:
    """The traits that identify, where a workspace has not chosen."""
    return ["email", "phone"]


class IdentityRules(models.Model):
    """By what a workspace takes two ids for one customer."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="identity_rules"
    )
    traits = models.JSONField(default=identifying, help_text="traits whose equal values identify")
    shared_by_at_most = models.PositiveSmallIntegerField(
        default=2, help_text="customers with one value; shared by more it is only a contact"
    )
    country = models.CharField(
        max_length=2, default="CN", validators=[RegexValidator("^[A-Z]{2}$")],
        help_text="of telephone numbers that name none",
    )  # fmt: skip
    phone_alone = models.BooleanField(
        default=False, help_text="a telephone identifies without an agreeing name or date of birth"
    )
    gmail_dots = models.BooleanField(
        default=False, help_text="dots and +suffixes of Gmail addresses do not count"
    )
    cluster_limit = models.PositiveSmallIntegerField(
        default=10, help_text="known customers that may become one without a person's word"
    )

    class Meta:
        verbose_name_plural = "identity rules"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="identity_rules_numbers",
                condition=Q(shared_by_at_most__gte=2, cluster_limit__gte=2),
            )
        ]

    def __str__(self) -> str:
        return f"identity rules of {self.workspace}"


class SuggestionState(models.TextChoices):
    """What became of a suggestion."""

    PENDING = "pending", "pending"
    ACCEPTED = "accepted", "accepted"
    REJECTED = "rejected", "rejected"


class MatchSuggestion(models.Model):
    """Two ids that may be one customer; a person says whether they are."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="match_suggestions"
    )
    key_a = models.BigIntegerField(help_text="the log's key of one id; the lesser of the two")
    key_b = models.BigIntegerField(help_text="the log's key of the other id")
    kind_a = models.CharField(max_length=60)
    id_a = models.TextField()
    kind_b = models.CharField(max_length=60)
    id_b = models.TextField()
    origin = models.CharField(max_length=24, help_text="model, disagreement, or the guard's name")
    weight = models.FloatField(null=True, help_text="match weight: log2 of the odds")
    probability = models.FloatField(null=True)
    comparison = models.JSONField(
        default=list, help_text="per field: both values, how they agree, its weight"
    )
    state = models.CharField(
        max_length=8, choices=SuggestionState.choices, default=SuggestionState.PENDING
    )
    merge_id = models.CharField(max_length=64, blank=True, help_text="the fact that decided it")
    found_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=254, blank=True)
    decided_by_person = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = [F("weight").desc(nulls_last=True), "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="match_suggestion_once", fields=["workspace", "key_a", "key_b"]
            ),
            models.CheckConstraint(
                name="match_suggestion_in_order", condition=Q(key_a__lt=F("key_b"))
            ),
            models.CheckConstraint(
                name="match_suggestion_decided",
                condition=Q(state="pending", decided_at=None)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "state"], name="match_suggestion")]

    def __str__(self) -> str:
        return f"{self.id_a} ~ {self.id_b} ({self.state})"


class MatchRun(models.Model):
    """The last time that a workspace's customers were matched, and what had been seen then."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="match_runs")
    kind = models.CharField(max_length=12, help_text="rules or model")
    seen = models.CharField(max_length=200, help_text="the state of log and rules that it saw")
    found = models.JSONField(default=dict, help_text="what it counted")
    done_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="match_run_once", fields=["workspace", "kind"])
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.workspace}, {self.done_at:%Y-%m-%d %H:%M}"


class ErasedIds(models.TextChoices):
    """What becomes of rows that arrive for an id that was erased."""

    REFUSE = "refuse", "refuse"
    ANEW = "anew", "start anew"


class RightsRules(models.Model):
    """How a workspace answers erasure."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="rights_rules"
    )
    stated_days = models.PositiveSmallIntegerField(
        default=7, help_text="days within which the last bytes of an erased customer go"
    )
    erased_ids = models.CharField(
        max_length=8, choices=ErasedIds.choices, default=ErasedIds.REFUSE,
        help_text="what becomes of rows that arrive for an id that was erased",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "rights rules"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rights_rules_days", condition=Q(stated_days__gte=1, stated_days__lte=90)
            ),
            models.CheckConstraint(
                name="rights_rules_erased_ids", condition=Q(erased_ids__in=ErasedIds.values)
            ),
        ]

    def __str__(self) -> str:
        return f"rights rules of {self.workspace}"


class Retention(models.Model):
    """How long one kind of data is kept."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="retention")
    table = models.CharField(max_length=40, help_text="a table of the log")
    pattern = models.CharField(
        max_length=120, blank=True, help_text="of event names, with * and ?; blank: all the others"
    )
    months = models.PositiveSmallIntegerField(help_text="kept so many months after it happened")

    class Meta:
        ordering: ClassVar = ["workspace", "table", "pattern"]
        verbose_name_plural = "retention"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="retention_once", fields=["workspace", "table", "pattern"]
            ),
            models.CheckConstraint(name="retention_months", condition=Q(months__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.pattern}: {self.months} months"


class Reason(models.TextChoices):
    """Why somebody was erased. Chosen, not written: a receipt holds no words about her."""

    REQUEST = "request", "the customer asked"
    WITHDRAWN = "withdrawn", "consent withdrawn"
    NOT_NEEDED = "not_needed", "no longer needed"
    UNLAWFUL = "unlawful", "should not have been held"


class ErasureState(models.TextChoices):
    """How far an erasure has come."""

    ASKED = "asked", "asked"
    UNREADABLE = "unreadable", "unreadable"
    GONE = "gone", "gone"


class Erasure(models.Model):
    """One erasure of one customer: what its receipt says."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="erasures")
    number = models.CharField(max_length=32, unique=True, help_text="random; names the receipt")
    customer = models.CharField(max_length=64, help_text="keyed hash of the id that was named")
    asked_by = models.CharField(max_length=254, help_text="login, or the program itself")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=12, choices=Reason.choices)
    state = models.CharField(
        max_length=10, choices=ErasureState.choices, default=ErasureState.ASKED
    )
    unreadable_at = models.DateTimeField(null=True)
    gone_by = models.DateTimeField(help_text="the stated time for the last bytes")
    gone_at = models.DateTimeField(null=True)
    places = models.JSONField(default=list, help_text="what was erased where, and when it went")
    pending = models.JSONField(
        default=dict, help_text="ids that are not erased everywhere yet; empty as soon as they are"
    )

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="erasure_reason", condition=Q(reason__in=Reason.values)),
            models.CheckConstraint(
                name="erasure_unreadable",
                condition=Q(state="asked", unreadable_at=None)
                | (~Q(state="asked") & Q(unreadable_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="erasure_gone",
                condition=Q(state="gone", gone_at__isnull=False)
                | (~Q(state="gone") & Q(gone_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {self.number[:12]} ({self.state})"


class Segment(models.Model):
    """A saved group of customers: chosen by a rule in the filter language, or a kept list."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="segments")
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=48)
    rule = models.TextField(blank=True, help_text="a filter over customers; blank: a kept list")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="segment_slug_once", fields=["workspace", "slug"]),
            models.UniqueConstraint(name="segment_name_once", fields=["workspace", "name"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_kept(self) -> bool:
        """Whether it is a list of the customers of one moment, not a rule."""
        return not self.rule


class KeptCustomer(models.Model):
    """One customer in a kept list, by the log's key of an id: whoever has that id now is in it."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="kept")
    key = models.BigIntegerField(help_text="the log's key of an id of hers")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="kept_customer_once", fields=["segment", "key"]),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.key}"
