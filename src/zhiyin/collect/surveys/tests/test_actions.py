"""A survey from its draft to the log process: nothing is overwritten, nothing faulty is shown."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.models import Survey, SurveyVersion
from zhiyin.collect.surveys import actions, definition, kept, published
from zhiyin.collect.surveys.published import Published, index_file, version_file
from zhiyin.collect.surveys.tests.written import NPS, asking, survey
from zhiyin.kernel.errors import Problem

WHO: dict[str, Any] = {"by": COMMAND_LINE, "workspace": "main"}
FIRST = survey((NPS,), (asking("why", "comment"),))
SECOND = survey((NPS,), (asking("why", "comment"), asking("ease", "rating")))
RATED = survey((NPS,), (asking("why", "comment"), asking("ease", "rating", scale_max=7)))


@pytest.fixture
def committed(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """Runs an action and what it does after its transaction."""

    def run(action: Any, **given: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return action(**WHO, **given)

    return run


def refused(action: Any, **given: Any) -> str:
    with pytest.raises(Problem) as caught:
        action(**WHO, **given)
    return caught.value.code


def test_two_editors_never_overwrite_each_other(data: Path) -> None:
    held = actions.create(**WHO, key="visit", survey=FIRST)
    assert (held.revision, len(held.public_id)) == (1, 10)
    assert actions.save(**WHO, key="visit", survey=SECOND, revision=1).revision == 2
    assert refused(actions.save, key="visit", survey=FIRST, revision=1) == "survey.stale"
    assert kept.draft(kept.get("main", "visit")) == SECOND
    # The same again is no change.
    assert actions.save(**WHO, key="visit", survey=SECOND, revision=2).revision == 2
    assert refused(actions.publish, key="visit", revision=1) == "survey.stale"
    assert refused(actions.save, key="none", survey=FIRST, revision=1) == "survey.none"
    assert refused(actions.create, key="visit", survey=FIRST) == "survey.key-taken"
    assert refused(actions.create, key="Visit!", survey=FIRST) == "survey.key"
    large = msgspec.structs.replace(FIRST, title={"en": "x" * 2_000_001})
    assert refused(actions.create, key="large", survey=large) == "survey.bytes"


def test_faults_hinder_publication(data: Path) -> None:
    faulty = survey((NPS,), (asking("why", "comment", shown_if="recommend > 11"),))
    actions.create(**WHO, key="visit", survey=faulty)
    with pytest.raises(Problem) as caught:
        actions.publish(**WHO, key="visit")
    assert caught.value.code == "survey.faulty"
    assert "/pages/1/questions/0/shown_if" in str(caught.value)
    assert not SurveyVersion.objects.exists()
    checked = kept.checked(kept.get("main", "visit"))
    assert [one["code"] for one in checked["faults"]] == ["survey.condition-value"]


def test_versions_are_numbered_and_never_change(data: Path) -> None:
    actions.create(**WHO, key="visit", survey=SECOND)
    assert kept.as_dict(kept.get("main", "visit"))["state"] == "draft"
    first = actions.publish(**WHO, key="visit", notes=" the first ")
    assert (first.number, first.notes, first.revision) == (1, "the first", 1)
    assert refused(actions.publish, key="visit") == "survey.nothing-new"
    actions.save(**WHO, key="visit", survey=RATED, revision=1)
    shown = kept.as_dict(kept.get("main", "visit"))
    assert (shown["state"], shown["version"], shown["has_changes"]) == ("open", 1, True)
    (changed,) = kept.checked(kept.get("main", "visit"))["changed"]
    assert changed == {"question": "ease", "series": "ease", "version": 1, "what": ["scale"]}
    assert refused(actions.publish, key="visit") == "survey.series-undecided"
    second = actions.publish(**WHO, key="visit", decisions={"ease": "new"})
    held = kept.get("main", "visit")
    assert (second.number, held.revision, second.revision) == (2, 3, 3)
    # The draft knows its new series, so it goes on from there.
    assert [item.series for item in kept.draft(held).items()] == ["recommend", "why", "ease-2"]
    assert not kept.as_dict(held)["has_changes"]
    assert definition.read(kept.version(held, 1).document.encode()) == SECOND
    with pytest.raises(TypeError):
        first.save()
    with pytest.raises(Problem):
        kept.version(held, 3)
    said = AuditEntry.of("main").filter(action="survey.published").order_by("pk").last()
    assert said is not None
    assert said.after == {"version": 2, "decisions": {"ease": "new"}, "notes": ""}


def test_what_was_published_is_closed_and_not_removed(data: Path) -> None:
    actions.create(**WHO, key="visit", survey=FIRST)
    assert refused(actions.close, key="visit") == "survey.not-published"
    copied = actions.copy(**WHO, key="visit", to="other")
    assert (copied.draft, copied.revision) == (kept.get("main", "visit").draft, 1)
    assert copied.public_id != kept.get("main", "visit").public_id
    actions.publish(**WHO, key="visit")
    assert refused(actions.remove, key="visit") == "survey.was-published"
    for action, is_open in ((actions.close, False), (actions.close, False), (actions.reopen, True)):
        assert action(**WHO, key="visit").is_open is is_open
    # A version that is published while it is closed does not open it.
    actions.close(**WHO, key="visit")
    actions.save(**WHO, key="visit", survey=SECOND, revision=1)
    actions.publish(**WHO, key="visit")
    assert kept.as_dict(kept.get("main", "visit"))["state"] == "closed"
    actions.remove(**WHO, key="other")
    assert [one.key for one in kept.of("main")] == ["visit"]
    entries = AuditEntry.of("main").filter(action__startswith="survey.").order_by("pk")
    assert list(entries.values_list("action", "subject")) == [
        ("survey.created", "visit"), ("survey.copied", "other"), ("survey.published", "visit"),
        ("survey.closed", "visit"), ("survey.opened", "visit"), ("survey.closed", "visit"),
        ("survey.changed", "visit"), ("survey.published", "visit"), ("survey.removed", "other"),
    ]  # fmt: skip


def test_the_log_process_finds_what_is_published(
    data: Path, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "LOOK_SECONDS", 0.0)
    found = Published(data)
    assert found.find("anything") is None
    held = committed(actions.create, key="visit", survey=FIRST)
    assert found.find(held.public_id) is None
    committed(actions.publish, key="visit")
    first = found.find(held.public_id)
    assert first is not None
    assert (first.workspace, first.key, first.number, first.is_open) == ("main", "visit", 1, True)
    assert (first.survey, first.zone) == (FIRST, "UTC")
    committed(actions.save, key="visit", survey=SECOND, revision=1)
    committed(actions.publish, key="visit")
    second, before = found.find(held.public_id), found.find(held.public_id, 1)
    assert second is not None
    assert before is not None
    assert (second.number, second.survey, before.survey) == (2, SECOND, FIRST)
    assert found.find(held.public_id, 3) is found.find(held.public_id, 0) is None
    committed(actions.close, key="visit")
    closed = found.find(held.public_id)
    assert closed is not None
    assert not closed.is_open
    assert closed.survey is second.survey  # which was not read again
    # A disk that fails for a moment closes no survey; a list that is gone does.
    index_file(data).write_text("{")
    assert found.find(held.public_id) == closed
    index_file(data).unlink()
    assert found.find(held.public_id) is None


def test_a_survey_follows_its_workspaces_zone_and_lost_files_come_back(
    data: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, committed: Any
) -> None:
    held = committed(actions.create, key="visit", survey=FIRST)
    committed(actions.publish, key="visit")
    file = version_file(data, held.public_id, 1)
    file.unlink()
    with django_capture_on_commit_callbacks(execute=True):
        accounts.change_workspace(by=COMMAND_LINE, slug="main", timezone="Asia/Shanghai")
    seen = Published(data).find(held.public_id)
    assert seen is not None
    assert seen.zone == "Asia/Shanghai"
    assert definition.read(file.read_bytes()) == FIRST


def test_many_surveys_are_found_at_once(data: Path, committed: Any) -> None:
    """One list is read when something changed, and one document when it is asked for."""
    place = actions.create(**WHO, key="s0", survey=FIRST).workspace
    document = definition.write(FIRST).decode()
    made = Survey.objects.bulk_create(
        Survey(workspace=place, public_id=f"p{n:09}", key=f"s{n}", draft=document, is_open=True)
        for n in range(1, 200)
    )
    SurveyVersion.objects.bulk_create(
        SurveyVersion(survey=one, number=1, document=document, revision=1) for one in made
    )
    committed(actions.publish, key="s0")
    found = Published(data)
    begun = time.perf_counter()
    assert found.find("p000000199") is not None
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    for _time in range(1000):
        found.find("p000000199")
    each = (time.perf_counter() - begun) / 1000
    assert first < 0.5
    assert each < 0.001


def test_an_address_brings_fields(data: Path, settings: Settings) -> None:
    settings.ZHIYIN_PUBLIC_URL = "https://cx.example.com/"
    held = actions.create(**WHO, key="visit", survey=FIRST)
    address = f"https://cx.example.com/s/{held.public_id}"
    assert kept.link(held, {}) == address
    assert kept.link(held, {"city": "杭 州", "tier": "a&b"}) == (
        f"{address}?f.city=%E6%9D%AD+%E5%B7%9E&f.tier=a%26b"
    )
    with pytest.raises(Problem):
        kept.link(held, {"a b": "x"})
