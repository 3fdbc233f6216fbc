"""Which session a camera's transport asks for."""

from __future__ import annotations

from foundation.clock import Clock
from foundation.http_auth import Credentials
from ingest.fallback.session import FallbackSession
from ingest.recorder.assignments import Assignment
from ingest.rtsp.session import RtspSession
from ingest.rtsp.timeline import UtcLine


async def open_session(
    assignment: Assignment,
    credentials: Credentials | None,
    *,
    clock: Clock,
    utc: UtcLine,
    floor_us: int,
    audio_floor_us: int | None,
) -> RtspSession | FallbackSession:
    if assignment.transport == "udp":
        return await FallbackSession.open(assignment.url, credentials, clock=clock, utc=utc, floor_us=floor_us)
    return await RtspSession.open(
        assignment.url,
        credentials,
        clock=clock,
        utc=utc,
        floor_us=floor_us,
        audio_floor_us=audio_floor_us,
        tls_sha256=assignment.tls_sha256,
    )
