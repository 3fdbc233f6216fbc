"""`Authorization: Bearer` (RFC 6750): how a program shows its token. No browser sends that header by itself."""

from __future__ import annotations

from starlette.datastructures import Headers


def bearer_of(headers: Headers) -> str | None:
    """The token that a request shows, be it none at all (""); None for a request that shows none."""
    scheme, *token = headers.get("authorization", "").split(maxsplit=1) or [""]
    return "".join(token).strip() if scheme.lower() == "bearer" else None
