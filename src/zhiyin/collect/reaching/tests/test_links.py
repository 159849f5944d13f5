"""Links for whoever hands them on, and answers by key: both end in the log as the page's do."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.models import Asking
from zhiyin.collect.reaching import distributions, links, planning, rules, sending
from zhiyin.collect.reaching.distributions import Asked
from zhiyin.collect.reaching.links import MiniProgramme
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.surveys import actions, pressing
from zhiyin.collect.surveys.pressing import Pressed
from zhiyin.collect.surveys.tests.written import NPS, asking, choices, survey
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 2, 9, 30)


def test_links_are_handed_on_and_a_mini_programme_finds_the_invitation(log: Owner) -> None:
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    held = distributions.create(
        by=COMMAND_LINE, workspace="main", survey="visit", key="handed",
        asked=Asked(channel="link"),
    )  # fmt: skip
    planning.plan(log, by=COMMAND_LINE, distribution=held, people=[Person("mei"), Person("bo")])
    assert sending.send_due(log, "main").sent == 2
    mini = MiniProgramme("wx0123456789abcdef", "pages/survey/index")
    (mei, _bo) = links.of(held, by=COMMAND_LINE, mini_programme=mini)
    token = Asking.objects.get(customer="mei").token
    assert mei["link"].endswith(f"/s/{held.survey.public_id}?i={token}")
    parts = urlsplit(mei["mini_programme"])
    assert (parts.scheme, parts.netloc, parts.path) == ("weixin", "dl", "/business/")
    asked = parse_qs(parts.query)
    assert asked["appid"] == ["wx0123456789abcdef"]
    assert asked["path"] == ["pages/survey/index"]
    assert parse_qs(asked["query"][0]) == {"s": [held.survey.public_id], "i": [token]}
    assert AuditEntry.objects.filter(action="rows.exported").count() == 1
    for wrong in (MiniProgramme("wx1", "a"), MiniProgramme("wx0123456789abcdef", "/a?b")):
        with pytest.raises(Problem, match="mini-programme"):
            wrong.scheme(mei["link"])


def test_a_key_is_an_answer_once(log: Owner) -> None:
    """Would catch a score that falls outside the scale, and a call that is told of twice."""
    way = asking("way", "single", choices=choices("solved", "open"))
    asked = survey((NPS, way))
    actions.create(by=COMMAND_LINE, workspace="main", key="call", survey=asked)
    actions.publish(by=COMMAND_LINE, workspace="main", key="call")
    pressed = [
        Pressed("c-1", "recommend", "9", AT, "mei", about_kind="contact", about_id="7"),
        Pressed("c-1", "way", "2", AT, "mei", about_kind="contact", about_id="7"),
        Pressed("c-2", "recommend", "10", AT),
        Pressed("c-2", "recommend", "11", AT),
        Pressed("c-2", "way", "3", AT),
        Pressed("c-2", "why", "1", AT),
    ]
    done = pressing.take(log, by=COMMAND_LINE, workspace="main", key="call", pressed=pressed)
    assert (done.answers, done.repeated, sorted(done.wrong)) == (3, 0, [3, 4, 5])
    again = pressing.take(log, by=COMMAND_LINE, workspace="main", key="call", pressed=pressed)
    assert (again.answers, again.repeated) == (0, 3)
    found = lang.table(log.schema("main"), "answers")
    query = found.select(
        "question", "score", "choice", "channel", "about_id", "metric", "scale_max"
    )
    rows = log.execute("main", query, words=True).to_pylist()
    assert sorted(tuple(row.values()) for row in rows if row["question"] == "recommend") == [
        ("recommend", 9.0, None, "phone", "7", "nps", 10.0),
        ("recommend", 10.0, None, "phone", None, "nps", 10.0),
    ]
    assert [row["choice"] for row in rows if row["question"] == "way"] == ["open"]
    responses = lang.table(log.schema("main"), "responses").select("mode", "ended_at")
    assert [row["mode"] for row in log.execute("main", responses, words=True).to_pylist()] == [
        "phone", "phone",
    ]  # fmt: skip


def test_a_call_says_who_answers_and_so_asks_nothing_anonymously(log: Owner) -> None:
    asked = survey((NPS,), is_anonymous=True)
    actions.create(by=COMMAND_LINE, workspace="main", key="call", survey=asked)
    actions.publish(by=COMMAND_LINE, workspace="main", key="call")
    pressed = [Pressed("c-1", "recommend", "9", AT, "mei")]
    with pytest.raises(Problem, match="anonymous"):
        pressing.take(log, by=COMMAND_LINE, workspace="main", key="call", pressed=pressed)
