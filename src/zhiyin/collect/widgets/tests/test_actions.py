"""A rule from its making to the log process, and what the log says of visitors."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.keys import write_snapshot
from zhiyin.accounts.models import AuditEntry, Workspace
from zhiyin.collect import erasing
from zhiyin.collect.surveys import actions as surveys
from zhiyin.collect.surveys import held
from zhiyin.collect.surveys.tests.written import NPS, survey
from zhiyin.collect.widgets import actions, definition, facts, kept, published
from zhiyin.collect.widgets.choosing import Choosing, Visitor
from zhiyin.collect.widgets.facts import Shown
from zhiyin.collect.widgets.published import PublishedRule, PublishedRules
from zhiyin.kernel.errors import Problem
from zhiyin.unify import segments
from zhiyin.unify.models import KeptCustomer
from zhiyin.unify.subjects import Her
from zhiyin.warehouse import lang
from zhiyin.warehouse.arriving import Letter
from zhiyin.warehouse.owner import Owner

WHO: dict[str, Any] = {"by": COMMAND_LINE, "workspace": "main"}
SITE = {"origins": ["https://shop.example.com"]}
NOW = datetime(2026, 3, 1, 12)


@pytest.fixture
def data(db: None, tmp_path: Path, settings: Settings) -> Path:
    """A data folder with the workspace main and its survey visit."""
    settings.ZHIYIN_DATA = str(tmp_path)
    accounts.set_up(by=COMMAND_LINE, login="ana")
    surveys.create(**WHO, key="visit", survey=survey((NPS,)))
    surveys.publish(**WHO, key="visit")
    return tmp_path


@pytest.fixture
def log(db: None, two_workspaces: Owner) -> Owner:
    """The empty log of main."""
    return two_workspaces


@pytest.fixture
def committed(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """Runs an action and what it does after its transaction."""

    def run(action: Any, **given: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return action(**WHO, **given)

    return run


def put(**parts: Any) -> Any:
    says = {**SITE, **parts}
    return actions.put(**WHO, survey="visit", name="shop", says=says)


def refused(action: Any, **given: Any) -> str:
    with pytest.raises(Problem) as caught:
        action(**WHO, **given)
    return caught.value.code


def test_a_rule_is_off_until_it_is_switched_on(data: Path, committed: Any) -> None:
    made = committed(actions.put, survey="visit", name="shop", says=SITE)
    assert (made.is_on, made.revision) == (False, 1)
    assert PublishedRules(data).find("main", "shop") is None
    committed(actions.switch, name="shop", is_on=True)
    found = PublishedRules(data)
    one = found.find("main", "shop")
    assert one is not None
    assert one.rule == definition.read(SITE)
    assert found.hosts(made.survey.public_id) == ("https://shop.example.com",)
    assert [each.name for each in found.of("main")] == ["shop"]
    assert list(found.of("other")) == []
    committed(actions.switch, name="shop", is_on=False)
    found._look_at = 0.0
    assert found.find("main", "shop") is None
    assert found.hosts(made.survey.public_id) == ()


def test_every_write_says_who_what_and_with_which_seed(data: Path) -> None:
    made = put()
    put()  # the same again is no change
    put(percent=20)
    actions.switch(**WHO, name="shop", is_on=True)
    actions.switch(**WHO, name="shop", is_on=True)
    actions.remove(**WHO, name="shop")
    rows = AuditEntry.objects.filter(action__startswith="widget_rule").order_by("pk")
    assert [row.action.partition(".")[2] for row in rows] == ["created", "changed", "on", "removed"]
    created, changed, _on, removed = rows
    assert created.after["seed"] == removed.before["seed"] == made.seed
    assert (changed.before, changed.after) == ({"percent": 100.0}, {"percent": 20.0})
    assert refused(actions.remove, name="shop") == "widget.none"


def test_what_cannot_be_is_refused(data: Path) -> None:
    put()
    surveys.create(**WHO, key="draft", survey=survey((NPS,)))
    given: dict[str, Any] = {"survey": "draft", "name": "later", "says": SITE}
    assert refused(actions.put, **{**given, "survey": "none"}) == "survey.none"
    assert refused(actions.put, **{**given, "name": "No name"}) == "widget.name"
    assert refused(actions.put, **{**given, "name": "shop"}) == "widget.taken"
    says = {**SITE, "segment": "gone"}
    assert refused(actions.put, **{**given, "says": says}) == "segments.none"
    actions.put(**WHO, **given)
    assert refused(actions.switch, name="later", is_on=True) == "survey.not-published"
    assert kept.get("main", "later").is_on is False


def test_of_a_segment_the_log_process_knows_what_it_says_now(data: Path, committed: Any) -> None:
    """Its rule, or for a kept list who is in it: also after an erasure, and nobody once it is
    gone."""
    segments.create(**WHO, name="Gold", rule="plan = 'gold'")
    segments.keep(**WHO, name="Few", customers=[3, 1, 2])
    for slug in ("gold", "few"):
        committed(actions.put, survey="visit", name=slug, says={**SITE, "segment": slug})
        committed(actions.switch, name=slug, is_on=True)
    found = PublishedRules(data)

    def of(name: str) -> PublishedRule:
        found._look_at = 0.0
        one = found.find("main", name)
        assert one is not None
        assert one.segment is not None
        return one

    assert of("gold").segment == published.Chosen("gold", "plan = 'gold'")
    assert found.kept("main", "few") == (1, 2, 3)
    committed(segments.change, slug="gold", name="Gold", rule="plan = 'silver'")
    assert of("gold").segment == published.Chosen("gold", "plan = 'silver'")
    committed(lambda **_who: KeptCustomer.objects.filter(key__in=[1, 2]).delete())
    assert found.kept("main", "few") == (3,)
    committed(segments.remove, slug="few")
    assert (of("few").segment, found.kept("main", "few")) == (published.Chosen("few"), ())
    committed(actions.remove, name="few")
    assert not published.list_file(data, "main", "few").exists()


def test_a_workspace_that_changes_changes_its_rules(data: Path, committed: Any) -> None:
    put()
    committed(actions.switch, name="shop", is_on=True)

    def change(**_who: Any) -> None:
        place = Workspace.objects.get(slug="main")
        place.timezone = "Asia/Shanghai"
        place.save()

    committed(change)
    one = PublishedRules(data).find("main", "shop")
    assert one is not None
    assert one.zone == "Asia/Shanghai"


# What the log says


def rule(log: Owner, tmp_path: Path, **parts: Any) -> tuple[Choosing, PublishedRule]:
    segment = parts.pop("chosen", None)
    said = definition.read({**SITE, **parts})
    one = PublishedRule("main", "shop", 1, "public", 7, said, segment, "CNY", "Asia/Shanghai")
    return Choosing(log, PublishedRules(tmp_path)), one


def tell(log: Owner, table: str, rows: list[dict[str, Any]], source: str = "test") -> None:
    times = [name for name in ("occurred_at",) if name in rows[0]]
    found = pa.Table.from_pylist([{"row": n, **row} for n, row in enumerate(rows)])
    for name in times:
        at = found.schema.get_field_index(name)
        found = found.set_column(at, name, found[name].cast(pa.timestamp("us")))
    with log.begin("main", source=source, label="test") as batch:
        batch.write(table, found)
        batch.commit()


def test_only_whom_the_company_vouches_for_is_in_a_segment(log: Owner, tmp_path: Path) -> None:
    tell(log, "traits", [
        {"id": "1", "occurred_at": NOW, "customer": "ana", "name": "plan", "value": "gold"},
        {"id": "2", "occurred_at": NOW, "customer": "ben", "name": "plan", "value": "tin"},
    ])  # fmt: skip
    chosen = published.Chosen("gold", "plan = 'gold'")
    choosing, one = rule(log, tmp_path, chosen=chosen)

    def is_in(customer: str, *, is_proven: bool = True) -> bool:
        return choosing.is_in_segment(one, Visitor("d", customer, is_proven), at=NOW)

    assert is_in("ana")
    assert not is_in("ana", is_proven=False)
    assert not is_in("ben")
    assert not is_in("cleo"), "whom the log does not know"
    ids = log.execute("main", lang.ids()).to_pylist()
    (key,) = [row["own"] for row in ids if row["id"] == "ben"]
    file = published.list_file(tmp_path, "main", "few")
    file.parent.mkdir(parents=True)
    file.write_text(f"[{key}]")
    choosing, one = rule(log, tmp_path, chosen=published.Chosen("few"))
    assert (is_in("ben"), is_in("ana")) == (True, False)


def test_after_a_restart_the_log_knows_whose_the_showing_was(log: Owner) -> None:
    """A device that nobody knows too: else her response would be somebody else's."""
    for token, customer, kind in (("a", "d-ana", "anonymous"), ("b", "ben", "customer")):
        shown = Shown(token, "invited", "visit", "shop", 1_772_366_400_000_000, customer,
                      kind == "customer", about_kind="order", about_id="o-1")  # fmt: skip
        letter = Letter("main", facts.SOURCE, facts.WIRE, NOW, facts.body(shown))
        rows = facts.read(letter).facts["exposures"]
        row = {name: values[0] for name, values in rows.items()}
        tell(log, "exposures", [{**row, "occurred_at": NOW}], source=facts.SOURCE)
        found = held.of(log, "main", "none", invitation=token, since=datetime(2026, 1, 1))
        assert found.customer == (customer, kind)
        assert found.invitation is not None
        assert found.invitation["about_id"] == "o-1"


