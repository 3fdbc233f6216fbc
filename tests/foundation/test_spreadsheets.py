from __future__ import annotations

import pytest

from foundation.spreadsheets import guarded


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ("1=1", "1=1"),
        (-1, "-1"),
        (None, ""),
    ],
)
def test_a_cell_is_never_a_formula(value: object, cell: str) -> None:
    assert guarded(value) == cell
