"""A feed, RSS or Atom: posts, articles and reviews that a site publishes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

from zhiyin.collect.sources import answers, plain
from zhiyin.collect.sources.source import Cursor, Field, Page, Settings
from zhiyin.kernel import clock, outbound
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_BYTES = 10_000_000
MOST_SEEN = 2_000
"""So many entries are known again without asking the log; a feed shows some dozens."""
REDIRECTS = 5
_FIRST_DATES = ("published", "pubDate", "date", "issued", "updated", "modified")
_TEXTS = ("encoded", "content", "description", "summary")
_ENTRIES = ("item", "entry")


class Feed:
    """RSS 0.9 to 2.0, RSS 1.0 (RDF) and Atom."""

    kind = "feed"
    label = _("Feed (RSS, Atom)")
    says = _("Posts, news and reviews that a site publishes as a feed.")
    fields: tuple[Field, ...] = (
        Field(
            "address",
            _("Address of the feed"),
            _("Where the feed is, such as https://example.com/reviews.rss."),
            "address",
            is_needed=True,
        ),
    )

    def mapping(self, settings: Settings) -> dict[str, Any]:
        """Author and link stay beside the text; who wrote it is known by name only."""
        return {"id": "id", "at": "at", "text": "text"}

    def check(self, settings: Settings) -> None:
        """There is nothing that could not fit."""

    def fetch(self, cursor: Cursor, settings: Settings) -> Iterator[Page]:
        """One page: the entries that are new or were changed since."""
        asked = {"accept": "application/atom+xml, application/rss+xml, application/xml, */*;q=0.5"}
        for header, name in (("if-none-match", "etag"), ("if-modified-since", "modified")):
            if cursor.get(name):
                asked[header] = str(cursor[name])
        reply = outbound.request(
            "GET", settings["address"], headers=asked, most_bytes=MOST_BYTES, redirects=REDIRECTS
        )
        if reply.status == 304:
            return
        answers.check(reply)
        entries = read(reply.body, reply.headers.get("content-type", ""))
        seen: list[str] = list(cursor.get("seen", ()))
        known = set(seen)
        fresh = [(entry, mark) for entry in entries if (mark := _mark(entry)) not in known]
        yield Page(
            # The oldest first: what is said of the same thing twice is in its order.
            [entry for entry, _mark_of in reversed(fresh)],
            {
                "etag": reply.headers.get("etag", ""),
                "modified": reply.headers.get("last-modified", ""),
                "seen": [*seen, *(mark for _entry, mark in fresh)][-MOST_SEEN:],
            },
        )


def read(body: bytes, content_type: str = "") -> list[dict[str, Any]]:
    """The entries of a feed, as it has them.

    Raises:
        Problem: ``source.no-feed``.
    """
    root = _parsed(body, content_type)
    if root is None or not isinstance(root.tag, str):
        raise _no_feed()
    if _name(root).lower() not in ("rss", "feed", "rdf"):
        raise _no_feed()
    found = [one for one in root.iter() if isinstance(one.tag, str) and _name(one) in _ENTRIES]
    return [_entry(one) for one in found]


def _parsed(body: bytes, content_type: str) -> Any:
    # Entities are neither defined nor followed, and nothing is loaded from anywhere.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        recover=True, huge_tree=False, remove_comments=True, remove_pis=True,
        encoding=answers.charset(content_type, body),
    )  # fmt: skip
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


def _no_feed() -> Problem:
    return Problem(
        "source.no-feed",
        _("What is at this address is no feed."),
        _("Look for a link “RSS” or “Atom” on the site, and give its address."),
    )


def _entry(one: Any) -> dict[str, Any]:
    parts: dict[str, list[Any]] = {}
    for child in one:
        if isinstance(child.tag, str):
            parts.setdefault(_name(child), []).append(child)
    title = _text(parts.get("title", ()))
    body = next((said for name in _TEXTS if (said := _text(parts.get(name, ())))), "")
    link = _link(parts.get("link", ()))
    at = next((when for name in _FIRST_DATES if (when := _when(parts.get(name, ())))), None)
    id = _text(parts.get("guid", ())) or _text(parts.get("id", ())) or link
    return {
        "id": id or hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()[:32],
        # A feed without dates tells what is new, so it is of now.
        "at": at or clock.now().isoformat() + "Z",
        "title": title,
        "body": body,
        "text": body if not title or body.startswith(title) else f"{title}\n{body}".strip(),
        "author": _author(parts),
        "link": link,
        "categories": ", ".join(_categories(parts.get("category", ()))),
    }


def _name(one: Any) -> str:
    return str(etree.QName(one).localname)


def _text(found: Sequence[Any]) -> str:
    for one in found:
        if one.get("type") == "xhtml":
            said = etree.tostring(one, encoding="unicode", method="html", with_tail=False)
        else:
            said = "".join(one.itertext())
        if plain.has_markup(said):
            said = plain.words(said)
        if said := plain.tidy(said):
            return said
    return ""


def _link(found: Sequence[Any]) -> str:
    for one in found:
        if one.get("href") and one.get("rel", "alternate") == "alternate":
            return str(one.get("href")).strip()
        if (one.text or "").strip():
            return str(one.text).strip()
    return ""


def _author(parts: dict[str, list[Any]]) -> str:
    for one in parts.get("author", ()):
        for child in one:
            if isinstance(child.tag, str) and _name(child) == "name":
                return plain.tidy(child.text or "")
    return _text(parts.get("creator", ())) or _text(parts.get("author", ()))


def _categories(found: Sequence[Any]) -> list[str]:
    said = [one.get("label") or one.get("term") or (one.text or "") for one in found]
    return [word for one in said if (word := plain.tidy(one))]


def _when(found: Sequence[Any]) -> str | None:
    """A date of RSS (RFC 822) or Atom (RFC 3339), as the latter; None where it is neither."""
    for one in found:
        said = "".join(one.itertext()).strip()
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            try:
                at = datetime.fromisoformat(said)
            except ValueError:
                continue
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    return None


def _mark(entry: dict[str, Any]) -> str:
    """What an entry says, in a few letters: what was changed is another."""
    said = "\x1f".join(str(entry[name]) for name in ("id", "text", "author"))
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()
