"""The picture of an explanation: well-formed whatever the values are, and complete without colours."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.picture_text import lines_of
from matching.waterfall import picture

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "defs", "pattern", "rect", "line", "text"}


def explanation(value: str = "李晓明", weights: tuple[int, ...] = (12_070, -1_396), **more: Any) -> dict[str, Any]:
    fields = [
        {
            "field": "name",
            "level": f"level_{at}",
            "m": 0.86,
            "u": 0.0002,
            "weight_mbits": weight,
            "others": None,
            "left": {"raw": value, "normalised": "李晓明 (LI XIAOMING)"},
            "right": {"raw": None, "normalised": value},
        }
        for at, weight in enumerate(weights)
    ]
    return {
        "prior_mbits": -10_000,
        "fields": fields,
        "posterior": 0.6,
        "keys": ["name"],
        "against": ["name:level_1"],
        "runner_up": None,
        "versions": {"model": "2"},
        **more,
    }


def drawn(of: dict[str, Any]) -> ET.Element:
    return ET.fromstring(picture(of, title="A and B", sides=("A", "B")))


def texts(root: ET.Element) -> list[str]:
    return [it.text or "" for it in root.iter(f"{SVG}text")]


def test_bars_lead_from_the_prior_to_the_total() -> None:
    root = drawn(explanation(calibration={"slope_per_mille": 500, "intercept_mbits": -100, "judged": 400}))
    said = texts(root)
    for part in ("-10.00", "+12.07", "-1.40", "+0.67", "+0.24", "level_0", "0.86 / 0.0002", "prior", "calibrated"):
        assert part in said
    foot = " ".join(said)
    for part in ("Probability 0.600000", "0.500 × total -0.100 bits", "verify it first"):
        assert part in foot
    bars = [it for it in root.iter(f"{SVG}rect") if it.get("height") == "18"]
    assert [it.get("fill") == "url(#against)" for it in bars] == [False, False, True, False, False]
    for before, after in ((0, 1), (1, 2)):
        ends = [
            {round(float(it.get("x", "")), 0), round(float(it.get("x", "")) + float(it.get("width", "")), 0)}
            for it in (bars[before], bars[after])
        ]
        assert ends[0] & ends[1]
    assert root.get("role") == "img"
    assert "name level_1 -1.40; probability 0.600000" in (root.findtext(f"{SVG}desc") or "")


@given(st.text(), st.lists(st.integers(-1_000_000, 1_000_000), max_size=6))
def test_any_value_is_text_and_stays_within_the_picture(value: str, weights: list[int]) -> None:
    root = drawn(explanation(value, tuple(weights)))
    assert {it.tag.removeprefix(SVG) for it in root.iter()} <= DRAWN
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    for it in root.iter():
        assert 0 <= float(it.get("x", "0")) <= width
        assert 0 <= float(it.get("y", "0")) <= height


def test_markup_and_turned_text_are_shown_not_obeyed() -> None:
    said = "".join(texts(drawn(explanation("<script>&\u202egnp.\x00"))))
    assert "<script>&\ufffdgnp.\ufffd" in said


@given(st.text(), st.integers(1, 5))
def test_lines_keep_the_text_in_order(text: str, most: int) -> None:
    lines = lines_of(text, 100, most)
    assert 1 <= len(lines) <= most
    kept, whole = "".join("".join(lines).split()), "".join(text.split())
    assert kept == whole or (kept.endswith("…") and whole.startswith(kept[:-1]))


@pytest.mark.parametrize(("text", "lines"), [("示范路幸福花园三号楼", 2), ("Albion Park Rail", 2), ("", 1)])
def test_lines_are_as_wide_as_their_column(text: str, lines: int) -> None:
    assert len(lines_of(text, 110, 4)) == lines
