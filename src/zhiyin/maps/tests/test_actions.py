"""What people do to maps: kept in order, conflicts shown with both sides, versions that stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel.errors import Problem
from zhiyin.maps import actions, kept
from zhiyin.maps.models import MapVersion, Outcome
from zhiyin.maps.operations import Wanted
from zhiyin.maps.tests.test_operations import SMALL

AN = Actor(person=None, where="here", key="an")
BO = Actor(person=None, where="here", key="bo")
WHERE: dict[str, Any] = {"workspace": "main", "key": "trip"}


@pytest.fixture(autouse=True)
def _trip(data: Path) -> None:
    actions.create(by=COMMAND_LINE, map_=SMALL, keeps=True, **WHERE)


def named(id_: str, text: str, seen: int, target: str = "pay") -> Wanted:
    return Wanted(id_, "set", "node", target, "name", {"en": text}, seen)


def refused(action: Any, **given: Any) -> str:
    with pytest.raises(Problem) as caught:
        action(**{**WHERE, **given})
    return caught.value.code


def test_operations_are_numbered_and_done_once() -> None:
    first = actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    again = actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    second = actions.perform(by=AN, wanted=named("b", "Fly", 1, "fly"), **WHERE)
    assert (first.number, again.pk, second.number) == (1, first.pk, 2)
    map_ = kept.draft(kept.get("main", "trip"))
    assert [one.name for one in map_.nodes] == [{"en": "Pay"}, {"en": "Fly"}, {}]


def test_of_two_who_change_the_same_both_are_kept_until_somebody_decides() -> None:
    actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    late = actions.perform(by=BO, wanted=named("b", "Payment", 0), **WHERE)
    held = kept.get("main", "trip")
    assert late.outcome == Outcome.OPEN
    assert kept.draft(held).nodes[0].name == {"en": "Pay"}
    assert [(one.by, one.value) for one in kept.undecided(held)] == [("api: bo", {"en": "Payment"})]
    assert refused(actions.keep, by=AN) == "map.undecided"
    actions.settle(by=AN, number=late.number, takes=True, **WHERE)
    held = kept.get("main", "trip")
    assert kept.draft(held).nodes[0].name == {"en": "Payment"}
    assert not kept.undecided(held)
    assert refused(actions.settle, by=AN, number=late.number, takes=False) == "map.settled"
    # What was decided for can be taken back like anything else.
    actions.undo(by=BO, number=late.number, id_="u", seen=held.number, **WHERE)
    assert kept.draft(kept.get("main", "trip")).nodes[0].name == {"en": "Pay"}


def test_the_same_value_twice_is_no_conflict() -> None:
    actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    late = actions.perform(by=BO, wanted=named("b", "Pay", 0), **WHERE)
    assert late.outcome == Outcome.DONE


def test_what_somebody_wrote_on_a_removed_touchpoint_is_not_lost() -> None:
    actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    gone = actions.perform(by=BO, wanted=Wanted("b", "remove", "node", "pay", seen=0), **WHERE)
    assert gone.outcome == Outcome.OPEN
    assert kept.draft(kept.get("main", "trip")).node("pay") is not None
    actions.settle(by=BO, number=gone.number, takes=True, **WHERE)
    assert kept.draft(kept.get("main", "trip")).node("pay") is None
    actions.undo(by=AN, number=gone.number, id_="u", seen=99, **WHERE)
    back = kept.draft(kept.get("main", "trip")).node("pay")
    assert back is not None
    assert back.name == {"en": "Pay"}


def test_a_version_stays_as_it_was() -> None:
    actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    held = kept.get("main", "trip")
    assert kept.shown(held)[1] == SMALL
    made = actions.keep(by=AN, notes="named", **WHERE)
    assert (made.number, kept.version(held, 1)[1]) == (2, SMALL)
    assert kept.shown(held)[1].nodes[0].name == {"en": "Pay"}
    assert refused(actions.keep, by=AN) == "map.nothing-new"
    with pytest.raises(TypeError):
        MapVersion.objects.get(number=1).save()


def test_what_is_done_is_in_the_audit_log() -> None:
    actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    actions.keep(by=AN, **WHERE)
    actions.remove(by=BO, **WHERE)
    said = AuditEntry.objects.filter(workspace="main", subject="trip").order_by("pk")
    assert [one.action for one in said] == ["map.created", "map.kept", "map.kept", "map.removed"]
    assert refused(actions.remove, by=BO) == "map.none"


def test_keys_and_personas() -> None:
    assert refused(actions.create, by=AN, map_=SMALL) == "map.key-taken"
    assert refused(actions.create, by=AN, map_=SMALL, key="No Key") == "map.key"
    made = actions.put_persona(
        by=AN, workspace="main", key="family", name_en="Family", name_zh="家庭", customers="x > 1"
    )
    again = actions.put_persona(
        by=AN, workspace="main", key="family", name_en="Families", name_zh="家庭"
    )
    assert (made.pk, again.name_en, again.place) == (again.pk, "Families", 0)
    with pytest.raises(Problem):
        actions.put_persona(by=AN, workspace="main", key="x", name_en="X", name_zh="")


def test_a_decision_is_not_taken_back_as_if_it_were_a_change() -> None:
    """Would catch a part that moves to the end because a decision about it is undone."""
    actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
    late = actions.perform(by=BO, wanted=named("b", "Payment", 0), **WHERE)
    decided = actions.settle(by=AN, number=late.number, takes=True, **WHERE)
    given = {"by": BO, "number": decided.number, "id_": "u", "seen": 3}
    assert refused(actions.undo, **given) == "map.not-undone"
