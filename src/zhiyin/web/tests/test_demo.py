"""The demo company says that it is one, and leaves whole after one click."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.test import Client

from zhiyin.accounts import running
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Unit, Work
from zhiyin.accounts.workspaces import settings_of
from zhiyin.demo import company, filling
from zhiyin.demo.plan import Plan
from zhiyin.measure.asked import asked
from zhiyin.measure.models import Target
from zhiyin.warehouse.owner import Owner
from zhiyin.web import sample


def let_it_be_removed(log: Owner) -> Work | None:
    """What the jobs process does."""

    def remove(work: running.Running) -> running.Result:
        return {"facts": filling.remove(log, work.workspace, progress=work.between)}

    return running.run_next({"remove-demo": remove}, threading.Event())


def test_a_banner_says_so_and_one_click_removes_it_whole(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    sample_only = as_ana.get("/main/data/imports/").content.decode()
    assert "simulated airline" not in sample_only
    plan = Plan(customers=150, months=1, until=date(2026, 6, 30))
    filling.fill(log, "main", plan, folder=tmp_path / "kept")
    page = as_ana.get("/main/scores/").content.decode()
    assert "a simulated airline" in page
    assert "/main/data/demo/" in page
    # It asks once before anything is lost; looking removes nothing.
    assert "Remove the demo company" in as_ana.get("/main/data/demo/").content.decode()
    assert asked(log, "main")
    for _click in range(2):
        waits = as_ana.post("/main/data/demo/", follow=True).content.decode()
        assert "waiting" in waits
        assert "Keep it" not in waits, "it is asked for"
    part = as_ana.get("/main/data/demo/", headers={"HX-Request": "true"})
    assert (b"every 1s" in part.content, "HX-Refresh" in part.headers) == (True, False)
    assert let_it_be_removed(log) is not None
    assert let_it_be_removed(log) is None, "two clicks are one"
    part = as_ana.get("/main/data/demo/", headers={"HX-Request": "true"})
    assert (b"every 1s" in part.content, part.headers["HX-Refresh"]) == (False, "true")
    gone = as_ana.get("/main/data/demo/").content.decode()
    assert "The demo company is gone." in gone
    assert "simulated airline" not in gone
    assert asked(log, "main") == ()
    as_ana.post("/main/data/demo/")
    assert let_it_be_removed(log) is None, "nothing is asked for where nothing is"


def test_removing_the_demo_leaves_ones_own_imports(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    plan = Plan(customers=150, months=1, until=date(2026, 6, 30))
    filling.fill(log, "main", plan, folder=tmp_path / "kept")
    sample.load(log, settings_of("main"), tmp_path)
    as_ana.post("/main/data/demo/")
    let_it_be_removed(log)
    assert sum(one.n for one in asked(log, "main")) == 180 + 169


def let_it_be_filled(log: Owner, data: Path) -> Work | None:
    """What the jobs process does, of a company that is small."""

    def fill(work: running.Running) -> running.Result:
        plan = replace(company.from_arguments(work.arguments), customers=150, months=1)
        done = company.put_in(
            log, work.workspace, plan, by=COMMAND_LINE, data=data, progress=work.between
        )
        return {"facts": done.facts_added}

    return running.run_next({"fill-demo": fill}, threading.Event())


def test_an_empty_workspace_is_filled_from_the_browser(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    """Would catch a fill that leaves out the company's clock, units or targets."""
    assert "/main/data/demo/fill/" in as_ana.get("/main/data/begin/").content.decode()
    assert "Leave the workspace empty" in as_ana.get("/main/data/demo/fill/").content.decode()
    for _click in range(2):
        waits = as_ana.post("/main/data/demo/fill/", follow=True).content.decode()
        assert "waiting" in waits
        assert "Leave the workspace empty" not in waits, "it is asked for"
    done = let_it_be_filled(log, tmp_path)
    assert done is not None
    assert done.state == "done", done.error
    assert let_it_be_filled(log, tmp_path) is None, "two clicks are one"
    page = as_ana.get("/main/data/demo/fill/").content.decode()
    assert "The demo company is here." in page
    assert settings_of("main").timezone == "Asia/Shanghai"
    assert Unit.objects.filter(workspace__slug="main", key="PVG").exists()
    assert Target.objects.filter(workspace__slug="main").exists()
    assert (tmp_path / "demo" / "main" / "truth.json").exists()


def test_the_demo_is_put_into_no_workspace_with_data(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    sample.load(log, settings_of("main"), tmp_path)
    assert "already holds data of its own" in as_ana.get("/main/data/demo/fill/").content.decode()
    assert as_ana.post("/main/data/demo/fill/").status_code == 422
    assert not Work.objects.filter(kind="fill-demo").exists()
