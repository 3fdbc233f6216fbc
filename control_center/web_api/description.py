"""The API's description (OpenAPI 3.1): made from the routes' types, with what the framework cannot know.

Refusals are the same problem everywhere (RFC 9457), so they are written into the operations here: which of them a route
can give follows from what it takes and whom it asks for.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic_core import to_json

from control_center.web_api.context import SESSION_COOKIE
from control_center.web_api.problems import MEDIA_TYPE

router = APIRouter(tags=["status"])
_CHANGING: Final = frozenset({"post", "put", "patch", "delete"})
_PERSON_ALONE: Final = frozenset({"SessionHolder", "Person"})  # a program's token is refused there
_VERSIONED: Final = (  # ends of paths that are changed with `If-Match`
    "/accounts/{account_id}", "/cameras/{camera_id}", "/recording", "/evidence-locks/{lock_id}", "/release", "/steps",
)  # fmt: skip
_CAMERA: Final = "PostingCamera"  # shows a token of its own
_TAGS: Final = {
    "session": "Signing in and out, locking, one's own password, second factor and sessions.",
    "second factor": "Codes of an authenticator, and the codes that replace it.",
    "tokens": "What programs sign in with.",
    "accounts": "People, their roles and their sessions.",
    "loans": "Roles lent for a time, with a reason.",
    "centers": "The tree of centers, and the caller's own at a glance.",
    "cameras": "What is registered, and what each camera's recording does now.",
    "repairs": "What is broken, who mends it, and what was done.",
    "devices": "What there is in the network, and what a device says of itself over ONVIF.",
    "password rotations": "New passwords for many devices, in stages.",
    "ptz": "Cameras that turn, steered by one person at a time.",
    "alerts": "Hits that people verify, dispatch and close.",
    "evidence": "Footage that is locked, so that no purge takes it.",
    "board": "The six lists against the four reference databases.",
    "look-ups": "A single record or plate, among all lists and reference databases.",
    "media": "Leave to see pictures, taken to the media server.",
    "events": "What changes, as it happens.",
    "device events": "Plates that cameras post by themselves, with a token of their own.",
    "audit": "Who did what, when and why.",
    "status": "For those who run the center.",
}
_TEXT: Final = (
    "Changes need the header `X-Vedette: 1`, unless a bearer token is shown. Times are microseconds since 1970, UTC. "
    "Everything is limited to the centers that the caller's rights reach: what lies elsewhere is 404."
)
_PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457. `type` ends in the kind; `mend` says what to do.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:vedette:problem:[a-z_]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "where": {"type": "string"},
        "mend": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["what"],
                "properties": {name: {"type": "string"} for name in ("where", "field", "what", "mend")},
            },
        },
    },
}


def install(app: FastAPI) -> None:
    """Let the application describe itself so; the work is done once, when somebody asks."""
    described = cache(lambda: _description(app))
    app.openapi = described  # type: ignore[method-assign]


@router.get("/openapi.json", response_class=Response, responses={200: {"content": {"application/json": {}}}})
async def openapi(request: Request) -> Response:
    """This description."""
    return Response(_encoded(request.app), media_type="application/json")


@cache
def _encoded(app: FastAPI) -> bytes:
    return to_json(app.openapi())


def _description(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title="Vedette",
        version=version("vedette"),
        description=_TEXT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    parts = description.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    parts["securitySchemes"] = {
        "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API token, `vdt_…`."},
    }
    asked = dict(_whom_routes_ask_for(app))
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            _complete(operation, path, method, asked.get((method, path)))
    return description


def _whom_routes_ask_for(app: FastAPI) -> Iterator[tuple[tuple[str, str], tuple[str, str | None]]]:
    """By method and path, the name of the function and of the dependency that says who may call it."""
    for route in iter_route_contexts(app.routes):
        endpoint = getattr(route, "endpoint", None)
        if endpoint is None or not getattr(route, "methods", None):
            continue
        found = inspect.get_annotations(endpoint)
        who = found.get("principal", found.get("_principal", found.get("asking")))
        for method in route.methods or ():
            yield (method.lower(), str(route.path)), (endpoint.__name__, who)


def _complete(operation: dict[str, Any], path: str, method: str, asked: tuple[str, str | None] | None) -> None:
    name, who = asked or (operation["operationId"], None)
    operation["operationId"] = name
    is_api, is_change = path.startswith("/api/"), method in _CHANGING
    if who == _CAMERA:
        operation["security"] = [{"bearer": []}]
    elif who is not None:
        operation["security"] = [{"cookie": []}] if who in _PERSON_ALONE else [{"cookie": []}, {"bearer": []}]
    refusals = _refusals(path, operation, who, is_change=is_change)
    for status in refusals if is_api else [503] if path == "/readyz" else [403] if path == "/metrics" else []:
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][str(status)] = {"description": HTTPStatus(status).phrase, "content": content}
    if is_api:
        _name_headers(operation, path, is_change=is_change)


def _refusals(path: str, operation: dict[str, Any], who: str | None, *, is_change: bool) -> list[int]:
    found = {422, 431, 503}
    if who is not None:
        found |= {401, 403, 423}
    if "{" in path:
        found.add(404)
    if "requestBody" in operation:
        found |= {413, 415}
    if is_change:
        found |= {401, 403, 404, 409, 415, 429}
    if "/ptz/" in path:
        found |= {429, 502}
    if path.endswith("/events") or "/session" in path:
        found |= {404, 429}
    if is_change and path.endswith(_VERSIONED):
        found |= {412, 428}
    if "/devices/" in path:
        found.add(502)
    if path.endswith("/cameras/import"):
        found.add(408)
    return sorted(found)


def _name_headers(operation: dict[str, Any], path: str, *, is_change: bool) -> None:
    parameters = operation.setdefault("parameters", [])
    if is_change:
        parameters.append(
            _header("X-Vedette", "`1`; not needed with a bearer token.", {"const": "1", "type": "string"})
        )
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
        parameters.append(_header("Idempotency-Key", "The same request under the same key is done once.", key))
    else:
        text = {"description": "The content is what the shown `ETag` says."}
        operation["responses"].setdefault("304", text)
        parameters.append(_header("If-None-Match", "An `ETag` of an answer before.", {"type": "string"}))
    if is_change and path.endswith(_VERSIONED):
        parameters.append(_header("If-Match", "The `ETag` of the version that this is made from.", {"type": "string"}))


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}
