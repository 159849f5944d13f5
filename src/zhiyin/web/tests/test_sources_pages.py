"""The pages of sources of verbatims: added after a try, seen, paused, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from zhiyin.accounts.models import AuditEntry, Work
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.sources import fetching, kept
from zhiyin.collect.sources.models import VerbatimSource
from zhiyin.collect.sources.testkit import texts
from zhiyin.collect.sources.tests import servers
from zhiyin.collect.sources.tests.servers import Answer, Web
from zhiyin.kernel import outbound
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.django_db(transaction=True)

FEED = b"""<rss version="2.0"><channel>
<item><guid>1</guid><pubDate>Mon, 02 Nov 2026 08:00:00 +0800</pubDate>
<description>Call me on 13800138000 &lt;b&gt;now&lt;/b&gt;, 1 &amp;lt; 2</description></item>
<item><guid>2</guid><pubDate>Mon, 02 Nov 2026 08:00:00 +0800</pubDate></item></channel></rss>"""
LIST = "/main/data/sources/"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    def answer(path: str, _asked: dict[str, str], _headers: dict[str, str]) -> Answer:
        return (200, {}, FEED) if path == "/feed" else (404, {}, b"")

    monkeypatch.setenv(outbound.ALLOW, "localhost")
    with servers.serving(answer) as server:
        yield server


def form(web: Web, **said: str) -> dict[str, str]:
    return {
        "name": "Shop", "key": "shop", "set-address": web.at("/feed"), "voice": "regulator",
        "every": "15", "mapping": "id: id\nat: at\ntext: text\n", "do": "save", **said,
    }  # fmt: skip


def test_a_source_is_tried_added_read_and_removed(
    as_ana: Client, log: Owner, web: Web, tmp_path: Path
) -> None:
    assert "There is no source yet" in text(as_ana.get(LIST))
    new = f"{LIST}new/feed/"
    assert "Address of the feed" in text(as_ana.get(new))
    tried = as_ana.post(new, form(web, do="try")).content.decode()
    assert "Nothing was stored" in tried
    assert "Call me on 13800138000 now, 1 &lt; 2" in tried
    assert 'value="shop"' in tried, "what was typed stays"
    assert not VerbatimSource.objects.exists()
    part = as_ana.post(new, form(web, do="try"), headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()

    added = as_ana.post(new, form(web), follow=True)
    assert "its first run begins now" in text(added)
    assert Work.objects.filter(kind="fetch-verbatims", workspace="main").count() == 1
    run = fetching.fetch(log, settings_of("main"), kept.get("main", "shop"), data=tmp_path)
    assert run is not None
    assert (run.added, run.rejected) == (1, 1)
    assert texts(log) == ["Call me on 13800138000 now, 1 < 2"]
    assert "regulator" in log.words("main", "d_voice").values()

    page = text(as_ana.get(f"{LIST}shop/"))
    assert "complaint to the regulator" in page
    rejects = as_ana.get(f"{LIST}shop/rejects/{run.imports[0]}/")
    assert "missing" in b"".join(rejects).decode("utf-8-sig")
    assert as_ana.get(f"{LIST}shop/rejects/0000/").status_code == 404

    as_ana.post(f"{LIST}shop/act/", {"do": "pause"})
    assert "paused" in text(as_ana.get(LIST))
    assert as_ana.post(f"{LIST}shop/act/", {"do": "run"}).status_code == 422
    as_ana.post(f"{LIST}shop/act/", {"do": "resume"})
    as_ana.post(f"{LIST}shop/act/", {"do": "run"})
    assert "What it brought stays" in text(as_ana.get(f"{LIST}shop/remove/"))
    assert VerbatimSource.objects.exists(), "asking is not doing"
    as_ana.post(f"{LIST}shop/remove/")
    assert not VerbatimSource.objects.exists()
    assert len(texts(log)) == 1
    acts = AuditEntry.of("main").filter(action__startswith="source.").order_by("pk")
    assert [one.action for one in acts] == [
        "source.added", "source.paused", "source.resumed", "source.run", "source.removed",
    ]  # fmt: skip


def test_a_mistake_is_said_beside_what_was_typed(as_ana: Client, log: Owner, web: Web) -> None:
    new = f"{LIST}new/feed/"
    for said, wrong in (
        ({"set-address": "http://10.0.0.1/"}, "is not a machine of the public internet"),
        ({"key": "My Shop"}, "cannot be the key of a source"),
        ({"every": "1"}, "cannot be asked every 1 minutes"),
        ({"mapping": "at: at\ntext: text"}, "which field is the `id`"),
        ({"mapping": "id: id\nat: at\ntext: text\nsource: x"}, "has no place in the mapping"),
        ({"set-address": ""}, "cannot be"),
    ):
        answer = as_ana.post(new, form(web, **said))
        assert answer.status_code == 422
        assert wrong in text(answer).replace("&#x27;", "'")
    gone = as_ana.post(new, form(web, do="try", **{"set-address": web.at("/gone")}))
    assert "There is nothing at this address (404)" in text(gone)


def test_a_secret_is_never_shown(as_ana: Client, log: Owner, web: Web) -> None:
    given = {
        "name": "Mails", "key": "mails", "set-host": "8.8.8.8", "set-user": "a@example.com",
        "set-port": "993", "set-encryption": "tls", "set-password": "never-to-be-shown",
        "set-days": "30", "every": "60", "do": "save",
    }  # fmt: skip
    as_ana.post(f"{LIST}new/mailbox/", given)
    shown = text(as_ana.get(f"{LIST}mails/")) + text(as_ana.get(f"{LIST}mails/change/"))
    assert "****" in shown
    assert "never-to-be-shown" not in shown
    as_ana.post(f"{LIST}mails/change/", {**given, "set-password": "", "name": "Letters"})
    held = kept.get("main", "mails")
    assert held.name == "Letters"
    assert kept.settings_of(held)["password"] == "never-to-be-shown"
