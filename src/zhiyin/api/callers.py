"""Who calls: a program with an API key, and what that lets it do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from zhiyin.accounts import api_keys, documents, units
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import ApiKey
from zhiyin.accounts.rights import SAYS, Right
from zhiyin.accounts.workspaces import Settings, of
from zhiyin.kernel import server_log
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.scoped import scoped
from zhiyin.web.log import the_log


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request is answered.

    Args:
        log: reads no more than the key may see.
        scope: what narrows it; None is the whole workspace.
    """

    key: ApiKey
    workspace: Settings
    log: Log
    by: Actor
    scope: Filter | None

    @property
    def slug(self) -> str:
        """The short name of the workspace, the only one that the key knows."""
        return self.workspace.slug

    @property
    def sees_personal_data(self) -> bool:
        """Whether ids, names and words of customers are given to it."""
        return self.key.sees_personal_data

    def as_dict(self) -> dict[str, Any]:
        """The workspace, and what the key may do there."""
        return {
            **documents.workspace(self.workspace),
            "rights": list(self.key.rights),
            "unit": self.key.unit.key if self.key.unit else None,
            "sees_personal_data": self.sees_personal_data,
        }


class Asked(HttpRequest):
    """A request whose key was looked at."""

    auth: Caller


class ApiKeyAuth(HttpBearer):
    """``Authorization: Bearer zk_…`` of a live key that has a right.

    Args:
        right: what the operation asks for.
        personal: whether it is about who customers are, and so for no key without that.
    """

    def __init__(self, right: Right | None, *, personal: bool = False) -> None:
        super().__init__()
        self.right = right
        self.personal = personal

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller.

        Raises:
            AuthenticationError: no live key has this secret.
            Problem: ``api.right``, ``api.personal``.
        """
        key = api_keys.presented(token)
        if key is None:
            raise AuthenticationError
        server_log.note_workspace(key.workspace.slug)
        if self.right is not None:
            check_right(key, self.right)
        if self.personal and not key.sees_personal_data:
            raise Problem(
                "api.personal",
                _("This key does not see personal data."),
                _("Make a key that does, if the program needs to know who customers are."),
            )
        scope = units.branch_filter(key.unit) if key.unit else None
        return Caller(
            key=key,
            workspace=of(key.workspace),
            log=scoped(the_log(), scope),
            by=Actor(person=None, where=str(request.META.get("REMOTE_ADDR", "")), key=key.name),
            scope=scope,
        )


def check_right(key: ApiKey, right: Right) -> None:
    """Refuse a key without a right; for an operation that needs two.

    Raises:
        Problem: ``api.right``.
    """
    if right not in key.rights:
        raise Problem(
            "api.right",
            _("This key may not {right}.", right=str(SAYS[right])),
            _("Make a key with the right {name}.", name=right.value),
        )


def may(right: Right, *, personal: bool = False) -> Any:
    """What an operation asks of a key, as its decorator takes it."""
    return ApiKeyAuth(right, personal=personal)
