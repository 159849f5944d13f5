"""What every document and everything that is sent has in common, and how an error is told."""

from __future__ import annotations

from ninja import Schema
from pydantic import ConfigDict, Field


class Document(Schema):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Given(Document):
    """What a caller sends: a number is a number, and yes is not 1."""

    model_config = ConfigDict(extra="forbid", strict=True)


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
