"""The application: one router a resource, one handler table for errors, two middlewares around everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from control_center.device_events.pushed import PlatePushes
from control_center.evidence.storage import StorageReports
from control_center.identity.principal import Rules
from control_center.identity.sessions import Entrance
from control_center.media.ends import MediaEnds
from control_center.media.reads import MediaReads
from control_center.web_api import (
    accounts,
    alerts,
    audit,
    board,
    camera_coverage,
    camera_details,
    camera_files,
    camera_history,
    cameras,
    centers,
    console,
    description,
    device_events,
    device_health,
    devices,
    events,
    evidence,
    loans,
    look_ups,
    media,
    oidc,
    problems,
    ptz,
    repairs,
    rotations,
    second_factor,
    sessions,
    status,
    tokens,
)
from control_center.web_api.conditional import EntityTags
from control_center.web_api.context import ApiContext
from control_center.web_api.guard import RequestGuard
from control_center.web_api.headers import SecurityHeaders
from control_center.web_api.idempotency import Idempotency
from control_center.web_api.live_events import EventFeed
from control_center.web_api.measuring import Measured
from device_registry.centers import ensure_local
from device_registry.operations.steering import Steering
from device_registry.rotation.background import Background
from foundation.clock import Clock
from foundation.database import Stores, transaction
from foundation.keyring import Keyring
from foundation.settings import Settings
from matching.catalogue import load_catalogue
from matching.look_ups.looking_up import RecordLookUps
from matching.look_ups.plates import PlateLookUps

PREFIX = "/api/v1"


def create_app(settings: Settings, stores: Stores, keyring: Keyring, clock: Clock) -> FastAPI:
    """The stores are migrated already; this center's row is added when it is missing."""
    with transaction(stores.core) as session:
        origin = ensure_local(session, settings, clock)
    feed, catalogue = EventFeed(stores.core), load_catalogue(settings.matching.catalogue)
    media_reads = MediaReads(stores.core, settings.run_dir, origin, clock)
    media_ends = MediaEnds(stores.core, settings.run_dir, clock)
    plate_pushes = PlatePushes(stores, settings.center.node, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        home, turning = ptz.returning_home(app.state.context), rotations.ending_with(app.state.context)
        with plate_pushes.running():
            async with feed.running(), media_reads.running(), media_ends.running(), home, turning:
                yield

    # The interactive documentation of FastAPI loads its scripts from elsewhere, which the console's policy forbids.
    app = FastAPI(title="Vedette", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.context = ApiContext(
        settings=settings,
        stores=stores,
        keyring=keyring,
        clock=clock,
        origin=origin,
        catalogue=catalogue,
        feed=feed,
        storage=StorageReports(settings.run_dir, clock),
        steering=Steering(stores.core, keyring, settings.devices.networks, clock=clock),
        rotations=Background(settings.data_dir),
        look_ups=RecordLookUps(settings.index_dir, catalogue, clock),
        plate_look_ups=PlateLookUps(stores.core, catalogue, clock),
        entrance=Entrance(stores.core, origin, keyring, clock, Rules.of(settings.identity)),
    )
    app.state.plate_pushes = plate_pushes
    app.state.sign_in_desk = oidc.Desk.of(app.state.context)
    # The last one stands outermost.
    app.add_middleware(Idempotency, prefix=PREFIX)
    app.add_middleware(EntityTags, prefix=PREFIX)
    bodies = {
        f"{PREFIX}{path}": body for path, body in (camera_files.BODIES | repairs.BODIES | rotations.BODIES).items()
    }
    app.add_middleware(RequestGuard, public_url=settings.api.public_url, bodies=bodies)
    app.add_middleware(Measured, prefix=PREFIX)
    app.add_middleware(SecurityHeaders, live=settings.live)
    problems.install(app)
    # Those that are asked most come first: routes are tried one after the other.
    for room in (
        alerts,
        device_health,
        cameras,
        centers,
        events,
        board,
        look_ups,
        media,
        evidence,
        ptz,
        sessions,
        oidc,
        second_factor,
        tokens,
        accounts,
        loans,
        audit,
        repairs,
        devices,
        rotations,
        camera_coverage,
        camera_files,
        camera_history,
        camera_details,  # after all whose paths say more than /cameras/{camera_id}
        device_events,
    ):
        app.include_router(room.router, prefix=PREFIX)
    app.include_router(description.router, prefix=PREFIX)
    app.include_router(status.router)
    description.install(app)
    console.mount(app)
    return app
