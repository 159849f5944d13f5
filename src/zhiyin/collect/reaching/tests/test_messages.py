"""SMS and push over HTTP: signed as the providers publish it, and judged by what they answer."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pytest_django import Settings

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.collect.events import webhook
from zhiyin.collect.models import Asking, Stopped
from zhiyin.collect.reaching import distributions, letter_ids, planning, replies, rules, sending
from zhiyin.collect.reaching.distributions import Asked
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.reaching.sms import aliyun, tencent
from zhiyin.warehouse.owner import Owner

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SMS = {
    "en": {
        "signature": "Acme", "template": "SMS_1",
        "variables": {"name": "{name|you}", "code": "{code}"},
    }
}  # fmt: skip


class Desk(ThreadingHTTPServer):
    """A provider of ours: it says of each number what the test has it say."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.says: Callable[[str, dict[str, str], bytes], tuple[int, Any]] = lambda *_of: (200, {})

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Desk

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers, body))
        status, said = self.server.says(self.path, headers, body)
        if status == 0:  # it hangs up after the request
            self.connection.close()
            return
        raw = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_said: Any) -> None:
        return


@pytest.fixture
def desk() -> Iterator[Desk]:
    server = Desk()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def noon(log: Owner) -> Owner:
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    return log


def ask(log: Owner, channel: str, *people: Person, texts: Any = None) -> sending.Done:
    held = distributions.create(
        by=COMMAND_LINE, workspace="main", survey="visit", key="spring",
        asked=Asked(channel=channel, texts=texts or SMS),
    )  # fmt: skip
    planning.plan(log, by=COMMAND_LINE, distribution=held, people=people)
    return sending.send_due(log, "main")


def states() -> dict[str, tuple[str, str]]:
    return {one.customer: (one.state, one.trouble) for one in Asking.objects.all()}


# Signatures


def test_aliyuns_signature_is_that_of_its_published_examples() -> None:
    """From Alibaba Cloud's pages on the signature of requests, of ECS and of SMS."""
    regions = aliyun.signed(
        {"Action": "DescribeRegions", "Version": "2014-05-26"}, "testid", "testsecret",
        at=datetime(2016, 2, 23, 12, 46, 24, tzinfo=UTC),
        nonce="3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf", form="XML",
    )  # fmt: skip
    assert dict(parse_qsl(regions))["Signature"] == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="
    sms = {
        "Action": "SendSms", "Version": "2017-05-25", "RegionId": "cn-hangzhou",
        "PhoneNumbers": "15300000001", "SignName": "阿里云短信测试专用", "OutId": "123",
        "TemplateParam": '{"customer":"test"}', "TemplateCode": "SMS_71390007",
    }  # fmt: skip
    sent = aliyun.signed(
        sms, "testId", "testSecret", at=datetime(2017, 7, 12, 2, 42, 19, tzinfo=UTC),
        nonce="45e25e9b-0a6f-4070-8c85-2956eda1b466", form="XML",
    )  # fmt: skip
    assert dict(parse_qsl(sent))["Signature"] == "zJDF+Lrzhj/ThnlvIToysFRq6t4="


