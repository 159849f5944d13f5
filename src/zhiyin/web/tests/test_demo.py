"""The demo company says that it is one, and leaves whole at one click."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.test import Client

from zhiyin.accounts.workspaces import settings_of
from zhiyin.demo import filling
from zhiyin.demo.plan import Plan
from zhiyin.measure.asked import asked
from zhiyin.warehouse.owner import Owner
from zhiyin.web import sample


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
    answer = as_ana.post("/main/data/demo/", follow=True)
    assert "The demo company is gone." in answer.content.decode()
    assert "simulated airline" not in answer.content.decode()
    assert asked(log, "main") == ()


def test_removing_the_demo_leaves_ones_own_imports(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    plan = Plan(customers=150, months=1, until=date(2026, 6, 30))
    filling.fill(log, "main", plan, folder=tmp_path / "kept")
    sample.load(log, settings_of("main"), tmp_path)
    as_ana.post("/main/data/demo/")
    assert sum(one.n for one in asked(log, "main")) == 180 + 169
