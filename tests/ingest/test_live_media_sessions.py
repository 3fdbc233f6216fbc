from __future__ import annotations

from contextlib import ExitStack

import pytest

from foundation.clock import ManualClock
from foundation.errors import Forbidden, NotAuthenticated, TooMany
from ingest.live import media_sessions
from ingest.live.leaves import ClipLeave, Holder, Leave, LiveLeave, clip_leave, live_leave
from ingest.live.media_sessions import COOKIE, MediaSessions

ZHANG, LI = Holder("zhang", "a1", "s1"), Holder("li", "a2", "s2")
S = 1_000_000


class Sessions(MediaSessions):
    """With the ends in the test's hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.over: set[str] = set()
        super().__init__(self.clock, lambda leave: leave.id in self.over or self.clock.now_us() >= leave.expires_us)

    def live(self, *cameras: str, holder: Holder = ZHANG, seconds: int = 3600) -> LiveLeave:
        return live_leave(self.clock, holder, cameras, until_us=self.clock.now_us() + seconds * S)

    def clip(self, start_us: int = 10, end_us: int = 20, camera: str = "a", holder: Holder = ZHANG) -> ClipLeave:
        return clip_leave(self.clock, holder, camera, "main", start_us, end_us)

    def browser(self, *leaves: Leave) -> dict[str, str]:
        cookies: dict[str, str] = {}
        for leave in leaves:
            cookies[COOKIE], _ = self.admit(cookies, leave)
        return cookies


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


def test_a_session_shows_its_cameras_until_it_ends(sessions: Sessions) -> None:
    leave = sessions.live("a", seconds=1)
    cookies = sessions.browser(leave)
    assert sessions.live_leave(cookies, "a")[1] == leave
    with pytest.raises(Forbidden):
        sessions.live_leave(cookies, "b")
    for others in ({}, {COOKIE: ""}, {COOKIE: "guess"}):
        with pytest.raises(NotAuthenticated):
            sessions.live_leave(others, "a")
    sessions.clock.advance(1)
    with pytest.raises(NotAuthenticated):
        sessions.live_leave(cookies, "a")


def test_live_pictures_and_clips_are_two_kinds_of_leave(sessions: Sessions) -> None:
    live, clip = sessions.browser(sessions.live("a")), sessions.browser(sessions.clip())
    with pytest.raises(Forbidden):
        sessions.clip_leave(live, "a", "main", 10, 20)
    with pytest.raises(Forbidden):
        sessions.live_leave(clip, "a")


def test_windows_gather_in_the_browsers_session(sessions: Sessions) -> None:
    cookies = sessions.browser(sessions.live("a"))
    known = cookies[COOKIE]
    for leave in (sessions.clip(10, 20), sessions.clip(40, 50)):
        assert sessions.admit(cookies, leave)[0] == known
        assert sessions.clip_leave(cookies, "a", "main", leave.start_us, leave.end_us)[1] == leave
    with pytest.raises(Forbidden):
        sessions.clip_leave(cookies, "a", "main", 15, 45)
    assert sessions.live_leave(cookies, "a")


def test_a_session_is_never_anothers_nor_one_that_a_client_made_up(sessions: Sessions) -> None:
    cookies = sessions.browser(sessions.live("a"))
    for leave in (sessions.live("b", holder=LI), sessions.live("b", holder=Holder("zhang", "a1", "later"))):
        assert sessions.admit(cookies, leave)[0] != cookies[COOKIE]
    made_up = {COOKIE: "x" * 43}
    given, _ = sessions.admit(made_up, sessions.live("a"))
    assert given != made_up[COOKIE]
    with pytest.raises(NotAuthenticated):
        sessions.live_leave(made_up, "a")


def test_the_oldest_window_makes_room_for_a_new_one(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_sessions, "MOST_WINDOWS", 3)
    cookies = sessions.browser(*(sessions.clip(start_us, start_us + 5) for start_us in (10, 20, 30)))
    sessions.clip_leave(cookies, "a", "main", 10, 15)  # used: 20 is now unused for longest
    sessions.admit(cookies, sessions.clip(40, 45))
    with pytest.raises(Forbidden):
        sessions.clip_leave(cookies, "a", "main", 20, 25)
    for start_us in (10, 30, 40):
        assert sessions.clip_leave(cookies, "a", "main", start_us, start_us + 5)


def test_a_sweep_ends_what_is_over_and_nothing_else(sessions: Sessions) -> None:
    live, clip, other = sessions.live("a"), sessions.clip(), sessions.clip(camera="b")
    cookies = sessions.browser(live, clip, other)
    session, _ = sessions.live_leave(cookies, "a")
    with ExitStack() as stack:
        shown = {leave.id: stack.enter_context(sessions.showing(session, leave, "a")) for leave in (live, clip, other)}
        sessions.over = {clip.id}
        sessions.sweep()
        assert [leave_id for leave_id, viewing in shown.items() if viewing.over.is_set()] == [clip.id]
        with pytest.raises(Forbidden):
            sessions.clip_leave(cookies, "a", "main", 10, 20)
        sessions.over = {live.id, clip.id, other.id}
        sessions.sweep()
        assert all(viewing.over.is_set() for viewing in shown.values())
    sessions.over = set()
    sessions.sweep()
    with pytest.raises(NotAuthenticated):
        sessions.live_leave(cookies, "a")


def test_a_renewal_goes_for_what_is_shown_and_for_its_cameras_alone(sessions: Sessions) -> None:
    first = sessions.live("a", "b", seconds=5)
    cookies = sessions.browser(first)
    session, _ = sessions.live_leave(cookies, "a")
    with sessions.showing(session, first, "a") as kept, sessions.showing(session, first, "b") as lost:
        sessions.admit(cookies, sessions.live("a", seconds=60))
        assert lost.over.is_set()
        sessions.clock.advance(6)
        sessions.sweep()
        assert not kept.over.is_set()


def test_a_leave_that_is_over_opens_nothing(sessions: Sessions) -> None:
    leave = sessions.live("a")
    sessions.over = {leave.id}
    with pytest.raises(NotAuthenticated):
        sessions.admit({}, leave)


def test_an_account_is_shown_so_much_and_no_more(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_sessions, "MOST_VIEWERS", 2)
    monkeypatch.setattr(media_sessions, "MOST_CLIPS", 1)
    live, clip = sessions.live("a"), sessions.clip()
    here, elsewhere = sessions.browser(live, clip), sessions.browser(sessions.live("a"))
    (session, _), (other, again) = sessions.live_leave(here, "a"), sessions.live_leave(elsewhere, "a")
    with sessions.showing(session, live, "a"), sessions.showing(other, again, "a"):
        with pytest.raises(TooMany), sessions.showing(session, live, "a"):
            pass
        with sessions.showing(session, clip, "a"), pytest.raises(TooMany), sessions.showing(session, clip, "a"):
            pass
        theirs = sessions.live("a", holder=LI)
        with sessions.showing(sessions.live_leave(sessions.browser(theirs), "a")[0], theirs, "a"):
            pass
    with sessions.showing(session, live, "a"):
        pass


def test_an_account_has_so_many_sessions_and_the_idle_one_goes_first(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_sessions, "MOST_SESSIONS", 2)
    first, second = sessions.browser(sessions.live("a")), sessions.browser(sessions.live("a"))
    with ExitStack() as stack:
        session, leave = sessions.live_leave(first, "a")
        stack.enter_context(sessions.showing(session, leave, "a"))
        sessions.clock.advance(1)
        third = sessions.browser(sessions.live("a"))
        with pytest.raises(NotAuthenticated):
            sessions.live_leave(second, "a")
        session, leave = sessions.live_leave(third, "a")
        stack.enter_context(sessions.showing(session, leave, "a"))
        with pytest.raises(TooMany):
            sessions.browser(sessions.live("a"))
        assert sessions.browser(sessions.live("a", holder=LI))
