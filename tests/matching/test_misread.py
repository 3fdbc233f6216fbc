from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.confusions import LIKELIHOODS, to_mbits
from matching.misread import as_misread, lookalikes
from matching.model import FIELDS, MODEL, SHIPPED
from matching.normalising import NormalRecord, normalise
from matching.normalising.id_numbers import normalise_id_number
from matching.normalising.vins import normalise_vin
from matching.scoring import FieldScore, Score, score

VALID_ID = "11010519491231002X"  # the example of GB 11643
VIN = "LSVAM4187C2184841"
NUMBERS = st.text("ABDEGHIJOQSZ0123456789", min_size=5, max_size=12).filter(lambda it: len(set(it)) >= 3)


def compared(left: NormalRecord, right: NormalRecord) -> Score:
    return as_misread(score(left, right, FIELDS), left, right, SHIPPED)


def entry(field: str, left: str, right: str) -> FieldScore:
    scored = compared(normalise({field: left}), normalise({field: right}))
    return next(it for it in scored.fields if it.field == field)


def weight(field: str, *likelihoods: float) -> int:
    return MODEL[field]["exact"].weight_mbits + to_mbits(sum(likelihoods))


@pytest.mark.parametrize(("one", "other"), ["0D", "8B", "17", "5S", "2Z", "0O", "1I", "6G"])
def test_what_looks_alike_is_spelled_either_way(one: str, other: str) -> None:
    assert f"E4182{other}733" in lookalikes(f"E4182{one}733")
    assert f"E4182{one}733" in lookalikes(f"E4182{other}733")


@given(NUMBERS)
def test_one_place_differs_and_looks_alike(text: str) -> None:
    found = lookalikes(text)
    assert len(found) == len(set(found))
    for other in found:
        assert len(other) == len(text)
        assert other != text
        ((a, b),) = ((a, b) for a, b in zip(text, other, strict=True) if a != b)
        assert (a, b) in LIKELIHOODS or (b, a) in LIKELIHOODS


@given(NUMBERS, st.data())
def test_whatever_is_taken_for_it_spells_it_in_turn(text: str, data: st.DataObject) -> None:
    others = lookalikes(text)
    if others:
        assert text in lookalikes(data.draw(st.sampled_from(others)))


def test_numbers_of_persons_are_looked_for_among_digits() -> None:
    number = normalise_id_number(VALID_ID)
    assert number
    others = lookalikes(number)
    assert "11010519491231802X" in others
    assert all(set(it) <= set("0123456789X") for it in others)
    misread = normalise_id_number("11O10519491231002X")
    assert misread
    assert VALID_ID in lookalikes(misread)


def test_what_is_no_number_any_more_has_none() -> None:
    assert lookalikes("B0" * 11) == []
    vin = normalise_vin(VIN)
    assert vin
    assert VIN.replace("8", "B", 1) in lookalikes(vin)


def test_the_likelier_confusion_weighs_more() -> None:
    letter = entry("document_number", "E41B27755", "E41827755")
    stroke = entry("document_number", "E41327755", "E41827755")
    assert (letter.level, stroke.level) == ("confusable", "confusable")
    assert letter.weight_mbits == weight("document_number", 0.010, 0.002)
    assert stroke.weight_mbits == weight("document_number", 0.002, 0.001)
    slip = entry("document_number", "E41427755", "E41827755")
    assert slip.level == "one_slip"
    assert slip.weight_mbits < stroke.weight_mbits < letter.weight_mbits < weight("document_number", 1)
    assert letter.u == MODEL["document_number"]["exact"].u


def test_the_check_digit_says_which_of_the_two_was_misread() -> None:
    wrong = VALID_ID[:5] + "8" + VALID_ID[6:]  # 5 and 8 do not look alike
    assert entry("id_number", wrong, VALID_ID).level == "one_slip"
    added = VALID_ID.replace("1231", "1281")
    for pair in ((added, VALID_ID), (VALID_ID, added)):
        assert entry("id_number", *pair).level == "confusable"
        assert entry("id_number", *pair).weight_mbits == weight("id_number", 0.001), "3 read as 8, not 8 as 3"


def test_two_numbers_that_are_right_or_two_that_are_wrong_are_not_one() -> None:
    one, other = "11O10519491231002X", "1101O519491231002X"
    assert entry("id_number", one, other).level == "different"
    vins = "1M8GDM9AXKP042788", "1M8GDM9AXKP042786"  # SAE's example, and a check digit that fails
    assert entry("vin", *vins).level == "confusable"
    assert entry("vin", vins[1], vins[1][:-2] + "36").level != "confusable", "both must pass, and neither does"
    assert entry("vin", "WVWZZZ1JZXW000081", "WVWZZZ1JZXW0000B1").level == "confusable", "no law, no check digit"


@given(NUMBERS, NUMBERS)
def test_the_weight_does_not_depend_on_which_is_looked_up(one: str, other: str) -> None:
    left, right = normalise({"document_number": one}), normalise({"document_number": other})
    assert compared(left, right) == compared(right, left)
    assert compared(left, right).weight_mbits >= score(left, right, FIELDS).weight_mbits
