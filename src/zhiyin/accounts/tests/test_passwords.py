"""Passwords as an installation keeps them; the other tests hash theirs in no time."""

from __future__ import annotations

import pytest
from django.conf import Settings
from django.contrib.auth.hashers import make_password
from django.test import override_settings

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person

pytestmark = pytest.mark.django_db

OWASP_KIB = 19 * 1024
OWASP_PASSES = 2
"""The least memory, and passes over it, for Argon2id with one lane, by OWASP's Password Storage
Cheat Sheet."""


def test_a_hash_of_an_earlier_release_signs_in_and_is_made_anew() -> None:
    shipped = Settings("zhiyin.settings")
    actions.set_up(by=COMMAND_LINE, login="ana")
    ana = Person.objects.get(login="ana")
    with override_settings(PASSWORD_HASHERS=vars(shipped)["PASSWORD_HASHERS"]):
        ana.password = make_password("a long old word", hasher="pbkdf2_sha256")
        ana.save()
        assert ana.check_password("a long old word")
        ana.refresh_from_db()
        assert ana.password.startswith("argon2$argon2id$")


def test_a_password_is_kept_as_a_slow_hash_and_signs_in() -> None:
    """Would catch a quick hash in the settings that are shipped."""
    shipped = Settings("zhiyin.settings")
    with override_settings(PASSWORD_HASHERS=vars(shipped)["PASSWORD_HASHERS"]):
        start = actions.set_up(by=COMMAND_LINE, login="ana")
        ana = Person.objects.get(login="ana")
        algorithm, variety, _version, costs, _salt, _hash = ana.password.split("$")
        assert (algorithm, variety) == ("argon2", "argon2id")
        memory, passes, _lanes = (int(cost.partition("=")[2]) for cost in costs.split(","))
        assert memory >= OWASP_KIB
        assert passes >= OWASP_PASSES
        assert start.administrator is not None
        assert ana.check_password(start.administrator.password)
        assert not ana.check_password(start.administrator.password + "x")
