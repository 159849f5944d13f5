"""Her own links of a distribution, for whoever hands them on: also in the forms that WeChat opens.

A link opens inside WeChat as it is; an official account 公众号 sends it in a menu, an article or a
template message. A mini-programme 小程序 is opened by its scheme, and finds the invitation in its
query: it shows the survey's address in a web view.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.models import Asking, AskingState, Distribution
from zhiyin.collect.reaching import distributions
from zhiyin.collect.reaching.letters import Writer
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

APP = re.compile(r"wx[0-9a-f]{16}")
LONGEST_QUERY = 512
"""Of a scheme, after it is encoded: WeChat takes no longer one."""


@dataclass(frozen=True, slots=True)
class MiniProgramme:
    """Where in which mini-programme a survey is shown.

    Args:
        app: its AppID.
        path: of a page that is published in it.
        version: release, trial or develop.
    """

    app: str
    path: str
    version: str = "release"

    def scheme(self, link: str) -> str:
        """What opens it, with the survey and the invitation in the page's query.

        Raises:
            Problem: ``wechat.app``, ``wechat.path``, ``wechat.long``.
        """
        if not APP.fullmatch(self.app) or self.version not in ("release", "trial", "develop"):
            raise Problem(
                "wechat.app",
                _("{app} is no AppID of a mini-programme.", app=self.app[:40]),
                _("It is wx and 16 letters and digits; the console of the mini-programme has it."),
            )
        if not self.path or self.path.startswith("/") or "?" in self.path:
            raise Problem(
                "wechat.path",
                _("{path} is no page of a mini-programme.", path=self.path[:60] or "“”"),
                _("Such as pages/survey/index: without / before it, and without a query."),
            )
        parts = urlsplit(link)
        survey = urlencode({"s": parts.path.rpartition("/")[2]})
        query = f"{survey}&{parts.query}" if parts.query else survey
        encoded = quote(query, safe="")
        if len(encoded) > LONGEST_QUERY:
            raise Problem(
                "wechat.long",
                _("The link is too long for WeChat: {n} of {most} characters.",
                  n=len(encoded), most=LONGEST_QUERY),
                _("Give the people fewer or shorter fields."),
            )  # fmt: skip
        return (
            f"weixin://dl/business/?appid={self.app}&path={quote(self.path, safe='')}"
            f"&query={encoded}&env_version={self.version}"
        )


def of(
    held: Distribution, *, by: Actor, mini_programme: MiniProgramme | None = None
) -> list[dict[str, str]]:
    """The link of everybody who was asked and may be still; the audit log says who took them.

    Raises:
        Problem: as `MiniProgramme.scheme`.
    """
    found = list(_rows(held, mini_programme))
    with transaction.atomic():
        audit.record(
            by=by, action="rows.exported", subject=f"distribution {held.key}",
            workspace=held.workspace.slug, after={"links": len(found)},
        )  # fmt: skip
    return found


def _rows(held: Distribution, mini: MiniProgramme | None) -> Iterator[dict[str, str]]:
    writer = Writer.of(held, distributions.survey_of(held))
    asked = Asking.objects.filter(distribution=held, state=AskingState.SENT).exclude(customer="")
    for one in asked.order_by("pk").iterator():
        link = writer.link(one)
        row = {"customer": one.customer, "customer_kind": one.customer_kind, "link": link}
        if mini is not None:
            row["mini_programme"] = mini.scheme(link)
        yield row
