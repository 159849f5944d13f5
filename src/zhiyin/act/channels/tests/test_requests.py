"""What each channel is sent, to the byte: recorded requests, and signatures by a second program.

Wrong programs that this catches: DingTalk's key at Feishu, or the other way round; a signature that
is not percent-encoded; milliseconds where seconds are wanted; a customer's <@all> that rings.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from zhiyin.act.channels import dingtalk, feishu, slack, webhooks, wecom
from zhiyin.act.channels.kinds import KINDS
from zhiyin.act.channels.message import Message, Place, Request, cut
from zhiyin.act.channels.tests.desks import HOOK_SECRET, ROBOT_SECRET
from zhiyin.kernel import clock
from zhiyin.kernel.outbound import Reply

RECORDED = Path(__file__).parent / "recorded"
AT = datetime(2026, 11, 28, 1, 2, 3, 456_000)
SAID = Message(
    id="msg_5a1e8f0c",
    kind="alert.fired",
    at="2026-11-28T01:02:00Z",
    title="愤怒的原声：退款",
    lines=("“等了三周<@all>还没退钱 *急*”", "触点：退款 · 渠道：app"),
    link="https://cx.example.com/main/alerts/7/",
    link_text="查看预警",
    data={"workspace": "main", "alerts": [7]},
)
PLACES = {
    "wecom": Place("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"),
    "dingtalk": Place("https://oapi.dingtalk.com/robot/send?access_token=t", ROBOT_SECRET),
    "feishu": Place("https://open.feishu.cn/open-apis/bot/v2/hook/x", ROBOT_SECRET),
    "slack": Place("https://hooks.slack.com/services/T/B/X"),
    "webhook": Place("https://cx.example.com/hook", HOOK_SECRET),
}


def written(request: Request) -> str:
    """A request as it is recorded."""
    headers = "".join(f"{name}: {value}\n" for name, value in sorted(request.headers.items()))
    body = json.dumps(json.loads(request.body), ensure_ascii=False, indent=1)
    return f"POST {request.url}\n{headers}\n{body}\n"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_recorded_request_is_what_is_sent(kind: str) -> None:
    request = KINDS[kind].request(SAID, PLACES[kind], AT)  # type: ignore[index]
    assert written(request) == (RECORDED / f"{kind}.txt").read_text("utf-8")


@pytest.mark.skipif(not shutil.which("openssl"), reason="the second program is not here")
def test_signatures_are_those_of_a_second_program() -> None:
    """``openssl dgst -sha256 -hmac KEY``, as the vendors' shell examples have it."""

    def signed(key: str, what: str) -> str:
        asked = [
            "openssl",
            "dgst",
            "-sha256",
            "-mac",
            "HMAC",
            "-macopt",
            f"hexkey:{key.encode().hex()}",
        ]
        done = subprocess.run(
            [*asked, "-binary"], input=what.encode(), capture_output=True, check=True
        )
        return b64encode(done.stdout).decode()

    assert dingtalk.signature("s", "1577262236757") == signed("s", "1577262236757\ns")
    assert feishu.signature("s", "1599360473") == signed("1599360473\ns", "")
    assert dingtalk.signature("s", "1599360473") != feishu.signature("s", "1599360473")


def test_dingtalk_signs_milliseconds_percent_encoded_and_feishu_seconds_in_the_body() -> None:
    request = dingtalk.request(SAID, PLACES["dingtalk"], AT)
    asked = parse_qs(urlsplit(request.url).query)
    assert asked["timestamp"] == ["1795827723456"]
    assert asked["sign"] == [dingtalk.signature(ROBOT_SECRET, "1795827723456")]
    assert asked["access_token"] == ["t"]
    assert not {"+", "/", " "} & set(urlsplit(request.url).query.partition("sign=")[2])
    body = json.loads(feishu.request(SAID, PLACES["feishu"], AT).body)
    assert body["timestamp"] == "1795827723"
    plain = json.loads(feishu.request(SAID, Place("https://open.feishu.cn/x"), AT).body)
    assert "sign" not in plain


def test_the_official_library_accepts_our_webhooks() -> None:
    """… also while a secret that was renewed still holds, and a receiver knows only the former."""
    utc = clock.now()
    new = "whsec_" + b64encode(bytes(range(32))).decode()
    request = webhooks.request(SAID, Place("https://x", new, HOOK_SECRET), utc)
    for secret in (new, HOOK_SECRET):
        said = Webhook(secret).verify(request.body, dict(request.headers))
        assert said["type"] == "alert.fired"
        assert said["data"]["alerts"] == [7]
    again = webhooks.request(SAID, Place("https://x", new), utc)
    assert again.body == request.body, "the same message is the same at every try"
    assert again.headers["webhook-id"] == SAID.id


