"""All that the pages do, a program does: the table of docs/api-pages.md, held against both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern

from zhiyin.api.reference import operations
from zhiyin.web import urls

TABLE = Path(__file__).resolve().parents[4] / "docs" / "api-pages.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| (.+) \|$", re.MULTILINE)
WHY_NONE = re.compile(r"none: \w.{20,}")
BESIDE = "## Beside the pages"


def rows(text: str) -> Iterator[tuple[str, str]]:
    for found in ROW.finditer(text):
        yield found[1], found[2]


def named(said: str) -> set[str]:
    """The operations that a cell names."""
    return set(re.findall(r"`([^`]+)`", said))


def of_pages() -> list[tuple[str, str]]:
    return list(rows(TABLE.read_text("utf-8").partition(BESIDE)[0]))


def test_every_page_has_its_operations_or_the_reason_why_there_is_none() -> None:
    """Would catch a new page that programs cannot do, and a row whose page or operation is gone."""
    pages = [one.name for one in urls.urlpatterns if isinstance(one, URLPattern)]
    listed = [name for name, _said in of_pages()]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(pages)
    known = {one.name for _tag, one in operations()}
    for page, said in of_pages():
        assert named(said) <= known, (page, named(said) - known)
        assert named(said) or WHY_NONE.fullmatch(said), (page, said)


def test_every_operation_is_on_the_page() -> None:
    text = TABLE.read_text("utf-8")
    assert {one.name for _tag, one in operations()} == {
        name for _page, said in rows(text) for name in named(said)
    }
