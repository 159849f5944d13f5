"""Background work as an administrator sees it: running, waiting, by the clock, over."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from zhiyin.accounts import running, work
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry, Person, Role, Work
from zhiyin.accounts.running import Result, Running
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import suggesting
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_matches_page import know, traits
from zhiyin.web.tests.test_pages import text
from zhiyin.web.views import jobs

PAGE = "/main/settings/jobs/"
PARTS = {"HX-Request": "true"}


def asked(ana: Person | None, kind: str = "suggest-merges", workspace: str = "main") -> Work:
    by = None if ana is None else Actor(ana, "192.0.2.1")
    return work.ask(by=by, kind=kind, workspace=workspace)


def run(kind: str, result: dict[str, Any] | Problem) -> Work | None:
    def does(_work: Running) -> Result:
        if isinstance(result, Problem):
            raise result
        return result

    return running.run_next({kind: does}, threading.Event())


COMPARED = {"records": 1200, "compared": 3400, "offered": 5}
REFUSED = Problem(
    "demo.not-there",
    _("Workspace {workspace} holds no demo company.", workspace="main"),
    _("There is nothing to remove."),
)


def test_what_runs_shows_how_far_it_is_and_can_be_cancelled(as_ana: Client, ana: Person) -> None:
    asked(ana)
    held = running.take({"suggest-merges": None})
    assert held is not None
    Running(held, threading.Event()).show(7, 16)
    for page in (as_ana.get(PAGE), as_ana.get(PAGE, headers=PARTS)):
        said = text(page)
        assert "Compare all customers running 7 of 16 steps ana" in said
        assert '<progress value="7" max="16"' in page.content.decode()
    said = text(as_ana.post(f"{PAGE}{held.pk}/", {"do": "cancel"}, follow=True))
    assert "It stops as soon as the piece that it does is done." in said
    assert "being cancelled 7 of 16 steps" in said
    assert Work.objects.get().is_unwanted


def test_a_part_holds_what_is_now_and_nothing_else(as_ana: Client, ana: Person) -> None:
    part = as_ana.get(PAGE, headers=PARTS).content.decode()
    assert part.strip().startswith('<div id="now"')
    assert ("Nothing runs and nothing waits." in part, "every 5s" in part) == (True, True)
    asked(ana)
    part = as_ana.get(PAGE, headers=PARTS).content.decode()
    assert ("waiting" in part, "every 1s" in part, "History" in part) == (True, True, False)


def test_what_waits_is_cancelled_and_run_again(as_ana: Client, ana: Person) -> None:
    number = asked(ana).pk
    said = text(as_ana.post(f"{PAGE}{number}/", {"do": "cancel"}, follow=True))
    assert "It is cancelled." in said
    said = text(as_ana.post(f"{PAGE}{number}/", {"do": "again"}, follow=True))
    assert "It is asked for again." in said
    assert [held.state for held in Work.objects.order_by("pk")] == ["cancelled", "waiting"]
    done = list(AuditEntry.objects.filter(action__startswith="work.").order_by("pk"))
    assert [(one.action, one.by) for one in done] == [
        ("work.asked", "ana"), ("work.cancelled", "ana"), ("work.repeated", "ana"),
        ("work.asked", "ana"),
    ]  # fmt: skip


def test_a_failure_says_in_words_what_to_do(as_ana: Client, ana: Person) -> None:
    asked(ana, "remove-demo")
    run("remove-demo", REFUSED)
    said = text(as_ana.get(PAGE))
    assert "failed Workspace main holds no demo company. There is nothing to remove." in said
    assert "Run again" in said
    as_ana.cookies["zhiyin_language"] = "zh-hans"
    said = text(as_ana.get(PAGE))
    assert "Workspace main" not in said
    assert "失败" in said
    assert "重新运行" in said


def test_what_the_clock_asks_for_says_when_and_how_long(as_ana: Client, ana: Person) -> None:
    for _time in range(3):
        asked(None, "match-customers")
        run("match-customers", {"linked": 1234, "withdrawn": 0, "suggested": 2})
    begun = timezone.now() - timedelta(minutes=1)
    Work.objects.update(started_at=begun, ended_at=begun + timedelta(seconds=2.5))
    said = text(as_ana.get(PAGE))
    assert "1,234 new links, 0 withdrawn, 2 pairs for a person." in said
    assert "2.5 s" in said
    assert "No job is like that." in said, "what went well by the clock is no history"
    assert text(as_ana.get(f"{PAGE}?asked=clock")).count("1,234 new links") == 4


def test_the_past_is_searched_and_turned_page_by_page(
    as_ana: Client, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PER_PAGE", 2)
    for n in range(3):
        asked(ana)
        run("suggest-merges", {**COMPARED, "offered": 100 + n})
    asked(ana, "remove-demo")
    run("remove-demo", REFUSED)
    first = as_ana.get(f"{PAGE}?kind=suggest-merges")
    assert "102 suggestions" in text(first)
    assert "100 suggestions" not in text(first)
    older = first.content.decode().split("before=")[1].split('"')[0]
    then = text(as_ana.get(f"{PAGE}?kind=suggest-merges&before={older}"))
    assert "100 suggestions" in then
    assert "101 suggestions" not in then
    failed = text(as_ana.get(f"{PAGE}?state=failed&q=AN"))
    assert "holds no demo company" in failed
    assert "102 suggestions" not in failed.split("History")[1]
    for nonsense in ("?before=x", "?before=²", "?kind=none&state=none&asked=none", "?q=%00"):
        assert as_ana.get(f"{PAGE}{nonsense}").status_code == 200, nonsense


def test_work_of_others_is_neither_seen_nor_touched(
    as_ana: Client, ana: Person, cleo: Person
) -> None:
    hers = asked(cleo, workspace="other")
    everybodys = asked(None, "keep-house", "")
    said = text(as_ana.get(PAGE))
    assert "cleo" not in said
    assert "Keep house waiting" in said, "all see that of the installation"
    for number in (hers.pk, everybodys.pk, 999_999):
        told = text(as_ana.post(f"{PAGE}{number}/", {"do": "cancel"}, follow=True))
        assert f"There is no background work {number}." in told
    assert {held.state for held in Work.objects.all()} == {"waiting"}


def test_an_analyst_compares_all_customers_again_and_sees_how_far_it_is(
    client: Client, ana: Person, log: Owner
) -> None:
    know(log, *traits("a", name="John Smith", email="a@example.com"))
    client.force_login(member(Role.ANALYST))
    page = "/main/customers/suggestions/"
    assert "Compare all customers again" in text(client.get(page))
    for _click in range(2):
        said = text(client.post(f"{page}compare/", follow=True))
        assert "Compare all customers: waiting" in said
        assert "Compare all customers again" not in said
    assert Work.objects.count() == 1

    def compare(held: Running) -> Result:
        part = client.get(page, headers=PARTS)
        assert "running" in text(part)
        assert "HX-Refresh" not in part.headers
        done = suggesting.suggest(log, held.workspace, progress=held.between)
        return {"records": done.records, "compared": done.compared, "offered": done.offered}

    done = running.run_next({"suggest-merges": compare}, threading.Event())
    assert done is not None
    assert (done.state, done.parts_done, done.parts) == ("done", suggesting.STEPS, suggesting.STEPS)
    assert client.get(page, headers=PARTS).headers["HX-Refresh"] == "true"
    assert "Compare all customers again" in text(client.get(page))
    assert client.get(PAGE).status_code == 403


def test_a_comparison_that_failed_says_so_where_it_was_asked_for(
    as_ana: Client, ana: Person
) -> None:
    asked(ana)
    run("suggest-merges", REFUSED)
    said = text(as_ana.get("/main/customers/suggestions/"))
    assert "Compare all customers failed. Workspace main holds no demo company." in said
    assert "Compare all customers again" in said
