"""What writers of a survey decide beside its document."""

from __future__ import annotations

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.kernel.text import _


class SurveyAcceptGiven(Given):
    """Which stale translations hold as they are."""

    language: str = Field(max_length=40, description=str(_("Of the translations, e.g. zh-Hans.")))
    texts: list[str] = Field(
        default=[], max_length=1_000,
        description=str(_("As the faults name them (default: all that are stale).")),
    )  # fmt: skip
    revision: int | None = Field(
        default=None, ge=1, lt=2**31, description=str(_("Of the draft that was looked at."))
    )


class SurveyStaleDocument(Document):
    """Which translations of a draft are stale, by language."""

    key: str
    revision: int
    stale: dict[str, list[str]]
