"""A report made, published and sent by program, block by block."""

from __future__ import annotations

from zhiyin.accounts.models import AuditEntry, Membership
from zhiyin.api.documents.reports import ContentDocument, DraftDocument, SendingsDocument
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.reports.models import Report
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import PLANTED


def test_a_report_is_made_block_by_block_and_published(planted: Owner) -> None:
    ask = asking(a_key())
    begun = ask("post", "/reports", {"title": "Bags", "language": "en"}, Idempotency_Key="one")
    at = f"/reports/{begun.json()['number']}"
    assert (begun.status_code, begun.json()["blocks"]) == (201, [])
    (quote,) = ask("get", "/verbatims", {"text": "third late bag"}).json()["verbatims"]
    for block in (
        {"type": "figure", "query": "metric=nps", "show": "number"},
        {"type": "said", "rows": [quote["row"]]},
        {"type": "words", "text": "Late bags."},
        {"type": "break"},
    ):
        added = ask("post", f"{at}/blocks", {"block": block})
        assert added.status_code == 201, added.content
        as_sent = {name: held for name, held in block.items() if name != "query"}  # made tidy
        assert as_sent.items() <= added.json()["blocks"][-1].items()
    figure, said, words, page = DraftDocument.model_validate(added.json()).blocks
    moved = ask("post", f"{at}/blocks/{words['id']}/move", {"steps": -2}).json()
    assert [one["type"] for one in moved["blocks"]] == ["words", "figure", "said", "break"]
    shown = {"show": "table", "dates": "", "title": "Would they recommend us?"}
    changed = ask("put", f"{at}/blocks/{figure['id']}/figure", shown).json()
    assert shown.items() <= changed["blocks"][1].items()
    ask("put", f"{at}/blocks/{words['id']}/words", {"text": "Too many late bags."})
    wrong = ask("put", f"{at}/blocks/{page['id']}/words", {"text": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "reports.no-block")
    out = ask("delete", f"{at}/blocks/{page['id']}").json()
    assert (len(out["blocks"]), out["can_put_back"]) == (3, True)
    assert ask("post", f"{at}/put-back").json()["blocks"][-1] == page
    preview = ContentDocument.model_validate(ask("get", f"{at}/preview").json())
    assert [one["type"] for one in preview.blocks] == ["words", "figure", "said", "break"]
    assert ask("get", f"{at}/preview/files/pdf").content.startswith(b"%PDF")
    assert said["rows"] == [quote["row"]]
    reader = asking(a_key("see_figures"))
    assert reader("get", at).status_code == 404
    published = ask("post", f"{at}/editions")
    assert (published.status_code, published.json()["number"]) == (201, 1)
    assert reader("get", at).json()["editions"] == [published.json()]
    assert ask("patch", at, {"title": "Late bags", "language": "zh-hans"}).json()["blocks"]
    copied = ask("post", f"{at}/copy").json()
    assert copied["title"] == "Late bags (2)"
    assert ask("delete", at).json()["title"] == "Late bags"
    assert list(Report.objects.values_list("title", flat=True)) == ["Late bags (2)"]
    done = AuditEntry.of("main").filter(by="api: a program").values_list("action", flat=True)
    assert set(done) == {
        "report.created", "report.changed", "report.published", "report.copied", "report.removed",
    }  # fmt: skip


def test_words_are_those_that_the_key_may_read(planted: Owner) -> None:
    ask = asking(a_key())
    at = f"/reports/{ask('post', '/reports', {'title': 'x', 'language': 'en'}).json()['number']}"
    gone = ask("post", f"{at}/blocks", {"block": {"type": "said", "rows": [999_999]}})
    assert (gone.status_code, gone.json()["code"]) == (422, "reports.words-gone")
    personal = {"type": "figure", "query": "metric=nps&where=customer+%3D+%27x%27"}
    refused = ask("post", f"{at}/blocks", {"block": personal})
    assert refused.status_code in (403, 422), refused.content
    blind = asking(a_key(sees_personal_data=False))
    assert blind("get", "/verbatims", {"text": "bag"}).status_code == 403
    told = blind("get", "/verbatims").content.decode()
    assert "late bag" in told
    assert [name for name, value in PLANTED.items() if value in told] == []


def test_a_report_is_sent_to_members_who_may_read_it(planted: Owner) -> None:
    ask = asking(a_key())
    at = f"/reports/{ask('post', '/reports', {'title': 'x', 'language': 'en'}).json()['number']}"
    ana = Membership.objects.get(workspace__slug="main", person__login="ana")
    given = {"every": "week", "day": 0, "hour": 8, "to": [ana.pk], "attaches": False}
    assert ask("put", f"{at}/sending", given).json()["schedule"]["to"] == [
        {"number": ana.pk, "login": "ana"}
    ]
    found = SendingsDocument.model_validate(ask("get", f"{at}/sending").json())
    assert found.schedule is not None
    assert (found.schedule.asked_by, found.schedule.attaches) == ("api: a program", False)
    assert [one.login for one in found.may_read] == ["ana"]
    for wrong, code in (
        ({**given, "to": [ana.pk + 1000]}, "reports.nobody"),
        ({**given, "every": "month"}, "reports.schedule"),
    ):
        answer = ask("put", f"{at}/sending", wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert ask("delete", f"{at}/sending").json()["schedule"] is None
