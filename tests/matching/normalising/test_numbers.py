"""Numbers with check digits, on the examples of the standards themselves where they give any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.normalising.documents import normalise_document
from matching.normalising.id_numbers import birth_date_of, fault_of, normalise_id_number, sex_of
from matching.normalising.identifiers import Identifier
from matching.normalising.mrz import check_digit, document_number
from matching.normalising.vins import must_pass, normalise_vin

PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
CARD = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"


def number(raw: str) -> Identifier:
    found = normalise_id_number(raw)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("raw", "kind", "born", "sex"),
    [
        ("11010519491231002X", "resident", "1949-12-31", "F"),  # GB 11643-1999, annex A
        ("440524188001010014", "resident", "1880-01-01", "M"),  # the same
        ("810000199408230021", "residence_permit", "1994-08-23", "F"),
        ("830000199201300022", "residence_permit", "1992-01-30", "F"),
        ("932682198501010017", "permanent_residence", "1985-01-01", "M"),
        ("KAZ110090123105", "permanent_residence", None, None),
    ],
)
def test_numbers_of_residents_permits_and_cards(raw: str, kind: str, born: str | None, sex: str | None) -> None:
    found = number(raw.lower())
    assert (found.text, found.valid, found.kind) == (raw, True, kind)
    assert (birth_date_of(found), sex_of(found)) == (born, sex)


def test_15_digits_become_18() -> None:
    assert number("110105491231002") == number("11010519491231002x")
    assert number("440524800101998").text[6:10] == "1880"  # a sequence number of those over a hundred
    assert number("440524800101001").text[6:10] == "1980"
    assert number("440524700101998").text[6:10] == "1970"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("110105194912310021", "check_digit"),
        ("110105194902310021", "birth_date"),
        ("110105490231002", "birth_date"),
        ("999999194912310021", "region"),
        ("810001199408230021", "region"),
        ("932000198501010017", "region"),
        ("KAZ110090123104", "check_digit"),
        ("KAZ990090123105", "region"),
        ("KAZ110090023105", "birth_date"),
        ("12345678", "form"),
    ],
)
def test_a_number_that_fails_is_kept_and_its_fault_told(raw: str, fault: str) -> None:
    found = number(raw)
    assert (found.text, found.valid, fault_of(found.text)) == (raw, False, fault)
    assert (birth_date_of(found), sex_of(found)) == (None, None)


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_any_single_wrong_digit_is_found(at: int, digit: str) -> None:
    right = "11010519491231002X"
    wrong = right[:at] + digit + right[at + 1 :]
    assert number(wrong).valid == (wrong == right)


@pytest.mark.parametrize(("text", "digit"), [("520727", "3"), ("AB2134<<<", "5")])
def test_check_digits_of_icao_9303_3(text: str, digit: str) -> None:
    assert check_digit(text) == digit


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (PASSPORT, "L898902C3"),  # ICAO 9303-4, appendix B
        (PASSPORT.splitlines()[1], "L898902C3"),
        (PASSPORT.replace("\n", " ").lower(), "L898902C3"),
        ("E123456782CHN8001014F2501010MGNELMLFPHOFA920", "E12345678"),  # as Chinese passports have it, without a filler
        (CARD, "D23145890"),  # ICAO 9303-5
        (CARD.splitlines()[0], "D23145890"),
        ("I<UTOD23145890<7349<<<<<<<<<<<", "D23145890734"),  # a number longer than its field
        ("D231458907UTO7408122F1204159<<<<<<<6", "D23145890"),  # ICAO 9303-6
    ],
)
def test_the_number_of_a_machine_readable_zone(zone: str, text: str) -> None:
    found = document_number(zone)
    assert found == (text, True)
    assert normalise_document(zone) == text


def test_a_zone_with_a_slip_is_read_and_told() -> None:
    assert document_number(PASSPORT.replace("L898902C3", "L898902G3")) == ("L898902G3", False)


@pytest.mark.parametrize("raw", ["E12345678", "L898902C3", "1" * 44, "<" * 44, "I<UTO<<<<<<<<<<<<<<<<<<<<<<<<<", None])
def test_what_is_no_zone_has_no_check_digit(raw: str | None) -> None:
    assert document_number(raw) is None


@pytest.mark.parametrize(
    ("raw", "valid", "required"),
    [
        ("1M8GDM9AXKP042788", True, True),
        ("1G4AH59H45G118341", True, True),  # 49 CFR 565.15
        ("1M8GDM9AXKP042789", False, True),
        ("LSVAM4187C2184847", True, True),
        ("WVWZZZ1JZ3W386752", False, False),  # European: its ninth place is a filler
    ],
)
def test_vins(raw: str, valid: bool, required: bool) -> None:
    vin = normalise_vin(f" {raw.lower()} ")
    assert vin is not None
    assert (vin.text, vin.valid, must_pass(vin.text)) == (raw, valid, required)


def test_letters_that_a_vin_cannot_have_are_read_as_digits() -> None:
    assert normalise_vin("IM8GDM9AXKPO42788") == normalise_vin("1M8GDM9AXKP042788")
    assert normalise_vin("0000000000") is None
