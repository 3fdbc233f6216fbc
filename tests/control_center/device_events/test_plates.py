from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_center.device_events.plates import normalised


@pytest.mark.parametrize(
    ("text", "region", "plate", "series"),
    [
        ("京A·12345", "CN", "京A12345", "cn_standard"),
        ("京A 12345", None, "京A12345", "cn_standard"),
        ("粤BD12345", "CN", "粤BD12345", "cn_new_energy"),
        ("京AO2345", None, "京A02345", "cn_standard"),
        ("京ａ１２３４５", None, "京A12345", "cn_standard"),
        ("AB-123-CD", "FR", "AB123CD", "latin"),
        ("12345", "AE", "12345", "latin"),
    ],
)
def test_a_plate_is_written_as_the_own_reader_writes_it(text: str, region: str | None, plate: str, series: str) -> None:
    assert normalised(text, region) == (plate, series)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("A12345", "CN"),
        ("A12345", None),
        ("12345", None),
        ("", "FR"),
        ("ABCDEF", "FR"),
        ("А123ВС", "RU"),
        ("1" * 11, "FR"),
    ],
    ids=["cut", "cut-nowhere", "digits", "empty", "letters", "cyrillic", "long"],
)
def test_what_no_series_explains_is_no_plate(text: str, region: str | None) -> None:
    assert normalised(text, region) is None


@given(st.text(max_size=20), st.sampled_from([None, "CN", "FR"]))
def test_any_text_is_a_plate_or_none(text: str, region: str | None) -> None:
    found = normalised(text, region)
    assert found is None or (4 <= len(found[0]) <= 10 and found[0].isalnum())
