from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.onvif.profiles import Profile, choose


def profile(token: str, encoding: str | None, width: int, height: int, kbps: int = 0, source: str = "s") -> Profile:
    return Profile(token, token, source, encoding, width, height, bit_rate_kbps=kbps)


@pytest.mark.parametrize(
    ("offered", "main", "sub"),
    [
        ([profile("a", "H264", 1920, 1080), profile("b", "H264", 640, 360)], "a", "b"),
        ([profile("b", "H264", 640, 360), profile("a", "H265", 2560, 1440)], "a", "b"),
        ([profile("a", "H264", 1920, 1080, 2000), profile("b", "H264", 1920, 1080, 4000)], "b", None),
        ([profile("a", "H264", 1920, 1080), profile("j", "JPEG", 640, 360)], "a", None),
        ([profile("a", "H265", 1920, 1080), profile("b", "H265", 640, 360), profile("c", "H264", 352, 288)], "a", "c"),
        ([profile("a", "H264", 1920, 1080), profile("b", "H264", 176, 144)], "a", None),
        (
            [profile("a", "H264", 1920, 1080), profile("b", "H264", 1280, 720), profile("c", "H264", 704, 576)],
            "a",
            "c",
        ),
        ([profile("a", "H264", 0, 0)], "a", None),
    ],
)
def test_the_largest_is_recorded_and_the_one_nearest_to_640x360_analysed(offered, main, sub) -> None:
    (choice,) = choose(offered)
    assert (choice.main.token, choice.sub and choice.sub.token) == (main, sub)


def test_each_source_of_a_recorder_is_a_camera() -> None:
    found = choose([profile("a", "H264", 8, 8, source="1"), profile("b", "H264", 8, 8, source="2")])
    assert [(choice.source, choice.main.token) for choice in found] == [("1", "a"), ("2", "b")]


def test_without_pictures_that_can_be_recorded_there_is_no_choice() -> None:
    assert choose([profile("j", "JPEG", 640, 360), profile("n", None, 0, 0)]) == []


PROFILES = st.builds(
    profile,
    st.text("abc", min_size=1, max_size=2),
    st.sampled_from(["H264", "H265", "JPEG", "MPEG4", None]),
    st.integers(0, 8000),
    st.integers(0, 8000),
    st.integers(0, 9000),
    st.sampled_from(["1", "2"]),
)


@given(st.lists(PROFILES, max_size=8))
def test_a_sub_stream_is_always_smaller_than_the_main_one(offered: list[Profile]) -> None:
    for choice in choose(offered):
        assert choice.main.encoding in {"H264", "H265"}
        assert choice.main.pixels == max(
            one.pixels for one in offered if one.source == choice.source and one.encoding in {"H264", "H265"}
        )
        assert choice.sub is None or 0 < choice.sub.pixels < choice.main.pixels
