"""The provider as its discovery document describes it (OpenID Connect Discovery 1.0), its keys, and what is asked of it
directly."""

from __future__ import annotations

import asyncio
import base64
import json
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import httpx
import structlog
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from control_center.identity.oidc.keys import public_keys
from control_center.identity.oidc.outbound import Outbound, Places
from control_center.identity.oidc.refusal import refused, unreachable
from foundation.clock import US_PER_S, Clock
from foundation.errors import ConfigError, FileMissing
from foundation.keyring import refuse_if_open_to_others
from foundation.settings import OidcSettings

with warnings.catch_warnings():
    # Authlib would rather have httpx2; the version that still takes httpx is pinned.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client

_FRESH_US = 3600 * US_PER_S
_CONVERSATIONS = 32
_log = structlog.get_logger()


class Metadata(BaseModel):
    """What is read of the discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    code_challenge_methods_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    id_token: str
    access_token: str


class Provider:
    """Belongs to one event loop. `patience_s` bounds a whole conversation of a sign-in, however many questions."""

    def __init__(self, settings: OidcSettings, clock: Clock, *, patience_s: float = 15.0) -> None:
        assert settings.issuer is not None
        self.issuer = settings.issuer
        self.settings = settings
        self.patience_s = patience_s
        self._clock = clock
        self._places = Places(settings.issuer, settings.hosts)
        self._outbound = Outbound(self._places)
        self._metadata: tuple[int, Metadata] | None = None
        self._keys: tuple[int, KeySet] | None = None
        self._conversations = 0

    @asynccontextmanager
    async def conversation(self) -> AsyncIterator[None]:
        """Whatever goes wrong between us and the provider becomes a refusal of the sign-in."""
        if self._conversations >= _CONVERSATIONS:
            raise unreachable("busy")
        self._conversations += 1
        try:
            async with asyncio.timeout(self.patience_s):
                yield
        except TimeoutError as error:
            raise unreachable("too_slow") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _log.warning("provider_unreachable", error=f"{type(error).__name__}: {error}")
            raise unreachable("no_answer") from error
        except (ConfigError, FileMissing) as error:
            _log.error("provider_misconfigured", error=str(error))
            raise unreachable("misconfigured") from error
        finally:
            self._conversations -= 1

    async def metadata(self) -> Metadata:
        if self._metadata is None or self._clock.monotonic_us() - self._metadata[0] > _FRESH_US:
            document = await self._json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            self._metadata = self._clock.monotonic_us(), self._checked(document)
        return self._metadata[1]

    async def keys(self, *, anew: bool = False) -> KeySet:
        """The provider's public keys. Nobody but the provider makes us ask anew: its tokens come to us directly."""
        if anew or self._keys is None or self._clock.monotonic_us() - self._keys[0] > _FRESH_US:
            found = public_keys(await self._json((await self.metadata()).jwks_uri))
            self._keys = self._clock.monotonic_us(), found
        return self._keys[1]

    def client(self, redirect_uri: str) -> AsyncOAuth2Client:
        """One for each sign-in: it remembers the tokens that it fetched."""
        secret_file = self.settings.client_secret_file
        client = AsyncOAuth2Client(
            client_id=self.settings.client_id,
            client_secret=read_secret(secret_file) if secret_file else None,
            scope=" ".join(dict.fromkeys(["openid", *self.settings.scopes])),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            transport=self._outbound,
            follow_redirects=False,
            trust_env=False,
        )
        client.register_client_auth_method(("client_secret_basic", _basic))
        return client

    async def redeem(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens for a code, which the provider takes once."""
        url = (await self.metadata()).token_endpoint
        try:
            found = await self.client(redirect_uri).fetch_token(
                url, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except OAuthError as error:
            _log.warning("provider_refused_code", error=str(error.error)[:64])
            raise refused("code_refused") from error
        except (ValueError, TypeError, RecursionError) as error:  # whatever Authlib makes of an answer that is none
            raise refused("token_answer") from error
        id_token, access_token = found.get("id_token"), found.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise refused("token_answer")
        return Tokens(id_token, access_token)

    async def user_info(self, access_token: str) -> Mapping[str, Any]:
        """What the provider says of the person beyond the ID token (section 5.3); empty where it says nothing."""
        url = (await self.metadata()).userinfo_endpoint
        if url is None or not (access_token.isascii() and access_token.isprintable()):
            return {}
        return await self._json(url, {"Authorization": f"Bearer {access_token}"})

    async def _json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        async with httpx.AsyncClient(transport=self._outbound, follow_redirects=False, trust_env=False) as client:
            answer = await client.get(url, headers={"Accept": "application/json"} | dict(headers or {}))
        if answer.status_code != httpx.codes.OK:
            _log.warning("provider_answered", url=url, status=answer.status_code)
            raise unreachable("bad_status")
        try:
            content = json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            raise unreachable("bad_document") from error
        if not isinstance(content, dict):
            raise unreachable("bad_document")
        return content

    def _checked(self, document: Mapping[str, Any]) -> Metadata:
        try:
            found = Metadata.model_validate(document)
        except ValidationError as error:
            raise unreachable("bad_document") from error
        if found.issuer != self.issuer:  # section 4.3: the very same text
            _log.error("provider_issuer_differs", set=self.issuer, found=found.issuer[:256])
            raise unreachable("issuer")
        named = [found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint]
        if foreign := [url for url in named if url is not None and not self._places.allow(url)]:
            _log.error("provider_foreign_address", urls=foreign, mend="Name the host in identity.oidc.hosts.")
            raise unreachable("foreign_address")
        return found


def read_secret(path: Path) -> str:
    """The client's secret, read anew each time: a new one needs no restart. Raises `ConfigError`."""
    try:
        refuse_if_open_to_others(path, "600")
        secret = path.read_text().strip()
    except FileNotFoundError as error:
        raise FileMissing(
            "there is no such file.", where=str(path), mend="Put the client's secret there, mode 0600."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the client's secret cannot be read.", where=str(path), mend="Check the file.") from error
    if not secret or not (secret.isascii() and secret.isprintable()):
        raise ConfigError("the file holds no secret of one line.", where=str(path), mend="Enter the secret again.")
    return secret


def _basic(client: Any, _method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """RFC 6749, section 2.3.1: name and secret are form-encoded first, which Authlib leaves out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body
