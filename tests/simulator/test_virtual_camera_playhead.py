import itertools

from hypothesis import given
from hypothesis import strategies as st

from simulator.virtual_camera.packetising import PacketisedUnit
from simulator.virtual_camera.playhead import Playhead

START_US = 5_000_000
FRAME = 3600


def _file(order: list[int], keyframes: set[int], packets: int = 2) -> list[PacketisedUnit]:
    """Units in decoding order by their place in presentation order, as `media` times them."""
    lead = max(at - place for at, place in enumerate(order))
    return [
        PacketisedUnit(at * FRAME, (place + lead) * FRAME, at in keyframes, (b"x",) * packets)
        for at, place in enumerate(order)
    ]


WITH_B_FRAMES = _file([0, 3, 1, 2, 6, 4, 5, 7], {0, 7})


def _playhead(units: list[PacketisedUnit] = WITH_B_FRAMES) -> Playhead:
    return Playhead(units, len(units) * FRAME, START_US)


def test_the_first_unit_is_due_at_once_and_the_rest_in_their_time() -> None:
    playhead = _playhead()
    assert playhead.next_due_us() == START_US
    assert len(list(playhead.due(START_US))) == 1
    assert playhead.next_due_us() == START_US + 40_000
    assert not list(playhead.due(START_US + 39_999))
    assert len(list(playhead.due(START_US + 40_000))) == 1


def test_times_go_on_over_the_loops_without_a_seam() -> None:
    playhead = _playhead()
    due = list(playhead.due(START_US + 40_000 * 24))
    assert len(due) == 25
    shown = sorted(time for _, time in due[:24])
    assert {later - earlier for earlier, later in itertools.pairwise(shown)} == {FRAME}


@given(steps=st.lists(st.integers(1, 400_000), min_size=1, max_size=40))
def test_no_unit_is_sent_before_its_own_time_nor_missed(steps: list[int]) -> None:
    playhead, now, sent = _playhead(), START_US, 0
    for step in steps:
        now += step
        for _, time in playhead.due(now):
            assert time <= playhead.media_time(now)
            sent += 1
        assert playhead.next_due_us() > now
    assert sent == (now - START_US) // 40_000 + 1


@given(after=st.integers(0, 20), pause_us=st.integers(0, 10_000_000))
def test_a_rewound_file_starts_over_in_later_times(after: int, pause_us: int) -> None:
    playhead = _playhead()
    before = [time for _, time in playhead.due(START_US + after * 40_000)]
    now = START_US + after * 40_000 + pause_us
    playhead.rewind(now)
    resumed = list(playhead.due(max(now, playhead.next_due_us())))
    assert resumed[0][0] is WITH_B_FRAMES[0]
    assert all(time > max(before) for _, time in resumed)


def test_the_next_keyframe_is_foretold() -> None:
    playhead = _playhead()
    for count in range(20):
        packets, time = playhead.until_keyframe()
        ahead = _playhead()
        list(ahead.due(START_US + (count - 1) * 40_000)) if count else None
        passed = 0
        for unit, unit_time in ahead.due(START_US + 40_000 * 60):
            if unit.is_keyframe:
                assert (packets, time) == (passed, unit_time)
                break
            passed += len(unit.payloads)
        list(playhead.due(START_US + count * 40_000))
