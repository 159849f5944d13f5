"""What an installation knows of its workspaces and of the people who work in them."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]

THEMES = [("light", "light"), ("dark", "dark")]

SLUG = r"^[a-z0-9][a-z0-9-]{0,39}$"
"""A workspace's slug is also the name of its log file and a part of addresses."""


def known_timezone(name: str) -> None:
    """Raise unless `name` is a zone of the IANA database."""
    if name not in available_timezones():
        raise ValidationError("There is no time zone called %(name)s.", params={"name": name})


class Workspace(models.Model):
    """One company, or one part of it, whose figures are kept apart from all others."""

    slug = models.CharField(max_length=40, unique=True, validators=[RegexValidator(SLUG)])
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC", validators=[known_timezone])
    week_start = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday")
    fiscal_year_start = models.PositiveSmallIntegerField(default=1, help_text="a month, 1 to 12")
    currency = models.CharField(
        max_length=3, default="CNY", validators=[RegexValidator("^[A-Z]{3}$")]
    )
    language = models.CharField(max_length=10, choices=LANGUAGES, default="en")
    minimum_base = models.PositiveIntegerField(
        default=10, help_text="under so many customers no figure is shown"
    )
    test_base = models.PositiveIntegerField(
        default=30, help_text="under so many customers nothing is tested"
    )
    small_base = models.PositiveIntegerField(
        default=100, help_text="under so many customers a figure is flagged"
    )
    requires_second_step = models.BooleanField(
        default=False, help_text="who works here signs in by two steps, or sets them up first"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["slug"]
        constraints: ClassVar = [
            models.CheckConstraint(name="workspace_week_start", condition=Q(week_start__lte=6)),
            models.CheckConstraint(
                name="workspace_fiscal_year_start",
                condition=Q(fiscal_year_start__gte=1, fiscal_year_start__lte=12),
            ),
            models.CheckConstraint(
                name="workspace_bases_in_order",
                condition=Q(minimum_base__gte=1)
                & Q(test_base__gte=F("minimum_base"))
                & Q(small_base__gte=F("test_base")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    """Finds people by the login they sign in with, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person who signs in as `username`.

        Raises:
            Person.DoesNotExist: nobody does.
        """
        return self.get(login=normal_login(username or ""))


def normal_login(login: str) -> str:
    """A login as it is stored: no blanks around it, small letters, one Unicode form."""
    return AbstractBaseUser.normalize_username(login.strip()).casefold()


class Person(AbstractBaseUser):
    """Somebody who works here. Customers are never people in this sense."""

    login = models.CharField(max_length=254, unique=True, help_text="an e-mail address or a name")
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, choices=LANGUAGES, blank=True, default="")
    timezone = models.CharField(
        max_length=64, blank=True, default="", validators=[known_timezone],
        help_text="blank: the workspace's",
    )  # fmt: skip
    theme = models.CharField(
        max_length=10, choices=THEMES, blank=True, default="", help_text="blank: the device's"
    )
    single_keys = models.CharField(
        max_length=10, choices=[("off", "off")], blank=True, default="",
        help_text="whether single keys do something on pages; blank: they do",
    )  # fmt: skip
    has_generated_password = models.BooleanField(
        default=False, help_text="the password was made by the program and not yet changed"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = People()

    class Meta:
        ordering: ClassVar = ["login"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name or self.login

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the login in its one form, so that Ana and ana are one person."""
        self.login = normal_login(self.login)
        super().save(*args, **kwargs)


class Role(models.TextChoices):
    """What a person is in a workspace; `zhiyin.accounts.rights` says what each lets her do."""

    ADMINISTRATOR_IN_CHIEF = "administrator_in_chief", "administrator in chief"
    ADMIN = "admin", "admin"
    ANALYST = "analyst", "analyst"
    UNIT_MANAGER = "unit_manager", "unit manager"
    TEAM_LEADER = "team_leader", "team leader"
    AGENT = "agent", "agent"
    QUALITY_REVIEWER = "quality_reviewer", "quality reviewer"
    VIEWER = "viewer", "viewer"


class Unit(models.Model):
    """A place in the organisation tree: company, region, station, team.

    Facts join it by their column `unit`, which holds its key.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="units")
    key = models.CharField(max_length=120, help_text="as facts name it in their column `unit`")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60, blank=True, help_text="company, region, station, team…")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta:
        ordering: ClassVar = ["workspace", "name", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="unit_once", fields=["workspace", "key"]),
            models.CheckConstraint(name="unit_not_its_own_parent", condition=~Q(parent=F("pk"))),
        ]

    def __str__(self) -> str:
        return self.name


class Allowed(models.Model):
    """What a membership allows, and what an invitation will."""

    role = models.CharField(max_length=32, choices=Role.choices)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="only facts of this branch of the tree",
    )  # fmt: skip
    scope = models.TextField(
        blank=True, default="", help_text="only facts for which this filter holds"
    )
    sees_personal_data = models.BooleanField(
        default=True, help_text="names, addresses, ids and what customers wrote of themselves"
    )

    class Meta:
        abstract = True


class Membership(Allowed):
    """A person works in a workspace, in one role, on all of it or on a part."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["workspace", "person"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="membership_once", fields=["workspace", "person"]),
            models.CheckConstraint(name="membership_role", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.workspace}"


class Invitation(Allowed):
    """Somebody may join a workspace, by a link that works once and not for long."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    login = models.CharField(max_length=254, help_text="what she will sign in with")
    # Whoever reads the store must not be able to accept an invitation.
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="invitation_role", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.login} to {self.workspace}"

    @classmethod
    def waiting(cls) -> models.QuerySet[Self]:
        """Those that can still be accepted."""
        return cls._default_manager.filter(  # type: ignore[return-value]
            accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
        )


