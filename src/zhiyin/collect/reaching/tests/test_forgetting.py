"""Askings forget her: whole when she asks for it, and by themselves some time after the last."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.models import Asking, Stopped
from zhiyin.collect.reaching import distributions, forgetting, letter_ids, planning, rules, stopping
from zhiyin.collect.reaching.distributions import Asked
from zhiyin.collect.reaching.people import Person
from zhiyin.unify import places
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(log: Owner) -> Owner:
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    held = distributions.create(
        by=COMMAND_LINE, workspace="main", survey="visit", key="spring", asked=Asked()
    )
    people = [Person(one, address=f"{one}@example.com", fields={"vip": one}) for one in "abc"]
    planning.plan(log, by=COMMAND_LINE, distribution=held, people=people)
    return log


def test_an_erasure_takes_her_askings_by_id_address_or_field(
    planned: Owner, tmp_path: Path
) -> None:
    ((_holding, eraser),) = [
        found for found in places.of_customers() if found[0].place == "collect.Asking"
    ]
    for her in (
        Her("main", tmp_path, (Id("customer", "a"),)),
        Her("main", tmp_path, (Id("customer", "x"),), contacts=("b@example.com",)),
    ):
        assert len(eraser.show(her)) == 1
        assert eraser.erase(her) == 1
    assert eraser.show(Her("other", tmp_path, (Id("customer", "c"),))) == []
    assert list(Asking.objects.values_list("customer", flat=True)) == ["c"]


def test_names_go_some_time_after_the_last_letter_and_stopping_still_works(planned: Owner) -> None:
    long_ago = timezone.now() - forgetting.KEPT - timedelta(days=1)
    Asking.objects.filter(customer="a").update(is_over=True, is_in_log=True, sent_at=long_ago,
                                               due_at=long_ago, state="sent")  # fmt: skip
    Asking.objects.filter(customer="b").update(is_over=True, is_in_log=True)
    assert forgetting.forget_old() == 1
    gone = Asking.objects.get(customer="")
    assert (gone.address, gone.fields, gone.about_id) == ("", {}, "")
    assert set(Asking.objects.values_list("customer", flat=True)) == {"", "b", "c"}
    found = stopping.asking_of(letter_ids.of(gone.pk))
    assert found == gone
    assert stopping.unsubscribe(gone)
    assert Stopped.objects.get().address_hash == gone.address_hash
