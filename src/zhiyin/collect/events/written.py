"""JSON as it comes by the wire."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from zhiyin.collect.events.facts import Bad
from zhiyin.collect.events.refusing import EVENT_BYTES, not_json
from zhiyin.kernel.text import _

T = TypeVar("T")

_HALF = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""One half of a character in two: what a browser makes of a title that was cut inside an emoji."""


def split(decoder: msgspec.json.Decoder[T], body: bytes) -> tuple[T, bytes]:
    """The body as `decoder` has it, and the body itself, mended where half a character stood.

    Raises:
        Problem: ``intake.not-json``.
    """
    try:
        return decoder.decode(body), body
    except RecursionError as error:
        raise not_json("it is nested too deeply") from error
    except msgspec.DecodeError as error:
        if b"\\u" not in body:
            raise not_json(str(error)) from error
        try:
            mended = _HALF.sub(rb"\\ufffd", body)
            return decoder.decode(mended), mended
        except (msgspec.DecodeError, RecursionError):
            raise not_json(str(error)) from error


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw) -> T:
    """One event as `decoder` has it.

    Raises:
        Bad: ``event.too-large``; ``event.not-json``: it is no JSON object.
    """
    if len(raw) > EVENT_BYTES:
        raise Bad(
            "event.too-large",
            _("The event has {size} bytes; {most} are the most.", size=len(raw), most=EVENT_BYTES),
        )
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Bad("event.not-json", _("The event is no JSON object.")) from error


def described(value: Any) -> str:
    """A value for a sentence, as JSON has it: short, whatever it is."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"
