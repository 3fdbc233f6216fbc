from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from ingest.live.viewer import MAX_BACKLOG, LiveFragment, Message, Opening, Viewer

FIRST, SECOND = Opening(1, "first", b"init 1"), Opening(2, "second", b"init 2")


def fragment(data: bytes, *, key: bool = False, opening: Opening = FIRST) -> LiveFragment:
    return LiveFragment(opening, data, key)


async def drained(viewer: Viewer) -> list[Message]:
    messages: list[Message] = []
    while True:
        try:
            messages.append(await asyncio.wait_for(viewer.next(), 0.01))
        except TimeoutError:
            return messages


async def test_begins_with_the_opening_and_a_keyframe() -> None:
    viewer = Viewer()
    for one in (fragment(b"lost"), fragment(b"key", key=True), fragment(b"more")):
        viewer.offer(one)
    assert await drained(viewer) == ["first", b"init 1", b"key", b"more"]


async def test_a_new_opening_comes_before_its_first_fragment() -> None:
    viewer = Viewer()
    for one in (fragment(b"1", key=True), fragment(b"2", key=True, opening=SECOND)):
        viewer.offer(one)
    assert await drained(viewer) == ["first", b"init 1", b"1", "second", b"init 2", b"2"]


async def test_a_slow_viewer_goes_on_at_the_next_keyframe() -> None:
    viewer = Viewer(max_bytes=100)
    for one in (fragment(b"k" * 40, key=True), fragment(b"x" * 60), fragment(b"y"), fragment(b"last", key=True)):
        viewer.offer(one)
    assert viewer.skips == 1
    assert await drained(viewer) == ["first", b"init 1", b"last"]


async def test_a_viewer_seconds_behind_is_moved_on_to_the_present() -> None:
    viewer = Viewer()
    viewer.offer(fragment(b"old", key=True))
    for _ in range(MAX_BACKLOG):
        viewer.offer(fragment(b"."))
    viewer.offer(fragment(b"new", key=True))
    assert viewer.skips == 1
    assert await drained(viewer) == ["first", b"init 1", b"new"]


async def test_who_waits_is_woken() -> None:
    viewer = Viewer()
    waiting = asyncio.create_task(viewer.next())
    await asyncio.sleep(0)
    viewer.offer(fragment(b"key", key=True))
    assert await asyncio.wait_for(waiting, 1) == "first"


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans(), st.booleans()), max_size=80), st.integers(40, 200))
def test_the_queue_is_bounded_and_each_run_is_whole(steps: list[tuple[int, bool, bool]], bound: int) -> None:
    """Whatever is dropped, what is sent starts with an opening and a keyframe, and goes on without a hole."""

    async def run() -> None:
        viewer = Viewer(max_bytes=bound)
        sent: list[Message] = []
        for number, (size, key, takes) in enumerate(steps):
            viewer.offer(fragment(number.to_bytes(2, "big") * size, key=key))
            assert viewer._queued_bytes <= bound + len("first") + len(b"init 1")
            if takes and viewer._queue:
                sent.append(await viewer.next())
        sent += await drained(viewer)
        last = None
        for message in sent:
            if isinstance(message, str):
                last = None
            elif message != b"init 1":
                number = int.from_bytes(message[:2], "big")
                assert steps[number][1] if last is None else number == last + 1
                last = number

    asyncio.run(run())
