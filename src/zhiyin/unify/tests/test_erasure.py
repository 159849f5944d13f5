"""An erasure walks every place, is carried on after a kill, and gives a receipt that holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import find, settings_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.holdings import Holding
from zhiyin.unify import (
    erasure,
    finding,
    papers,
    people,
    places,
    receipts,
    rules,
    segments,
)
from zhiyin.unify.models import Erasure, ErasureState
from zhiyin.unify.rows import ModelRows
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.planting import DAY, put, read

pytestmark = pytest.mark.django_db


def trait(customer: str, name: str, value: str) -> dict[str, Any]:
    return {
        "row": 0,
        "id": f"{customer}-{name}",
        "occurred_at": DAY,
        "customer": customer,
        "name": name,
        "value": value,
    }


def fill(log: Owner) -> None:
    put(log, [{"customer": "her-id-1"}, {"customer": "him"}])
    put(
        log,
        [
            trait("her-id-1", "phone", "13800000001"),
            trait("her-id-1", "agency", "02088880000"),
            trait("him", "agency", "02088880000"),
            trait("her-id-1", "name", "林"),
        ],
        table="traits",
    )


def rejects(data: Path, name: str, *rows: str) -> Path:
    file = data / "rejects" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("line,column,value,reason,file,who,phone\n" + "\n".join(rows), "utf-8-sig")
    return file


def erase(log: Owner, data: Path, ana: Actor, name: str = "her-id-1") -> Erasure:
    return erasure.erase(by=ana, log=log, data=data, workspace="main", name=name)


def test_every_place_forgets_her_and_the_receipt_says_so(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    fill(log)
    hers = rejects(tmp_path, "a.csv", "2,at,x,bad,f.csv,her-id-1,", "3,at,x,bad,f.csv,other,")
    phone = rejects(tmp_path, "b.csv", "2,at,x,bad,f.csv,new,'13800000001")
    others = rejects(tmp_path, "c.csv", "2,at,x,bad,f.csv,her-id-12,02088880000")
    audit.record(
        by=ana, action="customers.merged", subject="her-id-1 → x", workspace="main",
        after={"ids": ["her-id-1", "x"], "n": 1},
    )  # fmt: skip
    done = erase(log, tmp_path, ana)
    assert done.state == ErasureState.UNREADABLE
    assert done.pending == {}
    assert read(log, "id") == [("r1",)]
    assert "her-id-1" not in hers.read_text()
    assert "3,at,x,bad" in hers.read_text()
    assert not phone.exists()
    assert "her-id-12" in others.read_text()
    entry = AuditEntry.objects.get(action="customers.merged")
    assert entry.subject == f"erased {done.customer[:16]} → x"
    assert entry.after == {"ids": [f"erased {done.customer[:16]}", "x"], "n": 1}
    counts = {place["place"]: place["rows"] for place in done.places}
    assert (counts["answers"], counts["traits"], counts["ids"]) == (1, 3, 1)
    assert (counts["rejects"], counts["accounts.AuditEntry"]) == (2, 1)
    said = json.dumps(receipts.document(done, tmp_path))
    assert not [word for word in ("her-id", "13800000001", "林") if word in said]
    actions = AuditEntry.of("main").values_list("action", flat=True)
    assert {"erasure.asked", "erasure.unreadable"} <= set(actions)


def test_she_leaves_kept_lists(log: Owner, tmp_path: Path, ana: Actor) -> None:
    """Would catch a list that is found by the customer's key alone: one of her ids stands in it."""
    fill(log)
    key = {one: finding.find(log, "main", one).customer for one in ("her-id-1", "him")}
    kept = segments.keep(by=ana, workspace="main", name="Both", customers=list(key.values()))
    assert people.count(log, settings_of("main"), segments.chosen(log, kept)).n == 2
    done = erase(log, tmp_path, ana)
    assert list(kept.kept.values_list("key", flat=True)) == [key["him"]]
    assert people.count(log, settings_of("main"), segments.chosen(log, kept)).n == 1
    counts = {place["place"]: place["rows"] for place in done.places}
    assert counts["unify.KeptCustomer"] == 1
    erase(log, tmp_path, ana, "him")
    assert people.count(log, settings_of("main"), segments.chosen(log, kept)).n == 0


