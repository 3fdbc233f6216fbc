"""Errors as answers (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import JSONResponse

from foundation.errors import VedetteError


def problem(error: VedetteError, status: int | None = None) -> JSONResponse:
    status = status or error.http_status
    content = {"type": f"urn:vedette:problem:{error.kind}", "title": HTTPStatus(status).phrase, "status": status}
    details = {"detail": error.what, "where": error.where, "mend": error.mend}
    content |= {name: text for name, text in details.items() if text}
    return JSONResponse(content, status, media_type="application/problem+json")
