"""Requests to the provider: to few places, over TLS, without redirects, bounded in size.

The whole conversation is bounded in time by its caller; a provider that is slow holds no thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from ipaddress import ip_address
from typing import cast

import httpx

from control_center.identity.oidc.refusal import unreachable

LARGEST_ANSWER = 256 * 1024
_WAIT_S = 5.0  # for a connection, and for each part of an answer


class Places:
    """Host and port of the issuer, and those that the settings add. A document of the provider may name others."""

    def __init__(self, issuer: str, further: Iterable[str]) -> None:
        self._allowed = {_authority(httpx.URL(issuer))} | {_authority(httpx.URL(f"https://{host}")) for host in further}

    def allow(self, address: str) -> bool:
        """https there, or http on the loopback, and no more in it than host, port, path and query."""
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, TypeError):
            return False
        secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))
        plain = address.isascii() and address.isprintable() and not url.userinfo and not url.fragment
        return secure and plain and _authority(url) in self._allowed


class Outbound(httpx.AsyncBaseTransport):
    def __init__(self, places: Places) -> None:
        self._places = places
        # `trust_env` concerns SSL_CERT_FILE, for an authority of one's own; proxies would be the client's affair.
        # No connection is kept: sign-ins are rare, and the answer to one must not hold up another.
        self._inner = httpx.AsyncHTTPTransport(trust_env=True, limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._places.allow(str(request.url)):
            raise unreachable("foreign_address")
        request.headers["Accept-Encoding"] = "identity"  # a small answer could unfold to a large one
        request.extensions = request.extensions | {"timeout": httpx.Timeout(_WAIT_S).as_dict()}
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise unreachable("encoded_answer")
        stream = _Bounded(cast("httpx.AsyncByteStream", response.stream))
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for part in self._inner:
            seen += len(part)
            if seen > LARGEST_ANSWER:
                raise unreachable("answer_too_large")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _authority(url: httpx.URL) -> tuple[str, int | None]:
    return url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)
