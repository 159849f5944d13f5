"""The form of a source of verbatims: what was typed, and what each field is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhiyin.collect.sources import documents, kept, mapped
from zhiyin.collect.sources.actions import Wanted
from zhiyin.collect.sources.models import VerbatimSource
from zhiyin.collect.sources.source import Field, Settings, Source
from zhiyin.collect.sources.voices import VOICES
from zhiyin.kernel.text import Text, _

INTERVALS: dict[int, Text] = {
    5: _("every 5 minutes"),
    15: _("every 15 minutes"),
    60: _("every hour"),
    360: _("every 6 hours"),
    1440: _("every day"),
}

STATES: dict[str, Text] = {
    "new": _("waits for its first run"),
    "ok": _("works"),
    "failing": _("could not be read"),
    "paused": _("paused"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as the form has it."""

    field: Field
    said: str
    has_secret: bool

    @property
    def type(self) -> str:
        """Of an input."""
        return {"secret": "password", "address": "url"}.get(self.field.kind, "text")


@dataclass(frozen=True, slots=True)
class Form:
    """What the page shows of a source that is made or changed."""

    source: Source
    key: str
    name: str
    settings: tuple[Shown, ...]
    mapping: str
    voice: str
    touchpoint: str
    channel: str
    every_minutes: int
    replaces: bool

    @property
    def voices(self) -> list[tuple[str, Text]]:
        """The kinds of verbatims; one that a company made up stays."""
        known = list(VOICES.items())
        return known if not self.voice or self.voice in VOICES else [
            *known, (self.voice, Text(self.voice, {}))
        ]  # fmt: skip

    @property
    def intervals(self) -> list[tuple[int, Text]]:
        """How often it may be asked; one that was said elsewhere stays."""
        known = dict(INTERVALS)
        known.setdefault(self.every_minutes, _("every {n} minutes", n=self.every_minutes))
        return sorted(known.items())


def blank(source: Source) -> Form:
    """A new one."""
    settings = Settings({one.name: one.default for one in source.fields if one.kind != "secret"})
    mapping = mapped.as_yaml(source.mapping(settings))
    shown = tuple(Shown(one, one.default, False) for one in source.fields)
    return Form(source, "", "", shown, mapping, "", "", "", 60, False)


def of(held: VerbatimSource, source: Source) -> Form:
    """One that is there."""
    settings = kept.settings_of(held)
    shown = tuple(
        Shown(one, settings.plain.get(one.name, one.default), one.name in settings.secrets)
        for one in source.fields
    )
    return Form(
        source, held.key, held.name, shown, held.mapping, held.voice, held.touchpoint,
        held.channel, held.every_minutes, held.replaces,
    )  # fmt: skip


def typed(form: Form, given: Mapping[str, str]) -> Form:
    """What somebody typed, as it is shown again; secrets are not."""
    shown = tuple(
        Shown(
            one.field,
            "" if one.field.kind == "secret" else given.get(f"set-{one.field.name}", ""),
            one.has_secret,
        )
        for one in form.settings
    )
    wanted = read(form, given)
    return Form(
        form.source, form.key or given.get("key", "").strip(), wanted.name, shown, wanted.mapping,
        wanted.voice, wanted.touchpoint, wanted.channel, wanted.every_minutes, wanted.replaces,
    )  # fmt: skip


def read(form: Form, given: Mapping[str, str]) -> Wanted:
    """The source that the form asks for."""
    every = given.get("every", "").strip()
    return Wanted(
        name=given.get("name", "").strip(),
        kind=form.source.kind,
        settings={
            one.field.name: given.get(f"set-{one.field.name}", "").strip() for one in form.settings
        },
        mapping=given.get("mapping", "").strip(),
        voice=given.get("voice", "").strip(),
        touchpoint=given.get("touchpoint", "").strip(),
        channel=given.get("channel", "").strip(),
        every_minutes=int(every) if every.isascii() and every.isdigit() and len(every) < 7 else 0,
        replaces=given.get("replaces") == "yes",
    )


def state(held: VerbatimSource) -> Text:
    """How a source is, in words."""
    return STATES[documents.state(held)]
