"""Conditional requests (RFC 9110, section 13): a change names the version that it was made from."""

from __future__ import annotations

from fastapi import Request

from foundation.errors import PreconditionFailed, PreconditionRequired


def etag(version: int) -> str:
    """The strong entity tag of a row's version."""
    return f'"v{version}"'


def require_match(request: Request, version: int) -> None:
    """Raise `PreconditionRequired` without `If-Match`, `PreconditionFailed` when it names another version."""
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionRequired("If-Match is missing.", mend="Send the ETag that you read.")
    if etag(version) not in [tag.strip() for tag in given.split(",")]:
        raise PreconditionFailed("somebody else changed it meanwhile.", mend="Look at its present state first.")
