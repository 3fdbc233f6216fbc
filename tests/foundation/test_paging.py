from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from foundation.paging import cursor_of, keys_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXT, min_size=1, max_size=3))
def test_a_cursor_gives_its_keys_back_and_is_safe_in_a_url(keys):
    cursor = cursor_of(*keys)
    assert keys_of(cursor, len(keys)) == keys
    assert set(cursor) <= set(string.ascii_letters + string.digits + "-_")


@given(TEXT)
def test_any_other_text_is_refused_as_no_cursor(text):
    try:
        keys_of(text, 3)
    except InvalidInput:
        pass


@pytest.mark.parametrize("cursor", ["", "a", "W10", "W10=", "e30", "WzFd", "[" * 400, "ü", cursor_of("a", "b")])
def test_what_is_no_cursor_of_this_list(cursor):
    with pytest.raises(InvalidInput):
        keys_of(cursor, 1)
