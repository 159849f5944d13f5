"""What every document and everything that is sent has in common, and how an error is told."""

from __future__ import annotations

import re
from typing import Self

from ninja import Schema
from pydantic import ConfigDict, Field, model_validator

NEVER = re.compile("[\0\ud800-\udfff]")
"""U+0000, and halves of what UTF-16 writes as a pair."""


class Document(Schema):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Given(Document):
    """What a caller sends: a number is a number, and yes is not 1."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="after")
    def _storable(self) -> Self:
        check_storable(self)
        return self


def check_storable(given: Schema) -> None:
    """Refuse characters that PostgreSQL keeps in no text, whichever store there is.

    Raises:
        ValueError: a text has one.
    """
    for name, held in given:
        texts = held if isinstance(held, list) else [held]
        if any(isinstance(text, str) and NEVER.search(text) for text in texts):
            message = f"{name}: U+0000, or half of a pair, is in no text"
            raise ValueError(message)


class Page(Document):
    """A page of a list; send `next` as `cursor` for the next one, null is the last."""

    next: str | None


class Fault(Document):
    """One fault of a request."""

    where: str
    message: str


class ProblemDocument(Document):
    """An error, as RFC 9457 has it; `code` is for programs, title and detail for people."""

    type: str
    title: str
    status: int
    detail: str | None
    code: str
    request_id: str
    errors: list[Fault] = Field(default=[])
