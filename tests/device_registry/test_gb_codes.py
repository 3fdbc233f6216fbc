from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.gb_codes import device_id, division


def test_the_parts_of_an_id() -> None:
    found = device_id("34020000001320000001")
    assert found is not None
    assert (found.center, found.industry, found.type, found.network, found.serial) == (
        "34020000", "00", 132, "0", "000001",
    )  # fmt: skip
    assert found.is_front_end


@pytest.mark.parametrize(
    "text",
    ["", "3402000000132000000", "340200000013200000011", "99020000001320000001", "3402000000132000000a", "٣" * 20],
    ids=["empty", "short", "long", "no_province", "letter", "other_digits"],
)
def test_what_is_no_id(text: str) -> None:
    assert device_id(text) is None


def test_a_platform_is_no_device() -> None:
    platform = device_id("34020000002000000001")
    assert platform is not None
    assert not platform.is_front_end


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("110105", ("北京市", "朝阳区")),
        ("340200", ("安徽省", "芜湖市")),
        ("340203", ("安徽省", "弋江区")),
        ("340000", ("安徽省",)),
        ("990000", ()),
        ("11010", ()),
    ],
    ids=["county", "city", "renamed", "province", "none", "short"],
)
def test_divisions(code: str, names: tuple[str, ...]) -> None:
    assert division(code) == names


@given(st.text())
def test_any_text_is_an_id_or_none(text: str) -> None:
    found = device_id(text)
    assert found is None or f"{found.center}{found.industry}{found.type:03}{found.network}{found.serial}" == text
