"""Single sign-on with a provider that is certified for it (npm's oidc-provider), from the button to the session."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from control_center.identity import accounts
from control_center.identity.oidc import links
from control_center.identity.roles import Role
from foundation.database import transaction

# What the database is makes no difference here; the tests of links run on both.
pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]


@pytest.mark.parametrize("client_id", ["vedette", "vedette-PS256", "vedette-ES256", "vedette-EdDSA"])
def test_a_person_signs_in_and_works(sign_ins: Any, real: Any, client_id: str) -> None:
    sign_ins.use(real.issuer, client_id)
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, "s-li") == "/"
        account = sign_ins.account(browser)
        assert (account["username"], account["method"]) == ("li", "oidc")
        assert (account["must_change_password"], account["must_enrol_second_factor"]) == (False, False)
        assert browser.get(f"{sign_ins.web.url}/api/v1/overview").status_code == 200
    [linked] = sign_ins.audited("api:identity:link")
    assert (linked.actor, linked.detail) == ("li", {"issuer": real.issuer, "subject": "s-li"})
    [opened] = sign_ins.audited("api:session:open")
    assert opened.detail["method"] == "oidc"


def test_a_client_without_a_secret_is_proved_by_pkce_alone(sign_ins: Any, real: Any) -> None:
    sign_ins.use(real.issuer, "open", None)
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, "s-li") == "/"


def test_what_the_browser_is_sent_with(sign_ins: Any, real: Any, query_of: Any) -> None:
    with sign_ins.browser() as browser:
        answer = browser.get(f"{sign_ins.web.url}/api/v1/session/oidc")
        sent = query_of(answer.headers["location"])
        assert sent["code_challenge_method"] == "S256"
        assert sent["redirect_uri"] == sign_ins.callback
        assert (sent["response_type"], sent["scope"], sent["max_age"]) == ("code", "openid profile", "0")
        assert min(len(sent[name]) for name in ("state", "nonce", "code_challenge")) >= 43
        flow = answer.headers["set-cookie"]
        assert re.search(r"^vedette_sign_in=[A-Za-z0-9:_.-]+;", flow)
        for part in ("HttpOnly", "SameSite=lax", "Path=/api/v1/session/oidc/callback", "Max-Age=600"):
            assert part in flow
        assert "Secure" not in flow
        back = browser.get(sign_ins.through(browser, "s-li"))
        session, gone = back.headers.get_list("set-cookie")
        assert session.startswith("vedette_session=")
        assert "HttpOnly" in session
        assert "SameSite=strict" in session
        assert gone.startswith('vedette_sign_in="";')
        assert "Max-Age=0" in gone


def test_behind_a_web_server_the_public_address_counts(sign_ins: Any, real: Any, query_of: Any) -> None:
    sign_ins.web.settings.api.public_url = "https://center.example"
    with sign_ins.browser() as browser:
        answer = browser.get(f"{sign_ins.web.url}/api/v1/session/oidc", headers={"Host": "evil.example"})
        sent = query_of(answer.headers["location"])
        assert sent["redirect_uri"] == "https://center.example/api/v1/session/oidc/callback"
        assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8760@evil.example", "127.0.0.1.evil.example", "10.0.0.5"])
def test_a_forged_host_does_not_choose_where_codes_go(sign_ins: Any, real: Any, host: str) -> None:
    with sign_ins.browser() as browser:
        answer = browser.get(f"{sign_ins.web.url}/api/v1/session/oidc", headers={"Host": host})
    assert answer.headers["location"] == "/#/?sign-in=provider_unreachable"


def test_the_provider_asks_anew_each_time_and_the_session_before_ends(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        sign_ins.enter(browser, "s-li")
        first = sign_ins.account(browser)
        old = browser.cookies["vedette_session"]
        # Signed in at the provider already: without a word to it, there is only its form.
        assert browser.get(sign_ins.begin(browser), follow_redirects=True).text.startswith("<form")
        assert sign_ins.enter(browser, "s-li") == "/"
        second = sign_ins.account(browser)
        assert second["session_id"] != first["session_id"]
        with sign_ins.browser() as other:
            other.cookies.set("vedette_session", old)
            assert sign_ins.account(other) is None
    assert len(sign_ins.audited("api:identity:link")) == 1


def test_a_locked_console_goes_on_in_a_new_session(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        sign_ins.enter(browser, "s-li")
        lock = browser.post(f"{sign_ins.web.url}/api/v1/session/lock", headers={"X-Vedette": "1"})
        assert lock.status_code == 204
        assert sign_ins.account(browser)["locked"] is True
        sign_ins.enter(browser, "s-li")
        assert sign_ins.account(browser)["locked"] is False


@pytest.mark.parametrize(("who", "kind"), [("s-wang", "unknown_account"), ("s-nameless", "unknown_account")])
def test_nobody_gets_an_account_by_signing_in(sign_ins: Any, real: Any, who: str, kind: str) -> None:
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, who) == f"/#/?sign-in={kind}"
        assert sign_ins.account(browser) is None
    [refused] = sign_ins.audited("api:session:refused")
    assert refused.actor == "unknown"
    assert refused.detail == {"method": "oidc", "cause": "unknown_account", "address": "127.0.0.1"}


def test_a_letter_that_only_looks_like_ours_is_another_name(sign_ins: Any, real: Any) -> None:
    sign_ins.web.account("kim")
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, "s-kelvin") == "/#/?sign-in=unknown_account"


def test_a_disabled_account_is_refused_before_and_after_it_is_pinned(sign_ins: Any, real: Any) -> None:
    sign_ins.web.account("wang")
    with sign_ins.browser() as browser, sign_ins.browser() as other:
        assert sign_ins.enter(browser, "s-wang") == "/"
        for username in ("li", "wang"):
            sign_ins.disable(username)
        assert sign_ins.account(browser) is None
        assert sign_ins.enter(browser, "s-wang") == "/#/?sign-in=disabled"
        assert sign_ins.enter(other, "s-li") == "/#/?sign-in=disabled"
    assert [(entry.actor, entry.detail["cause"]) for entry in sign_ins.audited("api:session:refused")] == [
        ("wang", "disabled"),
        ("li", "disabled"),
    ]
    assert len(sign_ins.audited("api:identity:link")) == 1


def test_a_pinned_account_is_not_anothers_before_it_is_unlinked(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser, sign_ins.browser() as thief:
        assert sign_ins.enter(browser, "s-li") == "/"
        assert sign_ins.enter(thief, "s-thief") == "/#/?sign-in=refused"
        assert sign_ins.account(thief) is None
        assert sign_ins.enter(browser, "s-li") == "/"
        assert sign_ins.causes() == ["pinned_to_another"]
        with transaction(sign_ins.web.stores.core) as session:
            account = accounts.require(session, "li")
            links.unlink(session, sign_ins.web.authority, sign_ins.web.clock, account)
        assert sign_ins.account(browser) is None
        assert sign_ins.enter(thief, "s-thief") == "/"
    [unlinked] = sign_ins.audited("cli:identity:unlink")
    assert (unlinked.actor, unlinked.detail) == ("cli:test", {"username": "li", "issuer": real.issuer})


def test_a_second_factor_here_is_not_asked_of_who_comes_from_the_provider(sign_ins: Any, real: Any) -> None:
    sign_ins.web.account("wang", role=Role.ADMINISTRATOR)
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, "s-wang") == "/"
        assert browser.get(f"{sign_ins.web.url}/api/v1/accounts").status_code == 200


def test_who_says_no_at_the_provider_stays_outside(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, "") == "/#/?sign-in=refused"
    assert sign_ins.causes() == ["provider_error"]


def test_an_answer_counts_once(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        url = sign_ins.through(browser, "s-li")
        flow = dict(browser.cookies)["vedette_sign_in"]
        assert sign_ins.finish(browser, url) == "/"
        assert sign_ins.finish(browser, url) == "/#/?sign-in=expired"  # its cookie is gone
        with sign_ins.browser() as again:
            again.cookies.set("vedette_sign_in", flow)
            assert sign_ins.finish(again, url) == "/#/?sign-in=expired"
            assert sign_ins.account(again) is None
        assert sign_ins.account(browser) is not None


def test_a_code_counts_once_at_the_provider_too(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        url = sign_ins.through(browser, "s-li")
        flow = dict(browser.cookies)["vedette_sign_in"]
        assert sign_ins.finish(browser, url) == "/"
        sign_ins.use(real.issuer)  # as after a restart, which forgets what was used
        with sign_ins.browser() as again:
            again.cookies.set("vedette_sign_in", flow)
            assert sign_ins.finish(again, url) == "/#/?sign-in=refused"
    assert sign_ins.causes() == ["code_refused"]


def test_an_answer_counts_in_the_browser_that_began_alone(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as attacker, sign_ins.browser() as victim, sign_ins.browser() as bare:
        url = sign_ins.through(attacker, "s-li")
        sign_ins.begin(victim)
        for browser in (victim, bare):
            assert sign_ins.finish(browser, url) == "/#/?sign-in=expired"
            assert sign_ins.account(browser) is None
    assert sign_ins.causes() == ["state"]


def test_who_comes_back_in_vain_again_and_again_waits(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        for _ in range(30):
            sign_ins.begin(browser)
            assert sign_ins.finish(browser, f"{sign_ins.callback}?state=x&code=y") == "/#/?sign-in=expired"
        url = sign_ins.through(browser, "s-li")
        assert sign_ins.finish(browser, url) == "/#/?sign-in=provider_unreachable"
        assert len(sign_ins.causes()) == 30
        sign_ins.web.clock.advance(30)
        assert sign_ins.enter(browser, "s-li") == "/"


def test_a_flow_ends_after_ten_minutes(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        url = sign_ins.through(browser, "s-li")
        sign_ins.web.clock.advance(600)
        assert sign_ins.finish(browser, url) == "/#/?sign-in=expired"


@pytest.mark.parametrize("cookie", ["", "x", "0123456789abcdef:AAAA", "vedette"])
def test_a_made_up_callback_leaves_no_trace(sign_ins: Any, real: Any, cookie: str) -> None:
    with sign_ins.browser() as browser:
        headers = {"Cookie": f"vedette_sign_in={cookie}"}
        answer = browser.get(sign_ins.callback, params={"state": "x", "code": "y"}, headers=headers)
        assert answer.headers["location"] == "/#/?sign-in=expired"
        assert browser.get(sign_ins.callback, params={"state": "x" * 5000}).status_code == 422
    assert sign_ins.audited("api:session:refused") == []


def test_an_answer_in_anothers_name_is_refused(sign_ins: Any, real: Any) -> None:
    """RFC 9207: this provider says who it is, and so must its answers."""
    with sign_ins.browser() as browser:
        url = httpx.URL(sign_ins.through(browser, "s-li"))
        assert url.params["iss"] == real.issuer
        assert sign_ins.finish(browser, str(url.copy_set_param("iss", "https://evil.example"))) == "/#/?sign-in=refused"
        url = httpx.URL(sign_ins.through(browser, "s-li"))
        assert sign_ins.finish(browser, str(url.copy_remove_param("iss"))) == "/#/?sign-in=refused"
    assert sign_ins.causes() == ["iss", "iss"]


def test_a_provider_with_new_keys_is_known_again(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, "s-li") == "/"
        real.restart()
        assert sign_ins.enter(browser, "s-li") == "/"


def test_a_provider_that_is_down(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        url = sign_ins.through(browser, "s-li")
        real.stop()
        assert sign_ins.finish(browser, url) == "/#/?sign-in=provider_unreachable"
        sign_ins.use(real.issuer)
        assert sign_ins.begin(browser) == "/#/?sign-in=provider_unreachable"
        real.start()


def test_a_wrong_secret_is_refused_by_the_provider(sign_ins: Any, real: Any) -> None:
    sign_ins.use(real.issuer, secret="another one")
    with sign_ins.browser() as browser:
        assert sign_ins.enter(browser, "s-li") == "/#/?sign-in=refused"
    assert sign_ins.causes() == ["code_refused"]


def test_a_secret_that_others_may_read_is_not_used(sign_ins: Any, real: Any) -> None:
    sign_ins.web.settings.identity.oidc.client_secret_file.chmod(0o640)
    with sign_ins.browser() as browser:
        assert sign_ins.begin(browser) == "/#/?sign-in=provider_unreachable"


def test_the_ways_to_sign_in(sign_ins: Any, real: Any) -> None:
    with sign_ins.browser() as browser:
        found = browser.get(f"{sign_ins.web.url}/api/v1/session/methods").json()
        assert found == {"oidc": {"title": "City identity"}, "first_run": False}
