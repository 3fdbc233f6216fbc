from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matching.normalising import NormalRecord, normalise
from matching.normalising.dates import is_impossible, normalise_date
from matching.normalising.documents import normalise_document
from matching.normalising.id_numbers import normalise_id_number
from matching.normalising.mrz import document_number
from matching.normalising.names import normalise_name
from matching.normalising.phones import normalise_phone
from matching.normalising.plates import normalise_colour, normalise_plate
from matching.normalising.sexes import normalise_sex
from matching.normalising.text import normalise_text
from matching.normalising.transliteration import consonants
from matching.normalising.vins import normalise_vin

ANY_TEXT = (
    st.text(max_size=60)
    | st.text("李單单晓明張阿·・\u200b\u202e\ufe0f Xiaoming'-ûü<0123456789京WJA.年月日Xx+/转OI", max_size=30)
    | st.text("0123456789<ABXPUTO", min_size=13, max_size=46)
)
TO_TEXT: dict[Callable[[str], Any], Callable[[Any], str]] = {
    normalise_date: str,
    normalise_sex: str,
    normalise_document: str,
    normalise_phone: str,
    normalise_text: str,
    normalise_colour: str,
    normalise_plate: lambda plate: plate.text,
    normalise_id_number: lambda number: number.text,
    normalise_vin: lambda vin: vin.text,
    normalise_name: lambda name: name.plain,
}


@given(ANY_TEXT)
@example("0086 0 86 139-0000-1234")
@example("e\u200b\u0301")
@example("單·明")
@example("ﷺ" * 250)
def test_every_normaliser_takes_any_text_and_is_idempotent(raw: str) -> None:
    for normaliser, to_text in TO_TEXT.items():
        once = normaliser(raw)
        assert once is None or normaliser(to_text(once)) == once, normaliser
    is_impossible(raw)
    document_number(raw)
    if name := normalise_name(raw):
        assert all(form == " ".join(sorted(form.split())) for form in (name.romanised, *name.others))
        consonants(name.romanised)


@given(st.dictionaries(st.sampled_from([*NormalRecord.__annotations__, "date_of_birth", "surname"]), ANY_TEXT))
def test_any_record_is_normalised_the_same_way_twice(raw: dict[str, Any]) -> None:
    raw["height_cm"] = len(raw)
    assert normalise(raw) == normalise(dict(raw))


@pytest.mark.parametrize("character", ["a", "1", "明", "\u0301", "\u200b", " ", "<"], ids=lambda one: f"{ord(one):x}")
def test_ten_megabytes_of_anything_hold_nothing_usable(character: str) -> None:
    long = character * 10_000_000
    assert all(normaliser(long) is None for normaliser in TO_TEXT)


def test_what_cannot_be_seen_makes_no_difference() -> None:
    plain = {"name": "Anna Smith", "phone": "13900001234", "plate": "京A12345", "id_number": "11010519491231002X"}
    hidden = {name: "\ufeff" + "\u200b".join(value) + "\u202e\x07" for name, value in plain.items()}
    wide = {name: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text) for name, text in plain.items()}
    assert normalise(hidden) == normalise(plain) == normalise(wide)


def test_birth_date_and_sex_are_read_from_a_valid_number_alone() -> None:
    record = normalise({"name": "某", "document_number": "11010519491231002X"})
    assert (record.birth_date, record.sex) == ("1949-12-31", "F")
    assert record.id_number is not None
    told = normalise({"id_number": "11010519491231002X", "date_of_birth": "1950", "sex": "男"})
    assert (told.birth_date, told.sex) == ("1950", "M")
    wrong = normalise({"id_number": "110105194912310021"})
    assert (wrong.birth_date, wrong.sex) == (None, None)


def test_words_agree_in_case_script_and_punctuation() -> None:
    assert normalise_text(" South-Lake  PARK! ") == "south lake park"
    assert normalise_text("臺灣路（東）") == normalise_text("台湾路 东") == "台湾路 东"
    assert normalise_text("...") is None


@pytest.mark.parametrize("raw", ["000000000000000000", "无", "", None, "111111"])
def test_placeholders_are_nothing(raw: str | None) -> None:
    assert normalise_id_number(raw) is None
    assert normalise_document(raw) is None
