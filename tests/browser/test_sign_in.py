"""Two steps and passkeys in a real browser, whose authenticator is Chromium's virtual one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import PHONE, WIDE, violations
from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation, Made
from zhiyin.accounts.tests.test_second_step import shown


@dataclass
class Site:
    address: str
    password: str


@pytest.fixture(scope="module")
def installation(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("sign-in") / "data", made)
    try:
        installation.open()
        yield installation
    finally:
        installation.close()


@pytest.fixture
def site(installation: Installation) -> Site:
    """The server, where the administrator signs in by a password alone."""
    done = zhiyin(installation.data, "password", "--without-second-step")
    # Browsers give passkeys to a name alone, never to a bare network address.
    address = f"http://localhost:{installation.port}"
    return Site(address, json.loads(done.stdout)["password"])


def opened(browser: Browser, site: Site, **options: Any) -> tuple[Page, list[str]]:
    """A page on which nobody has signed in, and what its console complains of."""
    page = browser.new_context(base_url=site.address, **options).new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def give_password(page: Page, site: Site) -> None:
    page.goto("/sign-in/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", site.password)
    page.click("button.go")


def with_authenticator(page: Page) -> tuple[Any, str]:
    """Chromium's virtual authenticator: a device that has just seen its owner's finger."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def add_passkey(page: Page, site: Site, name: str) -> None:
    page.goto("/me/")
    page.click("text=Add a passkey")
    page.fill("#password", site.password)
    page.click("text=Go on")
    page.fill("#name", name)
    page.click("button:has-text('Make the passkey')")
    expect(page.locator("h1")).to_have_text("Recovery codes")  # the script has sent it by now


def test_an_app_is_set_up_and_asked_and_its_codes_are_taken_home(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    page, complaints = opened(browser, site, viewport=WIDE, locale="en", bypass_csp=True)
    give_password(page, site)
    page.goto("/me/second-step/")
    box = page.locator(".qr svg").bounding_box()
    assert box is not None
    assert box["width"] == box["height"] == 200
    assert violations(page) == []
    secret = page.locator("pre code").inner_text().replace(" ", "")
    page.fill("#code", shown(secret, time.time()))
    page.click("text=Confirm")
    assert violations(page) == []
    codes = page.locator("pre code").inner_text().split()
    assert len(codes) == 10
    with page.expect_download() as download:
        page.click("text=Download as text")
    download.value.save_as(tmp_path / "codes.txt")
    assert (tmp_path / "codes.txt").read_text("utf-8").split()[2:] == codes
    page.click("text=I have kept them")
    page.goto("/me/")
    assert violations(page) == []
    page.context.clear_cookies()
    give_password(page, site)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert violations(page) == []
    page.fill("#code", codes[0])
    page.click("button.go:has-text('Sign in')")
    expect(page.locator("nav.tabbar")).to_be_visible()
    page.goto("/me/")
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()
    assert complaints == []
    page.context.close()


def test_a_passkey_signs_in_alone_and_as_the_second_step(browser: Browser, site: Site) -> None:
    page, complaints = opened(browser, site, viewport=WIDE, locale="en")
    devtools, authenticator = with_authenticator(page)
    give_password(page, site)
    add_passkey(page, site, "telephone")
    page.goto("/me/")
    page.click("li a:has-text('telephone')")
    page.fill("#name", "my telephone")
    page.click("text=Save")
    expect(page.locator("li a")).to_have_text("my telephone")

    page.context.clear_cookies()
    page.goto("/main/data/imports/")
    page.click("text=Sign in by a passkey")
    page.wait_for_url(f"{site.address}/main/data/imports/")

    page.context.clear_cookies()
    give_password(page, site)
    expect(page.locator("h1")).to_have_text("The second step")
    page.goto("/main/data/")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto("/sign-in/step/")
    page.click("text=Use a passkey")
    page.wait_for_url(f"{site.address}/main/data/begin/")

    page.goto("/me/")
    page.click("li a")
    page.click("text=Remove")
    page.fill("#password", site.password)
    page.click("button:has-text('Remove')")
    expect(page.get_by_text("signs nobody in any longer")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.click("text=Sign in by a passkey")
    expect(page.get_by_text("The passkey was not taken")).to_be_visible()
    kept = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    assert len(kept["credentials"]) == 1, "the device still has it; the server knows it no longer"
    give_password(page, site)
    page.wait_for_url(f"{site.address}/main/data/begin/")
    assert complaints == []
    page.context.close()


def test_a_device_that_has_not_seen_its_owner_signs_nobody_in_alone(
    browser: Browser, site: Site
) -> None:
    page, _complaints = opened(browser, site, viewport=WIDE, locale="en")
    devtools, authenticator = with_authenticator(page)
    give_password(page, site)
    add_passkey(page, site, "stick")
    page.context.clear_cookies()
    devtools.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": authenticator, "isUserVerified": False},
    )
    page.goto("/sign-in/")
    page.click("text=Sign in by a passkey")
    expect(page.get_by_text("The device gave no passkey")).to_be_visible()
    # A browser that lies about what was asked: the server looks for itself.
    page.evaluate(
        """() => {
            const real = PublicKeyCredential.parseRequestOptionsFromJSON;
            PublicKeyCredential.parseRequestOptionsFromJSON = (options) =>
                real.call(PublicKeyCredential, {...options, userVerification: "discouraged"});
        }"""
    )
    page.click("text=Sign in by a passkey")
    expect(page.get_by_text("The passkey was not taken")).to_be_visible()
    page.goto("/me/")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.context.close()


def test_an_answer_that_was_sent_before_is_refused(browser: Browser, site: Site) -> None:
    page, _complaints = opened(browser, site, viewport=WIDE, locale="en")
    with_authenticator(page)
    give_password(page, site)
    add_passkey(page, site, "telephone")
    page.context.clear_cookies()
    page.goto("/sign-in/")
    with page.expect_request(lambda r: r.method == "POST" and "passkey" in r.url) as sent:
        page.click("text=Sign in by a passkey")
    page.wait_for_url(f"{site.address}/main/data/begin/")
    form = sent.value.post_data_json
    page.context.clear_cookies()
    page.goto("/sign-in/")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    page.request.get("/sign-in/passkey/")
    answer = page.request.post(
        "/sign-in/passkey/",
        form={**form, "csrfmiddlewaretoken": token},
        headers={"Origin": site.address},
    )
    assert "The passkey was not taken" in answer.text()
    page.context.close()
