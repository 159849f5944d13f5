"""A rule as people write it: what can be, and what is refused with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.collect.widgets import definition, drawing, signing
from zhiyin.kernel.errors import Problem

SITE = {"origins": ["https://shop.example.com"]}


def refused(**parts: Any) -> str:
    with pytest.raises(Problem) as caught:
        definition.read({**SITE, **parts})
    return caught.value.code


def test_an_origin_is_as_browsers_write_it() -> None:
    for given, written in (
        ("https://Shop.Example.com/", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("https://茶.example.com", "https://xn--cl1a.example.com"),
    ):
        assert definition.origin(given) == written
    for wrong in (
        "", "*", "https://*", "https://*.example.com", "shop.example.com", "ftp://a.example",
        "https://a.example/path", "https://a.example?x", "https://u@a.example", "null",
        "https://a.example https://b.example", "https://a.example;script-src *", "https://a:99999",
        "https://[::1]", "https://a.example'",
    ):  # fmt: skip
        with pytest.raises(Problem, match="no origin"):
            definition.origin(wrong)


def test_what_cannot_be_is_refused() -> None:
    assert refused(origins=[]) == "widget.origins"
    assert refused(nothing=1) == "widget.unreadable"
    assert refused(percent="many") == "widget.unreadable"
    assert refused(place="embedded") == "widget.element"
    assert refused(element="#a") == "widget.element"
    assert refused(pages=["checkout"]) == "widget.pages"
    assert refused(pages=["!"]) == "widget.pages"
    assert refused(percent=0) == "widget.number"
    assert refused(after_scroll=101) == "widget.number"
    assert refused(every_days=0) == "widget.number"
    assert refused(z_index=2**31) == "widget.number"
    assert refused(where="properties.a = 1") == "widget.event"
    assert refused(event="X", about_kind="order") == "widget.about"
    assert refused(event="X", where="channel = 'app'") == "widget.where"
    assert refused(event="X", where="not (properties.a = 1 and b = 2)") == "widget.where"
    assert refused(event="X", where="properties.a =").startswith("filter.")


def test_people_write_parts_as_words() -> None:
    given = definition.from_words(
        ["origins=https://a.example, https://b.example", "pages=/a/*，/b", "percent=12.5",
         "on_exit=yes", "after_seconds=", "event=Order Completed",
         "where=properties.note = 'a=b'"]
    )  # fmt: skip
    rule = definition.read(given)
    assert rule.origins == ("https://a.example", "https://b.example")
    assert rule.pages == ("/a/*", "/b")
    assert (rule.percent, rule.on_exit, rule.after_seconds) == (12.5, True, 0)
    assert rule.where == "properties.note = 'a=b'"
    assert definition.read(rule.as_dict()) == rule
    for wrong in ("color=red", "percent=half"):
        with pytest.raises(Problem):
            definition.from_words([wrong])


def test_a_visitor_is_drawn_once_for_a_rule() -> None:
    """The share is met, two seeds draw independently, and the number can be computed by anyone."""
    people = [f"device-{n}" for n in range(20_000)]
    one = [drawing.is_drawn(1, who, 20) for who in people]
    two = [drawing.is_drawn(2, who, 20) for who in people]
    # Six standard errors of 20 % are 0.017, of 4 % 0.0083.
    assert abs(sum(one) / 20_000 - 0.2) < 0.017
    both = sum(a and b for a, b in zip(one, two, strict=True))
    assert abs(both / 20_000 - 0.04) < 0.0083
    # printf '7\x1fwidget\x1fana' | sha256sum begins with 97fe03e81526333b.
    assert drawing.number(7, "ana") == (0x97FE03E81526333B >> 11) / 2**53
    assert all(drawing.is_drawn(1, who, 100) for who in people)
    raised = [drawing.is_drawn(1, who, 40) for who in people]
    assert all(after for before, after in zip(one, raised, strict=True) if before)


def test_a_choice_is_the_servers_own() -> None:
    now = [1_000_000.0]
    signs = signing.Signing(b"secret", clock=lambda: now[0])
    about = {"rule": "main/a/1", "visitor": "d"}
    said = signs.choice(**about, is_chosen=False)
    assert signs.read(said, **about) is False
    assert signs.read(said.replace(".0.", ".1."), **about) is None
    assert signs.read(said, rule="main/a/2", visitor="d") is None
    assert signs.read(said, rule="main/a/1", visitor="e") is None
    assert signing.Signing(b"other", clock=lambda: now[0]).read(said, **about) is None
    for broken in ("", ".", "..", "x.1.y", "é.1.z"):
        assert signs.read(broken, **about) is None
    now[0] += signing.CHOICE_SECONDS + 1
    assert signs.read(said, **about) is None


def test_a_proof_is_of_one_customer_of_one_workspace() -> None:
    key = signing.proof_key(b"secret", "main")
    proof = signing.proof(key, "ana")
    assert signing.is_proven(key, "ana", proof)
    assert not signing.is_proven(key, "ben", proof)
    assert not signing.is_proven(signing.proof_key(b"secret", "other"), "ana", proof)
    assert not signing.is_proven(key, "", signing.proof(key, ""))
    assert not signing.is_proven(key, "ana", "é\ud800")