def test_an_erased_customer_leaves_the_lists_of_the_widget(tmp_path: Path) -> None:
    for slug, keys in (("few", "[1,2,3]"), ("many", "[3,4]")):
        file = published.list_file(tmp_path, "main", slug)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(keys)
    her = Her("main", tmp_path, (), keys=(2, 3))
    assert erasing.show_lists(her) == [{"segment": "few"}, {"segment": "many"}]
    assert erasing.erase_lists(her) == 3
    found = PublishedRules(tmp_path)
    assert (found.kept("main", "few"), found.kept("main", "many")) == ((1,), (4,))
    assert erasing.show_lists(her) == []


def test_nobody_is_asked_too_often_on_any_device(log: Owner, tmp_path: Path) -> None:
    def shown(n: int, days: float, customer: str, kind: str, by: str) -> dict[str, Any]:
        return {
            "id": f"i{n}", "invitation": f"i{n}", "action": "invited", "mode": "widget",
            "occurred_at": NOW - timedelta(days=days), "customer": customer,
            "customer_kind": kind, "survey": "visit", "distribution": by,
        }  # fmt: skip

    tell(log, "exposures", [
        shown(1, 40, "ana", "customer", "shop"), shown(2, 5, "d-ben", "anonymous", "other"),
        shown(3, 40, "dora", "customer", "shop"), shown(4, 80, "dora", "customer", "shop"),
        {**shown(5, 1, "eve", "customer", "mail"), "mode": "email"},
    ])  # fmt: skip

    def was(customer: str, device: str = "new", **parts: Any) -> bool:
        choosing, one = rule(log, tmp_path, **parts)
        return choosing.was_asked(one, Visitor(device, customer), at=NOW)

    assert was("ana", every_days=41)
    assert not was("ana", every_days=39)
    assert was("", "d-ben", pause_days=6)
    assert not was("", "d-ben", pause_days=5)
    assert was("dora", every_days=30, most_times=2)
    assert not was("dora", every_days=30, most_times=3)
    assert not was("dora", every_days=30, most_times=0)
    assert not was("eve"), "letters are another matter"
    assert not was("cleo")


def test_a_list_that_goes_is_published_once(
    data: Path, monkeypatch: pytest.MonkeyPatch, committed: Any
) -> None:
    segments.keep(**WHO, name="Few", customers=range(1, 40))
    put(segment="few")
    committed(actions.switch, name="shop", is_on=True)
    written: list[Path] = []

    def write(file: Path, document: dict[str, Any]) -> None:
        written.append(file)
        write_snapshot(file, document)

    monkeypatch.setattr("zhiyin.collect.widgets.snapshot.write_snapshot", write)
    committed(segments.remove, slug="few")
    assert written == [published.rules_file(data)]