def test_customers_ring_at_nobody() -> None:
    """Words that mention everybody, or that are markup, arrive as words."""
    said = Message("m", "alert.fired", "", "<@all> @13800138000 *x*", ("[a](http://evil) <!here>",))
    ringing = [
        wecom.request(said, PLACES["wecom"], AT).body.decode(),
        dingtalk.request(said, PLACES["dingtalk"], AT).body.decode(),
        feishu.request(said, PLACES["feishu"], AT).body.decode(),
    ]
    for body in ringing:
        assert "<@all>" not in body
    assert not any("[a](http" in body for body in ringing[:2])
    assert "@13800138000" not in json.loads(ringing[1])["markdown"]["text"]
    blocks = json.loads(slack.request(said, PLACES["slack"], AT).body)
    assert {block["text"]["type"] for block in blocks["blocks"]} == {"plain_text"}
    assert blocks["text"].startswith("&lt;@all&gt;")


@given(st.text(max_size=300), st.lists(st.text(max_size=3000), max_size=20))
def test_no_request_is_larger_than_its_channel_takes(title: str, lines: list[str]) -> None:
    said = Message("m", "alert.fired", "", title, tuple(lines), "https://cx.example.com/", "看")
    content = json.loads(wecom.request(said, PLACES["wecom"], AT).body)["markdown"]["content"]
    assert len(content.encode()) <= wecom.MOST_BYTES
    assert content.endswith("(https://cx.example.com/)")
    assert len(dingtalk.request(said, PLACES["dingtalk"], AT).body) <= 40_000
    assert len(webhooks.request(said, PLACES["webhook"], AT).body) < webhooks.MOST_BYTES
    for block in json.loads(slack.request(said, PLACES["slack"], AT).body)["blocks"]:
        assert len(block["text"]["text"].encode()) <= 3000


@given(st.text(), st.integers(3, 60))
def test_a_cut_text_fits_and_is_whole_signs(text: str, most: int) -> None:
    found = cut(text, most)
    assert len(found.encode()) <= most
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


def test_a_keyword_stands_in_what_demands_it() -> None:
    place = Place("https://oapi.dingtalk.com/robot/send?access_token=t", keyword="预警通知")
    assert "预警通知" in dingtalk.request(SAID, place, AT).body.decode()
    has_it = Place("https://oapi.dingtalk.com/robot/send?access_token=t", keyword="退款")
    assert json.loads(dingtalk.request(SAID, has_it, AT).body)["markdown"]["title"] == SAID.title


@pytest.mark.parametrize(
    ("kind", "status", "headers", "body", "state", "wait"),
    [
        ("wecom", 200, {}, b'{"errcode":0,"errmsg":"ok"}', "sent", None),
        ("wecom", 200, {}, b'{"errcode":45009,"errmsg":"api freq out of limit"}', "later", 60.0),
        ("wecom", 200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "gone", None),
        ("wecom", 200, {}, b'{"errcode":40058,"errmsg":"too long"}', "failed", None),
        ("wecom", 200, {}, b"<html>sign in</html>", "failed", None),
        ("wecom", 503, {}, b"", "later", None),
        ("dingtalk", 200, {}, b'{"errcode":0,"errmsg":"ok"}', "sent", None),
        ("dingtalk", 200, {}, b'{"errcode":130101,"errmsg":"send too fast"}', "later", 60.0),
        ("dingtalk", 200, {}, b'{"errcode":310000,"errmsg":"sign not match"}', "failed", None),
        ("dingtalk", 200, {}, b'{"errcode":-1,"errmsg":"\xe7\xb3\xbb\xe7\xbb\x9f"}', "later", None),
        ("dingtalk", 200, {}, b'{"errcode":300001,"errmsg":"token is not exist"}', "gone", None),
        ("feishu", 200, {}, b'{"code":0,"msg":"success","data":{}}', "sent", None),
        ("feishu", 200, {}, b'{"StatusCode":0,"StatusMessage":"success"}', "sent", None),
        ("feishu", 200, {}, b'{"code":11232,"msg":"frequency limited"}', "later", 60.0),
        ("feishu", 200, {}, b'{"code":19021,"msg":"sign match fail"}', "failed", None),
        ("feishu", 200, {}, b'{"code":19001,"msg":"param invalid: token"}', "gone", None),
        ("feishu", 429, {"retry-after": "7"}, b"", "later", 7.0),
        ("slack", 200, {}, b"ok", "sent", None),
        ("slack", 429, {"retry-after": "30"}, b"rate_limited", "later", 30.0),
        ("slack", 404, {}, b"no_service", "gone", None),
        ("slack", 403, {}, b"action_prohibited", "failed", None),
        ("webhook", 204, {}, b"", "sent", None),
        ("webhook", 302, {"location": "http://169.254.169.254/"}, b"", "later", None),
        ("webhook", 410, {}, b"", "gone", None),
        ("webhook", 429, {"retry-after": "120"}, b"", "later", 120.0),
        ("webhook", 500, {}, b"", "later", None),
    ],
)  # fmt: skip
def test_what_answers_mean(
    kind: str, status: int, headers: dict[str, str], body: bytes, state: str, wait: float | None
) -> None:
    verdict = KINDS[kind].judged(Reply(status, headers, body))  # type: ignore[index]
    assert (verdict.state, verdict.wait_seconds) == (state, wait)