class FailedSignIn(models.Model):
    """Somebody failed to sign in; kept for a quarter of an hour."""

    bucket = models.CharField(max_length=64, help_text="a hash of the login, and of its browser")
    where = models.CharField(max_length=64, help_text="network address")
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(name="failed_bucket", fields=["bucket", "at"]),
            models.Index(name="failed_where", fields=["where", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.where} {self.at:%Y-%m-%d %H:%M}"


class OpenSession(models.Model):
    """A browser in which a person is signed in, as her own list shows it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True, help_text="of Django's session")
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="some minutes old at most")
    where = models.CharField(max_length=64, help_text="network address")
    browser = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar = ["-seen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.person} {self.browser} {self.where}"


class Mail(models.Model):
    """A letter on its way: written with what it is about, in one transaction, and sent after.

    Who is killed between the two sends it later; sent twice is possible, lost is not.
    """

    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField(help_text="plain text; emptied when it is sent")
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, db_index=True, help_text="null: not any more")
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        verbose_name_plural = "mail"

    def __str__(self) -> str:
        return f"{self.subject} ({self.created_at:%Y-%m-%d %H:%M})"


class WorkState(models.TextChoices):
    """Where a piece of background work stands."""

    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class Work(models.Model):
    """A piece of background work: asked for in the transaction of what it belongs to, done after.

    Whoever runs it holds it for a moment at a time; what a killed process held is taken by the
    next.
    """

    workspace = models.CharField(max_length=40, blank=True, help_text="slug; blank: installation")
    kind = models.CharField(max_length=40, help_text="a key of kinds.KINDS")
    # The program writes them into backups and shows them to administrators.
    arguments = models.JSONField(default=dict, help_text="never anything about a customer")
    same_as = models.CharField(max_length=64, help_text="equal for the same kind and arguments")
    asked_by = models.CharField(max_length=254, blank=True, help_text="login; blank: the clock")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="begun so often")
    not_before = models.DateTimeField()
    is_unwanted = models.BooleanField(default=False, help_text="somebody cancelled it while it ran")
    holder = models.CharField(max_length=32, blank=True, default="", help_text="who runs it")
    held_until = models.DateTimeField(null=True, help_text="after that another may take it")
    started_at = models.DateTimeField(null=True, help_text="the last attempt")
    ended_at = models.DateTimeField(null=True)
    parts_done = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField(default=0, help_text="0: not known")
    part_name = models.CharField(max_length=40, blank=True, default="", help_text="steps, files…")
    result = models.JSONField(default=dict, help_text="numbers by name")
    error = models.JSONField(default=dict, help_text="code, sentences and their blanks")

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name_plural = "work"
        indexes: ClassVar = [
            models.Index(name="work_to_take", fields=["state", "not_before"]),
            models.Index(name="work_of_a_kind", fields=["workspace", "kind", "id"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="work_waits_once",
                fields=["workspace", "same_as"],
                condition=Q(state=WorkState.WAITING),
            ),
            models.UniqueConstraint(
                name="work_one_at_a_time",
                fields=["workspace", "kind"],
                condition=Q(state=WorkState.RUNNING),
            ),
            models.CheckConstraint(
                name="work_held_while_it_runs",
                condition=Q(state=WorkState.RUNNING, held_until__isnull=False)
                | (~Q(state=WorkState.RUNNING) & Q(held_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="work_ended_when_over",
                condition=Q(state__in=[WorkState.WAITING, WorkState.RUNNING], ended_at__isnull=True)
                | Q(
                    state__in=[WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED],
                    ended_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"


class WriteKey(models.Model):
    """A public key with which one source sends events in, and does nothing else.

    It stands in web pages and apps for all to read, so it is no secret: it says which workspace
    and source an event belongs to, and never gives anything out. Its signing secret, where it has
    one, is a secret: whoever knows it can send webhooks in the name of the source.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="write_keys")
    key = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=60, help_text="the log's `source` of what it sends")
    origins = models.JSONField(
        default=list, help_text="browser origins that may use it; empty: every origin"
    )
    events_per_second = models.PositiveIntegerField(
        default=0, help_text="more are answered 429; 0 is no limit"
    )
    # Not hashed: whoever checks a signature needs the secret itself.
    signing_secret = models.CharField(
        max_length=120, blank=True, default="",
        help_text="of a key for signed webhooks, which takes nothing else",
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["workspace", "source", "pk"]

    def __str__(self) -> str:
        return f"{self.source} ({self.key[:7]}…)"


class ApiKey(models.Model):
    """A secret with which a program reads and writes a workspace by the API.

    Only its hash is kept, so it is shown once. What it may do is said here and nowhere else: it
    outlives the rights, and the account, of whoever made it.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60, help_text="what it is for")
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret")
    start = models.CharField(max_length=12, help_text="by which people know it again")
    rights = models.JSONField(default=list)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="only facts of this branch of the tree",
    )  # fmt: skip
    sees_personal_data = models.BooleanField(default=False)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @property
    def is_live(self) -> bool:
        """Neither revoked nor over."""
        over = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not over


class SavedView(models.Model):
    """What a page was asked, under a name: the query of its address, and no figure."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="views")
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="who saved it; null: a program, or somebody whose account is gone",
    )  # fmt: skip
    name = models.CharField(max_length=80)
    page = models.CharField(max_length=40, help_text="the name of the page's address")
    query = models.TextField(blank=True, help_text="of the address, without the question mark")
    is_shared = models.BooleanField(default=False, help_text="with all who work here")
    is_pinned = models.BooleanField(default=False, help_text="to the Overview of who finds it")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["workspace", "name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="saved_view_once_shared",
                fields=["workspace", "name"],
                condition=Q(is_shared=True),
            ),
            models.UniqueConstraint(
                name="saved_view_once_own",
                fields=["workspace", "person", "name"],
                condition=Q(is_shared=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What the API answered to a request with an ``Idempotency-Key``, for whoever asks again."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64, help_text="a hash of what the caller chose")
    request = models.CharField(max_length=64, help_text="a hash of method, path and body")
    begun_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="null: not answered yet")
    body = models.TextField(default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="kept_answer_once", fields=["api_key", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.api_key_id} {self.begun_at:%Y-%m-%d %H:%M}"


class AppendOnly(models.QuerySet["AuditEntry"]):
    """Rows that are added and read, never changed."""

    def update(self, **kwargs: Any) -> int:
        """Refused."""
        raise TypeError("an audit entry is never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise TypeError("an audit entry is never removed")


class AuditEntry(models.Model):
    """Who did what, when and from where, with what it was before and after."""

    at = models.DateTimeField(db_index=True)
    workspace = models.CharField(max_length=40, blank=True, help_text="slug; blank: installation")
    # Kept as words beside the reference: the entry still says who when the person is gone.
    by = models.CharField(max_length=254, help_text="login, or the program itself")
    by_person = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=True
    )
    where = models.CharField(max_length=64, help_text="network address, or command line")
    action = models.CharField(max_length=64, help_text="workspace.created, password.changed…")
    subject = models.CharField(max_length=254)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by} {self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new entry; refuse to store one again."""
        if not self._state.adding:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise TypeError("an audit entry is never removed")

    @classmethod
    def of(cls, workspace: str) -> models.QuerySet[Self]:
        """The entries of one workspace, newest first."""
        return cls._default_manager.filter(workspace=workspace)  # type: ignore[return-value]