@pytest.mark.django_db(transaction=True)
def test_the_bytes_go_with_the_next_run_and_the_receipt_has_the_times(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    fill(log)
    first, second = erase(log, tmp_path, ana), erase(log, tmp_path, ana, "him")
    assert {place["bytes_gone_at"] for place in first.places if place["kind"] == "table"} == {None}
    assert erasure.finish("main", log, tmp_path) == 2
    for one in (first, second):
        one.refresh_from_db()
        assert one.state == ErasureState.GONE
        assert all(place["bytes_gone_at"] for place in one.places)
        assert one.gone_at is not None
        assert one.asked_at < one.gone_at < one.gone_by
    assert erasure.finish("main", log, tmp_path) == 0
    assert [p.name for p in (tmp_path / "log").glob("main*.duckdb")] == ["main.1.duckdb"]


def test_a_receipt_names_the_last_backup_that_may_hold_her(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    """One that was begun before she was erased; a later one cannot."""
    fill(log)
    none = receipts.document(erase(log, tmp_path, ana, "him"), tmp_path)
    for created_at in ("2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"):
        audit.record(
            by=ana, action="backup.written", subject="b.tar", after={"created_at": created_at}
        )
    done = erase(log, tmp_path, ana)
    later = {"created_at": "2999-01-01T00:00:00+00:00"}
    audit.record(by=ana, action="backup.written", subject="b.tar", after=later)
    assert receipts.document(done, tmp_path)["backups"] == ["2026-02-01T00:00:00.000000Z"]
    assert "2026-02-01T00:00:00" in papers.receipt(receipts.document(done, tmp_path), "en")
    assert none["backups"] == []


@pytest.mark.django_db(transaction=True)
def test_one_that_was_cut_off_is_carried_on(
    log: Owner, tmp_path: Path, ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the log and the files: the ids that wait are the only way to go on."""
    fill(log)
    hers = rejects(tmp_path, "a.csv", "2,at,x,bad,f.csv,her-id-1,")
    walk = places.of_customers

    def killed() -> list[Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr(places, "of_customers", killed)
    with pytest.raises(KeyboardInterrupt):
        erase(log, tmp_path, ana)
    monkeypatch.setattr(places, "of_customers", walk)
    cut = Erasure.objects.get()
    assert (cut.state, read(log, "id")) == (ErasureState.ASKED, [("r1",)])
    assert ["customer", "her-id-1"] in cut.pending["ids"]
    assert erasure.finish("main", log, tmp_path) == 1
    cut.refresh_from_db()
    assert (cut.state, cut.pending, hers.exists()) == (ErasureState.GONE, {}, False)


def test_a_receipt_is_checked_by_its_signature(log: Owner, tmp_path: Path, ana: Actor) -> None:
    fill(log)
    document = receipts.document(erase(log, tmp_path, ana), tmp_path)
    again = json.loads(json.dumps(document))
    assert receipts.verify(again, tmp_path) == receipts.Verdict(
        True, True, receipts.verify(document, tmp_path).fingerprint
    )
    elsewhere = tmp_path / "elsewhere"
    assert not receipts.verify(again, elsewhere).is_ours
    assert receipts.verify(again, elsewhere).is_valid
    again["places"][0]["rows"] += 1
    assert not receipts.verify(again, tmp_path).is_valid
    with pytest.raises(Problem) as none:
        receipts.verify({"form": "something"}, tmp_path)
    assert none.value.code == "rights.no-receipt"


def test_a_receipt_is_a_page_in_both_languages(log: Owner, tmp_path: Path, ana: Actor) -> None:
    fill(log)
    document = receipts.document(erase(log, tmp_path, ana), tmp_path)
    english, chinese = papers.receipt(document, "en"), papers.receipt(document, "zh")
    assert "Receipt of an erasure" in english
    assert "删除凭证" in chinese
    assert document["signature"]["value"] in chinese
    assert "http" not in english


def test_rules_are_checked_and_reach_the_log(log: Owner, tmp_path: Path, ana: Actor) -> None:
    fill(log)
    for days, erased_ids in ((0, "refuse"), (91, "refuse"), (7, "maybe")):
        with pytest.raises(Problem):
            rules.change(by=ana, log=log, workspace="main", stated_days=days, erased_ids=erased_ids)
    rules.change(by=ana, log=log, workspace="main", stated_days=2, erased_ids="anew")
    done = erase(log, tmp_path, ana)
    assert (done.gone_by - done.asked_at).days == 2
    assert put(log, [{"id": "n", "customer": "her-id-1"}]).rows_added == 1


def test_a_stranger_to_the_log_is_no_erasure(log: Owner, tmp_path: Path, ana: Actor) -> None:
    with pytest.raises(Problem) as nobody:
        erase(log, tmp_path, ana)
    assert nobody.value.code == "rights.no-such-customer"
    assert not Erasure.objects.exists()


# The walk


def test_every_place_about_customers_has_an_eraser() -> None:
    """A holding that no room says how to erase raises here, by name."""
    found = {(holding.kind, holding.place) for holding, _eraser in places.of_customers()}
    declared = {
        (h.kind, h.place) for h in places.holdings() if h.about == "customer" and h.kind != "table"
    }
    assert declared <= found
    assert {("folder", "rejects"), ("folder", "journal"), ("model", "unify.Erasure")} <= found


def test_every_model_is_declared_by_one_room() -> None:
    declared = [h.place for h in places.holdings() if h.kind == "model"]
    assert len(declared) == len(set(declared))
    assert {model._meta.label for model in apps.get_models()} == set(declared)
    for holding in places.holdings():
        if holding.kind == "model":
            fields = {field.name for field in apps.get_model(holding.place)._meta.get_fields()}
            assert set(holding.fields) <= fields, holding.place


def test_models_about_customers_forget_by_every_declared_field(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    """One row for each field, with her in that field alone; and one about somebody else.

    Would catch a field of a holding that the walk does not look into.
    """
    her = Her("main", tmp_path, (Id("customer", "her-id-1"),), keys=(77,), pseudonym="p")
    for holding, eraser in places.of_customers():
        if holding.kind != "model" or (holding.kind, holding.place) in places._REGISTERED:
            continue
        model = apps.get_model(holding.place)
        for field in holding.fields:
            row = _row(model, {})
            hers = _row(model, {field: _about_her(model._meta.get_field(field))})
            assert eraser.erase(her) == 1, (holding.place, field)
            assert not model._default_manager.filter(pk=hers.pk).exists()
            row.delete()


def test_rows_are_hers_by_a_whole_word_and_in_her_workspace_only(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    holding = Holding("model", "unify.Erasure", "customer", ("customer", "pending"), "a test")
    her = Her("main", tmp_path, (Id("customer", "her-id-1"), Id("customer", "梅")))

    def row(slug: str, customer: str, pending: Any) -> int:
        return erasure.ask(
            by=ana, workspace=find(slug), customer=customer, reason="request", pending=pending
        ).pk

    hers = [
        row("main", "her-id-1", {}),
        row("main", "x", {"deep": [{"who": "梅"}]}),
        row("main", "x", {"her-id-1": 1}),
    ]
    others = [
        row("other", "her-id-1", {}),
        row("main", "her-id-12", {}),
        row("main", "x", {"note": "about her-id-1 and more"}),
    ]
    assert len(ModelRows(holding).show(her)) == len(hers)
    assert ModelRows(holding).erase(her) == len(hers)
    assert sorted(Erasure.objects.values_list("pk", flat=True)) == others


def _about_her(field: Any) -> Any:
    if isinstance(field, models.JSONField):
        return [{"deep": ["her-id-1"]}]
    return 77 if isinstance(field, models.IntegerField) else "her-id-1"


def _row(model: Any, given: dict[str, Any]) -> Any:
    """A row with something in every field that needs it."""
    values: dict[str, Any] = {}
    number = model._default_manager.count() * 10 + 1000
    for place, field in enumerate(model._meta.concrete_fields):
        if field.primary_key or field.null or field.has_default():
            continue
        if field.name == "workspace":
            values["workspace"] = find("main") if field.is_relation else "main"
        elif isinstance(field, models.IntegerField):
            values[field.name] = number + place
        elif isinstance(field, models.CharField | models.TextField):
            values[field.name] = "x"
    values.update(given)
    if values.get("key_a", 0) > values.get("key_b", 0):  # the lesser stands first
        values["key_a"], values["key_b"] = (
            (values["key_a"], values["key_a"] + 1) if "key_a" in given else (1, values["key_b"])
        )
    return model._default_manager.create(**values)
