"""An authenticator is set up, asked for at the next sign-in, and removed, as a person does it."""

from __future__ import annotations

import base64
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import expect

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]


def code_now(secret: str) -> str:
    """What every authenticator shows (RFC 6238)."""
    plain = secret.replace(" ", "")
    totp = TOTP(base64.b32decode(plain + "=" * (-len(plain) % 8)), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(time.time())).decode()


def secret_of(page):
    return page.get_by_test_id("totp-secret").inner_text()


def test_a_second_factor_is_set_up_asked_for_and_removed(people, center):
    with people.visit("supervisor") as page:
        page.get_by_test_id("nav-account").click()
        page.get_by_test_id("factor-enrol").click()
        dialog = page.get_by_test_id("enrol-dialog")
        dialog.locator("input[type=password]").fill("not the password")
        page.keyboard.press("Enter")
        expect(dialog.get_by_test_id("form-error")).to_have_text("The password is not right.")
        dialog.locator("input[type=password]").fill("a long enough pass phrase")
        page.keyboard.press("Enter")
        expect(dialog.get_by_test_id("qr-code")).to_be_visible()
        secret = secret_of(page)

        dialog.locator("input[name=code]").fill("000000")
        page.keyboard.press("Enter")
        expect(dialog.get_by_test_id("form-error")).to_contain_text("not right")
        dialog.locator("input[name=code]").fill(code_now(secret))
        page.keyboard.press("Enter")
        codes = dialog.get_by_test_id("recovery-codes").locator("li")
        expect(codes).to_have_count(10)
        # A code of the authenticator is good once; the next one is half a minute away, and recovery codes are at hand.
        recovery = codes.all_inner_texts()
        expect(page.get_by_test_id("recovery-done")).to_be_disabled()
        page.get_by_text("I have put these codes in a safe place.").click()
        page.get_by_test_id("recovery-done").click()
        expect(page.get_by_test_id("factor-remove")).to_be_visible()

        page.get_by_test_id("sign-out").click()
        form = page.get_by_test_id("sign-in-form")
        form.locator("input[name=username]").fill("supervisor")
        form.locator("input[type=password]").fill("a long enough pass phrase")
        page.keyboard.press("Enter")
        page.get_by_test_id("use-recovery").click()
        page.get_by_test_id("code-form").locator("input[name=code]").fill(recovery[0])
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("console")).to_be_visible()

        # A locked console asks for both again.
        page.get_by_test_id("lock-now").click()
        lock = page.get_by_test_id("lock-screen")
        lock.locator("input[type=password]").fill("a long enough pass phrase")
        lock.locator("input[name=code]").fill(recovery[0])
        page.keyboard.press("Enter")
        expect(lock.get_by_test_id("form-error")).to_contain_text("used already")
        lock.locator("input[type=password]").fill("a long enough pass phrase")
        lock.locator("input[name=code]").fill(recovery[1])
        page.keyboard.press("Enter")
        expect(lock).to_have_count(0)

        page.get_by_test_id("nav-account").click()
        page.get_by_test_id("factor-remove").click()
        removal = page.get_by_test_id("remove-factor-dialog")
        removal.locator("input[type=password]").fill("a long enough pass phrase")
        removal.locator("input[name=code]").fill(recovery[2])
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("factor-enrol")).to_be_visible()


def test_the_address_for_the_authenticator_carries_what_is_shown(people):
    """The picture is drawn from the address of the API: the secret in it is the one that is shown as text."""
    with people.visit("supervisor") as page:
        answers = []
        page.on("response", lambda answer: answers.append(answer) if "second-factor" in answer.url else None)
        page.goto(page.url.split("#")[0] + "#/account")
        page.get_by_test_id("factor-enrol").click()
        page.get_by_test_id("enrol-dialog").locator("input[type=password]").fill("a long enough pass phrase")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("qr-code")).to_be_visible()
        address = urlsplit(answers[-1].json()["uri"])
        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        assert parse_qs(address.query)["secret"] == [secret_of(page).replace(" ", "")]
        page.keyboard.press("Escape")
