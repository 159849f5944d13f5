"""Published reports by program: as described, masked and scoped as the key is."""

from __future__ import annotations

from pathlib import Path

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import settings_of
from zhiyin.api.documents.reports import ChangesDocument, EditionDocument, ReportsDocument
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.reports import actions, editions, verbatims
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import PLANTED


def test_a_published_report_is_read_as_the_key_may(planted: Owner, tmp_path: Path) -> None:
    report = actions.create(by=COMMAND_LINE, workspace="main", title="Bags", language="en")
    here = report.pk
    (quote,) = verbatims.search(planted, settings_of("main"), "third late bag")
    actions.add_verbatims(by=COMMAND_LINE, workspace="main", number=here, rows=(quote.row,))
    actions.add_figure(
        by=COMMAND_LINE, log=planted, workspace="main", number=here, query="metric=nps"
    )
    report.refresh_from_db()
    ask = asking(a_key(Right.SEE_FIGURES))
    assert ask("get", "/reports").json() == {"reports": []}  # drafts are nobody's yet
    editions.publish(by=COMMAND_LINE, report=report, log=planted, data=tmp_path)
    listed = ReportsDocument.model_validate(ask("get", "/reports").json())
    assert [(one.title, len(one.editions)) for one in listed.reports] == [("Bags", 1)]
    at = f"/reports/{here}/editions/1"
    told = ask("get", at)
    assert PLANTED["verbatim telephone"] in told.content.decode()
    document = EditionDocument.model_validate(told.json())
    said, figure = document.content.blocks
    assert (said["type"], figure["type"]) == ("said", "figure")
    assert "key" not in said["quotes"][0]
    ChangesDocument.model_validate(ask("get", f"{at}/changes").json())
    file = ask("get", f"{at}/files/pdf")
    assert file["Content-Type"] == "application/pdf"
    assert file.body.startswith(b"%PDF")
    assert ask("get", f"{at}/files/odt").status_code == 404
    assert ask("get", f"/reports/{here}/editions/2").json()["code"] == "reports.no-edition"
    blind = asking(a_key(Right.SEE_FIGURES, sees_personal_data=False))
    assert PLANTED["verbatim telephone"] not in blind("get", at).content.decode()
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="North", parent="")
    part = asking(a_key(Right.SEE_FIGURES, unit="north"))
    assert part("get", at).status_code == 404
    assert part("get", "/reports").json() == {"reports": []}
