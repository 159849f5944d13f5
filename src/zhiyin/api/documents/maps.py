"""Journey maps: what is drawn, what is kept of it, and whose journeys they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import Field, model_validator

from zhiyin.api.documents.form import NEVER, Document, Given
from zhiyin.maps.document import MOST_BYTES

Texts = dict[str, str]
"""What is shown, by language: en, zh-Hans."""


class MapDocument(Document):
    """A map in a list; `version` is null where none was kept."""

    key: str
    name: Texts
    persona: str | None
    stages: int
    touchpoints: int
    bound: int
    version: int | None
    kept_at: datetime | None
    has_changes: bool
    operation: int
    undecided: int
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


class MapsDocument(Document):
    """As `zhiyin journey map list --json`."""

    maps: list[MapDocument]


class MapVersionDocument(Document):
    """What was kept of a map as one version."""

    number: int
    kept_by: str
    kept_at: datetime
    operation: int
    notes: str


class WholeMapDocument(MapDocument):
    """As `zhiyin journey map show --json`: `document` is the draft, as docs/map-files.md has it."""

    document: dict[str, Any]
    versions: list[MapVersionDocument]


class MapVersionsDocument(Document):
    """The versions of a map, the newest first."""

    key: str
    versions: list[MapVersionDocument]


class KeptMapDocument(MapVersionDocument):
    """As `zhiyin journey map keep --json`."""

    key: str


class WholeMapVersionDocument(KeptMapDocument):
    """As `zhiyin journey map show --version N --json`."""

    document: dict[str, Any]


class RemovedMapDocument(Document):
    """A map or persona that is gone."""

    key: str
    removed: bool


class OperationDocument(Document):
    """One thing that was done to a draft, and what became of it."""

    number: int
    id: str
    does: str
    part: str
    target: str
    field: str
    value: Any
    before: Any
    seen: int
    of: int | None
    outcome: str
    by: str
    at: datetime


class OperationsDocument(Document):
    """What was done after a number; `number` is the last one's."""

    key: str
    number: int
    operations: list[OperationDocument]


class PersonaDocument(Document):
    """A persona 客户角色; `customers` is a segment or a rule, blank: everybody."""

    key: str
    name: Texts
    says: Texts
    customers: str
    place: int


class PersonasDocument(Document):
    """As `zhiyin journey map personas --json`."""

    personas: list[PersonaDocument]


class _Nested(Given):
    """What holds texts within texts."""

    @model_validator(mode="after")
    def _all_storable(self) -> Self:
        for _name, held in self:
            _check_deep(held)
        return self


def _check_deep(held: object) -> None:
    if isinstance(held, str) and NEVER.search(held):
        message = "U+0000, or half of a pair, is in no text"
        raise ValueError(message)
    if isinstance(held, Mapping):
        _check_deep([*held.keys(), *held.values()])
    elif isinstance(held, list):
        for one in held:
            _check_deep(one)


class MapDraftGiven(_Nested):
    """A map to be put in the place of a draft; with `keep` also as a version."""

    document: dict[str, Any] = Field(
        description=f"As docs/map-files.md has it; {MOST_BYTES // 1000} KB at most."
    )
    keep: bool = False


class MapGiven(MapDraftGiven):
    """A map to be made."""

    key: str = Field(max_length=40)


class MapNotesGiven(Given):
    """What is new in a version."""

    notes: str = Field(default="", max_length=2_000)


class OperationGiven(_Nested):
    """One operation on a draft: docs/map-files.md says which there are."""

    id: str = Field(min_length=1, max_length=64)
    does: str = Field(max_length=8)
    part: str = Field(max_length=8)
    target: str = Field(default="", max_length=40)
    field: str = Field(default="", max_length=40)
    value: Any = None
    seen: int = Field(default=0, ge=0, lt=2**31)


class UndoGiven(Given):
    """By whom an operation is taken back, once."""

    id: str = Field(min_length=1, max_length=64)
    seen: int = Field(default=0, ge=0, lt=2**31)


class MapDecisionGiven(Given):
    """Whether an operation that met another's holds."""

    takes: bool


class PersonaGiven(Given):
    """A persona; both names are needed."""

    name_en: str = Field(max_length=120)
    name_zh: str = Field(max_length=120)
    says_en: str = Field(default="", max_length=2_000)
    says_zh: str = Field(default="", max_length=2_000)
    customers: str = Field(default="", max_length=10_000)
