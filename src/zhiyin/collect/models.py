"""What people say of events, the files that they bring in the browser, and surveys."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Workspace
from zhiyin.kernel.text import language


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
    beside = models.PositiveIntegerField(
        null=True, blank=True, help_text="the version that goes on beside it, at random"
    )
    share = models.FloatField(
        null=True, blank=True, help_text="of new responses that are given this one, 0 to 1"
    )

    class Meta:
        ordering: ClassVar = ["survey", "number"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="survey_version_beside_paired",
                condition=Q(beside__isnull=True, share__isnull=True)
                | Q(beside__lt=models.F("number"), share__gt=0, share__lt=1),
            ),
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


class Aspect(models.Model):
    """What customers judge 评价维度: chosen reasons count under it.

    Its key stays, for surveys and facts name it. One that is retired is offered no more; what was
    said under it stays.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="aspects")
    key = models.CharField(max_length=60)
    label_en = models.CharField(max_length=120)
    label_zh = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    place = models.PositiveIntegerField(help_text="in the order in which they are listed")
    is_retired = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1, help_text="one more with every change")

    class Meta:
        ordering: ClassVar = ["workspace", "place", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="aspect_once", fields=["workspace", "key"]),
            models.CheckConstraint(
                name="aspect_labelled", condition=~Q(label_en="") & ~Q(label_zh="")
            ),
        ]

    def labels(self) -> tuple[str, str]:
        """Its labels, that in the language of the moment first."""
        both = (self.label_en, self.label_zh)
        return both if language() == "en" else (both[1], both[0])

    def __str__(self) -> str:
        return self.key


class Channel(models.TextChoices):
    """How people are asked. The values are stored, and stand in the log."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    LINK = "link", "links to be handed on by somebody else"


class Distribution(models.Model):
    """How a survey is sent out 投放: to a list of people, or whenever an event asks for it.

    Whom it asks is in its `askings`; what they said is in the log.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="distributions")
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="distributions")
    key = models.CharField(max_length=60, help_text="what the log calls it; it never changes")
    name = models.CharField(max_length=120, blank=True, help_text="blank: its key")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    texts = models.JSONField(default=dict, help_text="see zhiyin.collect.reaching.texts")
    reminders = models.JSONField(default=list, help_text="days after the letter, rising: [3, 7]")
    has_first_question = models.BooleanField(
        default=False, help_text="the letter asks the first question itself"
    )
    arms = models.JSONField(
        default=list, help_text="incentives: [{arm, kind, value, share}]; empty: none"
    )
    sample_share = models.FloatField(default=1.0, help_text="of those who could be asked")
    seed = models.PositiveBigIntegerField(help_text="sample and arms are drawn with it")
    begins = models.JSONField(
        null=True, default=None, help_text="the event that asks for it; null: lists of people"
    )
    is_paused = models.BooleanField(default=False, help_text="nothing is sent meanwhile")
    created_by = models.CharField(max_length=254, help_text="login, or the program itself")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="distribution_key_once", fields=["workspace", "key"]),
            models.CheckConstraint(
                name="distribution_share",
                condition=Q(sample_share__gt=0, sample_share__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def share_in_percent(self) -> str:
        """The share of those who could be asked."""
        return f"{self.sample_share * 100:g}"


class AskingState(models.TextChoices):
    """What has become of one asking. The values are stored."""

    WAITING = "waiting", "to be sent when it is due"
    SENDING = "sending", "being handed over at this moment"
    SENT = "sent", "handed over"
    WITHHELD = "withheld", "not asked, for a reason"
    FAILED = "failed", "could not be handed over"
    BOUNCED = "bounced", "came back"
    STOPPED = "stopped", "she asked for no more"
    UNCERTAIN = "uncertain", "the process ended while it was handed over"


class Asking(models.Model):
    """One person asked by one distribution, about one thing at most.

    Address, fields and whose it is are taken out some time after the last letter: `exposures` in
    the log says for good who was asked.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="askings")
    distribution = models.ForeignKey(Distribution, on_delete=models.CASCADE, related_name="askings")
    token = models.CharField(max_length=40, unique=True, help_text="of the invitation, in her link")
    once = models.CharField(
        max_length=64, help_text="a keyed hash of whom, about what and why: nobody is asked twice"
    )
    customer = models.CharField(max_length=300, blank=True, help_text="blank: forgotten")
    customer_kind = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=320, blank=True, help_text="of the channel")
    address_hash = models.CharField(max_length=64, blank=True, help_text="as in `Stopped`")
    language = models.CharField(max_length=20, blank=True, help_text="of the letter, BCP 47")
    fields = models.JSONField(default=dict, help_text="what letter and link say of her")
    about_kind = models.CharField(max_length=60, blank=True)
    about_id = models.CharField(max_length=300, blank=True)
    experienced_at = models.DateTimeField(null=True, blank=True)
    touchpoint = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    arm = models.CharField(max_length=60, blank=True, help_text="of an incentive")
    state = models.CharField(
        max_length=10, choices=AskingState.choices, default=AskingState.WAITING
    )
    reason = models.CharField(max_length=40, blank=True, help_text="why it is in this state")
    due_at = models.DateTimeField(help_text="the letter, or the reminder, that comes next")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="the first letter")
    reminders_sent = models.PositiveSmallIntegerField(default=0)
    is_over = models.BooleanField(default=False, help_text="nothing more is sent to her")
    is_in_log = models.BooleanField(default=False, help_text="`exposures` says what it says")
    holder = models.CharField(max_length=32, blank=True, help_text="who hands it over")
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=120, blank=True, help_text="of the last try; no address")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="asking_once", fields=["distribution", "once"]),
        ]
        indexes: ClassVar = [
            models.Index(name="asking_due", fields=["workspace", "is_over", "due_at"]),
            models.Index(name="asking_state", fields=["distribution", "state"]),
            models.Index(name="asking_told", fields=["workspace", "is_in_log", "state"]),
            models.Index(name="asking_customer", fields=["workspace", "customer"]),
        ]

    def __str__(self) -> str:
        return f"{self.distribution} {self.pk}"


class StopWhy(models.TextChoices):
    """Why nobody is asked at an address any more. The values are stored."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    TD = "td", "she answered an SMS with TD"
    STAFF = "staff", "somebody here stopped it"


class Stopped(models.Model):
    """An address at which nobody is asked any more. The address itself is not kept."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="stopped")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address_hash = models.CharField(max_length=64, help_text="keyed; see reaching.addresses")
    why = models.CharField(max_length=12, choices=StopWhy.choices)
    stopped_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="stopped_once", fields=["workspace", "channel", "address_hash"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.why}"


# Django looks for the models of a room here.
import zhiyin.collect.reaching.models  # noqa: E402
import zhiyin.collect.sources.models  # noqa: E402
import zhiyin.collect.widgets.models  # noqa: E402, F401
