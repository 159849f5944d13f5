"""What views ask first: who is it, and may she do this here?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from zhiyin.accounts.access import Access, access_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import server_log
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.scoped import scoped
from zhiyin.web import faults
from zhiyin.web.log import the_log

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Here:
    """Where a request is at work, and on whose behalf.

    Args:
        log: reads no more than this person may see.
    """

    access: Access
    log: Log
    by: Actor

    @property
    def workspace(self) -> Settings:
        """The workspace in the address."""
        return self.access.workspace

    @property
    def slug(self) -> str:
        """Its short name."""
        return self.access.workspace.slug

    @property
    def sees_personal_data(self) -> bool:
        """Whether names, addresses and ids are shown to this person."""
        return self.access.sees_personal_data


@dataclass(frozen=True, slots=True)
class Needs:
    """What a view asks for.

    Args:
        to_read: the right to be read.
        to_write: the right to be written to.
        personal: whether it is about who customers are, and so for nobody who may not see that.
    """

    to_read: Right
    to_write: Right
    personal: bool = False


Answer = TypeVar("Answer", bound=HttpResponseBase, covariant=True)
View = Callable[Concatenate[HttpRequest, Here, P], Answer]


class Guarded(Protocol[P, Answer]):
    """A view of a workspace that says what it needs, as an address calls it."""

    needs: Needs

    def __call__(
        self, request: HttpRequest, slug: str, /, *args: P.args, **named: P.kwargs
    ) -> Answer | HttpResponse:
        """Answer one request."""


def needs(
    right: Right, *, to_write: Right | None = None, personal: bool = False
) -> Callable[[View[P, Answer]], Guarded[P, Answer]]:
    """A view of a workspace, for members whose role allows `right`.

    Who does not work there finds no such page; a member without the right is told so. The view
    is called with `Here` in the place of the address's slug.

    Args:
        to_write: the right that a POST needs; the same where it is not given.
        personal: only for members whose membership shows personal data.
    """
    asked = Needs(right, to_write or right, personal)

    def guarded(view: View[P, Answer]) -> Guarded[P, Answer]:
        @wraps(view)
        def guard(
            request: HttpRequest, slug: str, *args: P.args, **named: P.kwargs
        ) -> Answer | HttpResponse:
            access = access_for(person_of(request), slug)
            if access is None:
                raise Http404
            request.access = access  # type: ignore[attr-defined]
            server_log.note_workspace(slug)
            wanted = asked.to_read if request.method in SAFE else asked.to_write
            if not access.may(wanted):
                return faults.not_allowed(request, wanted, access)
            if asked.personal and not access.sees_personal_data:
                return faults.masked(request)
            here = Here(access, scoped(the_log(), access.scope), actor_of(request))
            return view(request, here, *args, **named)

        found = cast("Guarded[P, Answer]", guard)
        found.needs = asked
        return found

    return guarded


def person_of(request: HttpRequest) -> Person:
    """Who is signed in; the middleware lets nobody else in."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """Who acts, and from where, for the audit trail."""
    return Actor(person=person_of(request), where=request.META.get("REMOTE_ADDR", ""))
