from __future__ import annotations

import random
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import US_PER_S, ManualClock
from ingest.access_unit import TICKS_PER_S
from ingest.rtsp.rtp import TimestampUnwrapper
from ingest.rtsp.timeline import Timeline, UtcLine

FRAME_US, FRAME_TICKS = 40_000, 3_600


def _arrivals(clock: ManualClock, delays_us: list[int], tick_rate: float = 1.0) -> list[tuple[int, int, int]]:
    """Capture time, arrival and error of each picture of a camera with these network delays."""
    timeline, utc0 = Timeline(UtcLine(clock)), clock.now_us()
    found = []
    now = 0
    for index, delay in enumerate(delays_us):
        taken = index * FRAME_US
        arrival = max(taken + delay, now)
        clock.advance((arrival - now) / US_PER_S)
        now = arrival
        start = timeline.capture_us(int(index * FRAME_TICKS * tick_rate), arrival)
        found.append((start, arrival, start - utc0 - taken))
    return found


def test_jitter_is_smoothed_to_the_least_delay() -> None:
    generator = random.Random(1)
    found = _arrivals(ManualClock(), [20_000 + generator.randrange(100_000) for _ in range(2_000)])
    errors = [error for _, _, error in found[200:]]
    assert min(errors) >= 19_000
    assert max(errors) <= 25_000


def test_a_burst_at_the_start_does_not_date_what_follows() -> None:
    """A server that first sends its last two seconds at once."""
    delays = [max(2_000_000 - index * FRAME_US, 10_000) for index in range(1_000)]
    found = _arrivals(ManualClock(), delays)
    assert all(abs(error - 10_000) < 1_000 for _, _, error in found[100:])


def test_drift_of_the_cameras_clock_is_followed() -> None:
    found = _arrivals(ManualClock(), [10_000] * 10_000, tick_rate=1 + 100e-6)
    assert abs(found[-1][2] - 10_000) < 15_000


def test_a_clock_that_does_not_run_at_90_khz_does_not_run_away() -> None:
    found = _arrivals(ManualClock(), [10_000] * 10_000, tick_rate=0.5)
    assert abs(found[-1][2]) < 61 * US_PER_S


@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 3_000_000)), min_size=1, max_size=60),
    st.lists(st.integers(-4_000, 4_000), max_size=60),
)
def test_never_backwards_whatever_camera_and_wall_clock_do(packets: list[tuple[int, int]], steps_s: list[int]) -> None:
    clock = ManualClock()
    unwrapper, timeline = TimestampUnwrapper(), Timeline(UtcLine(clock), floor_us=clock.now_us() - 1)
    last = 0
    for index, (timestamp, wait_us) in enumerate(packets):
        clock.advance(wait_us / US_PER_S)
        if index < len(steps_s):
            clock.step(steps_s[index])
        arrival = clock.monotonic_us()
        start = timeline.capture_us(unwrapper.unwrap(timestamp, arrival), arrival)
        assert start >= last
        last = start


def test_pictures_shown_out_of_order_never_run_backwards() -> None:
    timeline = Timeline(UtcLine(ManualClock()))
    starts = [
        timeline.capture_us(rtp, 200_000 + i * FRAME_US) for i, rtp in enumerate([0, 10_800, 3_600, 7_200, 21_600])
    ]
    assert starts == sorted(starts)


def test_the_wall_clock_forward_is_followed_and_back_is_approached() -> None:
    clock = ManualClock()
    line = UtcLine(clock)
    clock.advance(1)
    clock.step(3600)
    line.refresh()
    assert line.error_us == 0
    clock.advance(1)
    clock.step(-60)
    line.refresh()
    assert -60 * US_PER_S <= line.error_us <= -60 * US_PER_S + 1_000
    assert line.utc_us(clock.monotonic_us()) > clock.now_us()


def test_timestamps_wrap_and_a_restarted_rtp_clock_goes_on_by_arrival() -> None:
    unwrapper = TimestampUnwrapper()
    first = unwrapper.unwrap(2**32 - 1_000, 0)
    assert unwrapper.unwrap(2_600, FRAME_US) - first == FRAME_TICKS
    assert unwrapper.unwrap(2_600 - 7_200, 2 * FRAME_US) - first == FRAME_TICKS - 7_200  # shown earlier
    before = unwrapper.unwrap(6_200, 3 * FRAME_US)
    after = unwrapper.unwrap(3_000_000_000, 4 * FRAME_US)
    assert after - before == FRAME_TICKS
    assert unwrapper.unwrap(3_000_003_600, 5 * FRAME_US) - after == FRAME_TICKS


def test_steps_back_never_add_up() -> None:
    """A camera that sets its RTP clock back again and again, each time too little to be a restart."""
    unwrapper = TimestampUnwrapper()
    timestamp, found = 2**31, []
    for index in range(5_000):
        found.append(unwrapper.unwrap(timestamp & 0xFFFF_FFFF, index * 1_000))
        timestamp -= 9 * TICKS_PER_S
    highest = list(accumulate(found, max))
    assert all(high - one <= 2 * TICKS_PER_S for one, high in zip(found, highest, strict=True))
