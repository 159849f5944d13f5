"""Saved views are found by whom they are for, and changed by whom they belong to."""

from __future__ import annotations

import pytest

from zhiyin.accounts import actions, saved_views
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import AuditEntry, Person, SavedView
from zhiyin.accounts.saved_views import Chosen
from zhiyin.kernel.errors import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    actions.set_up(by=COMMAND_LINE, login="ana")
    return Person.objects.get(login="ana")


@pytest.fixture
def ben(ana: Person) -> Person:
    return Person.objects.create(login="ben")


def save(person: Person | None, name: str, *, may_share: bool = True, **more: bool) -> SavedView:
    return saved_views.save(
        by=Actor(person=person, where="here"),
        workspace="main",
        page="scores",
        query="metric=csat",
        chosen=Chosen(name, **more),
        may_share=may_share,
    )


def names(views: list[SavedView]) -> list[str]:
    return [view.name for view in views]


def test_a_person_finds_her_own_and_shared_views(ana: Person, ben: Person) -> None:
    save(ana, "hers")
    save(ana, "ours", is_shared=True, is_pinned=True)
    save(ben, "his", is_pinned=True)
    assert names(saved_views.seen_by("main", ana)) == ["hers", "ours"]
    assert names(saved_views.seen_by("main", ben)) == ["his", "ours"]
    assert names(saved_views.seen_by("main", None)) == ["ours"]
    assert names(saved_views.seen_by("main", ana, "OUR")) == ["ours"]
    assert names(saved_views.pinned("main", ana)) == ["ours"]
    assert names(saved_views.pinned("main", ben)) == ["his", "ours"]


def test_somebody_elses_own_view_is_not_there(ana: Person, ben: Person) -> None:
    hers = save(ana, "hers")
    for workspace, person in (("main", ben), ("other", ana)):
        with pytest.raises(Problem) as refused:
            saved_views.get(workspace, person, hers.pk)
        assert refused.value.code == "views.none"
    by_ben = Actor(person=ben, where="")
    with pytest.raises(Problem) as refused:
        saved_views.remove(by=by_ben, workspace="main", number=hers.pk, may_share=True)
    assert refused.value.code == "views.none"


def test_a_shared_view_is_changed_by_who_saved_it_or_who_may_share(
    ana: Person, ben: Person
) -> None:
    ours = save(ana, "ours", is_shared=True)
    by_ben = Actor(person=ben, where="")
    chosen = Chosen("renamed", is_shared=True, is_pinned=True)
    with pytest.raises(Problem) as refused:
        saved_views.change(
            by=by_ben, workspace="main", number=ours.pk, chosen=chosen, may_share=False
        )
    assert refused.value.code == "views.not-yours"
    saved_views.change(by=by_ben, workspace="main", number=ours.pk, chosen=chosen, may_share=True)
    ours.refresh_from_db()
    assert (ours.name, ours.is_pinned, ours.person) == ("renamed", True, ana)
    saved_views.remove(by=by_ben, workspace="main", number=ours.pk, may_share=True)
    done = list(AuditEntry.objects.filter(action__startswith="view.").order_by("pk"))
    assert [entry.action for entry in done] == ["view.saved", "view.changed", "view.removed"]
    assert done[1].before["name"] == "ours"
    assert done[1].after["is_pinned"] is True


def test_who_may_not_share_saves_for_herself(ben: Person) -> None:
    with pytest.raises(Problem) as refused:
        save(ben, "his", may_share=False, is_shared=True)
    assert refused.value.code == "views.not-yours"
    his = save(ben, "his", may_share=False)
    with pytest.raises(Problem, match="does not let you share"):
        saved_views.change(
            by=Actor(person=ben, where=""),
            workspace="main",
            number=his.pk,
            chosen=Chosen("his", is_shared=True),
            may_share=False,
        )


def test_a_name_is_there_once_among_those_who_find_it(ana: Person, ben: Person) -> None:
    save(ana, "same")
    save(ben, "same")
    save(ben, "same", is_shared=True)
    for person, more in ((ana, {}), (ana, {"is_shared": True})):
        with pytest.raises(Problem) as refused:
            save(person, " same ", **more)
        assert refused.value.code == "views.taken"


@pytest.mark.parametrize(
    ("page", "query", "name", "code"),
    [
        ("nowhere", "", "x", "views.page"),
        ("scores", "a" * 4001, "x", "views.query"),
        ("scores", "", "  ", "views.name"),
        ("scores", "", "x" * 81, "views.name"),
    ],
)
def test_what_cannot_be_saved_is_said(
    ana: Person, page: str, query: str, name: str, code: str
) -> None:
    with pytest.raises(Problem) as refused:
        saved_views.save(
            by=Actor(person=ana, where=""),
            workspace="main",
            page=page,
            query=query,
            chosen=Chosen(name),
            may_share=True,
        )
    assert refused.value.code == code


def test_a_view_opens_the_page_that_it_was_saved_on(ana: Person) -> None:
    assert saved_views.address(save(ana, "hers")) == "/main/scores/?metric=csat"
