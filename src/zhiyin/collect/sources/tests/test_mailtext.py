"""Of a mail what its sender wrote, whatever program wrote it down."""

from __future__ import annotations

import base64
from email.header import Header

import pytest

from zhiyin.collect.sources import mailtext


def mail(body: bytes, content_type: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    given = {
        "From": "Wei <Wei@Example.com>", "Subject": "Re: x", "Message-ID": "<1@example.com>",
        "Date": "Mon, 02 Nov 2026 08:00:00 +0800", "Content-Type": content_type, **headers,
    }  # fmt: skip
    head = "".join(f"{name.replace('_', '-')}: {said}\r\n" for name, said in given.items())
    return head.encode() + b"\r\n" + body


@pytest.mark.parametrize("told", ["gb2312", "GBK", "gb18030"])
def test_chinese_of_every_age_is_read(told: str) -> None:
    """Characters that GB2312 lacks come in mails that call themselves GB2312."""
    text = "朱镕基的“𠮷”字，退款太慢"
    raw = base64.b64encode(text.encode("gb18030"))
    subject = Header("投诉", "gb2312").encode()
    found = mailtext.read(
        mail(
            raw, f"text/plain; charset={told}", Content_Transfer_Encoding="base64", Subject=subject
        )
    )
    assert found.text == f"投诉\n{text}"
    assert (found.sender, found.sender_name, found.id) == (
        "wei@example.com",
        "Wei",
        "1@example.com",
    )
    assert found.at is not None
    assert found.at.isoformat() == "2026-11-02T08:00:00+08:00"


@pytest.mark.parametrize(
    "below",
    [
        "> you wrote\n> this",
        "On Mon, 2 Nov 2026 at 08:00, Shop <a@example.com> wrote:\n> old",
        "On Mon, 2 Nov 2026 at 08:00, Shop and all\n<a@example.com> wrote:\nold",
        "在 2026年11月2日，客服 写道：\n旧内容",
        "------------------ 原始邮件 ------------------\n发件人: a",
        "-----Original Message-----\nFrom: a",
        "From: Shop <a@example.com>\nSent: Monday\nTo: b\nSubject: c\n\nold",
        "发件人：客服\n发送时间：2026年11月2日\n收件人：b\n主题：c\n\n旧内容",
        "________________________________\nFrom: x",
        "-- \nWei\n+86 13800138000",
        "发自我的iPhone",
        "Sent from my iPhone",
    ],
)
def test_history_and_signatures_are_cut_off(below: str) -> None:
    found = mailtext.read(mail(f"It never came.\n\n我很失望。\n\n{below}\n".encode()))
    assert found.text == "It never came.\n\n我很失望。"


def test_where_nothing_else_stands_the_whole_is_kept() -> None:
    assert mailtext.read(mail(b"-----Original Message-----\nIt broke.")).text.endswith("It broke.")
    assert mailtext.read(mail(b"", Subject="Please call me")).text == "Please call me"
    assert mailtext.read(mail(b"", Subject="Re: Please call me")).text == "Please call me"


def test_words_that_look_like_history_in_the_middle_of_a_sentence_stay() -> None:
    said = "He wrote: we will not pay.\nFrom: the airport I took a taxi.\n客服写道歉信也没用。"
    assert mailtext.read(mail(said.encode())).text == said


def test_html_alone_and_parts_are_read_and_what_is_attached_is_not() -> None:
    html = b"<style>p{}</style><p>It <b>broke</b>.</p><p>Twice&nbsp;&lt;3</p><script>x()</script>"
    assert mailtext.read(mail(html, "text/html; charset=utf-8")).text == "It broke.\nTwice <3" or (
        mailtext.read(mail(html, "text/html; charset=utf-8")).text == "It broke.\n\nTwice <3"
    )
    both = (
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>Other</p>\r\n"
        b"--b\r\nContent-Type: text/plain; name=a.txt\r\n"
        b"Content-Disposition: attachment; filename=a.txt\r\n\r\nattached\r\n--b--\r\n"
    )
    assert mailtext.read(mail(both, "multipart/mixed; boundary=b")).text == "Hello"


def test_what_programs_wrote_is_told_apart() -> None:
    assert mailtext.read(mail(b"away", Auto_Submitted="auto-replied")).is_automatic
    assert mailtext.read(mail(b"--b--", "multipart/report; boundary=b")).is_automatic
    assert not mailtext.read(mail(b"here", Auto_Submitted="no")).is_automatic


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"From: =?x?b?!?=\r\nDate: no\r\nSubject: \xff\r\n\r\n\xff",
     b"Content-Type: text/plain; charset=nobody\r\n\r\n\xe6\x82\xa8",
     b"Content-Type: multipart/mixed\r\n\r\nno boundary"],
)  # fmt: skip
def test_broken_mails_are_never_fatal(raw: bytes) -> None:
    assert isinstance(mailtext.read(raw).text, str)
