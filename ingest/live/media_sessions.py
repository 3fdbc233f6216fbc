"""Who may see which cameras: media sessions, kept in memory under an opaque random id that the cookie carries."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from foundation.clock import Clock
from foundation.errors import Forbidden, NotAuthenticated
from ingest.live.tickets import Grant

COOKIE: Final = "vedette_media"


class MediaSessions:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._grants: dict[str, Grant] = {}

    def open(self, grant: Grant) -> str:
        now_us = self._clock.now_us()
        self._grants = {key: kept for key, kept in self._grants.items() if kept.expires_us > now_us}
        session_id = secrets.token_urlsafe(32)
        self._grants[session_id] = grant
        return session_id

    def grant_for(self, cookies: Mapping[str, str], camera_id: str) -> Grant:
        """The caller's grant, which holds this camera; else `NotAuthenticated` or `Forbidden`."""
        grant = self._grants.get(cookies.get(COOKIE, ""))
        if grant is None or self._clock.now_us() >= grant.expires_us:
            raise NotAuthenticated("there is no media session, or it has ended.", mend="Exchange a new ticket.")
        if camera_id not in grant.cameras:
            raise Forbidden("this camera is not in the ticket's scope.", where=f"camera {camera_id[:64]}")
        return grant
