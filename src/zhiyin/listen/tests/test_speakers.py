"""Of a conversation only what the customer says is hers."""

from __future__ import annotations

import pytest

from zhiyin.listen import speakers

CALL = (
    "客服：您好，很高兴为您服务。客户：我的退款三周了还没到！客服：非常抱歉，马上处理。 客户：谢谢"
)


def test_the_customers_turns_are_read_and_no_others() -> None:
    assert [CALL[one.start : one.end] for one in speakers.heard(CALL)[0]] == [
        "我的退款三周了还没到！", "谢谢",
    ]  # fmt: skip
    assert speakers.heard(CALL)[1] == "我的退款三周了还没到！\n谢谢"


@pytest.mark.parametrize(
    ("text", "hers"),
    [
        ("Agent: How can I help?\nCustomer: It broke. Twice.\nAgent: Sorry.", ["It broke. Twice."]),
        ("customer: hello. agent: welcome", ["hello."]),
        ("客户：\n客服：你好", []),
        # Nobody else speaks, or no turn begins: all of it is hers.
        ("客服：态度很差", None),
        ("客户：我要退款", None),
        ("我是老用户，客服：差", None),
        ("The agent: rude. The customer: me.", None),
        ("", None),
    ],
)
def test_a_conversation_names_both_sides(text: str, hers: list[str] | None) -> None:
    found = speakers.turns(text)
    told = None if found is None else [text[one.start : one.end].strip() for one in found]
    assert told == hers


def test_a_text_that_is_no_conversation_is_cut_as_it_stands() -> None:
    text = "物流很快，包装也不错。"
    assert [text[one.start : one.end] for one in speakers.heard(text)[0]] == [
        "物流很快，", "包装也不错。",
    ]  # fmt: skip
    assert speakers.heard(f" {text} ")[1] == text
