"""Cookies on the way to a provider of another site and back, as a browser has them: Lax for the flow, Strict for the
session that it opens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

pytestmark = [
    pytest.mark.functional,
    pytest.mark.console,
    pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True),
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--no-proxy-server"]


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser.new_page()
        browser.close()


def test_a_person_signs_in_at_another_site(sign_ins: Any, provider_elsewhere: Any, page: Page) -> None:
    sign_ins.use(provider_elsewhere.issuer)
    page.goto(f"{sign_ins.web.url}/api/v1/session/methods")
    page.evaluate("location.href = '/api/v1/session/oidc'")
    page.wait_for_url(f"{provider_elsewhere.issuer}/interaction/*")
    page.fill("[name=who]", "s-li")
    page.press("[name=who]", "Enter")
    page.wait_for_url(f"{sign_ins.web.url}/")
    asked = "fetch('/api/v1/session').then((answer) => answer.json())"
    assert page.evaluate(asked)["account"]["username"] == "li"
    [cookie] = [each for each in page.context.cookies(sign_ins.web.url) if each["name"].startswith("vedette")]
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("vedette_session", True, "Strict")


def test_a_link_of_another_site_leads_to_the_provider_and_no_further(
    sign_ins: Any, provider_elsewhere: Any, page: Page
) -> None:
    sign_ins.use(provider_elsewhere.issuer)
    with sign_ins.browser() as attacker:
        answer = sign_ins.through(attacker, "s-li")
    page.goto(f"{provider_elsewhere.issuer}/interaction/none")
    page.evaluate("([url]) => { location.href = url }", [answer])
    page.wait_for_url("**/#/?sign-in=expired")
    assert [each for each in page.context.cookies(sign_ins.web.url) if each["name"].startswith("vedette")] == []
