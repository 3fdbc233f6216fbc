from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.health.networks import CommonFaults, Judged, common_faults, network_of


def camera(n: int, away: bool, network: str | None = "10.0.0.0/24", cameras: int = 1) -> Judged:
    return Judged(f"10.0.0.{n}", network, cameras, cameras if away else 0)


def several(away: int, of: int, **given) -> dict[str, Judged]:
    return {str(n): camera(n, n < away, **given) for n in range(of)}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "10.1.2.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("gate.example", None),
        ("", None),
    ],
)
def test_the_network_of_an_address(address, network):
    assert network_of(address) == network


def test_five_hundred_behind_one_switch_are_one_fault():
    assert list(common_faults(several(200, 250))) == [("network", "10.0.0.0/24")]


@pytest.mark.parametrize(("away", "of"), [(2, 2), (199, 250), (0, 5)])
def test_few_or_not_enough_of_them_are_no_fault_of_the_network(away, of):
    assert common_faults(several(away, of)) == {}


def test_cameras_whose_address_is_not_known_are_nobodys_neighbours():
    assert common_faults(several(10, 10, network=None)) == {}


def test_an_nvr_that_went_is_one_fault_unless_its_network_is():
    nvr = {"nvr": camera(9, away=True, cameras=16)}
    assert common_faults(nvr) == {("device", "10.0.0.9"): ["nvr"]}
    assert list(common_faults(nvr | several(8, 8))) == [("network", "10.0.0.0/24")]
    assert common_faults({"nvr": Judged("10.0.0.9", None, 16, 15)}) == {}


def test_what_a_person_switched_off_does_not_count():
    devices = several(4, 4) | {str(n): Judged("h", "10.0.0.0/24", 0, 0) for n in range(10, 20)}
    assert common_faults(devices) == {("network", "10.0.0.0/24"): ["0", "1", "2", "3"]}


def test_a_common_fault_is_told_when_it_lasted_and_ends_when_it_is_long_gone():
    key = ("network", "10.0.0.0/24")
    faults = CommonFaults({}, 0)
    holds = {"worse_us": 10, "better_us": 30}
    assert faults.see([key], 0, **holds) == {}
    assert faults.see([key], 10, **holds) == {key: 0}
    assert faults.see([], 30, **holds) == {key: 0}
    assert faults.see([], 40, **holds) == {}
    assert faults.see([key], 50, **holds) == {}
    assert faults.see([], 55, **holds) == {}
    assert faults.see([key], 60, **holds) == {}


def test_a_fault_that_was_told_before_a_restart_goes_on():
    key = ("network", "10.0.0.0/24")
    assert CommonFaults({key: -100}, 0).see([key], 1, worse_us=10, better_us=10) == {key: -100}


devices = st.dictionaries(
    st.text(max_size=3),
    st.builds(
        lambda network, cameras, away: Judged("h", network, cameras, min(away, cameras)),
        st.sampled_from([None, "10.0.0.0/24", "10.0.1.0/24"]),
        st.integers(0, 4),
        st.integers(0, 4),
    ),
    max_size=12,
)


@given(devices)
def test_each_device_is_explained_by_one_fault_at_most_and_only_when_it_is_away(found):
    faults = common_faults(found)
    explained = [key for keys in faults.values() for key in keys]
    assert all(found[key].is_away for key in explained)
    by_network = [key for (kind, _), keys in faults.items() if kind == "network" for key in keys]
    assert len(set(explained)) == len(explained)
    for (kind, network), keys in faults.items():
        if kind == "network":
            assert len(keys) >= 3
            assert {found[key].network for key in keys} == {network}
    assert len(by_network) == len(set(by_network))
