"""Every write to sources of verbatims: one transaction, with its audit entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from zhiyin.accounts import audit, sealing, work
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.collect.sources import kept, known, mapped
from zhiyin.collect.sources.models import VerbatimSource
from zhiyin.collect.sources.source import Field, Settings, Source
from zhiyin.kernel import outbound
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

WORK = "fetch-verbatims"
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
NO_KEYS = frozenset({"new", "kinds", "files", "webhooks"})
"""What stands in addresses where else a key does."""

MOST = 100
"""Sources of a workspace."""
LEAST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60
LONGEST_SETTING = 4000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source as somebody wants it.

    Args:
        settings: with secrets; of a secret blank is: as it is.
        mapping: YAML; blank: what its kind has.
        voice, touchpoint, channel: of all that it brings; blank: what the mapping says.
    """

    name: str
    kind: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    mapping: str = ""
    voice: str = ""
    touchpoint: str = ""
    channel: str = ""
    every_minutes: int = 60
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What was wanted, looked at and ready to be tried or kept."""

    source: Source
    settings: Settings
    mapping: str
    whole: Mapping[str, Any]


def checked(wanted: Wanted, *, key: str, held: VerbatimSource | None = None) -> Checked:
    """Look at what is wanted, without keeping it.

    Args:
        held: the source that is to be changed; its secrets hold where none is given.

    Raises:
        Problem: ``source.…``, ``import.mapping-…``; ``outbound.…`` where nobody may be reached.
    """
    if not KEY.fullmatch(key) or key in NO_KEYS:
        raise Problem(
            "source.key",
            _("{key} cannot be the key of a source.", key=key[:80] or "“”"),
            _("Use up to 60 small letters, digits, hyphens and underscores."),
        )
    source = known.of(held.kind if held else wanted.kind)
    settings = settings_for(source, wanted.settings, kept.settings_of(held) if held else None)
    source.check(settings)
    mapping = wanted.mapping.strip() or mapped.as_yaml(source.mapping(settings))
    whole = mapped.whole(
        mapping, source=key, voice=wanted.voice.strip(), touchpoint=wanted.touchpoint.strip(),
        channel=wanted.channel.strip(),
    )  # fmt: skip
    return Checked(source, settings, mapping, whole)


def settings_for(
    source: Source, given: Mapping[str, str], before: Settings | None = None
) -> Settings:
    """Settings as a source is given them.

    Raises:
        Problem: ``source.setting``; ``outbound.…``.
    """
    names = {one.name for one in source.fields}
    for name in given:
        if name not in names:
            raise Problem(
                "source.setting",
                _(
                    "A source of the kind {kind} has no setting {name}.",
                    kind=source.kind,
                    name=name,
                ),
                _("It has: {known}.", known=", ".join(one.name for one in source.fields)),
            )
    plain, secrets = {}, {}
    for one in source.fields:
        said = given.get(one.name, "").strip()
        if one.kind == "secret":
            secrets[one.name] = said or (before.secrets.get(one.name, "") if before else "")
            said = secrets[one.name]
        else:
            if one.name not in given and before is not None:
                said = before.get(one.name, "")
            elif one.name not in given:
                said = one.default
            plain[one.name] = said
        _check(one, said)
    return Settings(plain, {name: said for name, said in secrets.items() if said})


def _check(one: Field, said: str) -> None:
    wrong = _("“{label}” cannot be “{said}”.", label=one.label, said=said[:80])
    if one.kind == "secret":  # it is in no sentence
        wrong = _("“{label}” is missing or too long.", label=one.label)
    if (one.is_needed and not said) or len(said) > LONGEST_SETTING:
        raise Problem("source.setting", wrong, one.help)
    if not said:
        return
    if one.kind == "number":
        is_number = said.isascii() and said.isdigit() and len(said) < 12
        if not is_number or not one.least <= int(said) <= one.most:
            hint = _("Write a whole number from {least} to {most}.", least=one.least, most=one.most)
            raise Problem("source.setting", wrong, hint)
    if one.kind == "choice" and said not in dict(one.choices):
        hint = _("It is one of: {known}.", known=", ".join(name for name, _said in one.choices))
        raise Problem("source.setting", wrong, hint)
    if one.kind == "switch" and said != "yes":
        raise Problem("source.setting", wrong, _("Write “yes”, or leave it blank."))
    if one.kind == "address":
        outbound.check(said)


def add(*, by: Actor, workspace: str, key: str, wanted: Wanted) -> VerbatimSource:
    """A source, which is fetched from at once and then by its interval.

    Raises:
        Problem: ``source.key``, ``source.key-taken``, ``source.too-many``; as `checked`.
    """
    found = checked(wanted, key=key)
    name, minutes = _name(wanted.name), _minutes(wanted.every_minutes)
    with transaction.atomic():
        place = find(workspace)
        if place.verbatim_sources.count() >= MOST:
            raise Problem(
                "source.too-many",
                _("There are {n} sources already.", n=MOST),
                _("Remove one that nobody needs."),
            )
        held = VerbatimSource(
            workspace=place, key=key, kind=found.source.kind, name=name, every_minutes=minutes,
            made_by=by.name,
        )  # fmt: skip
        _fill(held, wanted, found)
        try:
            with transaction.atomic():
                held.save()
        except IntegrityError as error:
            raise Problem(
                "source.key-taken",
                _("There is a source {key} already.", key=key),
                _("Choose another key."),
            ) from error
        audit.record(
            by=by, action="source.added", subject=key, workspace=workspace, after=_shown(held)
        )
        work.ask(by=None, kind=WORK, workspace=workspace)
    return held


def change(*, by: Actor, workspace: str, key: str, wanted: Wanted) -> VerbatimSource:
    """Change a source; with other settings it begins anew, and what is known is not taken twice.

    Raises:
        Problem: ``source.none``; as `checked`.
    """
    found = checked(wanted, key=key, held=kept.get(workspace, key))
    with transaction.atomic():
        held = _locked(workspace, key)
        before = _shown(held)
        if dict(found.settings.plain) != held.settings:
            held.cursor = ""
        held.name, held.every_minutes = _name(wanted.name), _minutes(wanted.every_minutes)
        _fill(held, wanted, found)
        held.failures, held.next_at = 0, timezone.now()
        held.save()
        audit.record(
            by=by, action="source.changed", subject=key, workspace=workspace, before=before,
            after=_shown(held),
        )  # fmt: skip
        work.ask(by=None, kind=WORK, workspace=workspace)
    return held


@transaction.atomic
def pause(*, by: Actor, workspace: str, key: str, is_paused: bool = True) -> VerbatimSource:
    """Fetch nothing from a source for now; or go on.

    Raises:
        Problem: ``source.none``.
    """
    held = _locked(workspace, key)
    if held.is_paused != is_paused:
        held.is_paused = is_paused
        held.save(update_fields=["is_paused"])
        action = "source.paused" if is_paused else "source.resumed"
        audit.record(by=by, action=action, subject=key, workspace=workspace)
        if not is_paused:
            work.ask(by=None, kind=WORK, workspace=workspace)
    return held


@transaction.atomic
def run_now(*, by: Actor, workspace: str, key: str) -> VerbatimSource:
    """Fetch from a source as soon as the jobs process comes to it.

    Raises:
        Problem: ``source.none``, ``source.is-paused``.
    """
    held = _locked(workspace, key)
    if held.is_paused:
        raise Problem(
            "source.is-paused",
            _("The source {name} is paused.", name=held.name),
            _("Let it go on first."),
        )
    held.next_at = timezone.now()
    held.save(update_fields=["next_at"])
    audit.record(by=by, action="source.run", subject=key, workspace=workspace)
    work.ask(by=by, kind=WORK, workspace=workspace)
    return held


@transaction.atomic
def remove(*, by: Actor, workspace: str, key: str) -> None:
    """Remove a source. What it brought stays in the log.

    Raises:
        Problem: ``source.none``.
    """
    held = _locked(workspace, key)
    before = _shown(held)
    held.delete()
    audit.record(by=by, action="source.removed", subject=key, workspace=workspace, before=before)


def _locked(workspace: str, key: str) -> VerbatimSource:
    held = (
        VerbatimSource.objects.select_for_update()
        .filter(workspace__slug=workspace, key=key)
        .first()
    )
    if held is None:
        raise kept.none_such(key)
    return held


def _fill(held: VerbatimSource, wanted: Wanted, found: Checked) -> None:
    held.settings = dict(found.settings.plain)
    secrets = dict(found.settings.secrets)
    held.secrets = sealing.seal(msgspec.json.encode(secrets).decode()) if secrets else ""
    held.mapping = found.mapping
    held.voice = wanted.voice.strip()
    held.touchpoint, held.channel = wanted.touchpoint.strip(), wanted.channel.strip()
    held.replaces = wanted.replaces


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > 120:
        raise Problem(
            "source.name",
            _("A source needs a name of up to 120 letters."),
            _("Name what it is, such as “App Store reviews”."),
        )
    return plain


def _minutes(minutes: int) -> int:
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise Problem(
            "source.every",
            _("A source cannot be asked every {n} minutes.", n=minutes),
            _("Choose from {least} minutes to {most} (a week).", least=LEAST_MINUTES,
              most=f"{MOST_MINUTES:,}"),
        )  # fmt: skip
    return minutes


def _shown(held: VerbatimSource) -> dict[str, Any]:
    """What the audit log may know: no secret."""
    return {
        "name": held.name, "kind": held.kind, "settings": held.settings, "voice": held.voice,
        "touchpoint": held.touchpoint, "channel": held.channel, "mapping": held.mapping,
        "every_minutes": held.every_minutes, "replaces": held.replaces,
    }  # fmt: skip
