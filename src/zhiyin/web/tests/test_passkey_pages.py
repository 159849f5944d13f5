"""Pages of passkeys without a device; tests/browser/test_sign_in.py has Chromium's virtual one."""

from __future__ import annotations

import html
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from zhiyin.accounts.models import Person
from zhiyin.web.tests.test_pages import text

PASSWORD = "correct horse battery"


@pytest.fixture
def with_password(as_ana: Client, ana: Person) -> Client:
    ana.set_password(PASSWORD)
    ana.save()
    as_ana.force_login(ana)
    return as_ana


def test_a_passkey_is_made_by_whoever_knows_the_password(with_password: Client) -> None:
    """What a stolen session could have kept for good is asked for first."""
    with_password.get("/sign-in/passkey/")  # a challenge, which is one for signing in
    for given in ({}, {"password": "wrong"}, {"credential": "{}"}):
        answer = with_password.post("/me/passkeys/add/", given)
        assert answer.status_code == 422
        assert "data-asked" not in answer.content.decode()
    page = with_password.post("/me/passkeys/add/", {"password": PASSWORD}).content.decode()
    asked = re.search(r'data-asked="([^"]+)"', page)
    assert asked
    options = json.loads(html.unescape(asked[1]))["publicKey"]
    assert options["rp"]["id"] == "testserver"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"


@pytest.mark.parametrize(
    "answer",
    [
        "", "{", "[]", "null", "7", "{}", '{"response": null}', '{"response": {"userHandle": 7}}',
        '{"response": {"userHandle": "MQ"}}', '{"response": {"userHandle": "////"}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ",'
        ' "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}',
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(with_password: Client, answer: str) -> None:
    with_password.post("/me/passkeys/add/", {"password": PASSWORD})
    refused = with_password.post("/me/passkeys/add/", {"credential": answer})
    assert refused.status_code == 422
    assert "was not taken" in text(refused)
    browser = Client()
    browser.get("/sign-in/passkey/")
    answered = browser.post("/sign-in/passkey/", {"credential": answer}, follow=True)
    assert "was not taken" in text(answered)
    assert browser.get("/me/").status_code == 302
    assert not Authenticator.objects.exists()


def test_nobody_finds_the_passkey_of_another(with_password: Client) -> None:
    ben = Person.objects.create(login="ben")
    stored = Authenticator.objects.create(
        user=ben, type="webauthn", data={"name": "ben's", "credential": {}}
    )
    for address in (f"/me/passkeys/{stored.pk}/", f"/me/passkeys/{stored.pk}/remove/"):
        assert with_password.get(address).status_code == 404
        given = {"name": "mine", "password": PASSWORD}
        assert with_password.post(address, given).status_code == 404
    stored.refresh_from_db()
    assert stored.data["name"] == "ben's"
