"""`zhiyin reach rules`, `trigger`, `triggers` and `draw`."""

from __future__ import annotations

from pathlib import Path

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.collect.models import Distribution, Survey
from zhiyin.collect.reaching import drawing
from zhiyin.collect.surveys import actions
from zhiyin.collect.surveys.tests.written import NPS, survey


def test_contact_rules_are_shown_and_changed(zhiyin: Zhiyin) -> None:
    assert zhiyin("reach", "rules")["days_any"] == 14
    changed = zhiyin("reach", "rules", "--set", "days_any=20", "--set", "needs_consent=yes")
    assert (changed["days_any"], changed["needs_consent"]) == (20, True)
    assert zhiyin("reach", "rules", "--set", "quiet=none")["quiet"] == ""
    for wrong, code in (
        ("days=3", "no-such-rule"), ("days_any=many", "rule-value"), ("quiet=9", "quiet-hours"),
        ("incident_days=0", "rule-value"), ("incident_ends=Conversation Started", "rule-value"),
    ):  # fmt: skip
        told = zhiyin("reach", "rules", "--set", wrong, status=1)
        assert told["error"]["code"] == f"contact.{code}", wrong
    assert zhiyin("reach", "rules")["days_any"] == 20


def test_a_trigger_is_set_tried_and_taken_away(zhiyin: Zhiyin, data: Path) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=survey((NPS,)))
    held = Survey.objects.get(key="visit")
    Distribution.objects.create(
        workspace=held.workspace, survey=held, key="after", channel="email", seed=7,
        created_by="zhiyin", changed_by="zhiyin",
    )  # fmt: skip
    assert zhiyin("reach", "triggers") == {"triggers": []}
    told = zhiyin("reach", "trigger", "after", "--delay", "5", status=1)
    assert told["error"]["code"] == "trigger.event"
    made = zhiyin(
        "reach", "trigger", "after", "--event", "Order Delivered", "--delay", "30", "--share",
        "0.5", "--about", "order=order_id", "--field", "city=town",
    )  # fmt: skip
    assert (made["event"], made["delay_minutes"], made["sample_share"]) == (
        "Order Delivered", 30, 0.5,
    )  # fmt: skip
    assert (made["about_property"], made["fields"]) == ("order_id", {"city": "town"})
    # What is not named stays.
    assert zhiyin("reach", "trigger", "after", "--late", "3")["delay_minutes"] == 30
    (one,) = zhiyin("reach", "triggers", "after", "--dry-run")["triggers"]
    assert (one["late_hours"], one["dry_run"]["events"], one["trouble"]) == (3, 0, None)
    told = zhiyin("reach", "triggers", "--dry-run", "--days", "91", status=1)
    assert told["error"]["code"] == "trigger.days"
    drawn = zhiyin("reach", "draw", "after", "shop", "e1")
    assert drawn["number"] == drawing.number(7, "sample", "shop\x1fe1")
    for command in (["rules"], ["triggers", "--dry-run"], ["draw", "after", "shop", "e1"]):
        assert frame.run(["reach", *command, "--data", str(data), "--lang", "zh"]) == 0
    assert zhiyin("reach", "trigger", "after", "--off") == {"key": "after", "removed": True}
    told = zhiyin("reach", "triggers", "after", status=1)
    assert told["error"]["code"] == "trigger.none"
