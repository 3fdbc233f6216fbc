from __future__ import annotations

import pytest

from control_center import access_policy
from control_center.access_policy import Purpose
from foundation.errors import CaseMalformed, CaseRequired, InvalidInput, ReasonRequired
from foundation.settings import AuditSettings

STRICT = AuditSettings(
    reason_for=["footage", "export"], case_for=["export"], case_pattern="A[0-9]{4}", case_example="A1234"
)


def test_what_the_policy_asks_for_is_taken_trimmed():
    assert access_policy.check("export", " theft at the gate ", " A1234 ", STRICT) == Purpose(
        "theft at the gate", "A1234"
    )


def test_what_it_does_not_ask_for_may_be_left_out_or_given():
    assert access_policy.check("report", None, "  ", STRICT) == Purpose(None, None)
    assert access_policy.check("report", "asked by the court", "A0001", STRICT) == Purpose(
        "asked by the court", "A0001"
    )


@pytest.mark.parametrize(
    ("kind", "reason", "case_number", "refusal"),
    [
        ("footage", None, None, ReasonRequired),
        ("footage", " \t\n", "A1234", ReasonRequired),
        ("export", "x", None, CaseRequired),
        ("export", "x", " ", CaseRequired),
        ("report", None, "A12345", CaseMalformed),
        ("report", None, "A1234\nA1234", CaseMalformed),
        ("report", "x" * 501, None, InvalidInput),
        ("report", "nul \0 in it", None, InvalidInput),
        ("report", "half a letter \ud800", None, InvalidInput),
        ("report", None, "A" * 65, InvalidInput),
    ],
)
def test_what_is_missing_or_malformed_is_refused(kind, reason, case_number, refusal):
    with pytest.raises(refusal) as caught:
        access_policy.check(kind, reason, case_number, STRICT)
    assert type(caught.value) is refusal
    if refusal in (CaseRequired, CaseMalformed):
        assert caught.value.extensions == {"example": "A1234"}
