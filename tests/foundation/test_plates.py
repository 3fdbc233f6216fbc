from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.plates import _FORMS, DIGITS, GROUNDS, LETTERS, PROVINCES, SUFFIXES, chinese_series


@pytest.mark.parametrize(
    ("text", "series", "grounds"),
    [
        # Of each series of GA 36-2018, of its amendment, and of the armed forces.
        ("京A12345", "cn_standard", {"blue", "yellow"}),
        ("京AF0236", "cn_standard", {"blue", "yellow"}),
        ("京AD12345", "cn_new_energy_small", {"green"}),
        ("京A12345F", "cn_new_energy_large", {"green"}),
        ("京A0006警", "cn_police", {"white"}),
        ("京A0023学", "cn_learner", {"yellow"}),
        ("京A8066挂", "cn_trailer", {"yellow"}),
        ("粤ZF023港", "cn_hong_kong_macau", {"black"}),
        ("粤ZF023澳", "cn_hong_kong_macau", {"black"}),
        ("沪A0023领", "cn_consulate", {"black"}),
        ("使014578", "cn_embassy", {"black"}),
        ("京X0001应急", "cn_emergency", {"white"}),
        ("WJ京00018", "cn_armed_police", {"white"}),
        ("民A12345", "cn_civil_aviation", set()),
        ("VA12345", None, set()),
        ("京I12345", "cn_standard", {"blue", "yellow"}),
        ("京AI2345", None, set()),
        ("京AO2345", None, set()),
    ],
)
def test_series_and_grounds(text: str, series: str | None, grounds: set[str]) -> None:
    assert chinese_series(text) == series
    assert set(GROUNDS.get(series, ())) == grounds  # type: ignore[call-overload]


@given(st.text(alphabet=PROVINCES[:3] + "粤" + LETTERS[:6] + "SXZWJIO" + DIGITS + SUFFIXES + "应急民军", max_size=9))
def test_no_text_has_the_forms_of_two(text: str) -> None:
    assert sum(form.fullmatch(text) is not None for form in _FORMS.values()) <= 1
