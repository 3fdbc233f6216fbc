from __future__ import annotations

import pytest

from device_registry.onvif.faults import DeviceFault
from device_registry.onvif.setting import Problem
from device_registry.operations.configuring import configure


class Part:
    """Settings in memory; `refuses` a number of writes, after having taken what comes before `breaks_at`."""

    def __init__(self, name: str, *, refuses: int = 0, breaks_at: str | None = None, **has: object) -> None:
        self.name, self.has, self.refuses, self.breaks_at = name, dict(has), refuses, breaks_at
        self.written: list[dict[str, object]] = []

    def read(self):
        return dict(self.has)

    def problems(self, wanted):
        return [Problem(name, value, 9) for name, value in wanted.items() if value == 99]

    def write(self, values):
        self.written.append(dict(values))
        for name, value in values.items():
            if self.refuses and name == (self.breaks_at or name):
                self.refuses -= 1
                raise DeviceFault("the device answered no.")
            self.has[name] = value


def test_only_what_differs_is_written() -> None:
    part = Part("main", gop=50, kbps=4096)
    assert configure([(part, {"gop": 50, "kbps": 2048})]).result == "changed"
    assert part.written == [{"kbps": 2048}]
    assert configure([(part, {"gop": 50, "kbps": 2048})]).result == "as_it_was"
    assert len(part.written) == 1


def test_what_is_not_possible_keeps_all_from_being_written() -> None:
    good, bad = Part("main", gop=50), Part("picture", brightness=50)
    found = configure([(good, {"gop": 25}), (bad, {"brightness": 99})])
    assert (found.result, good.written, bad.written) == ("refused", [], [])
    assert found.what == ("brightness: 99 is not possible here; nearest: 9.",)


def test_a_later_part_that_is_refused_takes_the_earlier_ones_back() -> None:
    first, second = Part("main", gop=50), Part("picture", refuses=1, brightness=50)
    found = configure([(first, {"gop": 25}), (second, {"brightness": 60})])
    assert found.result == "rolled_back"
    assert (first.has, second.has) == ({"gop": 50}, {"brightness": 50})
    assert found.what == ("picture: the device answered no.",)


def test_half_a_part_is_taken_back() -> None:
    part = Part("clock", refuses=1, breaks_at="zone", ntp=("a",), zone="CST-8")
    assert configure([(part, {"ntp": ("b",), "zone": "UTC0"})]).result == "rolled_back"
    assert part.has == {"ntp": ("a",), "zone": "CST-8"}


def test_what_does_not_come_back_is_told() -> None:
    first, second = Part("main", gop=50), Part("picture", refuses=1, brightness=50)
    real = first.write

    def once(values):
        real(values)
        first.refuses = 5

    first.write = once  # type: ignore[method-assign]
    found = configure([(first, {"gop": 25}), (second, {"brightness": 60})])
    assert found.result == "half_done"
    assert "Not as it was before: main: the device answered no." in found.what


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry", "wet"])
def test_a_dry_run_says_the_same_and_writes_nothing(dry_run: bool) -> None:
    part = Part("main", gop=50)
    found = configure([(part, {"gop": 25})], dry_run=dry_run)
    assert found.changes == {"main": {"gop": (50, 25)}}
    assert bool(part.written) is not dry_run
