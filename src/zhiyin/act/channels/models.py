"""Ways out to teams, what is to be sent by them, and what became of each try."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhiyin.accounts.models import LANGUAGES, Workspace


class Channel(models.Model):
    """A way out to a team 通知渠道: the robot of a chat group, or a service of one's own."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, help_text="a key of kinds.KINDS")
    host = models.CharField(max_length=253, help_text="of the address, to be shown")
    # Whoever knows the address of a robot can write into the group.
    address = models.TextField(help_text="sealed")
    secret = models.TextField(blank=True, default="", help_text="sealed; blank: none")
    former = models.TextField(blank=True, default="", help_text="sealed: the secret before")
    former_until = models.DateTimeField(null=True, blank=True)
    keyword = models.CharField(max_length=60, blank=True, default="")
    language = models.CharField(max_length=10, choices=LANGUAGES)
    is_on = models.BooleanField(default=True)
    why_off = models.CharField(
        max_length=300,
        blank=True,
        default="",
        help_text="what was answered; blank: a person did it",
    )
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="the other side wants no request until then"
    )
    made_by = models.CharField(max_length=254, help_text="login, or the program itself")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="channel_once", fields=["workspace", "key"]),
            models.CheckConstraint(name="channel_named", condition=~Q(name="") & ~Q(key="")),
            models.CheckConstraint(
                name="channel_former_until",
                condition=Q(former="", former_until__isnull=True)
                | (~Q(former="") & Q(former_until__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    """How far a message has come. The values are stored."""

    WAITING = "waiting", "waiting"
    SENT = "sent", "sent"
    MERGED = "merged", "told with others"
    EMPTY = "empty", "nothing left to tell"
    DEAD = "dead", "given up"


class Delivery(models.Model):
    """One message to one channel: what it is about, and not its words.

    Its words are written at each try, so what was erased meanwhile is told to nobody, and a copy of
    the store holds no words of customers.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=100, help_text="the same message is put in once")
    name = models.CharField(max_length=40, unique=True, help_text="webhook-id, at each try")
    kind = models.CharField(max_length=40, help_text="as alert.fired; who writes it")
    about = models.JSONField(default=dict, help_text="what it tells of, by number")
    state = models.CharField(
        max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="merged"
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="since it was put in or replayed")
    next_try_at = models.DateTimeField(null=True, blank=True, db_index=True)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    said = models.CharField(max_length=300, blank=True, default="", help_text="the last answer")

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="delivery_once", fields=["channel", "key"]),
            models.CheckConstraint(
                name="delivery_waits_for_a_time",
                condition=Q(state=DeliveryState.WAITING, next_try_at__isnull=False)
                | (~Q(state=DeliveryState.WAITING) & Q(next_try_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="delivery_merged_into_one",
                condition=Q(state=DeliveryState.MERGED, merged_into__isnull=False)
                | (~Q(state=DeliveryState.MERGED) & Q(merged_into__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.name} ({self.state})"


class Attempt(models.Model):
    """One try of a delivery, and what was answered."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=8, help_text="sent, later, failed, gone")
    said = models.CharField(max_length=300, blank=True, default="")
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(name="attempt_at", fields=["delivery", "at"])]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.at:%Y-%m-%d %H:%M:%S} {self.verdict}"
