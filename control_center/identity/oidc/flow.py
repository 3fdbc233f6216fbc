"""One sign-in on its way: what this browser must bring back, sealed in a cookie that only the callback is shown.

The cookie is what keeps the callback safe, which a foreign page can make any browser ask for: an answer of the provider
counts only in the browser that began, once, within ten minutes (RFC 6749, section 10.12; RFC 9700, section 4.7).
"""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from control_center.identity.oidc.id_token import check_claims, user_name, verified
from control_center.identity.oidc.links import Person
from control_center.identity.oidc.provider import Provider
from control_center.identity.oidc.refusal import expired, refused, unreachable
from foundation.clock import US_PER_S, Clock
from foundation.errors import InvalidInput
from foundation.keyring import Keyring

FLOW_US = 10 * 60 * US_PER_S
_PURPOSE = "oidc-flow"
# What may stand in a cookie without quotation marks (RFC 6265, section 4.1.1).
_TO_COOKIE, _FROM_COOKIE = str.maketrans("+/=", "-_."), str.maketrans("-_.", "+/=")
_TRY_LATER = {"temporarily_unavailable", "server_error"}


class Flow(BaseModel):
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    begun_us: int
    replaces: str | None = None  # id of the session that the browser had


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider's redirect carries (RFC 6749, section 4.1.2; RFC 9207)."""

    state: str | None = None
    code: str | None = None
    error: str | None = None
    iss: str | None = None


class Flows:
    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._used: dict[str, int] = {}  # states, and when they were used; in the order of time
        self._lock = threading.Lock()

    def seal(self, flow: Flow) -> str:
        return self._keyring.seal(flow.model_dump_json().encode(), _PURPOSE).translate(_TO_COOKIE)

    def resume(self, cookie: str | None) -> Flow:
        """The flow that this browser began, once."""
        flow = self._unsealed(cookie)
        now_us = self._clock.now_us()
        if not 0 <= now_us - flow.begun_us < FLOW_US:
            raise expired("too_late")
        with self._lock:
            while self._used and (oldest := next(iter(self._used.items())))[1] <= now_us - FLOW_US:
                del self._used[oldest[0]]
            if flow.state in self._used:
                raise expired("used")
            self._used[flow.state] = now_us
        return flow

    def _unsealed(self, cookie: str | None) -> Flow:
        if not cookie:
            raise expired("no_cookie")
        try:
            return Flow.model_validate_json(self._keyring.unseal(cookie.translate(_FROM_COOKIE), _PURPOSE))
        except (InvalidInput, ValidationError) as error:
            raise expired("bad_cookie") from error


async def begin(provider: Provider, clock: Clock, redirect_uri: str, replaces: str | None = None) -> tuple[str, Flow]:
    """Where the browser goes, and what it takes along.

    The provider shall ask the person anew (`max_age=0`), however long they have been signed in there: else a console
    that was locked would open to whoever sits down at it.
    """
    flow = Flow(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        redirect_uri=redirect_uri,
        begun_us=clock.now_us(),
        replaces=replaces,
    )
    async with provider.conversation():
        endpoint = (await provider.metadata()).authorization_endpoint
        url, _ = provider.client(redirect_uri).create_authorization_url(
            endpoint, state=flow.state, code_verifier=flow.verifier, nonce=flow.nonce, prompt="login", max_age="0"
        )
    return str(url), flow


async def prove(provider: Provider, clock: Clock, flow: Flow, answer: Answer) -> Person:
    """Who came back from the provider; raises `SignInRefused`."""
    if not answer.state or not hmac.compare_digest(flow.state.encode(), answer.state.encode()):
        raise expired("state")  # most often a second tab, which began after this one
    async with provider.conversation():
        metadata = await provider.metadata()
        if answer.iss != provider.issuer and (
            answer.iss is not None or metadata.authorization_response_iss_parameter_supported
        ):
            raise refused("iss")
        if answer.error is not None:
            raise unreachable("provider_error") if answer.error in _TRY_LATER else refused("provider_error")
        if not answer.code:
            raise refused("no_code")
        tokens = await provider.redeem(answer.code, flow.verifier, flow.redirect_uri)
        claims = await verified(tokens.id_token, provider.keys)
        settings = provider.settings
        check_claims(
            claims,
            issuer=provider.issuer,
            client_id=settings.client_id,
            nonce=flow.nonce,
            begun_us=flow.begun_us,
            now_us=clock.now_us(),
        )
        further = {} if settings.username_claim in claims else await provider.user_info(tokens.access_token)
        if further and further.get("sub") != claims["sub"]:
            raise refused("user_info")
        return Person(provider.issuer, claims["sub"], user_name(settings.username_claim, claims, further))
