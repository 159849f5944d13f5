"""Feeds as they are written, safely."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.collect.sources import feed
from zhiyin.kernel.errors import Problem

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Site</title><author><name>Site</name></author>
<entry><id>tag:1</id><title type="html">&lt;b&gt;Late&lt;/b&gt;</title>
<updated>2026-11-02T08:00:00Z</updated><published>2026-11-01T08:00:00+08:00</published>
<author><name>Ana</name></author><link rel="self" href="/self"/><link href="https://example.com/1"/>
<category term="shop"/><category term="x" label="delivery"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>等了<b>三</b>天</p></div></content>
</entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<item rdf:about="https://example.com/2"><title>Two</title><link>https://example.com/2</link>
<description>Second</description><dc:creator>Bo</dc:creator><dc:date>2026-11-02</dc:date></item>
</rdf:RDF>"""


def test_atom() -> None:
    (entry,) = feed.read(ATOM.encode())
    assert entry == {
        "id": "tag:1", "at": "2026-11-01T08:00:00+08:00", "title": "Late", "body": "等了三天",
        "text": "Late\n等了三天", "author": "Ana", "link": "https://example.com/1",
        "categories": "shop, delivery",
    }  # fmt: skip


def test_rdf() -> None:
    (entry,) = feed.read(RDF.encode())
    assert (entry["id"], entry["author"]) == ("https://example.com/2", "Bo")
    assert entry["at"] == "2026-11-02T00:00:00+00:00"


@pytest.mark.parametrize("told", ["gb2312", "GBK"])
def test_chinese_encodings(told: str) -> None:
    item = "<item><guid>1</guid><title>镕𠮷</title></item>"
    said = f"<?xml version='1.0' encoding='{told}'?><rss><channel>{item}</channel></rss>"
    (entry,) = feed.read(said.encode("gb18030"))
    assert entry["title"] == "镕𠮷"


def test_a_feed_that_is_broken_gives_what_can_be_read() -> None:
    said = (
        "<rss><channel><item><guid>1</guid><title>A & B</title></item><item><guid>2</guid><title>C"
    )
    assert [entry["id"] for entry in feed.read(said.encode())] == ["1", "2"]


def test_entities_are_neither_defined_nor_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden")
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for said in (
        f'<!DOCTYPE rss [<!ENTITY l0 "lol">{lol}]>'
        "<rss><channel><item><title>&l9;</title></item></channel></rss>",
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
        "<rss><channel><item><guid>1</guid><title>a&x;</title></item></channel></rss>",
    ):
        for entry in feed.read(said.encode()):
            assert "hidden" not in str(entry)
            assert len(str(entry)) < 10_000


@pytest.mark.parametrize("body", [b"", b"<html><body>no</body></html>", b"{}", b"\xff\xfe\x00"])
def test_what_is_no_feed_is_said(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        feed.read(body)
    assert caught.value.code == "source.no-feed"
