"""Who looks at what: media sessions, kept in memory under an opaque random id that the cookie carries.

A session gathers the leaves of one person in one session with the API. Whatever is shown is counted while it is shown
and ends when its leave is over.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from foundation.clock import Clock
from foundation.errors import Forbidden, NotAuthenticated, TooMany
from ingest.live.leaves import ClipLeave, Holder, Leave, LiveLeave

COOKIE: Final = "vedette_media"
# Of one account. A browser opens 255 sockets, a wall of four screens 144; and six connections for clips to one host.
MOST_SESSIONS: Final = 20
MOST_VIEWERS: Final = 256
MOST_CLIPS: Final = 32
MOST_WINDOWS: Final = 64  # of one session; with more, the one unused for longest goes


@dataclass(eq=False, slots=True)
class Viewing:
    """Something being shown, until `over` is set."""

    leave: Leave
    camera_id: str
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False, slots=True)
class MediaSession:
    holder: Holder
    used_us: int
    live: LiveLeave | None = None
    clips: OrderedDict[str, ClipLeave] = field(default_factory=OrderedDict)  # by the leave's id
    viewings: set[Viewing] = field(default_factory=set)

    def add(self, leave: Leave) -> None:
        if isinstance(leave, ClipLeave):
            self.clips[leave.id] = leave
            if len(self.clips) > MOST_WINDOWS:
                self.clips.popitem(last=False)
        elif isinstance(leave, LiveLeave):
            self.live = leave
            for viewing in self.viewings:
                if isinstance(viewing.leave, LiveLeave):
                    self._move(viewing, leave)

    def _move(self, viewing: Viewing, leave: LiveLeave) -> None:
        """A renewal goes for what is being shown as well, and its cameras alone."""
        if viewing.camera_id in leave.cameras:
            viewing.leave = leave
        else:
            viewing.over.set()

    def drop(self, is_over: Callable[[Leave], bool]) -> None:
        if self.live is not None and is_over(self.live):
            self.live = None
        self.clips = OrderedDict((key, leave) for key, leave in self.clips.items() if not is_over(leave))
        for viewing in self.viewings:
            if is_over(viewing.leave):
                viewing.over.set()

    @property
    def leaves(self) -> list[Leave]:
        return [*self.clips.values(), *([self.live] if self.live else [])]

    @property
    def is_empty(self) -> bool:
        return not self.leaves and not self.viewings


class MediaSessions:
    def __init__(self, clock: Clock, is_over: Callable[[Leave], bool]) -> None:
        self._clock = clock
        self._is_over = is_over
        self._sessions: dict[str, MediaSession] = {}  # by the cookie's value

    def admit(self, cookies: Mapping[str, str], leave: Leave) -> tuple[str, int]:
        """Add the leave to the browser's session, or to a new one: the cookie's value, and when the last leave ends.

        An id that a client made up never becomes a session's.
        """
        if self._is_over(leave):
            raise NotAuthenticated("this leave is over.", where="media ticket", mend="Ask the API for a new one.")
        cookie = cookies.get(COOKIE, "")
        session = self._sessions.get(cookie)
        if session is None or session.holder != leave.holder:
            self._make_room(leave.holder.account_id)
            cookie = secrets.token_urlsafe(32)
            session = self._sessions[cookie] = MediaSession(leave.holder, self._clock.monotonic_us())
        session.add(leave)
        return cookie, max(leave.expires_us for leave in session.leaves)

    def live_leave(self, cookies: Mapping[str, str], camera_id: str) -> tuple[MediaSession, LiveLeave]:
        """The caller's leave for this camera; else `NotAuthenticated` or `Forbidden`."""
        session = self._session(cookies)
        leave = session.live
        if leave is None or self._is_over(leave):
            raise Forbidden("there is no leave for live pictures.", mend="Exchange a new ticket.")
        if camera_id not in leave.cameras:
            raise Forbidden("this camera is not in the ticket's scope.", where=f"camera {camera_id[:64]}")
        return session, leave

    def clip_leave(
        self, cookies: Mapping[str, str], camera_id: str, stream: str, start_us: int, end_us: int
    ) -> tuple[MediaSession, ClipLeave]:
        """The caller's leave for this footage; else `NotAuthenticated` or `Forbidden`."""
        session = self._session(cookies)
        for leave in reversed(session.clips.values()):
            if leave.covers(camera_id, stream, start_us, end_us) and not self._is_over(leave):
                session.clips.move_to_end(leave.id)
                return session, leave
        raise Forbidden(
            "there is no leave for this footage.",
            where=f"camera {camera_id[:64]}",
            mend="Exchange a clip ticket for it.",
        )

    @contextmanager
    def showing(self, session: MediaSession, leave: Leave, camera_id: str) -> Iterator[Viewing]:
        """While something is shown. Raises `TooMany` when the account is shown as much as one may be."""
        self._require_room(leave)
        viewing = Viewing(leave, camera_id)
        session.viewings.add(viewing)
        try:
            yield viewing
        finally:
            session.viewings.discard(viewing)
            session.used_us = self._clock.monotonic_us()

    def _require_room(self, leave: Leave) -> None:
        """Raise `TooMany` unless one more of the leave's kind may be shown to its account."""
        kind, most, what = (
            (ClipLeave, MOST_CLIPS, "clips") if isinstance(leave, ClipLeave) else (LiveLeave, MOST_VIEWERS, "pictures")
        )
        of_account = self._of_account(leave.holder.account_id).values()
        shown = sum(isinstance(viewing.leave, kind) for session in of_account for viewing in session.viewings)
        if shown >= most:
            raise TooMany(f"{most} {what} are being shown to this account.", mend="Close other pages of the console.")

    def sweep(self) -> None:
        """End what is over."""
        for session in self._sessions.values():
            session.drop(self._is_over)
        self._sessions = {cookie: session for cookie, session in self._sessions.items() if not session.is_empty}

    def _session(self, cookies: Mapping[str, str]) -> MediaSession:
        session = self._sessions.get(cookies.get(COOKIE, ""))
        if session is None or all(map(self._is_over, session.leaves)):
            raise NotAuthenticated("there is no media session, or it has ended.", mend="Exchange a new ticket.")
        session.used_us = self._clock.monotonic_us()
        return session

    def _make_room(self, account_id: str) -> None:
        self.sweep()
        ours = self._of_account(account_id)
        if len(ours) < MOST_SESSIONS:
            return
        idle = [cookie for cookie, session in ours.items() if not session.viewings]
        if not idle:
            raise TooMany(
                f"{MOST_SESSIONS} browsers of this account are looking.", mend="Close the console in another one."
            )
        del self._sessions[min(idle, key=lambda cookie: ours[cookie].used_us)]

    def _of_account(self, account_id: str) -> dict[str, MediaSession]:
        return {
            cookie: session for cookie, session in self._sessions.items() if session.holder.account_id == account_id
        }
