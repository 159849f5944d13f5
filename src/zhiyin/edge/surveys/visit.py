"""One request to a survey, with its response: what is shown, and where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from zhiyin.collect.surveys import logic
from zhiyin.collect.surveys.logic import Step
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.edge.asgi import Header
from zhiyin.edge.surveys import page
from zhiyin.edge.surveys.asked import Asked
from zhiyin.edge.surveys.responses import Response
from zhiyin.edge.surveys.views import View
from zhiyin.kernel.text import Text, _

COOKIE_SECONDS = 30 * 86_400

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
        wrong: Mapping[str, Text] | None = None,
        trouble: Text | None = None,
    ) -> View:
        """What a page is made for."""
        about = self.response.about
        return View(
            self.response.survey,
            self.request.address,
            self.response.token,
            self.language,
            answers=self.response.answers,
            fields=about.fields,
            invitation=self.invitation if self.response.ticket else about.invitation,
            sent=dict(sent or {}),
            wrong=wrong or {},
            trouble=trouble,
            hosts=self.hosts,
        )

    def asking(self, step: Step, view: View) -> str:
        """A page with questions, at its place among those that are asked now."""
        names = [one.page.name for one in self.response.steps()]
        place = names.index(step.page.name) + 1 if step.page.name in names else 1
        return page.asking(view, step, place=place, steps=max(len(names), 1))

    def over(self) -> str:
        """The page when there is nothing more to ask."""
        response, view = self.response, self.view()
        if response.is_over and response.ended_at is None:
            return page.told(
                view,
                _("Thank you all the same."),
                _("What you answered is kept; you will not be asked again here."),
            )
        fields = response.about.fields
        return page.ended(
            view, logic.ending(response.survey, response.answers, fields, seed=response.id)
        )

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
        query = {"lang": self.language} | ({"p": step.page.name} if step else {})
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
