"""A list that another system gives out as JSON over HTTP, page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import msgspec

from zhiyin.collect.sources import answers
from zhiyin.collect.sources.source import Cursor, Field, Page, Settings
from zhiyin.kernel import outbound
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_BYTES = 20_000_000
MOST_SEEN = 5_000
"""So many of the newest records are known again without asking the log."""
LINK = "link:"
"""Before the name of a relation in the header Link, where a path into the body would stand."""

Place = str | int | None
"""Where a pass stands: a page, an offset, an address or a cursor; None is the beginning."""


class Rest:
    """A GET, again and again: by page number, offset, next address, or a cursor in the body."""

    kind = "rest"
    label = _("REST interface (JSON)")
    says = _(
        "Service requests, reviews, chats or complaints that another system gives out as JSON."
    )
    fields: tuple[Field, ...] = (
        Field(
            "address", _("Address"),
            _("What is asked with GET, such as https://api.example.com/v1/reviews?shop=7."),
            "address", is_needed=True,
        ),
        Field(
            "header", _("Header of the secret"),
            _("What the other system asks for: Authorization, X-Api-Key…"),
            default="Authorization",
        ),
        Field(
            "secret", _("Secret"),
            _("The whole value of that header, such as “Bearer …”; blank: none is sent."),
            "secret",
        ),
        Field(
            "items", _("Where the list is"),
            _("The way to the list in the answer, such as data.items; blank: the answer is one."),
        ),
        Field(
            "paging", _("Paging"),
            _("How the next page is asked for."),
            "choice", default="none",
            choices=(
                ("none", _("one page holds all")),
                ("page", _("by the number of the page")),
                ("offset", _("by how many records come before")),
                ("next", _("by the address of the next page")),
                ("cursor", _("by a cursor")),
            ),
        ),
        Field(
            "parameter", _("Parameter of the page"),
            _("The name in the address: page, offset, cursor…"), default="page",
        ),
        Field(
            "first", _("First page"),
            _("The number of the first page; of an offset usually 0."),
            "number", default="1",
        ),
        Field(
            "next", _("Where the next one is told"),
            _("The way to the next address or cursor in the answer, such as paging.next; link:next"
              " is the header Link."),
        ),
        Field(
            "size_parameter", _("Parameter of the size"),
            _("The name in the address: limit, per_page…; blank: none is sent."),
        ),
        Field(
            "size", _("Records a page"),
            _("How many are asked for at once."), "number", default="100", least=1, most=10_000,
        ),
        Field(
            "order", _("Order"),
            _("Newest first: each run begins at the first page and ends where all is known."
              " Oldest first: each run goes on at the page where the last one ended."),
            "choice", default="newest",
            choices=(("newest", _("newest first")), ("oldest", _("oldest first"))),
        ),
        Field(
            "since_parameter", _("Parameter of “since”"),
            _("Where the other system can give what was changed since: the name in the address."),
        ),
        Field(
            "since_field", _("Field of “since”"),
            _("The record's field whose highest value is sent there, such as updated_at."),
        ),
    )  # fmt: skip

    def mapping(self, settings: Settings) -> dict[str, Any]:
        """The names that most systems use."""
        return {"id": "id", "at": "created_at", "text": "text"}

    def check(self, settings: Settings) -> None:
        """Each way of paging needs its own settings.

        Raises:
            Problem: ``source.paging``, ``source.since``, ``source.secret-in-the-open``.
        """
        paging = settings["paging"]
        if paging in ("page", "offset", "cursor") and not settings["parameter"]:
            raise Problem(
                "source.paging",
                _("It is not said which parameter of the address names the page."),
                _("Fill in “Parameter of the page”."),
            )
        if paging in ("next", "cursor") and not settings["next"]:
            raise Problem(
                "source.paging",
                _("It is not said where the answer tells the next page."),
                _("Fill in “Where the next one is told”."),
            )
        if bool(settings["since_parameter"]) != bool(settings["since_field"]):
            raise Problem(
                "source.since",
                _("“Since” needs both a parameter and a field."),
                _("Fill in both, or neither."),
            )
        if settings.get("secret") and urlsplit(settings["address"]).scheme != "https":
            raise Problem(
                "source.secret-in-the-open",
                _("A secret would be sent so that everybody on the way can read it."),
                _("Use an address that begins with https://."),
            )

    def fetch(self, cursor: Cursor, settings: Settings) -> Iterator[Page]:
        """One pass, from where the last one was cut off."""
        walk = _Pass.resumed(cursor, settings)
        while not walk.is_over:
            found = _ask(walk.address(), settings)
            fresh = [one for one in found.records if _mark(one) not in walk.given]
            walk = walk.noted(found, is_known=bool(found.records) and not fresh)
            yield Page(fresh, walk.cursor())


@dataclass(frozen=True, slots=True)
class _Answer:
    records: Sequence[Any]
    body: Any
    headers: Mapping[str, str]
    address: str


@dataclass(frozen=True, slots=True)
class _Pass:
    """One way through the pages.

    Args:
        at: the page that is asked for next.
        since: what the field of “since” had at most when the pass began.
        high: and has by now.
        known: marks of records that were given by earlier passes.
        marks: and by this one. Of both as many are kept as the beginning of a pass will meet again.
        is_over: there is no page behind, or only what is known.
    """

    settings: Settings
    at: Place
    since: str
    high: str
    known: tuple[str, ...]
    marks: tuple[str, ...]
    is_over: bool = False

    @classmethod
    def resumed(cls, cursor: Cursor, settings: Settings) -> _Pass:
        high = str(cursor.get("high", ""))
        is_new = bool(cursor.get("is_over", True))
        keeps = settings["order"] == "oldest" and not settings["since_parameter"]
        return cls(
            settings,
            cursor.get("at") if keeps or not is_new else None,
            high if is_new else str(cursor.get("since", "")),
            high,
            tuple(cursor.get("known", ())),
            tuple(cursor.get("marks", ())),
        )

    @property
    def given(self) -> frozenset[str]:
        return frozenset((*self.known, *self.marks))

    @property
    def newest_first(self) -> bool:
        return self.settings["order"] == "newest" and not self.settings["since_parameter"]

    def cursor(self) -> Cursor:
        return {
            "at": self.at, "since": self.since, "high": self.high, "known": self.known,
            "marks": self.marks, "is_over": self.is_over,
        }  # fmt: skip

    def address(self) -> str:
        """What is asked for."""
        given, paging = self.settings, self.settings["paging"]
        if paging == "next" and self.at is not None:
            return str(self.at)
        asked: dict[str, Place] = {}
        if given["size_parameter"]:
            asked[given["size_parameter"]] = given.number("size")
        if given["since_parameter"] and self.since:
            asked[given["since_parameter"]] = self.since
        if paging in ("page", "offset"):
            asked[given["parameter"]] = self.at if self.at is not None else given.number("first")
        if paging == "cursor" and self.at is not None:
            asked[given["parameter"]] = self.at
        return _with(given["address"], asked)

    def after(self, found: _Answer) -> Place:
        """The page behind; None: there is none."""
        given, number = self.settings, len(found.records)
        is_whole = bool(given["size_parameter"]) and number < given.number("size")
        match given["paging"]:
            case "page":
                at = int(self.at if self.at is not None else given.number("first"))
                return None if is_whole or not number else at + 1
            case "offset":
                at = int(self.at if self.at is not None else given.number("first"))
                return at + number if number else None
            case "next":
                said = _told(found, given["next"])
                return urljoin(found.address, said) if isinstance(said, str) and said else None
            case "cursor":
                said = _told(found, given["next"])
                return said if isinstance(said, str | int) and said != "" else None
        return None

    def noted(self, found: _Answer, *, is_known: bool) -> _Pass:
        """With what a page held.

        Args:
            is_known: all of it was given before.
        """
        onward = self.after(found)
        # A page that names itself as the next one would be asked for for ever.
        is_last = onward is None or onward == self.at
        is_over = is_last or (is_known and self.newest_first)
        high = self.high
        if field := self.settings["since_field"]:
            said = [_at(one, field) for one in found.records]
            high = _highest([high, *(str(one) for one in said if isinstance(one, str | int))])
        marks = tuple(dict.fromkeys((*self.marks, *(_mark(one) for one in found.records))))
        marks = marks[:MOST_SEEN] if self.newest_first else marks[-MOST_SEEN:]
        known = self.known
        if is_over:
            both = (*marks, *known) if self.newest_first else (*known, *marks)
            both = tuple(dict.fromkeys(both))
            known = both[:MOST_SEEN] if self.newest_first else both[-MOST_SEEN:]
            marks = ()
        # The next pass of what grows at its end begins behind the last page, or at it.
        at = self.at if is_last else onward
        return replace(self, at=at, high=high, known=known, marks=marks, is_over=is_over)


def _ask(address: str, settings: Settings) -> _Answer:
    headers = {"accept": "application/json"}
    secret = settings.get("secret", "")
    first, other = urlsplit(settings["address"]), urlsplit(address)
    # A next address may lead anywhere: the secret is for the host that it was given for.
    if secret and (first.scheme, first.netloc) == (other.scheme, other.netloc):
        headers[settings["header"] or "Authorization"] = secret
    reply = outbound.request("GET", address, headers=headers, most_bytes=MOST_BYTES, redirects=3)
    answers.check(reply)
    try:
        body = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem(
            "source.not-json",
            _("What came back is not JSON."),
            _("Look at the address: it may be that of a page, not of an interface."),
        ) from error
    records = within(body, settings["items"])
    if not isinstance(records, list):
        raise Problem(
            "source.no-list",
            _("There is no list at “{path}” in the answer.", path=settings["items"] or "."),
            _("The answer has: {names}.", names=", ".join(_names(body)) or "–"),
        )
    return _Answer(records, body, reply.headers, address)


def _names(body: Any, before: str = "") -> list[str]:
    """The ways to the lists of an answer, and to what is near them."""
    if not isinstance(body, dict):
        return []
    found = []
    for name, one in list(body.items())[:20]:
        found.append(f"{before}{name}")
        if isinstance(one, dict) and not before:
            found += _names(one, f"{name}.")
    return found[:40]


def within(body: Any, path: str) -> Any:
    """What stands at ``a.b.0.c``; None where nothing does."""
    for part in path.split(".") if path else ():
        if isinstance(body, dict):
            body = body.get(part)
        elif isinstance(body, list) and part.isdecimal() and int(part) < len(body):
            body = body[int(part)]
        else:
            return None
    return body


def _at(record: Any, field: str) -> Any:
    if isinstance(record, dict) and field in record:
        return record[field]
    return within(record, field)


def _told(found: _Answer, where: str) -> Any:
    if not where.startswith(LINK):
        return within(found.body, where)
    for part in found.headers.get("link", "").split(","):
        target, *about = part.split(";")
        said = {one.strip().replace('"', "").replace("'", "") for one in about}
        if f"rel={where.removeprefix(LINK)}" in said:
            return target.strip().strip("<>")
    return None


def _with(address: str, asked: Mapping[str, Place]) -> str:
    """The address with these parameters, in the place of those that are called alike."""
    place = urlsplit(address)
    kept = [(n, v) for n, v in parse_qsl(place.query, keep_blank_values=True) if n not in asked]
    query = urlencode([*kept, *((name, str(one)) for name, one in asked.items())])
    return place._replace(query=query, fragment="").geturl()


def _highest(said: Sequence[str]) -> str:
    """The last of times, or the highest of numbers."""
    numbers = [one for one in said if one]
    if numbers and all(one.lstrip("-").isdecimal() for one in numbers):
        return max(numbers, key=int)
    return max(said)


def _mark(record: Any) -> str:
    """What a record says, in a few letters: what was changed is another."""
    said = msgspec.json.encode(record, order="deterministic")
    return hashlib.blake2b(said, digest_size=8).hexdigest()
