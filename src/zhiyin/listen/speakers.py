"""Who speaks in a text that is a conversation: only the customer's own words are hers.

A call or a chat that was written down names its speakers before what they say. What our own
people say in it (您好，很高兴为您服务) is no praise by a customer.
"""

from __future__ import annotations

import re

from zhiyin.listen.clauses import Span, split

_OURS = (
    "人工客服|智能客服|在线客服|客服|坐席|座席|机器人|顾问|专员|店员|柜员|工作人员|乘务员|"
    "agent|advisor|adviser|representative|rep|operator|staff|assistant|bot|support"
)
_HERS = "客户|用户|顾客|旅客|乘客|买家|来电人|customer|client|caller|user|guest|passenger|buyer"
_LABEL = re.compile(
    # Where a turn begins: at the start, on a new line, or after the end of a sentence.
    r"(?:^|(?<=[\n。！？!?；;…])|(?<=[.。！？!?；;…]\s))"
    rf"(?:(?P<ours>{_OURS})|(?P<hers>{_HERS}))\s*[:：]\s*",
    re.IGNORECASE,
)


def turns(text: str) -> list[Span] | None:
    """What the customer says, turn by turn; None where the text is no conversation, and all hers.

    A conversation names both sides.
    """
    labels = list(_LABEL.finditer(text))
    if not any(one["ours"] for one in labels) or not any(one["hers"] for one in labels):
        return None
    ends = [*(one.start() for one in labels[1:]), len(text)]
    return [
        Span(one.end(), end)
        for one, end in zip(labels, ends, strict=True)
        if one["hers"] and text[one.end() : end].strip()
    ]


def heard(text: str) -> tuple[list[Span], str]:
    """The customer's clauses in their order, and all that she says as one text."""
    found = turns(text)
    if found is None:
        return split(text), text.strip()
    spans = [
        Span(turn.start + one.start, turn.start + one.end)
        for turn in found
        for one in split(text[turn.start : turn.end])
    ]
    return spans, "\n".join(text[turn.start : turn.end].strip() for turn in found)
