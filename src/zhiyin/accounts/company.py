"""Signing in at the company's own identity provider, by OpenID Connect.

The protocol is allauth's: discovery, authorization code with PKCE, state. The nonce, the signature
of the id token and who is meant by its claims are seen to here. Nobody is made without an
invitation.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from zhiyin.accounts import audit, inviting, signing
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

OURS = "company"
"""What allauth calls the one provider by."""

FAULTS = (OAuth2Error, OSError, KeyError, ValueError, TypeError, AttributeError)
"""What is raised where the provider is away, or answers otherwise than the protocol says."""

_log = logging.getLogger("zhiyin.company")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of who has signed in there.

    Args:
        issuer: the provider.
        subject: what it calls her by, for ever.
        is_verified: whether it has seen that the e-mail address is hers.
    """

    issuer: str
    subject: str
    email: str = ""
    is_verified: bool = False
    name: str = ""


class _Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's protocol, with the provider of our settings and our own address to come back to."""

    def get_provider(self) -> _Provider:
        return _Provider(self.request, app=_app())

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return settings.ZHIYIN_PUBLIC_URL.rstrip("/") + reverse("company-sign-in-back")


class _Provider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = _Adapter


def name() -> str:
    """The provider as the sign-in page names it; blank where none is set up."""
    if not (settings.ZHIYIN_OIDC_ISSUER and settings.ZHIYIN_OIDC_CLIENT):
        return ""
    return settings.ZHIYIN_OIDC_NAME or str(_("single sign-on"))


def begin(request: HttpRequest, *, then: str) -> str:
    """The address at the provider to which the browser goes.

    Args:
        then: the page of ours that was asked for.

    Raises:
        Problem: ``company.away``.
    """
    nonce = secrets.token_urlsafe(24)
    try:
        answer = _Provider(request, app=_app()).redirect(
            request, "login", next_url=then, data={"nonce": nonce}, auth_params={"nonce": nonce}
        )
    except FAULTS as error:
        _log.warning("the identity provider cannot be asked: %s", type(error).__name__)
        raise Problem(
            "company.away",
            _("{name} does not answer.", name=name()),
            _("Try again in a moment, or sign in by your password."),
        ) from error
    return str(answer.url)


def finish(request: HttpRequest) -> tuple[Claims, str]:
    """Who has signed in at the provider, and the page of ours that was asked for.

    Raises:
        Problem: ``company.refused``.
    """
    state = statekit.unstash_state(request, provider_id=OURS, state_id=request.GET.get("state", ""))
    if state is None or "code" not in request.GET:
        raise _refused()
    try:
        claims = _claims(request, state)
    except FAULTS as error:
        _log.warning("the identity provider's answer was refused: %s", type(error).__name__)
        raise _refused() from error
    return claims, state["next"]


def _claims(request: HttpRequest, state: Mapping[str, Any]) -> Claims:
    adapter, app = _Adapter(request, OURS), _app()
    config = adapter.openid_config
    issuer = str(config["issuer"])
    if issuer.rstrip("/") != settings.ZHIYIN_OIDC_ISSUER.rstrip("/"):
        raise ValueError("the issuer is another")
    if request.GET.get("iss", issuer) != issuer:
        raise ValueError("the answer is another provider's")
    tokens = adapter.get_access_token_data(
        request, app, adapter.get_client(request, app), state["pkce_code_verifier"]
    )
    signed = jwtkit.verify_and_decode(
        credential=tokens["id_token"],
        keys_url=config["jwks_uri"],
        issuer=issuer,
        audience=app.client_id,
        lookup_kid=jwtkit.lookup_kid_jwk,
    )
    if not hmac.compare_digest(str(signed["nonce"]), state["data"]["nonce"]):
        raise ValueError("the nonce is another")
    told = adapter._fetch_user_info(tokens["access_token"])
    if told["sub"] != signed["sub"]:
        raise ValueError("the user info is about another")
    return Claims(
        issuer=issuer,
        subject=str(signed["sub"]),
        email=str(told.get("email", "")),
        is_verified=told.get("email_verified") is True,
        name=str(told.get("name", "")),
    )


@transaction.atomic
def who(claims: Claims, *, where: str) -> Person:
    """Whom the claims mean: linked before, or having or being invited by the verified address.

    Args:
        where: the network address, for the audit trail.

    Raises:
        Problem: ``company.unverified``, ``company.unknown``, ``company.somebody-else``.
    """
    linked = SocialAccount.objects.filter(provider=claims.issuer, uid=claims.subject).first()
    if linked is not None:
        person = Person.objects.filter(pk=linked.user_id, is_active=True).first()
        if person is None:
            raise _unknown(claims)
        return person
    if not claims.is_verified or "@" not in claims.email:
        raise Problem(
            "company.unverified",
            _("{name} gave no e-mail address that it has verified.", name=name()),
            _("Have it verified there, or sign in by your password."),
        )
    person = signing.whose(claims.email) or inviting.accept_by_address(
        address=claims.email, name=claims.name, where=where
    )
    if person is None:
        raise _unknown(claims)
    # An address that now is somebody else's there must not open what its holder had here.
    if SocialAccount.objects.filter(user=person, provider=claims.issuer).exists():
        raise Problem(
            "company.somebody-else",
            _("{login} signed in by another account of {name} before.",
              login=person.login, name=name()),
            _("Sign in by your password and let go of that account on your own page."),
        )  # fmt: skip
    SocialAccount.objects.create(user=person, provider=claims.issuer, uid=claims.subject)
    audit.record(
        by=Actor(person, where), action="company_account.linked", subject=person.login,
        after={"issuer": claims.issuer, "address": claims.email},
    )  # fmt: skip
    return person


def is_linked(person: Person) -> bool:
    """Whether an account of the provider signs this person in."""
    return bool(SocialAccount.objects.filter(user=person).exists())


@transaction.atomic
def let_go(*, by: Actor, person: Person) -> None:
    """Have no account of the provider sign this person in, until one is linked anew."""
    removed, _by_model = SocialAccount.objects.filter(user=person).delete()
    if removed:
        audit.record(by=by, action="company_account.let_go", subject=person.login)


def _app() -> SocialApp:
    return SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=OURS,
        name=name(),
        client_id=settings.ZHIYIN_OIDC_CLIENT,
        secret=settings.ZHIYIN_OIDC_SECRET,
        settings={
            "server_url": settings.ZHIYIN_OIDC_ISSUER.rstrip("/"),
            "oauth_pkce_enabled": True,
        },
    )


def _refused() -> Problem:
    return Problem(
        "company.refused",
        _("{name} did not confirm who you are.", name=name()),
        _("Begin again on the sign-in page."),
    )


def _unknown(claims: Claims) -> Problem:
    return Problem(
        "company.unknown",
        _("Nobody works here as {email}.", email=claims.email or claims.subject),
        _("Ask an administrator to invite this address."),
    )
