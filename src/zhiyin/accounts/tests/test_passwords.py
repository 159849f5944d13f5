"""Passwords as an installation keeps them; the other tests hash theirs in no time."""

from __future__ import annotations

import pytest
from django.conf import Settings
from django.test import override_settings

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person

pytestmark = pytest.mark.django_db

OWASP_ROUNDS = 600_000
"""The least for PBKDF2 with SHA-256, by OWASP's Password Storage Cheat Sheet."""


def test_a_password_is_kept_as_a_slow_hash_and_signs_in() -> None:
    """Would catch a quick hash in the settings that are shipped."""
    shipped = Settings("zhiyin.settings")
    with override_settings(PASSWORD_HASHERS=vars(shipped)["PASSWORD_HASHERS"]):
        start = actions.set_up(by=COMMAND_LINE, login="ana")
        ana = Person.objects.get(login="ana")
        algorithm, rounds, _salt, _hash = ana.password.split("$")
        assert algorithm == "pbkdf2_sha256"
        assert int(rounds) >= OWASP_ROUNDS
        assert start.administrator is not None
        assert ana.check_password(start.administrator.password)
        assert not ana.check_password(start.administrator.password + "x")
