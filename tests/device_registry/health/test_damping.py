from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device_registry.health.damping import FLAPS, QUIET_US, UNKNOWN_US, Damper, Holds
from device_registry.health.verdict import CHOSEN, STATES, Verdict
from foundation.clock import US_PER_S

HOLDS = Holds(worse_us=20 * US_PER_S, better_us=30 * US_PER_S)
ONLINE, DEAD = Verdict("online"), Verdict("unreachable", "No connection.", "Check it.")
UNKNOWN = Verdict("unknown", "The recorder has not reported.", "Wait.")


class Told:
    """A damper that is looked at each second; what it tells, each with the second when it did."""

    def __init__(self, told: Verdict = ONLINE) -> None:
        self.damper = Damper(told, 0)
        self.second = 0
        self.changes: list[tuple[int, str]] = []

    def see(self, verdict: Verdict, seconds: int) -> None:
        for _ in range(seconds):
            if self.damper.see(verdict, self.second * US_PER_S, HOLDS):
                self.changes.append((self.second, self.damper.told.state))
            self.second += 1


def test_a_fault_is_told_when_it_has_lasted_and_dated_to_its_beginning():
    told = Told()
    told.see(ONLINE, 5)
    told.see(DEAD, 40)
    told.see(ONLINE, 40)
    assert told.changes == [(25, "unreachable"), (75, "online")]
    assert told.damper.since_us == 45 * US_PER_S


def test_what_does_not_last_is_not_told():
    told = Told()
    told.see(DEAD, 20)
    told.see(ONLINE, 5)
    told.see(DEAD, 20)
    told.see(ONLINE, 5)
    assert told.changes == []


def test_a_recorder_that_is_started_again_changes_nothing():
    told = Told()
    told.see(UNKNOWN, 50)
    told.see(ONLINE, 5)
    told.see(UNKNOWN, 70)
    told.see(ONLINE, 1)
    assert told.changes == [(55 + UNKNOWN_US // US_PER_S, "unknown"), (125, "online")]


def test_a_new_camera_is_online_at_once():
    told = Told(UNKNOWN)
    told.see(ONLINE, 1)
    assert told.changes == [(0, "online")]


def test_a_fault_that_changes_its_kind_is_told_by_the_clock_of_the_first():
    told = Told()
    told.see(Verdict("stream_failed", "Nothing comes."), 15)
    told.see(DEAD, 6)
    assert told.changes == [(20, "unreachable")]


def test_another_cause_of_the_same_state_is_told_too_and_leaves_since_as_it_was():
    told = Told(DEAD)
    told.see(Verdict("unreachable", "The network went."), 30)
    assert told.changes == [(20, "unreachable")]
    assert (told.damper.told.cause, told.damper.since_us) == ("The network went.", 0)


def test_what_comes_and_goes_is_told_as_flapping_until_it_holds():
    told = Told()
    for _ in range(FLAPS + 3):
        told.see(DEAD, 10)
        told.see(ONLINE, 10)
    assert told.damper.told.state == "degraded"
    assert told.damper.told.cause.startswith("It flaps: more than 6 times")
    began = told.second
    told.see(ONLINE, QUIET_US // US_PER_S + 60)
    told.see(DEAD, 10)
    told.see(ONLINE, 10)
    assert [state for _, state in told.changes] == ["degraded", "online"]
    assert told.changes[1][0] - began >= QUIET_US // US_PER_S - 10


def test_a_few_faults_within_hours_are_no_flapping():
    told = Told()
    for _ in range(3 * FLAPS):
        told.see(DEAD, 10)
        told.see(ONLINE, 700)
    assert told.changes == []


def test_what_flapped_and_then_stays_dead_is_told_as_dead():
    told = Told()
    for _ in range(FLAPS + 3):
        told.see(DEAD, 10)
        told.see(ONLINE, 10)
    told.see(DEAD, QUIET_US // US_PER_S + 60)
    assert told.damper.told == DEAD


def test_what_a_person_chose_is_told_at_once_and_so_is_its_end():
    told = Told()
    for verdict in (Verdict("maintenance", "New pole.", "Wait.", 9), Verdict("disabled", "Off.", "On."), DEAD):
        told.see(verdict, 1)
        assert told.damper.told == verdict
    assert [second for second, _ in told.changes] == [0, 1, 2]


verdicts = st.sampled_from([Verdict(state, f"Cause {n}.") for state in STATES for n in (1, 2)])
sights = st.lists(st.tuples(verdicts, st.integers(0, 120)), max_size=60)


@given(sights)
def test_whatever_is_seen_ends_in_being_told_when_it_stays(seen):
    damper, second = Damper(ONLINE, 0), 0
    for verdict, pause in [*seen, *[(DEAD, 30)] * 60]:
        damper.see(verdict, second * US_PER_S, HOLDS)
        second += pause
    assert damper.told == DEAD
    assert damper.is_settled


@given(sights)
def test_what_is_told_was_seen_and_never_dated_back_before_what_was_told_before(seen):
    damper, second, since_us = Damper(ONLINE, 0), 0, 0
    shown = [ONLINE]
    for verdict, pause in seen:
        shown.append(verdict)
        before = damper.told
        changed = damper.see(verdict, second * US_PER_S, HOLDS)
        assert changed == (damper.told != before)
        assert damper.told in shown or (damper.told.cause or "").startswith("It flaps")
        assert since_us <= damper.since_us <= second * US_PER_S
        since_us = damper.since_us
        second += pause


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 19)), max_size=200))
def test_shorter_than_the_hold_nothing_but_flapping_is_ever_told(seen):
    told = Told()
    for n, (_, seconds) in enumerate(seen):
        told.see(DEAD if n % 2 else ONLINE, seconds)
    assert {state for _, state in told.changes} <= {"degraded", "online"}
    assert not [one for one in told.changes if one[1] in CHOSEN]
