from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.normalising.dates import exchanged, is_impossible, normalise_date


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1984-03-05", "1984-03-05"),
        ("19840305", "1984-03-05"),
        ("1984/3/5", "1984-03-05"),
        ("1984年3月5日", "1984-03-05"),
        ("１９８４．３．５", "1984-03-05"),
        ("1984-03-05 00:00:00", "1984-03-05"),
        ("1984-03-05T00:00:00.000Z", "1984-03-05"),
        ("1984", "1984"),
        ("1984年", "1984"),
        ("1984-03", "1984-03"),
        ("198403", "1984-03"),
        ("1984-00-00", "1984"),
        ("19840300", "1984-03"),
        ("1984-XX-XX", "1984"),
        ("1984-03-xx", "1984-03"),
        ("1984-02-30", None),
        ("1984-13-05", None),
        ("05/03/1984", None),
        ("0000", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(raw: str | None, day: str | None) -> None:
    assert normalise_date(raw) == day


def test_a_day_that_no_calendar_has_is_told_from_no_date() -> None:
    assert [is_impossible(raw) for raw in ("1984-02-30", "19841301", "1900-02-29")] == [True] * 3
    assert [is_impossible(raw) for raw in ("2000-02-29", "1984", "soon", "", None)] == [False] * 5


@given(st.dates())
def test_exchanging_month_and_day_twice_gives_the_date_again(day: date) -> None:
    text = str(day)
    other = exchanged(text)
    if other is None:
        assert day.day > 12 or day.day == day.month
    else:
        assert normalise_date(other) == other != text
        assert exchanged(other) == text
    assert exchanged(text[:7]) is None
