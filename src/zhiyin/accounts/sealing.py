"""Secrets that are read again, those of authenticator apps and of other services, stand encrypted
in the store.

Whoever reads the store, or a copy of it, without the installation's key can make no code.
"""

from __future__ import annotations

import base64
from functools import cache

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from zhiyin.accounts.models import Person
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

SECOND_STEP, SENT = b"zhiyin second step", b"zhiyin secrets that are sent"
"""What is sealed for one use is of no use for the other."""


class Sealing(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks of us: how secrets are kept, and how we are called in her app."""

    def encrypt(self, text: str) -> str:
        """What is stored in the place of a secret."""
        return _key_of(str(settings.SECRET_KEY)).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again.

        Raises:
            Problem: ``second-step.unreadable``.
        """
        try:
            return _key_of(str(settings.SECRET_KEY)).decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise Problem(
                "second-step.unreadable",
                _("The second step was set up under another key of this installation."),
                _("Have an administrator take your second step away, and set it up again."),
            ) from error

    def get_totp_issuer(self) -> str:
        """The name over the code in her app."""
        return "Zhiyin"

    def _get_site_name(self) -> str:
        return "Zhiyin 知音"

    def _get_user_identifier(self, user: Person) -> str:
        return user.login


def seal(text: str) -> str:
    """What is stored in the place of a secret that is sent to somebody else: a password of a
    mailbox, the address of a robot."""
    return _key_of(str(settings.SECRET_KEY), SENT).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again.

    Raises:
        Problem: ``secret.unreadable``.
    """
    try:
        return _key_of(str(settings.SECRET_KEY), SENT).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Problem(
            "secret.unreadable",
            _("The secret was kept under another key of this installation."),
            _("Give it once more."),
        ) from error


@cache
def _key_of(secret_key: str, use: bytes = SECOND_STEP) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=use)
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
