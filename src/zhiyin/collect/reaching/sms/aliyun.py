"""Alibaba Cloud 阿里云短信: ``SendSms`` of 2017-05-25, signed by HMAC-SHA1 over its query."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from zhiyin.collect.reaching import posting
from zhiyin.collect.reaching.handing import Handed, Unreachable
from zhiyin.collect.reaching.posting import Broken, Request
from zhiyin.collect.reaching.sms.provider import Message, Place

LATER = ("isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isp.", "Throttling")
REFUSED = ("isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT",
           "isv.BLACK_KEY_CONTROL_LIMIT",
           "isv.SMS_CONTENT", "isv.TEMPLATE_MISSING_PARAMETERS", "isv.TEMPLATE_PARAMS_ILLEGAL",
           "isv.PARAM_LENGTH_LIMIT")  # fmt: skip
"""What is wrong with this message; anything else is wrong with all."""


class Aliyun:
    """Sends by Alibaba Cloud."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def send(self, message: Message) -> Handed:
        """Hand one over."""
        asked = {
            "Action": "SendSms",
            "Version": "2017-05-25",
            "RegionId": self._place.options.get("region", "cn-hangzhou"),
            "PhoneNumbers": number(message.to),
            "SignName": message.signature,
            "TemplateCode": message.template,
            "TemplateParam": json.dumps(dict(message.variables), ensure_ascii=False),
            "OutId": message.named,
        }
        query = signed(
            asked, self._place.key, self._place.secret,
            at=datetime.now(UTC), nonce=secrets.token_hex(16),
        )  # fmt: skip
        try:
            answer = posting.ask(urlsplit(self._place.address), Request("GET", f"/?{query}"))
        except Broken as error:
            return Handed("uncertain", str(error))
        return _judged(answer.status, answer.body)


def signed(
    asked: Mapping[str, str], key: str, secret: str, *, at: datetime, nonce: str, form: str = "JSON"
) -> str:
    """A query with its signature."""
    whole = {
        **asked,
        "AccessKeyId": key,
        "Format": form,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": nonce,
        "Timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    return f"{_query(whole)}&Signature={_quoted(signature(whole, secret))}"


def signature(asked: Mapping[str, str], secret: str) -> str:
    """HMAC-SHA1, in base64, of a GET for these parameters."""
    said = f"GET&{_quoted('/')}&{_quoted(_query(asked))}"
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), said.encode(), "sha1")).decode()


def number(to: str) -> str:
    """A number as it is dialled there: without +86, others with their country's."""
    return to.removeprefix("+86") if to.startswith("+86") else to.removeprefix("+")


def _query(asked: Mapping[str, str]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(asked.items()))


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _judged(status: int, body: bytes) -> Handed:
    try:
        code = str(json.loads(body)["Code"])
    except (ValueError, KeyError, TypeError):
        # Without its word nobody knows what a server in between has made of it.
        return Handed("uncertain", str(status))
    if code == "OK":
        return Handed("sent")
    if code.startswith(LATER):
        return Handed("later", code)
    if code.startswith(REFUSED):
        return Handed("refused" if code == REFUSED[0] else "failed", code)
    raise Unreachable(code[:80])