def test_tencents_signature_is_that_of_its_published_example() -> None:
    """From Tencent Cloud's page on signature v3, whose key is an example."""
    found = tencent.authorization(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        host="cvm.tencentcloudapi.com", service="cvm", at=1551113065,
        payload=b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"],'
        b' "Name": "instance-name"}]}',
    )  # fmt: skip
    assert found == (
        "TC3-HMAC-SHA256"
        " Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request,"
        " SignedHeaders=content-type;host,"
        " Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


# Sending


@pytest.mark.django_db
def test_an_sms_by_aliyun(noon: Owner, desk: Desk, settings: Settings) -> None:
    settings.ZHIYIN_SMS_URL = f"aliyun+http://me:hush@{desk.host}"

    def says(path: str, _headers: dict[str, str], _body: bytes) -> tuple[int, Any]:
        asked = dict(parse_qsl(urlsplit(path).query))
        given = asked.pop("Signature")
        if given != aliyun.signature(asked, "hush"):
            return 400, {"Code": "SignatureDoesNotMatch"}
        return 200 if asked["PhoneNumbers"][-1] != "5" else 0, {
            "Code": {"1": "OK", "2": "isv.MOBILE_NUMBER_ILLEGAL", "3": "isv.DAY_LIMIT_CONTROL",
                     "4": "isv.TEMPLATE_PARAMS_ILLEGAL"}.get(asked["PhoneNumbers"][-1])
        }  # fmt: skip

    desk.says = says
    people = [
        Person(f"c{n}", address=f"+86 138 0013 800{n}", fields={"name": "Mei"}) for n in range(1, 6)
    ]
    ask(noon, "sms", *people)
    assert states() == {
        "c1": ("sent", ""),
        "c2": ("bounced", "isv.MOBILE_NUMBER_ILLEGAL"),
        "c3": ("waiting", "isv.DAY_LIMIT_CONTROL"),
        "c4": ("failed", "isv.TEMPLATE_PARAMS_ILLEGAL"),
        "c5": ("uncertain", "outbound.broken"),
    }
    asked = [dict(parse_qsl(urlsplit(path).query)) for path, *_more in desk.asked]
    first = next(one for one in asked if one["PhoneNumbers"].endswith("1"))
    token = Asking.objects.get(customer="c1").token
    assert (first["SignName"], first["TemplateCode"]) == ("Acme", "SMS_1")
    said = json.loads(first["TemplateParam"])
    assert said["name"] == "Mei"
    assert said["code"].endswith(f"?i={token}")
    assert letter_ids.read(first["OutId"].partition("-")[0]) is not None


@pytest.mark.django_db
def test_a_provider_that_knows_us_not_costs_nobody_a_message(
    noon: Owner, desk: Desk, settings: Settings
) -> None:
    settings.ZHIYIN_SMS_URL = f"aliyun+http://me:wrong@{desk.host}"
    desk.says = lambda *_of: (400, {"Code": "InvalidAccessKeyId.NotFound"})
    people = [Person(f"c{n}", address=f"1380013800{n}") for n in range(8)]
    done = ask(noon, "sms", *people)
    assert (done.sent, done.not_sent) == (0, 0)
    assert Counter(states().values()) == {("waiting", "InvalidAccessKeyId.NotFound"): 8}
    assert len(desk.asked) < 8, "after one that nobody takes no other is begun"


@pytest.mark.django_db
def test_an_sms_by_tencent(noon: Owner, desk: Desk, settings: Settings) -> None:
    settings.ZHIYIN_SMS_URL = f"tencent+http://me:hush@{desk.host}/?app=1400006666"

    def says(_path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        expected = tencent.authorization(
            "me", "hush", host=headers["host"], service="sms", at=int(headers["x-tc-timestamp"]),
            payload=body,
        )  # fmt: skip
        assert headers["content-type"] == tencent.CONTENT
        if headers["authorization"] != expected:
            return 200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}
        number = json.loads(body)["PhoneNumberSet"][0][-1]
        code = {"1": "Ok", "2": "FailedOperation.PhoneNumberInBlacklist",
                "3": "LimitExceeded.PhoneNumberDailyLimit"}[number]  # fmt: skip
        return 200, {"Response": {"SendStatusSet": [{"Code": code}]}}

    desk.says = says
    ask(noon, "sms", *(Person(f"c{n}", address=f"1380013800{n}") for n in range(1, 4)))
    assert states() == {
        "c1": ("sent", ""),
        "c2": ("bounced", "FailedOperation.PhoneNumberInBlacklist"),
        "c3": ("waiting", "LimitExceeded.PhoneNumberDailyLimit"),
    }
    sent = json.loads(desk.asked[0][2])
    assert sent["SmsSdkAppId"] == "1400006666"
    assert sent["PhoneNumberSet"][0].startswith("+8613800138")
    assert len(sent["TemplateParamSet"]) == 2


@pytest.mark.django_db
def test_a_push_is_signed_and_has_one_id_however_often_it_is_sent(
    noon: Owner, desk: Desk, settings: Settings
) -> None:
    settings.ZHIYIN_PUSH_URL = f"http://{desk.host}/push?app=1"
    settings.ZHIYIN_PUSH_SECRET = SECRET
    hangs = [True]

    def says(path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        assert path == "/push?app=1"
        webhook.verify(
            SECRET, id=headers["webhook-id"], timestamp=headers["webhook-timestamp"],
            signatures=headers["webhook-signature"], body=body, now=time.time(),
        )  # fmt: skip
        if json.loads(body)["data"]["device"] == "old":
            return 410, {}
        return (0 if hangs.pop() else 200, {}) if hangs else (200, {})

    desk.says = says
    texts = {"en": {"subject": "Hello {name}", "body": "How was it? {link}"}}
    ask(noon, "push", Person("c1", address="device-1", fields={"name": "Mei"}), texts=texts)
    assert states() == {"c1": ("waiting", "outbound.broken")}
    Asking.objects.update(due_at=datetime.now(UTC))
    sending.send_due(noon, "main")
    assert states()["c1"][0] == "sent"
    ids = {headers["webhook-id"] for _path, headers, _body in desk.asked}
    assert len(ids) == 1 < len(desk.asked)
    said = json.loads(desk.asked[-1][2])
    assert said["type"] == "survey.invitation"
    data = said["data"]
    assert (data["customer"], data["title"]) == ("c1", "Hello Mei")
    assert data["link"] in data["text"]
    old = Person("c2", address="old")
    held = distributions.get("main", "spring")
    planning.plan(noon, by=COMMAND_LINE, distribution=held, people=[old])
    sending.send_due(noon, "main")
    assert states()["c2"][0] == "bounced"
    assert Stopped.objects.get().channel == "push"


# Answers


@pytest.mark.parametrize(
    ("text", "stops"),
    [("TD", True), ("td。", True), ("【退订】", True), (" T D ", True), ("Stop!", True),
     ("退订吗?我不想退订", False), ("TD-LTE is slow", False), ("", False)],
)  # fmt: skip
def test_who_answers_td_alone_wants_no_more(text: str, stops: bool) -> None:
    assert replies.wants_no_more(text) is stops


@pytest.mark.django_db
def test_td_stops_the_number_for_every_survey_and_a_report_tells_what_did_not_arrive(
    noon: Owner, desk: Desk, settings: Settings
) -> None:
    settings.ZHIYIN_SMS_URL = f"aliyun+http://me:hush@{desk.host}"
    desk.says = lambda *_of: (200, {"Code": "OK"})
    ask(noon, "sms", *(Person(f"c{n}", address=f"1380013800{n}") for n in range(3)))
    main = Workspace.objects.get(slug="main")
    named = letter_ids.of(Asking.objects.get(customer="c1").pk)
    up = [{"phone_number": "13800138000", "content": "td", "sign_name": "Acme"},
          {"phone_number": "13800138002", "content": "很好"}]  # fmt: skip
    report = [
        {"phone_number": "13800138001", "success": False, "err_code": "MK:0001",
         "out_id": f"{named}-0"},
        {"phone_number": "13800138002", "success": True, "out_id": "made-up"},
    ]  # fmt: skip
    other = {"mobile": "13900139000", "nationcode": "86", "text": "退订", "sign": "Acme"}
    found = [replies.heed(main, replies.read(json.dumps(one).encode())) for one in (up, report)]
    assert found == [{"stopped": 1, "not_arrived": 0}, {"stopped": 0, "not_arrived": 1}]
    assert replies.heed(main, replies.read(json.dumps(other).encode()))["stopped"] == 1
    assert Counter(one.why for one in Stopped.objects.all()) == {"td": 2}
    by = {one.customer: one for one in Asking.objects.all()}
    assert by["c0"].is_over
    assert (by["c1"].state, by["c2"].state) == ("bounced", "sent")
    second = distributions.create(
        by=COMMAND_LINE, workspace="main", survey="brand", key="more",
        asked=Asked(channel="sms", texts=SMS),
    )  # fmt: skip
    rules.change(by=COMMAND_LINE, workspace="main", days_any=0)
    people = [Person("c0", address="+8613800138000")]
    done = planning.plan(noon, by=COMMAND_LINE, distribution=second, people=people)
    assert done.withheld == {"stopped": 1}
