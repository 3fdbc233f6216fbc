from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from simulator.onvif_device.faults import Faults, parse_faults


def test_faults_add_up() -> None:
    found = parse_faults(["skew:-3600", "media2-only", "encoding:gbk", "lying-address:10.0.0.9:81"])
    assert found == Faults(skew_s=-3600, media2_only=True, encoding="gbk", lying_address="10.0.0.9:81")
    assert parse_faults([]) == Faults()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "skew",
        "skew:",
        "skew:x",
        "skew:inf",
        "silent:1",
        "encoding:klingon",
        "redirect:",
        "a:b",
        "locks-after:0",
        "locks-after:x",
    ],
)
def test_what_is_no_fault_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_faults([text])
    assert caught.value.where == f"--fault {text}"
    assert caught.value.mend


@given(st.text(max_size=30))
def test_any_text_is_a_fault_or_refused(text: str) -> None:
    try:
        parse_faults([text])
    except InvalidInput:
        pass
