"""Saved views as a person meets them: saved from a page, found, renamed, removed."""

from __future__ import annotations

from html import unescape

from django.test import Client

from zhiyin.accounts.models import Membership, Person, Role, SavedView, Workspace


def made(client: Client, name: str, query: str = "metric=csat", **more: str) -> int:
    given = {"page": "scores", "query": query, "name": name, **more}
    return client.post("/main/views/", given).status_code


def shown(client: Client, path: str = "/main/views/") -> str:
    return unescape(client.get(path).content.decode())


def viewer() -> Client:
    person = Person.objects.create(login="vera")
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(
        workspace=workspace, person=person, role=Role.VIEWER, sees_personal_data=False
    )
    client = Client()
    client.force_login(person)
    return client


def test_a_view_is_saved_found_renamed_and_removed(as_ana: Client) -> None:
    assert "No view is saved yet." in shown(as_ana)
    answer = as_ana.post(
        "/main/views/", {"page": "scores", "query": "metric=csat&by=", "name": "Ours"}
    )
    assert answer.headers["location"] == "/main/scores/?metric=csat&by="
    number = SavedView.objects.get().pk
    assert 'href="/main/scores/?metric=csat&by="' in shown(as_ana)
    assert "Ours" in shown(as_ana, "/main/views/?q=our")
    assert "No saved view has this in its name." in shown(as_ana, "/main/views/?q=nothing")
    assert made(as_ana, "Ours") == 422
    as_ana.post(f"/main/views/{number}/", {"name": "Theirs", "is_shared": "on", "is_pinned": "on"})
    held = SavedView.objects.get()
    assert (held.name, held.is_shared, held.is_pinned) == ("Theirs", True, True)
    assert "Remove “Theirs”" in shown(as_ana, f"/main/views/{number}/remove/")
    assert SavedView.objects.count() == 1, "asking is not removing"
    as_ana.post(f"/main/views/{number}/remove/")
    assert not SavedView.objects.exists()


def test_a_viewer_saves_for_herself_and_changes_nothing_of_others(as_ana: Client) -> None:
    made(as_ana, "Ours", is_shared="on")
    made(as_ana, "Hers")
    vera = viewer()
    said = shown(vera)
    assert "Ours" in said
    assert "Hers" not in said
    assert made(vera, "His", is_shared="on") == 422
    assert made(vera, "His", is_pinned="on") == 302
    for name in ("Ours", "Hers"):
        number = SavedView.objects.get(name=name).pk
        assert vera.post(f"/main/views/{number}/remove/").status_code == 404
        assert vera.post(f"/main/views/{number}/", {"name": "x"}).status_code == 404
    assert SavedView.objects.count() == 3


def test_a_view_that_names_a_customer_is_not_listed_to_who_may_not_see_that(
    as_ana: Client,
) -> None:
    for name, query in (
        ("secret", "metric=csat&where=customer+%3D+%27NobodyButHer%27"),
        ("also", "metric=csat&is.customer=NobodyButHer"),
        ("open", "metric=csat&is.channel=app"),
    ):
        made(as_ana, name, query, is_shared="on")
    said = shown(viewer())
    assert "NobodyButHer" not in said
    assert "secret" not in said
    assert "is.channel=app" in said


def test_figures_are_kept_as_files(with_sample: Client) -> None:
    query = "metric=csat&by=city&against=rest"
    table = with_sample.get(f"/main/scores/export/?{query}&as=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "杭州" in b"".join(table).decode("utf-8-sig")
    book = with_sample.get(f"/main/scores/export/?{query}&as=xlsx")
    assert b"".join(book)[:2] == b"PK"
    chart = with_sample.get(f"/main/scores/export/?{query}&as=svg")
    assert chart.headers["content-type"] == "image/svg+xml"
    assert "attachment" in chart.headers["content-disposition"]
    assert with_sample.get(f"/main/scores/export/?{query}&as=exe").status_code == 404
    wrong = with_sample.get("/main/scores/export/?metric=csat&by=nowhere")
    assert wrong.status_code == 422
