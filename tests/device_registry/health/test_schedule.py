from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from device_registry.health.schedule import SIGN_PAUSE_S, Schedule
from foundation.clock import US_PER_S


def schedule(interval_s: float = 300.0, per_network_s: float = 10.0) -> Schedule:
    return Schedule(interval_s, per_network_s, random.Random(1))


def run(made: Schedule, seconds: int, *, from_s: int = 0, free: int = 1000, failed=lambda key: False) -> list:
    """Each device answers within the half second in which it was asked; when which one was asked, in seconds."""
    asked = []
    for half in range(2 * from_s, 2 * (from_s + seconds)):
        now_us = half * US_PER_S // 2
        for key in made.start(now_us, free):
            asked.append((now_us / US_PER_S, key))
            made.done(key, now_us, failed=failed(key))
    return asked


def test_each_device_is_asked_once_an_interval_and_not_all_at_the_same_time():
    made = schedule()
    made.keep({str(n): f"10.0.{n}.0/24" for n in range(200)}, 0)
    asked = run(made, 3000)
    counts = Counter(key for _, key in asked)
    assert set(counts.values()) <= {10, 11}
    busiest = Counter(int(second) for second, _ in asked if second > 330)
    assert max(busiest.values()) < 40


def test_a_failure_is_looked_at_again_soon_and_then_ever_more_seldom():
    made = schedule()
    made.keep({"dead": "n"}, 0)
    times = [second for second, _ in run(made, 3000, failed=lambda _: True)]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert 9 <= pauses[0] <= 11.5
    assert all(later > earlier for earlier, later in pairwise(pauses[:5]))
    assert all(270 <= pause <= 331 for pause in pauses[6:])


def test_a_network_is_not_asked_more_often_than_it_may_be_and_others_do_not_wait_for_it():
    made = schedule(per_network_s=5)
    made.keep({f"a{n}": "a" for n in range(100)} | {"b": "b"}, 0)
    asked = run(made, 30)
    assert asked[0][0] == 0
    assert {key: second for second, key in asked}["b"] == 0
    assert len({key for _, key in asked}) == 101
    for second in range(29):
        within = [key for at, key in asked if second <= at < second + 1 and key != "b"]
        assert len(within) <= 10  # a second's worth at once, and one second


def test_no_more_run_than_there_are_threads_and_each_only_once():
    made = schedule(per_network_s=1000)
    made.keep({str(n): str(n) for n in range(50)}, 0)
    first = made.start(0, 16)
    assert len(first) == 16
    assert not set(made.start(US_PER_S, 100)) & set(first)
    assert made.start(US_PER_S, 100) == []


def test_who_waits_is_asked_next_also_when_one_is_under_way():
    made = schedule()
    made.keep({"one": "n"}, 0)
    assert made.start(0, 1) == ["one"]
    made.hurry(["one", "unheard of"], 0)
    made.done("one", US_PER_S, failed=False)
    assert made.start(US_PER_S, 1) == ["one"]
    made.done("one", 2 * US_PER_S, failed=False)
    assert made.start(60 * US_PER_S, 1) == []
    made.hurry(["one"], 61 * US_PER_S)
    assert made.start(61 * US_PER_S, 1) == ["one"]


def test_a_refused_password_is_not_shown_again_for_a_while_unless_somebody_wants_it():
    made = schedule()
    made.keep({"one": "n"}, 0)
    assert made.may_sign("one", 0)
    made.start(0, 1)
    made.done("one", 0, failed=False, auth_refused=True)
    assert not made.may_sign("one", int((SIGN_PAUSE_S - 1) * US_PER_S))
    assert made.may_sign("one", int(SIGN_PAUSE_S * US_PER_S))
    made.hurry(["one"], 5, sign=True)
    assert made.may_sign("one", 5)


def test_what_is_gone_from_the_registry_is_forgotten():
    made = schedule()
    made.keep({str(n): str(n) for n in range(1000)}, 0)
    run(made, 5)
    made.keep({"1": "1"}, 5 * US_PER_S)
    assert len(made) == 1
    assert len(made._free_us) <= 1
    made.done("2", 0, failed=True)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 30)), max_size=100),
    st.floats(0.5, 50),
)
def test_however_devices_answer_no_network_is_asked_too_often(steps, rate):
    made = Schedule(5.0, rate, random.Random(2))
    made.keep({str(n): str(n % 2) for n in range(5)}, 0)
    times: dict[int, list[int]] = {0: [], 1: []}
    now_us = 0
    for hurried, failed, pause in steps:
        made.hurry([str(hurried)], now_us)
        for key in made.start(now_us, 3):
            times[int(key) % 2].append(now_us)
            made.done(key, now_us, failed=failed)
        now_us += pause * US_PER_S // 10
    for asked in times.values():
        for place, first in enumerate(asked):
            within = [at for at in asked[place:] if at < first + US_PER_S]
            assert len(within) <= 2 * rate + 1
