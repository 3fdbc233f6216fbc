"""`/devices`: what there is in the network, and what one device says of itself over ONVIF.

Somebody is dialled here from outside, so that it is written down who asked for whom before anybody is; only a few at a
time, and never an address of this machine, its link or its cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from pydantic import BaseModel, Field

from control_center.identity.principal import Principal
from control_center.web_api.context import ApiContext, Context, Registrar
from device_registry.login import Login
from device_registry.onvif import discovery
from device_registry.onvif.discovery import Discovered
from device_registry.onvif.endpoint import IpNetwork, address_of
from device_registry.onvif.probe import Probe, probe
from foundation import audit
from foundation.audit import AuditAction
from foundation.database import transaction
from foundation.errors import InvalidInput

router = APIRouter(tags=["devices"])

Interface = Annotated[str, Field(max_length=15, pattern="^[A-Za-z0-9_.:@-]+$")]  # as Linux names them


class Wanted(BaseModel):
    """A device to ask; user name and password are used for this and kept nowhere."""

    host: str = Field(min_length=1, max_length=1024, description="HOST, HOST:PORT or http(s)://HOST[:PORT][/PATH].")
    username: str | None = Field(None, min_length=1, max_length=200)
    password: str | None = Field(None, max_length=200)


class Search(BaseModel):
    """By WS-Discovery on the interfaces named, or of a range each address."""

    interfaces: list[Interface] = Field(default=[], max_length=16, description="None: the system's choice.")
    seconds: float = Field(discovery.WAIT_S, ge=0.1, le=60, description="How long answers are waited for.")
    range: str | None = Field(None, max_length=50, description="IPv4 network of at most 4,096 addresses: 10.0.0.0/24.")
    port: int = Field(80, ge=1, le=65535, description="HTTP port of the devices; for a range.")
    rate: float = Field(discovery.RATE_PER_S, ge=10, le=200, description="Addresses asked a second; for a range.")


class Found(BaseModel):
    items: list[Discovered]


@router.post("/devices/probe")
async def probe_device(body: Wanted, principal: Registrar, context: Context) -> Probe:
    """Ask a device what it is, what it streams and what time it has, within about a minute; nothing is changed."""
    login = _login(body)
    place = urlsplit(address_of(body.host)).netloc

    def work() -> Probe:
        detail = {"host": place, "signed_in": login is not None}
        _note(context, principal, AuditAction.API_DEVICE_PROBE, place, detail)
        return probe(body.host, login, allowed=_allowed(context), clock=context.clock)

    with context.probes.taken(principal.session_id):
        return await context.probes.thread(work)


@router.post("/devices/discover")
async def discover_devices(body: Search, principal: Registrar, context: Context) -> Found:
    """Signs in nowhere. A range takes as long as its rate has it, and more where nothing answers."""

    def work() -> Found:
        _note(context, principal, AuditAction.API_DEVICE_DISCOVER, body.range or "multicast", _asked(body))
        if body.range is None:
            return Found(items=discovery.discover(body.interfaces, body.seconds))
        found = discovery.sweep(body.range, port=body.port, allowed=_allowed(context), rate_per_s=body.rate)
        return Found(items=found)

    with context.discoveries.taken(principal.session_id):
        return await context.discoveries.thread(work)


def _login(body: Wanted) -> Login | None:
    if body.username is not None:
        return Login(body.username, body.password or "")
    if body.password is not None:
        raise InvalidInput("there is a password without a user name.", where="username", mend="Name the user.")
    return None


def _allowed(context: ApiContext) -> list[IpNetwork]:
    return context.settings.devices.networks


def _asked(body: Search) -> dict[str, Any]:
    if body.range is None:
        return {"interfaces": body.interfaces, "seconds": body.seconds}
    return {"range": body.range, "port": body.port, "rate": body.rate}


def _note(
    context: ApiContext, principal: Principal, action: AuditAction, subject: str, detail: Mapping[str, Any]
) -> None:
    with transaction(context.stores.core) as session:
        audit.record(
            session,
            action,
            origin=principal.origin,
            actor=principal.username,
            subject=subject[:128],
            detail=detail,
            clock=context.clock,
        )
