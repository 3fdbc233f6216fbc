from __future__ import annotations

import pytest

from device_registry.center_codes import oddities
from device_registry.models import Level


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("110000", "city", None),
        ("110000000000", "city", None),
        ("340200", "city", None),
        ("110101", "county", "110000"),
        ("110101570000", "station", "110101000000"),
        ("441900500000", "station", "441900"),
        ("110101570000", "station", "110000000000"),
    ],
)
def test_codes_that_fit(code: str, level: Level, parent: str | None) -> None:
    assert list(oddities(code, level, parent)) == []


@pytest.mark.parametrize(
    ("code", "level", "parent", "what"),
    [
        ("990000", "city", None, "no division"),
        ("340000", "city", None, "not the division of a city"),
        ("110101", "city", None, "not the division of a city"),
        ("110000", "county", "110000", "not the division of a county"),
        ("310101", "county", "110000", "does not lie in"),
        ("110102570000", "station", "110101000000", "does not lie in"),
        ("110101000000", "station", "110101", "last six digits"),
    ],
)
def test_odd_codes_are_told(code: str, level: Level, parent: str | None, what: str) -> None:
    (found,) = oddities(code, level, parent)
    assert what in found
