"""Every address, asked by everybody: nobody reads or writes what is not theirs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from pytest_django import Settings

from zhiyin.accounts import actions
from zhiyin.accounts.actions import TAKEN
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.owner import Owner
from zhiyin.web.views.reading import Needs

OPEN = {
    "sign-in": "somebody who is not signed in must be able to",
    "language": "the sign-in page has the switch; it changes the visitor's own cookie",
    "forgotten": "whoever forgot her password is not signed in; it tells nobody who works here",
    "new-password": "the address holds a token that only a letter has",
    "sign-in-passkey": "a passkey signs in by itself",
    "company-sign-in": "it leads to the company's identity provider, where one is set up",
    "company-sign-in-back": "it takes what that provider has signed for this browser alone",
    "sign-in-step": "whoever has not given her password is sent back to the first page",
    "join": "the address holds a token that only an invitation has",
    "sms-hook": "the address holds a secret that only the provider of SMS was given",
    "stop": "the address holds a signed name that only a letter to a customer has",
}
"""What nobody in particular may ask, and why."""

OWN = {
    "home": "it leads each person to her own work",
    "sign-out": "it ends the person's own session",
    "password": "it changes the person's own password",
    "me": "it changes what the person says of herself",
    "api-reference": "it says what programs can ask, and nothing of any workspace",
    "second-step": "it sets up the person's own second step",
    "recovery-codes": "it makes the person's own recovery codes",
    "turn-off-second-step": "it turns the person's own second step off",
    "end-session": "it ends one of the person's own sessions",
    "end-sessions": "it ends the person's own other sessions",
    "let-go-of-company": "it unlinks the person's own company account",
    "add-passkey": "it adds a passkey to the person's own",
    "passkey": "it finds the person's own passkeys alone",
    "remove-passkey": "it finds the person's own passkeys alone",
}
"""What belongs to no workspace and to whoever is signed in."""

MEMBERS = {
    "enter": "it leads each member to her own work",
    "find": "it names only what each member may open, by the rights that the pages say",
    "help": "it says how to read what the pages show, and shows nothing",
}
"""What asks for no right but that one works here, and why."""

ALERTS = {"alerts", "alert"}
CLOSES = {"note-alert", "dismiss-alert", "reopen-alert"}
RULES = {"alert-rules", "new-alert-rule", "alert-rule", "remove-alert-rule"}
VIEWS = {"views", "view", "remove-view"}
REPORTS = {"reports", "report", "edition", "edition-changes", "edition-file"}
PLANNED = {"targets", "target", "export-targets", "calendar", "mark", "export-marks"}
JOURNEYS = {
    "funnels", "export-funnel", "paths", "export-paths", "cohorts", "export-cohorts",
    "before", "export-before", "parting", "export-parting",
    "adoption", "export-adoption", "engagement", "export-engagement", "tasks", "export-tasks",
    "losses", "export-losses",
}  # fmt: skip
WALKTHROUGHS = {
    "walkthroughs", "walkthrough", "walkthrough-run", "walkthrough-picture", "export-walkthrough",
}  # fmt: skip
WALKS = {
    "new-walkthrough", "edit-walkthrough", "remove-walkthrough", "bring-walkthrough-runs",
    "new-walkthrough-run", "edit-walkthrough-run", "remove-walkthrough-run",
    "change-walkthrough-picture",
}  # fmt: skip
PINS = {
    "pins", "my-pins", "export-pins", "new-pin", "pin", "change-pin", "comment-pin", "vote-pin",
    "pin-evidence", "remove-pin-evidence", "remove-pin",
}  # fmt: skip
"""Who may change a mark depends on the mark too: `test_pins_pages`."""
WORKSHOP = {
    "map-workshop", "map-operations", "map-node-marks", "map-history", "map-differences",
}  # fmt: skip
MAPS = {
    "maps", "map", "map-node", "map-cause", "map-export", "map-compare", "export-map-compare",
    "map-priorities", "map-group", "map-whole", "map-conformance", "personas",
}  # fmt: skip
DRAWS = {"new-map", "map-operations", "undo-map", "settle-map", "keep-map", "map-history"}
SURVEYS = {
    "surveys", "survey", "export-survey", "survey-code", "survey-analysis", "export-analysis",
    "aspects", "aspect", "widgets", "widget", "distribution",
}  # fmt: skip
FIGURES = (
    ALERTS | VIEWS | REPORTS | PLANNED | JOURNEYS | WALKTHROUGHS | SURVEYS | PINS | WORKSHOP | MAPS
    | {"voice-themes", "export-voice-themes", "voice-theme"}
    | {"scores", "export-scores", "overview", "definitions", "voice", "voice-rightness"}
    | {"voice-apart", "export-voice-apart", "voice-first", "export-voice-first"}
    | {"voice-versions", "export-voice-versions"}
)  # fmt: skip
MAKES = {"add-to-report", "edit-report", "preview-report", "remove-report"}
PUBLISHES = {"report-sending", "new-distribution", "distribution-words"}
TARGETS = {"targets", "target", "bring-targets", "remove-target"}
MARKS = {"calendar", "mark", "bring-marks", "remove-mark"}
CUSTOMERS = {
    "customers", "customer", "segment", "count-segment", "responses", "response", "response-file",
    "journey-customers", "cases", "case", "case-rules",
}  # fmt: skip
WORKS = {
    "take-case", "assign-cases", "assign-case", "move-case", "note-case", "write-case",
    "change-case",
}  # fmt: skip
"""What is done to cases: of whom a role may do it."""
EXPORTS = {"export-customers", "export-responses", "export-cases", "export-voice"}
DEFINES = {
    "new-segment", "keep-customers", "remove-segment", "segment", "definition", "surveys",
    "remove-survey", "declare-margins", "aspects", "aspect", "edit-survey", "accept-translation",
} | MARKS | WALKS  # fmt: skip
BUILDS = {
    "edit-survey", "preview-survey", "survey-logic", "survey-trial", "survey-plan",
    "survey-versions",
} | WALKS  # fmt: skip
JOINS = {"matches", "decide-match", "why", "merge-customers", "compare-customers"}
DATA = {
    "data", "dead-letters", "catalogue", "definition", "touchpoint-rules", "touchpoint-rule",
    "unit-rules", "unit-rule", "begin", "imports", "saved-mapping", "import-rejects", "keys",
    "events", "newest-events", "stream-pass", "event", "identity-rules", "contact-rules",
    "triggers", "trigger", "channels", "channel", "sources", "source", "source-rejects",
}  # fmt: skip
CHANGES = {
    "new-source", "change-source", "act-source", "remove-source",
    "channel", "new-channel", "act-channel", "remove-channel", "replay-delivery",
    "settle-letters", "touchpoint-rules", "touchpoint-rule", "change-rules", "keys", "revoke-key",
    "identity-rules", "remove-demo", "load-sample", "unit-rules", "unit-rule", "change-unit-rules",
    "new-import", "import", "drop-import", "undo-import", "remove-mapping", "trigger",
}  # fmt: skip
FULFILS = {
    "customer-rights", "export-customer", "erase-customer", "record-consent", "rights",
    "retention", "receipt",
}  # fmt: skip

PERSONAL = JOINS | {
    "source-rejects",
    "export-customers", "export-responses", "export-voice", "import-rejects", "dead-letters",
    "settle-letters",
    "event", "stream-pass", "invite-survey", "response-file", "ask-people",
    "customer-rights", "export-customer", "erase-customer", "record-consent",
    "audit", "export-audit",
}  # fmt: skip
"""What is about who customers are: closed to a member who may not see that, whatever her role."""

SETTINGS = {
    "people", "member", "remove-member", "remove-second-step", "withdraw-invitation",
    "workspace", "units", "unit", "remove-unit", "fill-demo", "audit", "export-audit", "api-keys",
    "revoke-api-key", "jobs", "change-job", "holidays", "contact-rules",
}  # fmt: skip

ASKS_AND_CHANGES = {
    "new-channel", "remove-channel", "new-source", "change-source", "remove-source",
    "remove-demo", "revoke-key", "new-segment", "new-import", "import", "import-mapping",
    "drop-import", "undo-import", "remove-mapping", "bring-targets", "bring-marks",
    "remove-survey",
}  # fmt: skip
"""Pages that only ask whether to change: who may not change need not see them."""

READS: dict[Role, set[str]] = {
    Role.ADMIN: FIGURES
    | CUSTOMERS
    | EXPORTS
    | MAKES
    | PUBLISHES
    | JOINS
    | DATA
    | FULFILS
    | SETTINGS
    | BUILDS
    | ASKS_AND_CHANGES,
    Role.ANALYST: FIGURES
    | CUSTOMERS
    | EXPORTS
    | MAKES
    | PUBLISHES
    | JOINS
    | DATA
    | BUILDS
    | {"new-segment", "bring-marks", "remove-survey"},
    Role.UNIT_MANAGER: FIGURES | CUSTOMERS | EXPORTS | MAKES | {"bring-targets"},
    Role.TEAM_LEADER: FIGURES | CUSTOMERS,
    Role.AGENT: CUSTOMERS,
    Role.QUALITY_REVIEWER: FIGURES | CUSTOMERS,
    Role.VIEWER: FIGURES,
}
READS[Role.ADMINISTRATOR_IN_CHIEF] = READS[Role.ADMIN]

MAKING = {"reports", "add-to-report", "change-report", "copy-report", "remove-report"}
PUBLISHING = {
    "publish-report", "report-sending", "change-survey", "invite-survey", "publish-survey",
    "widgets", "widget", "new-distribution", "distribution-words", "change-distribution",
    "ask-people",
}  # fmt: skip

WRITES: dict[Role, set[str]] = {
    Role.ADMIN: VIEWS
    | DEFINES
    | TARGETS
    | JOINS
    | CHANGES
    | FULFILS
    | SETTINGS
    | MAKING
    | PUBLISHING,
    Role.ANALYST: VIEWS | DEFINES | JOINS | MAKING | PUBLISHING,
    Role.UNIT_MANAGER: VIEWS | TARGETS | MAKING,
    Role.TEAM_LEADER: VIEWS,
    Role.AGENT: set(),
    Role.QUALITY_REVIEWER: VIEWS,
    Role.VIEWER: VIEWS,
}
for working in (
    Role.ADMIN, Role.ANALYST, Role.UNIT_MANAGER, Role.TEAM_LEADER, Role.AGENT,
):  # fmt: skip
    WRITES[working] = WRITES[working] | WORKS
for closing in WRITES:
    if closing is not Role.VIEWER:
        WRITES[closing] = WRITES[closing] | CLOSES
for ruling in (Role.ADMIN, Role.ANALYST):
    READS[ruling] = READS[ruling] | RULES
    WRITES[ruling] = WRITES[ruling] | RULES - {"alert-rules"} | {
        "switch-alert-rule", "rest-alert-rule",
    }  # fmt: skip
for marking in (Role.ADMIN, Role.ANALYST, Role.UNIT_MANAGER):
    READS[marking] = READS[marking] | {"pin-it"}
    WRITES[marking] = WRITES[marking] | {"pin-it"}
for drawing in (Role.ADMIN, Role.ANALYST):
    READS[drawing] = READS[drawing] | {"new-map", "try-map-rule", "remove-map"}
    WRITES[drawing] = WRITES[drawing] | DRAWS | {"personas", "remove-persona", "remove-map"}
READS[Role.ADMINISTRATOR_IN_CHIEF] = READS[Role.ADMIN]
for teaching in (Role.ADMIN, Role.ANALYST):
    READS[teaching] = READS[teaching] | {"voice-labels", "voice-clauses", "promote-theme"}
    WRITES[teaching] = WRITES[teaching] | {"say-clause", "voice-rightness"}
    WRITES[teaching] = WRITES[teaching] | {"change-theme", "promote-theme"}
READS[Role.ADMINISTRATOR_IN_CHIEF] = READS[Role.ADMIN]
for voting in WRITES:
    WRITES[voting] = WRITES[voting] | (PINS & READS[voting])
    if "map-workshop" in READS[voting]:
        WRITES[voting] = WRITES[voting] | {"map-holding"}
WRITES[Role.ADMINISTRATOR_IN_CHIEF] = WRITES[Role.ADMIN]

WRITES[Role.ADMIN] = WRITES[Role.ADMIN] | {"case-rules"}
WRITES[Role.ADMINISTRATOR_IN_CHIEF] = WRITES[Role.ADMIN]

READ_BY_ALL = {"case-rules"}
"""What whoever sees a part of the workspace reads and does not change: rules of the whole."""

WHOLE = JOINS | DATA | CHANGES | FULFILS | SETTINGS | {"import-mapping"}
"""What a member who sees a part of the workspace does not, whatever her role."""


@pytest.fixture(autouse=True)
def no_limits(settings: Settings) -> None:
    """Each asks everything here, at once: how often somebody may is for test_limits."""
    settings.ZHIYIN_PAGE_LIMITS = 0


def addresses() -> list[tuple[str, str]]:
    """(name, address with `main` for the workspace) of every URL pattern."""
    found = []
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == "api/v1/":
            continue  # zhiyin.api has a guard test of its own: its callers are keys
        assert isinstance(pattern, URLPattern)
        assert pattern.name
        address = str(pattern.pattern).replace("<slug:slug>", "main")
        address = re.sub(r"<number:\w+>", "1", address)
        address = re.sub(r"<(slug|path|str):\w+>", "some", address)
        found.append((pattern.name, "/" + address))
    return found


def of_workspace() -> list[tuple[str, str]]:
    return [(name, address) for name, address in addresses() if address.startswith("/main/")]


def asked(client: Client, method: str) -> Iterator[tuple[str, Any]]:
    """(name, answer) of every address of the workspace that knows the method."""
    for name, address in of_workspace():
        answer = getattr(client, method)(address)
        if answer.status_code != 405:
            yield name, answer
        if isinstance(answer, FileResponse):
            answer.getvalue()  # to the end, which closes the file


def holes(client: Client, method: str, allowed: set[str]) -> dict[str, int]:
    """Addresses that were answered otherwise than they should be, with the status."""
    found = {}
    for name, answer in asked(client, method):
        is_refused = answer.status_code == 403
        if is_refused == (name in allowed):
            found[name] = answer.status_code
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_sees_anything_without_signing_in(
    client: Client, ana: Person, log: Owner, method: str
) -> None:
    open_to_all = []
    for name, address in addresses():
        answer = getattr(client, method)(address)
        to_sign_in = answer.headers.get("location", "").startswith("/sign-in/")
        if not (answer.status_code == 302 and to_sign_in):
            open_to_all.append((name, answer.status_code))
    assert {name for name, _status in open_to_all} <= OPEN.keys(), open_to_all
    assert all(status in (200, 302, 404, 405) for _name, status in open_to_all), open_to_all


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_from_another_workspace_finds_no_such_page(
    client: Client, cleo: Person, log: Owner, method: str
) -> None:
    client.force_login(cleo)
    assert len(of_workspace()) > 30
    answers = {name: answer.status_code for name, answer in asked(client, method)}
    assert {name: code for name, code in answers.items() if code != 404} == {}
    assert not log.imports("main")


@pytest.mark.any_store
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("is_scoped", [False, True])
def test_a_role_opens_what_is_its_own_and_no_more(
    client: Client, ana: Person, log: Owner, role: Role, is_scoped: bool
) -> None:
    client.force_login(member(role, scope="unit = 'north'" if is_scoped else ""))
    less = WHOLE if is_scoped else set()
    # What the demo and a definition change is about the whole, though a scoped analyst defines.
    assert holes(client, "get", READS[role] - less | MEMBERS.keys()) == {}
    if role not in (Role.ADMIN, Role.ADMINISTRATOR_IN_CHIEF) or is_scoped:
        less = (less | READ_BY_ALL) - {"definition"} if is_scoped else less
        assert holes(client, "post", WRITES[role] - less) == {}


def test_pages_about_who_customers_are_need_the_right_to_see_that(
    client: Client, ana: Person, log: Owner
) -> None:
    assert {name for name, asked in guarded().items() if asked.personal} == PERSONAL
    client.force_login(member(Role.ADMINISTRATOR_IN_CHIEF, sees_personal_data=False))
    by_an_id = {"customer"}
    assert holes(client, "get", READS[Role.ADMIN] - PERSONAL - by_an_id | MEMBERS.keys()) == {}


@pytest.mark.any_store
def test_an_address_that_says_nothing_of_rights_is_found(
    client: Client, ana: Person, log: Owner, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unguarded() == MEMBERS.keys()

    def hole(request: HttpRequest, slug: str) -> HttpResponse:
        return HttpResponse("figures")

    planted = ModuleType("addresses_with_a_hole")
    held = import_module(settings.ROOT_URLCONF)
    vars(planted).update(vars(held))
    planted.urlpatterns = [path("<slug:slug>/hole/", hole, name="hole"), *held.urlpatterns]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, planted.__name__, planted)
    settings.ROOT_URLCONF = planted.__name__
    client.force_login(member(Role.VIEWER))
    assert holes(client, "get", READS[Role.VIEWER] | MEMBERS.keys()) == {"hole": 200}
    assert unguarded() == {"hole"} | MEMBERS.keys()


def unguarded() -> set[str]:
    """Addresses of a workspace whose view does not say which right it needs."""
    return {name for name, _address in of_workspace()} - guarded().keys()


def guarded() -> dict[str, Needs]:
    """What the views of a workspace say that they need, by the name of the address."""
    found = {
        str(pattern.name): _needs(pattern.callback)
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLPattern)
    }
    return {name: asked for name, asked in found.items() if asked is not None}


def _needs(view: Any) -> Needs | None:
    while view is not None:
        if isinstance(asked := getattr(view, "needs", None), Needs):
            return asked
        view = getattr(view, "__wrapped__", None)
    return None


def test_no_address_is_answered_by_a_page_of_a_library() -> None:
    modules = {
        str(pattern.name): pattern.callback.__module__
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLPattern)
    }
    assert modules["second-step"] == "zhiyin.web.views.second_step"
    assert [name for name, module in modules.items() if not module.startswith("zhiyin.")] == []


def test_no_workspace_takes_an_address_of_zhiyin_itself(ana: Person) -> None:
    firsts = {address.split("/")[1] for _name, address in addresses()}
    own = firsts - {"", "main"}
    assert own <= TAKEN, own - TAKEN
    for slug in own & {"me", "join", "v1"}:
        with pytest.raises(Problem, match="addresses of Zhiyin itself"):
            actions.create_workspace(by=COMMAND_LINE, slug=slug, name="x")


def test_every_address_belongs_to_a_workspace_or_is_listed_with_its_reason() -> None:
    of_none = {name for name, address in addresses() if not address.startswith("/main/")}
    assert of_none == OPEN.keys() | OWN.keys()


def member(role: Role, **more: Any) -> Person:
    """Somebody who works in main in this role."""
    person = Person.objects.create(login=f"a-{role}")
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=role, **more)
    return person


def test_forms_from_elsewhere_are_refused(ana: Person, log: Owner) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    for address in ("/main/data/sample/", "/sign-out/", "/password/", "/language/"):
        assert client.post(address).status_code == 403, address


def test_every_page_carries_the_policy(as_ana: Client) -> None:
    policy = as_ana.get("/main/data/imports/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    page = as_ana.get("/main/data/imports/").content.decode()
    assert "<script>" not in page
    assert " onclick" not in page
    assert " style=" not in page
