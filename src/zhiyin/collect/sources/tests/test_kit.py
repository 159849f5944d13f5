"""Our own sources against the kit that every writer of a source runs."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from zhiyin.collect.sources import actions, mailbox
from zhiyin.collect.sources.feed import Feed
from zhiyin.collect.sources.mailbox import Mailbox
from zhiyin.collect.sources.rest import Rest
from zhiyin.collect.sources.testkit import SourceTests
from zhiyin.collect.sources.tests import servers
from zhiyin.collect.sources.tests.servers import Answer, MailServer, Web, as_json
from zhiyin.kernel import outbound

TEXTS = [f"It took {n} days. 等了 {n} 天。" for n in range(25)]


class FeedWorld:
    """A feed of RSS 2.0 with what was published last on top."""

    mapping, pages, host = "", 1, "localhost"

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.size = 0

    def serve(self, web: Web) -> None:
        self.settings = {"address": web.at("/feed.xml")}

    def answer(self, _path: str, _asked: dict[str, str], _headers: dict[str, str]) -> Answer:
        body = "<rss version='2.0'><channel><title>Shop</title>" + "".join(reversed(self.entries))
        return 200, {}, (body + "</channel></rss>").encode() + b" " * self.size

    def fill(self) -> list[str]:
        for text in TEXTS:
            self.add(text)
        return TEXTS

    def add(self, text: str) -> None:
        n = len(self.entries)
        at = f"Mon, 02 Nov 2026 {n // 60 + 8:02}:{n % 60:02}:00 +0800"
        self.entries.append(
            f"<item><guid>g{n}</guid><pubDate>{at}</pubDate>"
            f"<description>{escape(text)}</description></item>"
        )

    def add_bad(self) -> None:
        self.entries.append("<item><guid>bad</guid><pubDate>Mon, 02 Nov 2026</pubDate></item>")

    def grow(self) -> None:
        self.size = 11_000_000


class TestFeed(SourceTests):
    source = Feed()

    @pytest.fixture
    def world(self) -> Iterator[FeedWorld]:
        made = FeedWorld()
        with servers.serving(made.answer) as web:
            made.serve(web)
            yield made


class RestWorld:
    """An interface of tickets, by one of the ways of paging; a secret is asked for."""

    host = "localhost"
    mapping = "id: key\nat: made.at\ntext: body\nchannel: channel\ncustomer: {column: author.id}\n"
    SECRET = "Bearer s3cr3t-of-the-desk"
    SIZE = 10

    def __init__(self, paging: str, order: str) -> None:
        self.paging, self.order = paging, order
        self.records: list[dict[str, Any]] = []
        self.padding = 0
        self.has_since = order == "since"
        self.pages = 3

    def serve(self, web: Web) -> None:
        self.web = web
        self.settings = {
            "address": web.at("/v1/tickets?shop=7"),
            "secret": self.SECRET,
            "items": "data.items",
            "paging": self.paging,
            "parameter": {"next": "", "page": "page", "offset": "offset"}.get(
                self.paging, "cursor"
            ),
            "first": "0" if self.paging == "offset" else "1",
            "next": {"next": "paging.next", "cursor": "paging.cursor"}.get(self.paging, ""),
            "size_parameter": "limit",
            "size": str(self.SIZE),
            "order": "oldest" if self.order == "oldest" else "newest",
            "since_parameter": "since" if self.has_since else "",
            "since_field": "made.at" if self.has_since else "",
        }
        if self.paging == "offset":
            self.pages = 4  # that nothing is behind the last one is seen when it is asked for
        if self.paging == "link":
            self.settings |= {"paging": "next", "next": "link:next", "parameter": ""}

    def answer(self, path: str, asked: dict[str, str], headers: dict[str, str]) -> Answer:
        assert path == "/v1/tickets"
        assert asked["shop"] == "7"
        if headers.get("authorization") != self.SECRET:
            return 401, {}, b"{}"
        found = [
            one
            for one in self.records
            if one.get("made", {}).get("at", "9") >= asked.get("since", "")
        ]
        if self.order == "newest":
            found = found[::-1]
        size = int(asked["limit"])
        first = {
            "page": (int(asked.get("page", 1)) - 1) * size,
            "offset": int(asked.get("offset", 0)),
        }.get(self.paging, int(asked.get("cursor", 0)))
        part, behind = found[first : first + size], first + size
        paging: dict[str, Any] = {"total": len(found), "padding": "." * self.padding}
        given = {}
        if behind < len(found):
            onward = self.web.at(f"/v1/tickets?shop=7&limit={size}&cursor={behind}")
            paging |= {"next": onward, "cursor": behind}
            given["link"] = f'<{onward}>; rel="next", <x>; rel=last'
        return as_json({"data": {"items": part}, "paging": paging}, given)

    def fill(self) -> list[str]:
        for text in TEXTS:
            self.add(text)
        return TEXTS

    def add(self, text: str) -> None:
        n = len(self.records)
        self.records.append(
            {
                "key": f"T-{n}", "made": {"at": f"2026-11-02T{n // 60:02}:{n % 60:02}:00Z"},
                "body": text, "author": {"id": f"c{n % 3}"}, "channel": "ticket",
            }
        )  # fmt: skip

    def add_bad(self) -> None:
        self.records.append({"key": "T-bad", "made": {"at": "2026-11-02T23:00:00Z"}, "body": ""})

    def grow(self) -> None:
        self.padding = 21_000_000


@pytest.fixture(
    params=[("page", "newest"), ("offset", "oldest"), ("cursor", "since")], ids="-".join
)  # fmt: skip
def rest_world(request: pytest.FixtureRequest, trusted: Path) -> Iterator[RestWorld]:
    made = RestWorld(*request.param)
    with servers.serving(made.answer, trusted) as web:
        made.serve(web)
        yield made


class TestRest(SourceTests):
    source = Rest()

    @pytest.fixture
    def world(self, rest_world: RestWorld) -> RestWorld:
        return rest_world


class MailWorld:
    """A mailbox on a real server."""

    mapping, pages, host = "", 3, "localhost"

    def __init__(self, server: MailServer, *, has_tls: bool) -> None:
        self.server = server
        self.settings = {
            "host": "localhost",
            "port": str(server.tls_port if has_tls else server.port),
            "encryption": "tls" if has_tls else "starttls",
            "user": server.USER,
            "password": server.PASSWORD,
        }
        self.number = 0

    def mail(self, text: str) -> bytes:
        self.number += 1
        message = EmailMessage()
        message["From"] = f"Wei <c{self.number % 3}@example.com>"
        message["To"] = self.server.USER
        message["Date"] = f"Mon, 02 Nov 2026 08:{self.number:02}:00 +0800"
        message["Message-ID"] = f"<m{self.number}@example.com>"
        message["Subject"] = "Re: order"
        message.set_content(text)
        return message.as_bytes()

    def fill(self) -> list[str]:
        self.server.put(*(self.mail(text) for text in TEXTS))
        return TEXTS

    def add(self, text: str) -> None:
        self.server.put(self.mail(text))

    def add_bad(self) -> None:
        self.server.put(b"From: a@example.com\r\nMessage-ID: <bad@example.com>\r\n\r\n\r\n")

    def grow(self) -> None:
        self.server.put(self.mail("long " * 1_000_000))


class TestMailbox(SourceTests):
    source = Mailbox()

    @pytest.fixture
    def world(self, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailWorld:
        monkeypatch.setattr(mailbox, "AT_ONCE", 10)
        return MailWorld(mail, has_tls=False)


def test_a_mailbox_is_read_over_tls_from_the_start_and_stays_as_it_is(
    mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outbound.ALLOW, "localhost")
    world = MailWorld(mail, has_tls=True)
    world.fill()
    settings = actions.settings_for(Mailbox(), world.settings)
    (page,) = Mailbox().fetch({}, settings)
    assert [record["text"] for record in page.records] == TEXTS
    assert page.records[0]["from"] == "c1@example.com"
    flags = mail.flags()
    assert len(flags) == len(TEXTS)
    assert not any(b"Seen" in one for one in flags)


@pytest.mark.parametrize(
    "asked",
    [
        ("page", "oldest"), ("offset", "newest"), ("next", "newest"), ("link", "newest"),
        ("cursor", "oldest"), ("cursor", "newest"), ("next", "since"),
    ],
    ids="-".join,
)  # fmt: skip
def test_each_way_of_paging_gives_all_and_then_what_is_new(
    asked: tuple[str, str], trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outbound.ALLOW, "localhost")
    world = RestWorld(*asked)
    with servers.serving(world.answer, trusted) as web:
        world.serve(web)
        world.fill()
        settings = actions.settings_for(Rest(), world.settings)
        Rest().check(settings)
        pages = list(Rest().fetch({}, settings))
        told = [record["body"] for page in pages for record in page.records]
        assert sorted(told) == sorted(TEXTS)
        before = len(web.seen)
        world.add("One more")
        again = list(Rest().fetch(pages[-1].cursor, settings))
        assert [record["body"] for page in again for record in page.records] == ["One more"]
        # What is known is not walked through once more.
        assert len(web.seen) - before <= 2
        # From the middle of a pass it goes on, and does not begin anew.
        behind = list(Rest().fetch(pages[0].cursor, settings))
        assert len(behind) < len(pages) + 1
