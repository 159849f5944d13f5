"""One request to a survey, with its response: what is shown, and where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from zhiyin.collect.surveys import logic
from zhiyin.collect.surveys.html import page
from zhiyin.collect.surveys.html.views import View
from zhiyin.collect.surveys.logic import Step
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.edge.asgi import Header
from zhiyin.edge.surveys.asked import Asked
from zhiyin.edge.surveys.responses import QUOTA_FULL, Response
from zhiyin.kernel.clock import now
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _

COOKIE_SECONDS = 30 * 86_400

QUOTA_IS_FULL = (
    _("We have heard from enough people like you."),
    _("Thank you for wanting to answer. What you have answered is kept."),
)

Form = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a survey.

    Args:
        language: of the survey's texts.
        invitation: by whose link she came; blank: by anybody's.
        hosts: origins whose pages may hold it in a frame.
    """

    request: Asked
    published: PublishedSurvey
    response: Response
    language: str
    invitation: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def has_cookie(self) -> bool:
        """Whether her browser keeps which response is hers."""
        return self.request.cookie(self._cookie_name) == self.response.token

    @property
    def _cookie_name(self) -> str:
        anonymous = self.invitation if self.response.ticket else ""
        return cookie_name(self.request.id, anonymous)

    def view(
        self,
        *,
        sent: Form | None = None,
        wrong: Mapping[str, Text | str] | None = None,
        trouble: Text | None = None,
    ) -> View:
        """What a page is made for."""
        response = self.response
        shown = {item.name for step in response.steps() for item in step.items()}
        return View(
            response.survey,
            self.request.address,
            response.token,
            self.language,
            answers=response.answers,
            fields=response.about.fields,
            invitation=self.invitation if response.ticket else response.about.invitation,
            sent=dict(sent or {}),
            wrong=wrong or {},
            trouble=trouble,
            told={name: held for name, held in response.answers.items() if name in shown},
            today=self.today,
            hosts=self.hosts,
        )

    @property
    def today(self) -> date:
        """The day where the survey is."""
        return local_day(now(), self.published.zone)

    def asking(self, step: Step, view: View) -> str:
        """A page with questions, at its place among those that are asked now."""
        names = [one.page.name for one in self.response.steps()]
        place = names.index(step.page.name) + 1 if step.page.name in names else 1
        return page.asking(view, step, place=place, steps=max(len(names), 1))

    def over(self, *, is_again: bool = False) -> str:
        """The page when there is nothing more to ask.

        Args:
            is_again: she comes back to it, and has not just ended.
        """
        response, view = self.response, self.view()
        if QUOTA_FULL in response.flags:
            return page.told(view, *QUOTA_IS_FULL)
        if response.is_over and response.ended_at is None and "dismissed" not in response.flags:
            return page.told(
                view,
                _("The time for these answers is over."),
                _("Thank you. What you have answered is kept; there is nothing more to do here."),
            )
        if response.is_over and response.ended_at is None:
            return page.told(
                view,
                _("Thank you all the same."),
                _("What you answered is kept; you will not be asked again here."),
            )
        fields = response.about.fields
        ending = logic.ending(response.survey, response.answers, fields, seed=response.id)
        return page.ended(view, ending, is_again=is_again)

    def at(self, name: str) -> Step | None:
        """The page called so, if nothing before it is left open; else the first that is left open.

        None where conditions on what the link says have left nothing to ask.
        """
        steps = self.response.steps()
        if not steps:
            return None
        stands = self.response.step() or steps[-1]
        seen = steps[: steps.index(stands) + 1]
        return next((step for step in seen if step.page.name == name), stands)

    def after(self, step: Step) -> Step | None:
        """The page after one that was sent; itself where an answer has opened a question on it.

        None at the end.
        """
        response = self.response
        steps = response.steps()
        here = next((n for n, one in enumerate(steps) if one.page.name == step.page.name), None)
        if here is None:
            return response.step()
        if any(item.name not in response.answers for item in steps[here].items()):
            return steps[here]
        return next(iter(steps[here + 1 :]), None) or response.step()

    def address(self, step: Step | None) -> str:
        """Where a page of it is."""
        query = {"lang": self.language} | ({"p": step.page.name} if step else {"end": "1"})
        if self.response.ticket and self.invitation:
            query["i"] = self.invitation
        return f"{self.request.address}?{urlencode(query)}"

    def cookie(self) -> Header:
        """What tells a browser to keep which response is hers."""
        parts = [
            f"{self._cookie_name}={self.response.token}",
            f"Path={self.request.address}",
            f"Max-Age={COOKIE_SECONDS}",
            "HttpOnly",
            "SameSite=Lax",
            *(["Secure"] if self.request.is_secure else []),
        ]
        return b"set-cookie", "; ".join(parts).encode()


def cookie_name(survey: str, invitation: str = "") -> str:
    """What the cookie of a survey is called.

    Args:
        invitation: to an anonymous survey: two who share a browser have a cookie each.
    """
    if not invitation:
        return f"r-{survey}"
    return f"r-{survey}-{hashlib.sha256(invitation.encode()).hexdigest()[:12]}"
