"""Journey maps, what was done to them, what people pinned on them, and whose journeys they are."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import Person, Workspace


class Persona(models.Model):
    """Whose journey a map is 客户角色: customers alike in what they want, by a rule."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="personas")
    key = models.CharField(max_length=40)
    name_en = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120)
    says_en = models.TextField(blank=True, help_text="who they are and what they want")
    says_zh = models.TextField(blank=True)
    customers = models.TextField(
        blank=True, help_text="short name of a segment, or a rule over customers; blank: everybody"
    )
    place = models.PositiveIntegerField(help_text="in the order in which they are listed")

    class Meta:
        ordering: ClassVar = ["workspace", "place", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="persona_once", fields=["workspace", "key"]),
            models.CheckConstraint(name="persona_named", condition=~Q(name_en="") & ~Q(name_zh="")),
        ]

    def __str__(self) -> str:
        return self.key


class JourneyMap(models.Model):
    """A journey map: the draft that people edit together; pages show its newest version."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="maps")
    key = models.CharField(max_length=40)
    draft = models.TextField(help_text="JSON, see zhiyin.maps.document")
    number = models.PositiveIntegerField(default=0, help_text="of the last operation on the draft")
    touched = models.JSONField(
        default=dict, help_text="by field, as node:refund:name, the last operation on it"
    )
    created_by = models.CharField(max_length=254, help_text="login, or the program itself")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="map_key_once", fields=["workspace", "key"]),
        ]

    def __str__(self) -> str:
        return self.key


class MapVersion(models.Model):
    """A map as it was on a day. It never changes: figures are those of its rules."""

    map = models.ForeignKey(JourneyMap, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="within its map, from 1")
    document = models.TextField(help_text="JSON, as the draft")
    operation = models.PositiveIntegerField(help_text="the last that is in it")
    kept_by = models.CharField(max_length=254)
    kept_at = models.DateTimeField(auto_now_add=True)
    notes = models.TextField(blank=True, default="", help_text="what is new in it")

    class Meta:
        ordering: ClassVar = ["map", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="map_version_once", fields=["map", "number"]),
            models.CheckConstraint(name="map_version_from_1", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.map} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new version; refuse to store one again."""
        if not self._state.adding:
            raise TypeError("a version of a map is never changed")
        super().save(*args, **kwargs)


class Outcome(models.TextChoices):
    """What became of an operation. The values are stored."""

    DONE = "done", "it changed the map"
    OPEN = "open", "somebody had changed the same first; nobody has decided yet"
    TAKEN = "taken", "it was decided for"
    LEFT = "left", "it was decided against"


class Operation(models.Model):
    """One thing that somebody did to a draft. Operations of a map are numbered by the server."""

    map = models.ForeignKey(JourneyMap, on_delete=models.CASCADE, related_name="operations")
    number = models.PositiveIntegerField(help_text="within its map, from 1")
    id_there = models.CharField(
        max_length=64, help_text="made by whoever sent it: sent twice, it is done once"
    )
    does = models.CharField(max_length=8, help_text="set, add, remove, move, undo, settle")
    part = models.CharField(max_length=8, help_text="map, stage, lane, node")
    target = models.CharField(max_length=40, blank=True, help_text="id of the part; of a map blank")
    field = models.CharField(max_length=40, blank=True)
    value = models.JSONField(null=True)
    before = models.JSONField(null=True, help_text="what stood there: to be undone by")
    seen = models.PositiveIntegerField(help_text="the last operation that its editor had seen")
    of = models.PositiveIntegerField(null=True, help_text="the operation that it undoes or settles")
    outcome = models.CharField(max_length=5, choices=Outcome.choices)
    by = models.CharField(max_length=254, help_text="login, or the program itself")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["map", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="map_operation_once", fields=["map", "number"]),
            models.UniqueConstraint(name="map_operation_sent_once", fields=["map", "id_there"]),
        ]

    def __str__(self) -> str:
        return f"{self.map} {self.number}: {self.does} {self.part} {self.target} {self.field}"


class PinKind(models.TextChoices):
    """What is pinned to a touchpoint. The values are stored."""

    PROBLEM = "problem", "problem"
    SUGGESTION = "suggestion", "suggestion"


class PinStatus(models.TextChoices):
    """How far somebody has come with it. The values are stored."""

    OPEN = "open", "open"
    PLANNED = "planned", "planned"
    DOING = "doing", "being done"
    DONE = "done", "done"
    DECLINED = "declined", "declined"


