"""Contact rules and triggers by program."""

from __future__ import annotations

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.models import Distribution, Survey
from zhiyin.collect.reaching import rules
from zhiyin.collect.surveys import actions
from zhiyin.collect.surveys.tests.written import NPS, survey
from zhiyin.warehouse.owner import Owner


def test_contact_rules(planted: Owner) -> None:
    ask = asking(a_key())
    before = ask("get", "/contact-rules").json()
    assert before == rules.Rules().as_dict()
    changed = ask("patch", "/contact-rules", {"days_any": 20, "quiet": "22:00-08:00"}).json()
    assert changed == {**before, "days_any": 20, "quiet": "22:00-08:00"}
    for wrong in ({"days_any": 400}, {"quiet": "late"}, {"purpose": ""}, {"days": 1}):
        assert ask("patch", "/contact-rules", wrong).status_code == 422, wrong
    assert rules.of("main").days_any == 20


def test_triggers(planted: Owner) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=survey((NPS,)))
    held = Survey.objects.get(key="visit")
    Distribution.objects.create(
        workspace=held.workspace, survey=held, key="after", channel="email", seed=7,
        created_by="zhiyin", changed_by="zhiyin",
    )  # fmt: skip
    ask, blind = asking(a_key()), asking(a_key(sees_personal_data=False))
    assert ask("get", "/triggers/after").json()["code"] == "trigger.none"
    given = {"event": "Order Delivered", "where": "properties.email != 'a@b.example'",
             "sample_share": 0.5}  # fmt: skip
    made = ask("put", "/triggers/after", given)
    assert (made.status_code, made.json()["sample_share"]) == (200, 0.5)
    assert ask("get", "/triggers").json()["triggers"] == [made.json()]
    # Of a property only its name is told to whom personal data is not shown, and none is set.
    assert "a@b" not in blind("get", "/triggers/after").json()["where"]
    assert blind("put", "/triggers/after", given).status_code == 403
    tried = ask("get", "/triggers/after/dry-run", {"days": 30, "as_if_live": True}).json()
    assert (tried["events"], tried["asked"], tried["is_cut"]) == (0, 0, False)
    drawn = ask("get", "/triggers/after/draw", {"source": "shop", "id": "e1"}).json()
    assert drawn["is_in_sample"] == (drawn["number"] < 0.5)
    assert ask("delete", "/triggers/after").json() == {"key": "after", "removed": True}
    assert ask("delete", "/triggers/none").status_code == 404
