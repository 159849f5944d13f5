"""Equal e-mail addresses, telephone numbers and names are found equal; others never."""

from __future__ import annotations

import pytest

from zhiyin.unify import normal

pytestmark = pytest.mark.any_store


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  Wang.Wei@Example.COM ", "wang.wei@example.com"),
        ("ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "wang@example.com"),
        ("<mailto:li@example.com>", None),
        ("mailto:li@example.com", "li@example.com"),
        ("info@example.com", None),
        ("Kefu@example.cn", None),
        ("no-reply+7@example.com", None),
        ("information@example.com", "information@example.com"),
        ("nobody", None),
        ("a b@example.com", None),
        ("two@at@example.com", None),
        ("", None),
        ("w.w+shop@gmail.com", "w.w+shop@gmail.com"),
    ],
)
def test_addresses(written: str, read: str | None) -> None:
    assert normal.email(written) == read


def test_dots_and_suffixes_of_gmail_are_one_only_where_the_workspace_says_so() -> None:
    for written in ("w.w+shop@gmail.com", "ww@googlemail.com", "W.W@gmail.com"):
        assert normal.email(written, gmail_dots=True) == "ww@gmail.com"
    assert normal.email("w.w+shop@example.com", gmail_dots=True) == "w.w+shop@example.com"


@pytest.mark.parametrize(
    ("written", "country", "read"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("+86 138-0013-8000", "CN", "+8613800138000"),
        ("008613800138000", "CN", "+8613800138000"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("13800138000 转 12", "CN", "+8613800138000"),
        ("(0571) 8765 4321", "CN", "+8657187654321"),
        ("+44 (0)20 7946 0123", "CN", "+442079460123"),
        ("020 7946 0123 ext 9", "GB", "+442079460123"),
        ("+86 13800138000", "GB", "+8613800138000"),
        ("13800138000", "GB", None),
        ("00000000000", "CN", None),
        ("1380013", "CN", None),
        ("unknown", "CN", None),
    ],
)
def test_telephone_numbers(written: str, country: str, read: str | None) -> None:
    found = normal.phone(written, country=country)
    assert found == read or (read is None and found != "+8613800138000")


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Wang Wei", "WEI, WANG", True),
        ("Mr. John Smith", "Jonh Smith", True),
        ("J. Smith", "John Smith", True),
        ("José García", "Jose Garcia", True),
        ("王伟", "王　伟", True),
        ("王伟", "王芳", False),
        ("John Smith", "Mary Smith", False),
        ("Smith", "John Smith", False),
        ("Jean Martin", "Jean Dupont", False),
        ("", "John Smith", None),
        ("!!", "John Smith", None),
    ],
)
def test_names_agree_by_all_their_parts(one: str, other: str, agree: bool | None) -> None:
    """A family shares its name: a program that looked for one shared part would merge it."""
    assert normal.names_agree(one, other) is agree
    assert normal.names_agree(other, one) is agree