class Pin(models.Model):
    """A problem or a suggestion pinned to a touchpoint of a map 问题点 / 改进建议."""

    map = models.ForeignKey(JourneyMap, on_delete=models.CASCADE, related_name="pins")
    node = models.CharField(max_length=40, help_text="id of the touchpoint")
    number = models.PositiveIntegerField(help_text="within its map, from 1")
    kind = models.CharField(max_length=10, choices=PinKind.choices)
    title = models.CharField(max_length=200)
    says = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=PinStatus.choices, default=PinStatus.OPEN)
    owner = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    contributors = models.ManyToManyField(Person, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True, help_text="a local day")
    revision = models.PositiveIntegerField(default=1, help_text="one more with every change")
    made_by = models.CharField(max_length=254, help_text="login, or the program itself")
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["map", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="pin_once", fields=["map", "number"]),
            models.CheckConstraint(name="pin_titled", condition=~Q(title="")),
        ]
        indexes: ClassVar = [models.Index(fields=["map", "node", "status"])]

    def __str__(self) -> str:
        return f"{self.map} {self.number}: {self.title}"


class Evidence(models.Model):
    """What a pin rests on: a figure that is asked anew whenever it is seen, or words that were
    said, by where they stand in the log."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(
        max_length=8, choices=[("figure", "figure"), ("words", "words"), ("link", "link")]
    )
    says = models.JSONField(help_text="of a figure its question, of words their row, of a link url")
    added_by = models.CharField(max_length=254)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.pin} {self.kind}"


class Vote(models.Model):
    """One member's vote for a pin."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="vote_once", fields=["pin", "person"]),
        ]

    def __str__(self) -> str:
        return f"{self.pin} {self.person}"


class PinEvent(models.Model):
    """What was done to a pin, and what was said about it: its history."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=10, help_text="made, changed, said, evidence, voted")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    says = models.TextField(blank=True, help_text="of a comment")
    by = models.CharField(max_length=254)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.pin} {self.what}"


class Audit(models.Model):
    """The same task done on our site and on others', step by step 竞品体验走查."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="audits")
    map = models.ForeignKey(
        JourneyMap, on_delete=models.SET_NULL, null=True, blank=True, related_name="audits"
    )
    title = models.CharField(max_length=200)
    task = models.TextField(blank=True, help_text="what is to be done, the same everywhere")
    revision = models.PositiveIntegerField(default=1, help_text="one more with every change")
    made_by = models.CharField(max_length=254)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["workspace", "-changed_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="audit_titled_once", fields=["workspace", "title"]),
        ]

    def __str__(self) -> str:
        return self.title


class AuditSite(models.Model):
    """Where the task is done: our own site, or another's."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=120)
    is_ours = models.BooleanField(default=False)
    place = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["audit", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="audit_site_once", fields=["audit", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class AuditRun(models.Model):
    """One person doing the task once on one site."""

    site = models.ForeignKey(AuditSite, on_delete=models.CASCADE, related_name="runs")
    done_on = models.DateField(help_text="a local day")
    who = models.CharField(max_length=120, help_text="who did it, or what kind of person")
    device = models.CharField(max_length=120, blank=True)
    is_done = models.BooleanField(help_text="whether the task was completed")
    ease = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="1 to 7, 7 is easiest (SEQ)"
    )
    noted_by = models.CharField(max_length=254)
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["site", "done_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="audit_run_ease", condition=Q(ease__isnull=True) | Q(ease__gte=1, ease__lte=7)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.done_on}"


class AuditStep(models.Model):
    """One step of a run: what was done, how long it took, what failed, and the proof of it."""

    run = models.ForeignKey(AuditRun, on_delete=models.CASCADE, related_name="steps")
    place = models.PositiveIntegerField()
    node = models.CharField(max_length=40, blank=True, help_text="touchpoint of the map")
    says = models.CharField(max_length=300)
    seconds = models.FloatField(null=True, blank=True)
    failed = models.TextField(blank=True, help_text="what went wrong; blank: nothing")
    link = models.URLField(blank=True, max_length=500, help_text="where the proof is")
    picture = models.CharField(max_length=40, blank=True, help_text="name of a file that is kept")

    class Meta:
        ordering: ClassVar = ["run", "place"]

    def __str__(self) -> str:
        return f"{self.run} {self.place}"
