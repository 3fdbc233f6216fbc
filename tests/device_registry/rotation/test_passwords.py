from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.rotation import passwords
from foundation.errors import InvalidInput


@pytest.mark.parametrize("length", [8, 16, 32])
def test_a_password_that_is_made_passes_what_is_asked_of_one_that_is_chosen(length: int) -> None:
    for _ in range(200):
        made = passwords.generate(length)
        assert passwords.checked(made) == made
        assert len(made) == length
        assert not set(made) & set("0O1lI")


def test_no_two_are_alike() -> None:
    assert len({passwords.generate() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "weak",
    ["", "Ab1-x", "onlyletters", "12345678", "with space 1A", "Quote'1abcd", "At@Sign1abc", "缺A1abcdef", "A1a" * 11],
)
def test_a_password_that_cameras_refuse_is_refused_without_a_word_of_it(weak: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        passwords.checked(weak)
    assert not weak or weak not in str(caught.value)


@given(st.text(max_size=40))
def test_what_is_taken_is_safe_in_a_url(text: str) -> None:
    try:
        taken = passwords.checked(text)
    except InvalidInput:
        return
    assert re.fullmatch(r"[A-Za-z0-9._~-]{8,32}", taken)
