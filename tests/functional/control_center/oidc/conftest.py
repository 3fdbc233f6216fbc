"""A center with an OpenID provider: a real one as a child process, and one that does wrong on purpose."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from sqlalchemy import select

from control_center.identity import accounts
from control_center.web_api.oidc import CALLBACK, Desk
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S
from foundation.database import reading, transaction

PROVIDER = Path(__file__).parents[3] / "oidc_provider"
NODE = Path(__file__).parents[4] / "tools" / "node.py"
SECRET = "words & signs: 100% + more"  # RFC 6749, section 2.3.1, has it encoded
PEOPLE = {
    "s-li": {"preferred_username": "li"},
    "s-wang": {"preferred_username": "wang"},
    "s-thief": {"preferred_username": "li"},
    "s-kelvin": {"preferred_username": "\u212aim"},
    "s-nameless": {},
}


@dataclass
class RealProvider:
    """npm's oidc-provider, certified by the OpenID Foundation, with the people above."""

    clients: list[dict[str, Any]]
    host: str = "127.0.0.1"
    issuer: str = ""
    process: subprocess.Popen[str] | None = None

    def start(self, port: int = 0) -> None:
        argument = json.dumps({"host": self.host, "port": port, "clients": self.clients, "people": PEOPLE})
        self.process = subprocess.Popen(
            [sys.executable, str(NODE), "node", "server.mjs", argument],
            cwd=PROVIDER,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.issuer = self.process.stdout.readline().strip()
        assert self.issuer.startswith(f"http://{self.host}:")

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def restart(self) -> None:
        """On the same address, with other keys."""
        self.stop()
        self.start(urlsplit(self.issuer).port or 0)


@dataclass
class SignInCenter:
    """What the tests do with a `WebCenter` and its provider."""

    web: Any  # WebCenter of the conftest above

    def use(self, issuer: str, client_id: str = "vedette", secret: str | None = SECRET, **settings: object) -> None:
        oidc = self.web.settings.identity.oidc
        oidc.issuer, oidc.client_id, oidc.title = issuer, client_id, "City identity"
        oidc.client_secret_file = None
        if secret is not None:
            oidc.client_secret_file = self.web.settings.data_dir / "client-secret"
            oidc.client_secret_file.write_text(secret)
            oidc.client_secret_file.chmod(0o600)
        for name, value in settings.items():
            setattr(oidc, name, value)
        self.web.app.state.sign_in_desk = Desk.of(self.web.app.state.context)

    @property
    def callback(self) -> str:
        return str(self.web.url) + CALLBACK

    def browser(self) -> httpx.Client:
        return httpx.Client(trust_env=False, timeout=20)

    def begin(self, browser: httpx.Client) -> str:
        """To where the center sends the browser."""
        answer = browser.get(f"{self.web.url}/api/v1/session/oidc")
        assert answer.status_code == 303
        return answer.headers["location"]

    def through(self, browser: httpx.Client, who: str) -> str:
        """The callback's address, which the provider sends the browser to once it is told who is there."""
        url = self.begin(browser)
        for _ in range(8):
            if url.startswith(self.callback):
                return url
            answer = browser.get(url)
            if answer.status_code == 200:
                answer = browser.post(url, data={"who": who})
            assert answer.has_redirect_location, answer.text
            url = urljoin(url, answer.headers["location"])
        raise AssertionError(url)

    def enter(self, browser: httpx.Client, who: str) -> str:
        """Sign in all the way; returns where the center sends the browser in the end."""
        return self.finish(browser, self.through(browser, who))

    def finish(self, browser: httpx.Client, url: str) -> str:
        answer = browser.get(url)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def account(self, browser: httpx.Client) -> dict[str, Any] | None:
        answer = browser.get(f"{self.web.url}/api/v1/session")
        return answer.json()["account"] if answer.status_code == 200 else None

    def disable(self, username: str) -> None:
        with transaction(self.web.stores.core) as session:
            accounts.disable(session, self.web.authority, self.web.clock, accounts.require(session, username))

    def audited(self, *actions: str) -> list[AuditEntry]:
        with reading(self.web.stores.core) as session:
            entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
        return [entry for entry in entries if entry.action in actions]

    def causes(self) -> list[str]:
        return [entry.detail["cause"] for entry in self.audited("api:session:refused")]


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def sign_ins(web_center: Any) -> SignInCenter:
    """On the real time, which the provider has as well."""
    web_center.clock.step(time.time() - web_center.clock.now_us() / US_PER_S)
    web_center.account("li")
    return SignInCenter(web_center)


@pytest.fixture(scope="session")
def clients() -> list[dict[str, Any]]:
    """Of a provider that there is."""
    if not (PROVIDER / "node_modules" / "oidc-provider").is_dir():
        reason = "the provider's packages are absent: `make test` installs them"
        if os.environ.get("VEDETTE_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    # On the loopback, a native client may come back to any port (RFC 8252, section 7.3): each center has its own.
    common = {"redirect_uris": [f"http://127.0.0.1{CALLBACK}"], "application_type": "native"}
    known = [
        common | {"client_id": "vedette", "client_secret": SECRET, "token_endpoint_auth_method": "client_secret_basic"},
        common | {"client_id": "open", "token_endpoint_auth_method": "none"},
    ]
    known += [
        known[0] | {"client_id": f"vedette-{alg}", "id_token_signed_response_alg": alg}
        for alg in ("PS256", "ES256", "EdDSA")
    ]
    return known


@pytest.fixture(scope="session")
def provider(clients: list[dict[str, Any]]) -> Iterator[RealProvider]:
    running = RealProvider(clients)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def provider_elsewhere(clients: list[dict[str, Any]]) -> Iterator[RealProvider]:
    """Of another site, in the sense of cookies."""
    running = RealProvider(clients, host="localhost")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def real(sign_ins: SignInCenter, provider: RealProvider) -> RealProvider:
    sign_ins.use(provider.issuer)
    return provider


@pytest.fixture(scope="session")
def scripted() -> ModuleType:
    """The provider that does wrong."""
    spec = importlib.util.spec_from_file_location("oidc_scripted", Path(__file__).with_name("scripted_provider.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def query_of() -> Callable[[str], dict[str, str]]:
    return query
