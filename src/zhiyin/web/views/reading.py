"""What views ask first: may this person see this workspace?"""

from __future__ import annotations

from django.http import Http404, HttpRequest

from zhiyin.accounts.access import workspace_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import Settings


def required(request: HttpRequest, slug: str) -> Settings:
    """The workspace, when the person works in it; otherwise there is no such page."""
    found = workspace_for(person_of(request), slug)
    if found is None:
        raise Http404
    return found


def person_of(request: HttpRequest) -> Person:
    """Who is signed in; the middleware lets nobody else in."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """Who acts, and from where, for the audit trail."""
    return Actor(person=person_of(request), where=request.META.get("REMOTE_ADDR", ""))
