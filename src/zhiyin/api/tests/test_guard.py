"""Every operation, asked with every kind of key: none gives or changes what it should not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from zhiyin.accounts import api_keys, units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import ApiKey, Person
from zhiyin.accounts.rights import WHOLE, Right
from zhiyin.api.reference import Operation, operations
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER, PLANTED

RIGHTS: dict[str, tuple[str, bool]] = {
    "measures": ("see_figures", False),
    "score": ("see_figures", False),
    "compare": ("see_figures", False),
    "funnel": ("see_figures", False),
    "conversion": ("see_figures", False),
    "waits": ("see_figures", False),
    "paths": ("see_figures", False),
    "repeats": ("see_figures", False),
    "variants": ("see_figures", False),
    "journey_retention": ("see_figures", False),
    "sessions": ("see_figures", False),
    "before": ("see_figures", False),
    "parting": ("see_figures", False),
    "losses": ("see_figures", False),
    "task": ("see_figures", False),
    "time_between": ("see_figures", False),
    "adoption": ("see_figures", False),
    "engagement": ("see_figures", False),
    "maps": ("see_figures", False),
    "create_map": ("define", False),
    "map": ("see_figures", False),
    "save_map": ("define", False),
    "remove_map": ("define", False),
    "map_figures": ("see_figures", False),
    "map_difficulties": ("see_figures", False),
    "map_file": ("see_figures", False),
    "map_conformance": ("see_figures", False),
    "map_whole": ("see_figures", False),
    "map_versions": ("see_figures", False),
    "keep_map": ("define", False),
    "map_version": ("see_figures", False),
    "map_operations": ("see_figures", False),
    "change_map": ("define", False),
    "undo_in_map": ("define", False),
    "settle_in_map": ("define", False),
    "personas": ("see_figures", False),
    "save_persona": ("define", False),
    "remove_persona": ("define", False),
    "journey_customers": ("see_customers", True),
    "pins": ("see_figures", False),
    "make_pin": ("see_figures", False),
    "pin": ("see_figures", False),
    "change_pin": ("see_figures", False),
    "comment_pin": ("see_figures", False),
    "vote_pin": ("see_figures", False),
    "remove_pin": ("see_figures", False),
    "units": ("see_figures", False),
    "unit_rules": ("see_data", False),
    "preview_unit_rule": ("see_data", False),
    "set_unit_rules": ("change_workspace", False),
    "alerts": ("see_figures", False),
    "alert": ("see_figures", False),
    "step_alert": ("see_customers", False),
    "alert_rules": ("define", False),
    "add_alert_rule": ("define", False),
    "change_alert_rule": ("define", False),
    "switch_alert_rule": ("define", False),
    "remove_alert_rule": ("define", False),
    "rehearse_alert_rule": ("define", False),
    "channels": ("see_data", False),
    "add_channel": ("change_data", False),
    "change_channel": ("change_data", False),
    "step_channel": ("change_data", False),
    "remove_channel": ("change_data", False),
    "deliveries": ("see_data", False),
    "replay_delivery": ("change_data", False),
    "cases": ("see_customers", False),
    "case": ("see_customers", False),
    "open_case": ("work_cases", False),
    "step_case": ("work_cases", False),
    "case_figures": ("see_customers", False),
    "case_rules": ("see_customers", False),
    "set_case_rules": ("change_workspace", False),
    "reports": ("see_figures", False),
    "edition": ("see_figures", False),
    "edition_changes": ("see_figures", False),
    "edition_file": ("see_figures", False),
    "targets": ("see_figures", False),
    "set_target": ("set_targets", False),
    "remove_target": ("set_targets", False),
    "calendar": ("see_figures", False),
    "add_mark": ("define", False),
    "change_mark": ("define", False),
    "remove_mark": ("define", False),
    "views": ("see_figures", False),
    "save_view": ("define", False),
    "remove_view": ("define", False),
    "customers": ("see_customers", True),
    "count_customers": ("see_customers", False),
    "customer": ("see_customers", True),
    "timeline": ("see_customers", True),
    "segments": ("see_customers", False),
    "why": ("join", True),
    "merge": ("join", True),
    "unmerge": ("join", True),
    "suggestions": ("join", True),
    "decide": ("join", True),
    "create_segment": ("define", False),
    "keep_customers": ("define", True),
    "change_segment": ("define", False),
    "remove_segment": ("define", False),
    "define": ("define", False),
    "export_customer": ("fulfil", True),
    "record_consent": ("fulfil", True),
    "erase": ("fulfil", True),
    "erasures": ("fulfil", False),
    "receipt": ("fulfil", False),
    "answers": ("export", False),
    "export_rows": ("export", True),
    "export_customers": ("export", True),
    "export_survey": ("export", True),
    "events": ("see_data", False),
    "count_events": ("see_data", False),
    "catalogue": ("see_data", False),
    "imports": ("see_data", False),
    "import_file": ("change_data", False),
    "undo_import": ("change_data", False),
    "dead_letters": ("see_data", True),
    "keys": ("see_data", False),
    "replay": ("change_data", True),
    "dismiss": ("change_data", True),
    "create_write_key": ("change_data", False),
    "revoke_write_key": ("change_data", False),
    "audit": ("see_audit", True),
    "jobs": ("change_workspace", False),
    "cancel_job": ("change_workspace", False),
    "change_workspace": ("change_workspace", False),
    "save_unit": ("change_workspace", False),
    "remove_unit": ("change_workspace", False),
    "people": ("see_audit", True),
    "export_targets": ("see_figures", False),
    "import_targets": ("set_targets", False),
    "target": ("see_figures", False),
    "change_target": ("set_targets", False),
    "export_marks": ("see_figures", False),
    "import_marks": ("define", False),
    "holidays": ("see_figures", False),
    "choose_holidays": ("change_workspace", False),
    "mark": ("see_figures", False),
    "create_report": ("make_reports", False),
    "report": ("see_figures", False),
    "rename_report": ("make_reports", False),
    "remove_report": ("make_reports", False),
    "draft": ("make_reports", False),
    "copy_report": ("make_reports", False),
    "add_block": ("make_reports", False),
    "show_figure": ("make_reports", False),
    "write_words": ("make_reports", False),
    "move_block": ("make_reports", False),
    "take_block_out": ("make_reports", False),
    "put_block_back": ("make_reports", False),
    "find_words": ("make_reports", False),
    "preview_report": ("make_reports", False),
    "preview_report_file": ("make_reports", False),
    "publish_report": ("publish", False),
    "report_sending": ("publish", False),
    "schedule_report": ("publish", False),
    "end_sending": ("publish", False),
    "surveys": ("see_figures", False),
    "ready_surveys": ("see_figures", False),
    "create_survey": ("define", False),
    "import_survey": ("define", False),
    "survey": ("see_figures", False),
    "save_survey": ("define", False),
    "remove_survey": ("define", False),
    "check_survey": ("see_figures", False),
    "survey_link": ("see_figures", False),
    "survey_results": ("see_figures", False),
    "survey_rates": ("see_figures", False),
    "survey_pages": ("see_figures", False),
    "survey_quality": ("see_figures", False),
    "survey_weights": ("see_figures", False),
    "declare_survey_margins": ("define", False),
    "remove_survey_margins": ("define", False),
    "survey_arms": ("see_figures", False),
    "survey_change": ("see_figures", False),
    "survey_representativeness": ("see_figures", False),
    "survey_crosstab": ("see_figures", False),
    "survey_signed_responses": ("export", True),
    "survey_version": ("see_figures", False),
    "publish_survey": ("publish", False),
    "invite": ("publish", True),
    "distributions": ("see_figures", False),
    "create_distribution": ("publish", False),
    "distribution": ("see_figures", False),
    "change_distribution": ("publish", False),
    "pause_distribution": ("publish", False),
    "send_uncertain": ("publish", False),
    "ask_people": ("publish", True),
    "stop_address": ("publish", True),
    "take_bounce": ("change_data", True),
    "take_keys": ("change_data", True),
    "close_survey": ("publish", False),
    "open_survey": ("publish", False),
    "copy_survey": ("define", False),
    "accept_translations": ("define", False),
    "aspects": ("see_figures", False),
    "add_aspect": ("define", False),
    "begin_aspects": ("define", False),
    "edit_aspect": ("define", False),
    "widget_rules": ("see_figures", False),
    "widget_rule": ("see_figures", False),
    "put_widget_rule": ("publish", False),
    "remove_widget_rule": ("publish", False),
    "responses": ("see_customers", False),
    "count_responses": ("see_customers", False),
    "verbatims": ("see_customers", False),
    "count_verbatims": ("see_customers", False),
    "voice_state": ("see_figures", False),
    "themes": ("see_figures", False),
    "theme": ("see_figures", False),
    "step_theme": ("define", False),
    "voice_apart": ("see_figures", False),
    "voice_first": ("see_figures", False),
    "voice_rightness": ("see_figures", False),
    "voice_versions": ("see_figures", False),
    "say_clause": ("define", False),
    "unsay_clause": ("define", False),
    "response": ("see_customers", False),
    "segment": ("see_customers", False),
    "compare_customers": ("join", True),
    "identity_rules": ("see_data", False),
    "change_identity_rules": ("change_data", False),
    "contact_rules": ("see_data", False),
    "change_contact_rules": ("change_workspace", False),
    "triggers": ("see_data", False),
    "trigger": ("see_data", False),
    "set_trigger": ("change_data", False),
    "remove_trigger": ("change_data", False),
    "try_trigger": ("see_data", False),
    "draw_again": ("see_data", False),
    "consents": ("fulfil", True),
    "rights_rules": ("fulfil", False),
    "change_rights_rules": ("fulfil", False),
    "retention": ("fulfil", False),
    "set_retention": ("fulfil", False),
    "preview_retention": ("fulfil", False),
    "event_volumes": ("see_data", False),
    "stream_events": ("see_data", True),
    "event": ("see_data", True),
    "import_rejects": ("see_data", True),
    "mappings": ("see_data", False),
    "save_mapping": ("change_data", False),
    "mapping": ("see_data", False),
    "remove_mapping": ("change_data", False),
    "count_dead_letters": ("see_data", False),
    "data_health": ("see_data", False),
    "demo": ("see_data", False),
    "fill_demo": ("change_workspace", False),
    "remove_demo": ("change_data", False),
    "load_sample": ("change_data", False),
    "touchpoint_rules": ("see_data", False),
    "set_touchpoint_rules": ("change_data", False),
    "preview_touchpoint_rule": ("see_data", False),
    "touchpoint_traffic": ("see_data", False),
    "unit_traffic": ("see_data", False),
    "change_view": ("define", False),
    "run_job_again": ("change_workspace", False),
    "job_schedules": ("change_workspace", False),
    "export_audit": ("see_audit", True),
    "walkthroughs": ("see_figures", False),
    "walkthrough": ("see_figures", False),
    "create_walkthrough": ("define", False),
    "change_walkthrough": ("define", False),
    "remove_walkthrough": ("define", False),
    "export_walkthrough": ("see_figures", False),
    "import_walkthrough_runs": ("define", False),
    "walkthrough_run": ("see_figures", False),
    "add_walkthrough_run": ("define", False),
    "change_walkthrough_run": ("define", False),
    "remove_walkthrough_run": ("define", False),
    "walkthrough_picture": ("see_figures", False),
    "set_walkthrough_picture": ("define", False),
    "remove_walkthrough_picture": ("define", False),
}
"""What each operation needs, written here a second time: the right, and personal data."""

OPEN = {"workspace": "any live key may ask whose it is and what it may do"}


def listed() -> list[Operation]:
    return [one for _tag, one in operations()]


def filled_in(path: str) -> str:
    """An address with a measure and numbers in it."""
    return re.sub(r"\{(number|seq|row|start)\}", "1", path.replace("{metric}", "nps"))


def ask_for(secret: str, one: Operation) -> Any:
    path = filled_in(one.path)
    path = path.replace("{merge_id}", "x").replace("{slug}", "planted").replace("{key}", "wk_x")
    path = path.replace("{what}", "answers")
    path = path.replace("{edition}", "1").replace("{kind}", "pdf")
    path = path.replace("{import_id}", "x").replace("{block}", "x").replace("{name}", "x")
    path = path.replace("{seq}", "1").replace("{run}", "1").replace("{place}", "1")
    given: dict[str, str] | None = {"id": HER} if one.path.startswith("/customer") else None
    if one.name == "compare":
        given = {"against": "rest", "by": "channel"}
    return asking(secret)(one.method.lower(), path, given)


def refused(secret: str, status: int) -> set[str]:
    """The operations that this key is refused."""
    return {one.name for one in listed() if ask_for(secret, one).status_code == status}


def test_every_operation_says_what_it_needs() -> None:
    found = {
        one.name: (one.right.partition(":")[0], one.is_personal) for one in listed() if one.right
    }
    assert found == RIGHTS
    assert {one.name for one in listed()} == RIGHTS.keys() | OPEN.keys()


@pytest.mark.any_store
def test_a_key_opens_what_its_rights_say_and_no_more(filled: Owner) -> None:
    everything = {one.name for one in listed()}
    for right in api_keys.GIVEN:
        if right in (Right.CHANGE_DATA, Right.FULFIL):
            continue  # what they may is done in the tests of documents; here it would be done
        opened = {name for name, (needed, _personal) in RIGHTS.items() if needed == right}
        assert refused(a_key(right), 403) == everything - opened - OPEN.keys(), right


@pytest.mark.any_store
def test_a_key_without_personal_data_opens_nothing_about_who_customers_are(
    filled: Owner,
) -> None:
    """And in all that it does open no planted value stands."""
    secret = a_key(sees_personal_data=False)
    assert refused(secret, 403) == {name for name, (_r, personal) in RIGHTS.items() if personal}
    for one in listed():
        if one.method == "GET":
            told = ask_for(secret, one).content.decode()
            assert [name for name, value in PLANTED.items() if value in told] == [], one.name
    ask = asking(secret)
    for path, where in (
        ("/scores/nps", f"customer = '{HER}'"),
        ("/answers", f"customer = '{HER}'"),
        ("/events", "properties.email = 'x'"),
        ("/events/count", "properties.email = 'x'"),
        ("/journeys/paths", f"customer = '{HER}'"),
        ("/customers/count", "email = 'x'"),
    ):
        answer = ask("get", path, {"where": where})
        assert (answer.status_code, answer.json()["code"]) == (403, "personal.filter"), path
    assert ask("get", "/scores/nps", {"by": "customer"}).status_code == 403
    made = ask("post", "/segments", {"name": "guess", "rule": "email = 'x'"})
    assert made.status_code == 403


def test_a_key_of_another_workspace_finds_nothing_of_this_one(filled: Owner, cleo: Person) -> None:
    theirs, ours = asking(a_key(workspace="other")), asking(a_key())
    assert theirs("get", "/workspace").json()["workspace"] == "other"
    for path in (
        "/customers", "/answers", "/events", "/imports", "/dead-letters", "/merge-suggestions",
        "/audit",
    ):  # fmt: skip
        mine = {str(one) for one in ours("get", path).json()["items"]}
        others = {str(one) for one in theirs("get", path).json()["items"]}
        assert mine, path
        assert not mine & others, path
    assert theirs("get", "/customer", {"id": HER}).status_code == 404
    assert theirs("get", "/segments").json() == {"segments": []}
    assert theirs("delete", "/segments/planted").status_code == 404
    (pair,) = ours("get", "/merge-suggestions").json()["items"]
    decided = theirs("post", f"/merge-suggestions/{pair['number']}", {"decision": "accept"})
    assert decided.status_code == 404
    assert theirs("post", "/erasures", {"id": HER}).status_code == 404
    assert ours("get", "/customer", {"id": HER}).status_code == 200


def test_a_key_with_a_unit_sees_its_branch(filled: Owner) -> None:
    for key, parent in (("all", ""), ("north", "all"), ("south", "all")):
        units.save(by=COMMAND_LINE, workspace="main", key=key, name=key, parent=parent)
    rights = [right for right in api_keys.GIVEN if right not in WHOLE]
    ask = asking(a_key(*rights, unit="north"))
    assert [one["key"] for one in ask("get", "/units").json()["units"]] == ["north"]
    # No fact of the sample is of that unit.
    assert ask("get", "/answers").json() == {"items": [], "next": None}
    assert ask("get", "/customers/count").json()["of"] == 0
    assert asking(a_key(*rights))("get", "/customers/count").json()["of"] > 0


@pytest.mark.parametrize("how", ["none", "wrong", "basic", "revoked", "over"])
def test_without_a_live_key_nothing_is_answered(filled: Owner, how: str) -> None:
    secret = a_key()
    held = ApiKey.objects.get()
    if how == "revoked":
        api_keys.revoke(by=COMMAND_LINE, workspace="main", number=held.pk)
    if how == "over":
        ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    header = {"none": "", "wrong": "Bearer zk_wrong", "basic": f"Basic {secret}"}
    client = Client(headers={"Authorization": header.get(how, f"Bearer {secret}")})
    for one in listed():
        path = filled_in(one.path)
        path = path.replace("{edition}", "1").replace("{kind}", "pdf")
        path = path.replace("{run}", "1").replace("{place}", "1")
        answer = getattr(client, one.method.lower())(f"/api/v1{path}")
        assert answer.status_code == 401, one.name
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "api.no-key"


def test_a_session_is_no_key(filled: Owner, client: Client, ana: Person) -> None:
    """Would catch a page elsewhere that writes with the cookie of who visits it."""
    client.force_login(ana)
    assert client.get("/api/v1/workspace").status_code == 401
    assert client.post("/api/v1/segments", {}, "application/json").status_code == 401
    assert client.get("/api/").status_code == 200
    assert Client().get("/api/").status_code == 302


def test_what_is_changed_or_removed_tells_a_key_no_more_than_the_list(filled: Owner) -> None:
    """Would catch an answer with what was, whole, for a key that may not see it."""
    where = {"where": f"customer = '{HER}'"}
    ask, blind = asking(a_key()), asking(a_key(sees_personal_data=False))
    view = {"name": "Hers", "page": "scores", "query": f"metric=nps&{urlencode(where)}"}
    number = ask("post", "/views", view).json()["number"]
    assert blind("get", "/views").json() == {"views": []}
    for method, given in (("put", {"name": "Mine"}), ("delete", None)):
        answer = blind(method, f"/views/{number}", given)
        assert (answer.status_code, answer.json()["code"]) == (404, "views.none"), method
    assert ask("put", f"/views/{number}", {"name": "Ours"}).json()["name"] == "Ours"
    changed = blind("put", "/segments/planted", {"name": "x", "rule": "tier = 'gold'"})
    assert (changed.status_code, changed.json()["code"]) == (403, "personal.filter")
    for answer in (blind("get", "/segments/planted"), blind("delete", "/segments/planted")):
        told = answer.content.decode()
        assert answer.status_code == 200
        assert [name for name, value in PLANTED.items() if value in told] == []
