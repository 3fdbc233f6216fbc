"""Errors as RFC 9457 problems: one table for the whole API. What stands in a problem is meant for the person."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from foundation.errors import DeviceError, InvalidFields, TooMany, Unavailable, VedetteError

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger()


def install(app: FastAPI) -> None:
    app.add_exception_handler(VedetteError, _known)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(Exception, _unexpected)


def problem(status: int, kind: str, detail: str, **extensions: object) -> JSONResponse:
    body = {"type": f"urn:vedette:problem:{kind}", "title": HTTPStatus(status).phrase, "status": status}
    body |= {"detail": detail} | {name: value for name, value in extensions.items() if value is not None}
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VedetteError)
    if _is_ours(error):
        # The place is this machine's affair: a path, a database. The log has it.
        _log.error("request_failed", path=request.url.path, kind=error.kind, error=str(error))
    return known(error)


def known(error: VedetteError) -> JSONResponse:
    """The answer to one of our own errors."""
    if not _is_ours(error):
        facts = {"where": error.where, "mend": error.mend, "errors": _errors(error)} | error.extensions
        answer = problem(error.http_status, error.kind, error.what, **facts)
        if isinstance(error, TooMany) and error.retry_after_s is not None:
            answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer
    return problem(error.http_status, error.kind, error.what, mend="Ask an administrator to read the log.")


def _is_ours(error: VedetteError) -> bool:
    """Whether it is this machine's fault, which the log explains; a camera's, and a wait, are told to who asked."""
    return error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, DeviceError | Unavailable)


def _errors(error: VedetteError) -> list[dict[str, str]] | None:
    if not isinstance(error, InvalidFields):
        return None
    return [{"field": each.column, "what": each.what, "mend": each.mend} for each in error.problems]


async def _unreadable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What was sent is not repeated: it may be a password.
    found = [{"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]} for item in error.errors()]
    return problem(422, "invalid_input", "the request does not have the right form.", errors=found)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, (RecursionError, ValueError)):  # the framework's 400 for a body that it cannot read
        return problem(422, "invalid_input", "the body is no JSON text, or is nested too deeply.")
    response = problem(error.status_code, "http", f"{HTTPStatus(error.status_code).phrase.lower()}.")
    response.headers.update(error.headers or {})
    return response


async def _unstorable(_request: Request, _error: Exception) -> JSONResponse:
    return problem(422, "invalid_input", "the request holds a text or a number that the database cannot hold.")


async def _database(request: Request, error: Exception) -> JSONResponse:
    _log.error("database_failed", path=request.url.path, error=str(getattr(error, "orig", error)))
    return no_database()


def no_database() -> JSONResponse:
    return problem(503, "database", "the database does not answer.", mend="Try again in a moment.")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("request_crashed", path=request.url.path, exc_info=error)
    return problem(500, "internal", "something went wrong here.", mend="Ask an administrator to read the log.")
