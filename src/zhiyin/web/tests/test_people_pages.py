"""People, units, settings and the audit log as an administrator uses them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.test import Client
from pytest_django import Settings

from zhiyin.accounts import signing
from zhiyin.accounts.models import AuditEntry, Mail, Membership, Person, Role, Unit, Workspace
from zhiyin.accounts.signing import FOR_A_LOGIN

PASSWORD = "correct horse battery"


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/(?:join|password/new)/[\w./:-]+/)", text)
    assert found
    return found[1]


@pytest.fixture
def with_mail(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example.com"


def test_somebody_is_invited_by_a_link_and_works_there(as_ana: Client) -> None:
    form = {"login": "ben", "role": "analyst", "personal": "1"}
    shown = as_ana.post("/main/settings/people/", form).content.decode()
    join = link_in(shown)
    assert link_in(shown) not in as_ana.get("/main/settings/people/").content.decode()
    ben = Client()
    assert "invites ben, as analyst" in ben.get(join).content.decode()
    typed = {"name": "Ben", "password": PASSWORD, "again": PASSWORD}
    assert ben.post(join, {**typed, "again": "other"}).status_code == 422
    assert ben.post(join, typed).headers["location"] == "/"
    assert ben.get("/main/scores/").status_code == 200
    assert ben.get("/main/settings/people/").status_code == 403
    assert ben.get(join).status_code == 404


def test_an_invitation_by_mail_does_not_show_its_link(as_ana: Client, with_mail: None) -> None:
    form = {"login": "ben@example.com", "role": "viewer"}
    answer = as_ana.post("/main/settings/people/", form, follow=True).content.decode()
    assert "/join/" not in answer
    assert "ben@example.com" in answer
    letter = Mail.objects.get()
    assert (letter.to, "viewer" in letter.body) == ("ben@example.com", True)
    assert Client().get(link_in(letter.body)).status_code == 200


def test_who_has_an_account_signs_in_and_joins_with_one_click(as_ana: Client, cleo: Person) -> None:
    cleo.set_password(PASSWORD)
    cleo.save()
    form = {"login": "cleo", "role": "viewer", "personal": "1"}
    join = link_in(as_ana.post("/main/settings/people/", form).content.decode())
    browser = Client()
    page = browser.get(join).content.decode()
    assert 'name="password"' not in page
    assert f"/sign-in/?next={join}" in page
    signed_in = browser.post("/sign-in/", {"username": "cleo", "password": PASSWORD, "next": join})
    assert signed_in.headers["location"] == join
    assert browser.post(join).headers["location"] == "/"
    assert browser.get("/main/scores/").status_code == 200
    home = browser.get("/main/scores/").content.decode()
    assert '<a href="/other/">Other</a>' in home


def test_a_role_is_changed_and_taken_back(as_ana: Client, cleo: Person) -> None:
    main = Workspace.objects.get(slug="main")
    held = Membership.objects.create(workspace=main, person=cleo, role=Role.VIEWER)
    address = f"/main/settings/people/{held.pk}/"
    assert "cleo" in as_ana.get(address).content.decode()
    assert as_ana.post(address, {"role": "emperor"}).status_code == 422
    assert as_ana.post(address, {"role": "analyst", "scope": "unit ="}).status_code == 422
    as_ana.post(address, {"role": "analyst", "scope": "source = 'app'"})
    held.refresh_from_db()
    assert (held.role, held.scope, held.sees_personal_data) == ("analyst", "source = 'app'", False)
    assert as_ana.get(f"{address}remove/").status_code == 200
    assert Membership.objects.filter(pk=held.pk).exists()
    as_ana.post(f"{address}remove/")
    assert not Membership.objects.filter(pk=held.pk).exists()


def test_the_tree_is_built_and_taken_apart(as_ana: Client) -> None:
    for key, parent in (("co", ""), ("north", "co")):
        as_ana.post("/main/settings/units/", {"key": key, "name": key.upper(), "parent": parent})
    page = as_ana.get("/main/settings/units/").content.decode()
    assert page.index("CO") < page.index("NORTH")
    north = Unit.objects.get(key="north")
    as_ana.post(f"/main/settings/units/{north.pk}/", {"key": "x", "name": "Nord", "parent": "co"})
    north.refresh_from_db()
    assert (north.key, north.name) == ("north", "Nord")
    company = Unit.objects.get(key="co")
    assert as_ana.post(f"/main/settings/units/{company.pk}/remove/").status_code == 422
    as_ana.post(f"/main/settings/units/{north.pk}/remove/")
    assert list(Unit.objects.values_list("key", flat=True)) == ["co"]


def test_settings_that_cannot_be_stay_in_the_form(as_ana: Client) -> None:
    given = {
        "name": "Tea", "timezone": "Mars/Olympus", "week_start": "6", "fiscal_year_start": "4",
        "currency": "CNY", "language": "zh-hans", "minimum_base": "10", "test_base": "30",
        "small_base": "100",
    }  # fmt: skip
    refused = as_ana.post("/main/settings/", given)
    assert refused.status_code == 422
    assert "Mars/Olympus" in refused.content.decode()
    assert as_ana.post("/main/settings/", {**given, "minimum_base": "ten"}).status_code == 422
    as_ana.post("/main/settings/", {**given, "timezone": "Asia/Shanghai"})
    main = Workspace.objects.get(slug="main")
    assert (main.name, main.timezone, main.week_start) == ("Tea", "Asia/Shanghai", 6)


def test_the_audit_log_is_searched_paged_and_taken_out(as_ana: Client) -> None:
    for number in range(60):
        as_ana.post("/main/settings/units/", {"key": f"=u{number:02}", "name": "<b>n</b>"})
    page = as_ana.get("/main/settings/audit/").content.decode()
    assert "=u59" in page
    assert "=u05" not in page
    assert "<b>n</b>" not in page
    older = re.search(r'href="(\?[^"]*before=\d+)"', page)
    assert older
    second = as_ana.get("/main/settings/audit/" + older[1].replace("&amp;", "&")).content.decode()
    assert "=u05" in second
    assert "=u59" not in second
    found = as_ana.get("/main/settings/audit/?q=u07&action=unit.created").content.decode()
    assert found.count("added a unit<span") == 1
    none = as_ana.get("/main/settings/audit/?until=2020-01-01").content.decode()
    assert "No entry is like that" in none
    assert as_ana.get("/main/settings/audit/?from=yesterday").status_code == 422
    answer = as_ana.get("/main/settings/audit/export/?format=csv&action=unit")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 60
    assert not [row for row in rows if row["subject"].startswith("=")]
    entry = AuditEntry.of("main").get(action="rows.exported")
    assert (entry.by, entry.subject, entry.after) == ("ana", "audit", {"format": "csv"})


def test_the_audit_log_of_another_workspace_is_not_seen(as_ana: Client, cleo: Person) -> None:
    page = as_ana.get("/main/settings/audit/").content.decode()
    assert "made the workspace" in page
    assert "signed in" not in page
    assert "cleo" not in page
    Client().post("/sign-in/", {"username": "cleo", "password": "x"})
    signing.succeeded(cleo, "192.0.2.1", "")
    assert "signed in" not in as_ana.get("/main/settings/audit/").content.decode()
    signing.succeeded(Person.objects.get(login="ana"), "192.0.2.1", "")
    assert "signed in" in as_ana.get("/main/settings/audit/").content.decode()


def test_too_many_guesses_are_told_and_a_known_browser_still_signs_in(
    client: Client, ana: Person
) -> None:
    ana.set_password(PASSWORD)
    ana.save()
    hers = Client()
    assert hers.post("/sign-in/", {"username": "ana", "password": PASSWORD}).status_code == 302
    hers.post("/sign-out/")
    for _guess in range(FOR_A_LOGIN):
        assert client.post("/sign-in/", {"username": "ana", "password": "x"}).status_code == 200
    refused = client.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    assert refused.status_code == 429
    assert "too many tries" in refused.content.decode()
    assert hers.post("/sign-in/", {"username": "ana", "password": PASSWORD}).status_code == 302


def test_a_forgotten_password_is_set_anew_and_nobody_learns_who_works_here(
    client: Client, ana: Person, with_mail: None
) -> None:
    ana.email = "ana@example.com"
    ana.save()
    answers = {
        login: client.post("/password/forgotten/", {"login": login}).content
        for login in ("ana", "stranger@example.com")
    }
    without_token = [re.sub(rb'value="\w{64}"', b"", page) for page in answers.values()]
    assert without_token[0] == without_token[1]
    client.post("/password/forgotten/", {"login": "ana"})
    letter = Mail.objects.get()  # the second asking, at once, writes no second letter
    address = link_in(letter.body)
    new = {"new": PASSWORD, "again": PASSWORD}
    assert client.post(address, {"new": "1234567890", "again": "1234567890"}).status_code == 422
    assert client.post(address, new).headers["location"] == "/sign-in/"
    assert client.post(address, new).status_code == 404
    assert client.post("/sign-in/", {"username": "ana", "password": PASSWORD}).status_code == 302
    assert AuditEntry.objects.filter(action="password.changed", subject="ana").exists()


def test_times_are_told_in_a_persons_own_zone(as_ana: Client, ana: Person) -> None:
    given = {"name": "Ana", "email": "", "language": "en", "timezone": "Asia/Shanghai"}
    assert as_ana.post("/me/", {**given, "timezone": "Nowhere"}).status_code == 422
    assert as_ana.post("/me/", given).headers["location"] == "/me/"
    ana.refresh_from_db()
    assert (ana.name, ana.timezone) == ("Ana", "Asia/Shanghai")
    entry = AuditEntry.objects.get(action="workspace.created")
    page = as_ana.get("/main/settings/audit/").content.decode()
    from zhiyin.kernel.periods import to_local

    assert to_local(entry.at, "Asia/Shanghai").strftime("%Y-%m-%d %H:%M:%S") in page
