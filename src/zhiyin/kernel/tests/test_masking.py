"""Masking: values, JSON, and personal data found in what customers write."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.kernel import masking


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("13812342071", "138****2071"),
        ("+86 138-1234-2071", "861****2071"),
        ("5550134", "5****"),
        ("1990-04-01", "19****01"),
        ("ann.lee@example.com", "a****@example.com"),
        ("a@example.com", "****@example.com"),
        ("欧阳安", "欧****"),
        ("QC10003000", "QC****00"),
        ("x", "****"),
    ],
)
def test_a_value_keeps_too_little_to_reach_anybody(value: str, masked: str) -> None:
    assert masking.masked(value) == masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打13812342071给我", "请打138****2071给我"),
        ("我的手机是 138 1234 2071，谢谢", "我的手机是 138****2071，谢谢"),
        ("１３８１２３４２０７１ 是我的号码", "１３８****２０７１ 是我的号码"),
        ("13812342071 2026年再打", "138****2071 2026年再打"),
        ("2026-01-31 13812342071", "2026-01-31 138****2071"),
        ("家里电话0571-88881234", "家里电话057****1234"),
        ("座机 8888 1234", "座机 88****34"),
        ("写信到ann.lee@example.com或bea@例子", "写信到a****@example.com或bea@例子"),
        ("call me on +44 20 7946 0958 please", "call me on 442****0958 please"),
        ("Ring (212) 555-0134.", "Ring (21****34."),
        ("my number is 07700 900123", "my number is 077****0123"),
        ("My phone: 555-0134", "My phone: 5****"),
        ("身份证11010519491231002X丢了", "身份证11****2X丢了"),
        ("号码 110105 19491231 002X", "号码 11****2X"),
        ("护照 E12345678 过期", "护照 E1****78 过期"),
        ("passport no. E12345678", "passport no. E1****78"),
        ("card 4111 1111 1111 1111 was charged", "card 411****1111 was charged"),
        ("6222 0212 3456 7890 128", "622****0128"),
        ("4111 1111 1111 1111 12 times", "411****1111 12 times"),
        ("车牌沪A·12345被刮了", "车牌沪****被刮了"),
        ("停车场里粤B D12345 的车", "停车场里粤B****45 的车"),
        ("京AF0236挡住了门", "京****挡住了门"),
        ("苏E1234学一直堵着", "苏****一直堵着"),
    ],
)
def test_personal_data_is_found_in_words(text: str, shown: str) -> None:
    assert masking.in_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "等了三周，2026-01-31 才到，花了 1,299.00 元",
        "waited from 2025-2026, flight MU5137, seat 32A, gate 117",
        "订单 2026013112345678 没有到",
        "客服电话 400-810-1234 打不通",
        "order 4111111111111112 failed",
        "编号 110105194912310021",
        "10:30 to 18:45 on 31.12.2026",
        "电话 2026-01-31 打过",
        "We flew a 737-800 twice, 9 out of 10",
        "京A级酒店，川ABCDEF，新款T800不错，云南K1234次",
        "",
    ],
)
def test_what_is_nobodys_stays_readable(text: str) -> None:
    """Would catch a rule that hides every long number: dates, orders, hot lines, wrong checks."""
    assert masking.in_text(text) == text


def test_each_place_says_what_it_is() -> None:
    text = "a@b.cn 13812342071 11010519491231002X 4111111111111111 沪A12345"
    kinds = ["mail", "telephone", "paper", "card", "plate"]
    assert [one.kind for one in masking.find(text)] == kinds
    assert [text[one.start : one.end] for one in masking.find(text)] == text.split()


# The two examples of GB 11643-1999; then a wrong check digit, a wrong month, a wrong first digit.
@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("11010519491231002X", True),
        ("440524188001010014", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("01010519491231002X", False),
    ],
)
def test_a_chinese_identity_number_has_a_date_and_a_check_digit(text: str, is_one: bool) -> None:
    assert masking.is_identity_number(text) == is_one


# Test numbers that the schemes publish: Visa, Mastercard (two series), American Express.
@pytest.mark.parametrize(
    "digits", ["4111111111111111", "5555555555554444", "2223003122003222", "378282246310005"]
)
def test_a_card_number_has_a_check_digit(digits: str) -> None:
    """Would catch a check that doubles from the wrong end: one of the four has 15 digits."""
    assert masking.is_card_number(digits)
    for place, sign in enumerate(digits[2:], 2):
        changed = digits[:place] + str((int(sign) + 1) % 10) + digits[place + 1 :]
        assert not masking.is_card_number(changed)


@given(st.text(string.printable + "电话我的０１＠", max_size=80))
def test_only_what_is_found_changes(text: str) -> None:
    places = masking.find(text)
    ends = [0, *(edge for one in places for edge in (one.start, one.end)), len(text)]
    assert ends == sorted(ends)
    shown = masking.in_text(text)
    kept = [text[a:b] for a, b in zip(ends[::2], ends[1::2], strict=True)]
    assert shown.startswith(kept[0])
    assert shown.endswith(kept[-1])
    assert shown.count(masking.HIDDEN) >= len(places)


@given(
    st.text("我的电话是 call me，", max_size=12),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.text("，谢谢 thanks", max_size=12),
)
def test_a_mobile_is_found_whatever_stands_around_it(before: str, mobile: str, after: str) -> None:
    assert mobile not in masking.in_text(before + mobile + after)


def test_json_keeps_names_and_short_values() -> None:
    held: dict[str, Any] = {
        "phone": 13812342071,
        "total": 59.5,
        "is_new": True,
        "trip": {"from": "HGH", "bags": [1, "red suitcase"]},
        "coupon": None,
    }
    assert json.loads(masking.in_json(json.dumps(held))) == {
        "phone": "138****2071",
        "total": 59.5,
        "is_new": True,
        "trip": {"from": "H****", "bags": [1, "re****se"]},
        "coupon": None,
    }
    assert masking.in_json("ann@example.com, no JSON") == "a****@example.com, no JSON"
    assert masking.in_json(None) == ""
