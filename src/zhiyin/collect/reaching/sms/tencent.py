"""Tencent Cloud 腾讯云短信: ``SendSms`` of 2021-01-11, signed by TC3-HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

from zhiyin.collect.reaching import posting
from zhiyin.collect.reaching.handing import Handed, Unreachable
from zhiyin.collect.reaching.posting import Broken, Request
from zhiyin.collect.reaching.sms.provider import Message, Place

CONTENT = "application/json; charset=utf-8"
LATER = ("LimitExceeded", "InternalError", "RequestLimitExceeded")
REFUSED = ("FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber",
           "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone")  # fmt: skip
FAILED = ("InvalidParameterValue.ContentLengthLimit", "InvalidParameterValue.TemplateParameter",
          "FailedOperation.ContainSensitiveWord",
          "FailedOperation.TemplateParamSetNotMatchApprovedTemplate")  # fmt: skip
"""What is wrong with this message; anything else is wrong with all."""


class Tencent:
    """Sends by Tencent Cloud."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def send(self, message: Message) -> Handed:
        """Hand one over."""
        payload = json.dumps(
            {
                "PhoneNumberSet": [message.to],
                "SmsSdkAppId": self._place.options.get("app", ""),
                "SignName": message.signature,
                "TemplateId": message.template,
                "TemplateParamSet": list(message.variables.values()),
                "SessionContext": message.named,
            }
        ).encode()
        at = int(datetime.now(UTC).timestamp())
        headers = {
            "Authorization": authorization(
                self._place.key, self._place.secret, host=self._place.host, service="sms", at=at,
                payload=payload,
            ),
            "Content-Type": CONTENT,
            "Host": self._place.host,
            "X-TC-Action": "SendSms",
            "X-TC-Version": "2021-01-11",
            "X-TC-Timestamp": str(at),
            "X-TC-Region": self._place.options.get("region", "ap-guangzhou"),
        }  # fmt: skip
        place = urlsplit(self._place.address)
        try:
            answer = posting.ask(place, Request("POST", "/", headers, payload))
        except Broken as error:
            return Handed("uncertain", str(error))
        return _judged(answer.status, answer.body)


def authorization(
    key: str, secret: str, *, host: str, service: str, at: int, payload: bytes
) -> str:
    """The header that signs a request.

    Args:
        at: seconds since 1970.
    """
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    asked = (
        f"POST\n/\n\ncontent-type:{CONTENT}\nhost:{host}\n\ncontent-type;host\n"
        f"{hashlib.sha256(payload).hexdigest()}"
    )
    said = f"TC3-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    held = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        held = hmac.digest(held, part.encode(), "sha256")
    signature = hmac.digest(held, said.encode(), "sha256").hex()
    return (
        f"TC3-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders=content-type;host,"
        f" Signature={signature}"
    )


def _judged(status: int, body: bytes) -> Handed:
    try:
        said = json.loads(body)["Response"]
        error = said.get("Error")
        code = str(error["Code"] if error else said["SendStatusSet"][0]["Code"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return Handed("uncertain", str(status))
    if code == "Ok":
        return Handed("sent")
    if code.startswith(LATER):
        return Handed("later", code)
    if code in REFUSED:
        return Handed("refused", code)
    if code in FAILED:
        return Handed("failed", code)
    raise Unreachable(code[:80])
