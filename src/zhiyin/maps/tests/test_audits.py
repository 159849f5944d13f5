"""Competitor audits: what is kept, what is refused, what is removed with what.

Programs that these would catch: a run put over a change that somebody else made; a picture that
stays when its step is gone, or goes while the step stays; a picture with its camera and place; a
link that runs a script; a walkthrough of another workspace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.maps import actions, audit_pictures, auditing, audits
from zhiyin.maps.audit_asked import AuditAsked, SiteAsked, StepAsked
from zhiyin.maps.document import Map
from zhiyin.maps.models import Audit, AuditRun, AuditSite, AuditStep
from zhiyin.maps.tests.test_operations import SMALL
from zhiyin.maps.tests.walked import ASKED, STEPS, asked, made

AN = Actor(person=None, where="here", key="an")
BO = Actor(person=None, where="here", key="bo")

pytestmark = pytest.mark.usefixtures("data")


def refused(action: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(Problem) as caught:
        action(by=AN, workspace="main", **given)
    assert str(caught.value.message)
    return caught.value.code


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    file = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CameraOfAna"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", size, "red").save(file, form, exif=exif, **more)
    return file.getvalue()


def files(data: Path) -> list[str]:
    return sorted(path.name for path in data.glob("walkthroughs/**/*.*"))


def test_a_walkthrough_is_made_changed_and_found(data: Path) -> None:
    actions.create(by=AN, workspace="main", key="trip", map_=SMALL)
    held = made(map="trip")
    told = audits.as_dict(held)
    assert (told["title"], told["map"], told["revision"]) == ("Buy a ticket", "trip", 1)
    assert [(one["name"], one["is_ours"]) for one in told["sites"]] == [
        ("Our site", True), ("Blue", False), ("Green", False),
    ]  # fmt: skip
    other = replace(ASKED, title=" Buy ", sites=(*ASKED.sites[:2], SiteAsked("Red")), map="")
    changed = auditing.change(by=BO, workspace="main", number=held.pk, asked=other, revision=1)
    told = audits.as_dict(changed)
    assert (told["title"], told["map"], told["revision"]) == ("Buy", None, 2)
    assert [one["name"] for one in told["sites"]] == ["Our site", "Blue", "Red"]
    assert [one.pk for one in audits.of("main")] == [held.pk]


def test_of_two_who_change_the_same_the_second_is_told() -> None:
    held = made()
    auditing.change(by=AN, workspace="main", number=held.pk, asked=ASKED, revision=1)
    given = {"number": held.pk, "asked": ASKED, "revision": 1}
    assert refused(auditing.change, **given) == "walkthrough.changed"
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked())
    # To add a run changes nothing that somebody else looks at.
    again: dict[str, Any] = {"number": held.pk, "run": run.pk, "asked": asked(who="P2")}
    auditing.change_run(by=AN, workspace="main", revision=2, **again)
    assert refused(auditing.change_run, revision=2, **again) == "walkthrough.changed"
    gone = {"number": held.pk, "run": run.pk, "revision": 2}
    assert refused(auditing.remove_run, **gone) == "walkthrough.changed"
    assert audits.run(audits.get("main", held.pk), run.pk).who == "P2"


def test_sites_keep_their_runs_whatever_they_are_called() -> None:
    held = made()
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked("Blue"))
    ours, blue, green = audits.sites(held)
    # Two take each other's names; one goes.
    turned = (
        SiteAsked("Blue", is_ours=True, number=ours.pk), SiteAsked("Our site", number=blue.pk),
    )  # fmt: skip
    auditing.change(by=AN, workspace="main", number=held.pk, asked=replace(ASKED, sites=turned))
    assert AuditRun.objects.get(pk=run.pk).site.name == "Our site"
    assert not AuditSite.objects.filter(pk=green.pk).exists()
    without = replace(ASKED, sites=(SiteAsked("Blue", is_ours=True),))
    assert refused(auditing.change, number=held.pk, asked=without) == "walkthrough.site-used"
    assert AuditRun.objects.filter(pk=run.pk).exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": "  "}, "walkthrough.text"),
        ({"title": "x" * 201}, "walkthrough.text"),
        ({"title": "a\0b"}, "walkthrough.text"),
        ({"title": "\ud800"}, "walkthrough.text"),
        ({"task": "x" * 2_001}, "walkthrough.text"),
        ({"map": "none"}, "map.none"),
        ({"sites": ()}, "walkthrough.sites"),
        ({"sites": (SiteAsked("A"), SiteAsked("B"))}, "walkthrough.sites"),
        ({"sites": (SiteAsked("A", is_ours=True), SiteAsked("a"))}, "walkthrough.sites"),
        ({"sites": (SiteAsked("A", is_ours=True), SiteAsked("B", is_ours=True))},
         "walkthrough.sites"),
        ({"sites": (SiteAsked("A", is_ours=True), *map(SiteAsked, "BCDEFGHI"))},
         "walkthrough.sites"),
        ({"sites": (SiteAsked("", is_ours=True),)}, "walkthrough.text"),
    ],
)  # fmt: skip
def test_what_is_no_walkthrough_is_refused(changed: dict[str, Any], code: str) -> None:
    assert refused(auditing.create, asked=replace(ASKED, **changed)) == code
    assert not Audit.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"site": "Nowhere"}, "walkthrough.no-site"),
        ({"who": ""}, "walkthrough.text"),
        ({"device": "x" * 121}, "walkthrough.text"),
        ({"done_on": clock.now().date() + timedelta(days=3)}, "walkthrough.run"),
        ({"ease": 0}, "walkthrough.run"),
        ({"ease": 8}, "walkthrough.run"),
        ({"steps": ()}, "walkthrough.step"),
        ({"steps": STEPS * 31}, "walkthrough.step"),
        ({"steps": (StepAsked(""),)}, "walkthrough.text"),
        ({"steps": (StepAsked("x", seconds=0.0),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", seconds=float("nan")),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", seconds=float("inf")),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", seconds=86_401.0),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", node="pay"),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", link="javascript:alert(1)"),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", link="data:text/html,x"),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", link="//evil.example"),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", link="https://["),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", link="https://a.example/ b"),)}, "walkthrough.step"),
        ({"steps": (StepAsked("x", failed="a\0"),)}, "walkthrough.text"),
        ({"steps": (StepAsked("x", was=1), StepAsked("y", was=1))}, "walkthrough.step"),
    ],
)
def test_what_is_no_run_is_refused(changed: dict[str, Any], code: str) -> None:
    held = made()
    assert refused(auditing.add_run, number=held.pk, asked=asked(**changed)) == code
    assert not AuditRun.objects.exists()


def test_of_many_runs_all_are_written_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    held = made()
    given = [asked(), asked("Nowhere")]
    assert refused(auditing.add_runs, number=held.pk, asked=given) == "walkthrough.no-site"
    assert not AuditRun.objects.exists()
    monkeypatch.setattr(auditing, "MOST_RUNS", 2)
    auditing.add_runs(by=AN, workspace="main", number=held.pk, asked=[asked(), asked()])
    assert refused(auditing.add_run, number=held.pk, asked=asked()) == "walkthrough.too-many"


def test_steps_are_at_touchpoints_of_the_map_and_stay_when_these_go() -> None:
    actions.create(by=AN, workspace="main", key="trip", map_=SMALL, keeps=True)
    held = made(map="trip")
    steps = (StepAsked("Pay", node="pay"),)
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked(steps=steps))
    actions.put(by=AN, workspace="main", key="trip", map_=Map(name={"en": "Trip"}))
    actions.keep(by=AN, workspace="main", key="trip")
    change = {"number": held.pk, "run": run.pk}
    auditing.change_run(by=AN, workspace="main", asked=asked(steps=steps), **change)
    elsewhere = asked(steps=(StepAsked("Fly", node="fly"),))
    assert refused(auditing.change_run, asked=elsewhere, **change) == "walkthrough.step"
    assert refused(auditing.add_run, number=held.pk, asked=asked(steps=steps)) == "walkthrough.step"
    actions.remove(by=AN, workspace="main", key="trip")
    assert audits.as_dict(audits.get("main", held.pk))["map"] is None
    assert AuditStep.objects.get(run=run).node == "pay"


# Pictures


def test_a_picture_stays_with_its_step_and_goes_with_it(
    data: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    held = made()
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked())
    where: dict[str, Any] = {"workspace": "main", "number": held.pk, "run": run.pk}
    for place in (1, 2):
        auditing.set_picture(by=AN, place=place, content=picture(), **where)
    first, second = (one.picture for one in AuditStep.objects.filter(run=run).order_by("place"))
    assert files(data) == sorted([first, second])
    # The second step comes first now and keeps its picture; the first is gone.
    later = asked(steps=(replace(STEPS[1], was=2), StepAsked("New")))
    with django_capture_on_commit_callbacks(execute=True):
        auditing.change_run(by=AN, asked=later, **where)
    held_now = AuditStep.objects.filter(run=run).order_by("place")
    assert [one.picture for one in held_now] == [second, ""]
    assert files(data) == [second]
    with django_capture_on_commit_callbacks(execute=True):
        auditing.set_picture(by=AN, place=1, content=picture("PNG"), **where)
    (third,) = files(data)
    assert third not in (first, second)
    with django_capture_on_commit_callbacks(execute=True):
        auditing.remove_picture(by=AN, place=1, **where)
    assert files(data) == []
    gone = {name: where[name] for name in ("number", "run")}
    assert refused(auditing.remove_picture, place=1, **gone) == "walkthrough.no-picture"
    assert refused(auditing.remove_picture, place=9, **gone) == "walkthrough.no-step"


@pytest.mark.parametrize("what", ["run", "audit"])
def test_pictures_go_with_the_run_and_with_the_walkthrough(
    data: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, what: str
) -> None:
    held, other = made(), made(title="Another")
    for audit in (held, other):
        run = auditing.add_run(by=AN, workspace="main", number=audit.pk, asked=asked())
        where: dict[str, Any] = {"workspace": "main", "number": audit.pk, "run": run.pk}
        auditing.set_picture(by=AN, place=1, content=picture(), **where)
    run = AuditRun.objects.get(site__audit=held)
    with django_capture_on_commit_callbacks(execute=True):
        if what == "run":
            auditing.remove_run(by=AN, workspace="main", number=held.pk, run=run.pk)
        else:
            auditing.remove(by=AN, workspace="main", number=held.pk)
    assert files(data) == [AuditStep.objects.get(run__site__audit=other, place=1).picture]


def test_nothing_but_pixels_is_kept(data: Path) -> None:
    held = made()
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked())
    hidden = b"<script>alert(1)</script>PK\x03\x04"
    for form in ("JPEG", "PNG", "WEBP"):
        step = auditing.set_picture(
            by=AN, workspace="main", number=held.pk, run=run.pk, place=1,
            content=picture(form) + hidden,
        )  # fmt: skip
        file = audit_pictures.path_of(data, "main", held.pk, step.picture)
        assert file is not None
        content = file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
        for secret in (b"CameraOfAna", b"script", b"PK\x03\x04", b"Exif"):
            assert secret not in content
        with Image.open(file) as kept:
            assert (kept.size, len(kept.getexif())) == ((60, 40), 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "walkthrough.picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "walkthrough.picture"),
        (b"%PDF-1.7\n", "walkthrough.picture"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "walkthrough.picture"),
        (picture()[:200], "walkthrough.picture"),
        (b"\xff\xd8" + b"\0" * audit_pictures.MOST_BYTES, "walkthrough.picture-large"),
    ],
)
def test_what_is_no_picture_is_refused(data: Path, content: bytes, code: str) -> None:
    held = made()
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked())
    given = {"number": held.pk, "run": run.pk, "place": 1, "content": content}
    assert refused(auditing.set_picture, **given) == code
    assert files(data) == []


def test_a_picture_that_cannot_be_put_leaves_no_file(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = made()
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked())

    def fails(**_given: Any) -> None:
        raise RuntimeError("the store is away")

    monkeypatch.setattr("zhiyin.maps.auditing.trail.record", fails)
    with pytest.raises(RuntimeError, match="away"):
        auditing.set_picture(
            by=AN, workspace="main", number=held.pk, run=run.pk, place=1, content=picture()
        )
    assert files(data) == []


@pytest.mark.parametrize("name", ["../../secret-key", "", "x.jpg", "a" * 32 + ".html"])
def test_no_name_leads_out_of_the_folder(data: Path, name: str) -> None:
    (data / "secret-key").write_text("secret")
    assert audit_pictures.path_of(data, "main", 1, name) is None


# Others


def test_another_workspace_knows_nothing_of_it() -> None:
    accounts.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    held = made()
    run = auditing.add_run(by=AN, workspace="main", number=held.pk, asked=asked())
    assert not audits.of("other").exists()
    theirs = made("other", title="Buy a ticket")
    where: dict[str, Any] = {"by": AN, "workspace": "other", "number": held.pk}
    for action, given in (
        (auditing.change, {"asked": ASKED}),
        (auditing.remove, {}),
        (auditing.add_run, {"asked": asked()}),
        (auditing.change_run, {"run": run.pk, "asked": asked()}),
        (auditing.remove_run, {"run": run.pk}),
        (auditing.set_picture, {"run": run.pk, "place": 1, "content": picture()}),
    ):
        with pytest.raises(Problem) as caught:
            action(**where, **given)
        assert caught.value.code == "walkthrough.none", action
    # Nor is a run reached by way of another walkthrough.
    gone = {"number": made(title="Mine").pk, "run": run.pk}
    assert refused(auditing.remove_run, **gone) == "walkthrough.no-run"
    assert audits.as_dict(theirs)["runs"] == 0
    assert AuditRun.objects.count() == 1


def test_a_title_is_given_once() -> None:
    made()
    assert refused(auditing.create, asked=ASKED) == "walkthrough.title-taken"
    other = made(title="Other")
    given = {"number": other.pk, "asked": AuditAsked("Buy a ticket", sites=ASKED.sites)}
    assert refused(auditing.change, **given) == "walkthrough.title-taken"


def test_what_is_done_is_in_the_audit_log_without_who_walked() -> None:
    held = made()
    run = auditing.add_run(
        by=BO, workspace="main", number=held.pk, asked=asked(who="Ana of the shop")
    )
    auditing.change_run(
        by=BO, workspace="main", number=held.pk, run=run.pk, asked=asked(who="Ana of the shop")
    )
    auditing.remove_run(by=BO, workspace="main", number=held.pk, run=run.pk)
    auditing.remove(by=BO, workspace="main", number=held.pk)
    said = list(AuditEntry.of("main").filter(action__startswith="walkthrough").order_by("pk"))
    assert [one.action for one in said] == [
        "walkthrough.created", "walkthrough_run.added", "walkthrough_run.changed",
        "walkthrough_run.removed", "walkthrough.removed",
    ]  # fmt: skip
    assert {one.by for one in said} == {"zhiyin", "api: bo"}
    assert "Ana" not in str([(one.subject, one.before, one.after) for one in said])
