"""`/healthz`, `/readyz` and `/metrics`: for those who run the center, not for those who work in it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from control_center.web_api.context import Context
from foundation import metrics, migrations
from foundation.errors import Forbidden

router = APIRouter(tags=["status"])


class Health(BaseModel):
    status: Literal["ok", "ready"]


@router.get("/healthz", response_model=Health)
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=Health)
def ready(context: Context) -> dict[str, str]:
    """The stores answer, too, and have this version's schema; otherwise a problem with status 503."""
    migrations.check(context.stores)
    return {"status": "ready"}


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def measured(request: Request, context: Context) -> Response:
    """All processes' metrics, to a collector on this machine alone: they name every camera."""
    if request.client is None or not _is_loopback(request.client.host):
        raise Forbidden("metrics are served to this machine alone.", mend="Collect them from here.")
    return Response(metrics.render(context.settings.run_dir), media_type=metrics.CONTENT_TYPE)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
