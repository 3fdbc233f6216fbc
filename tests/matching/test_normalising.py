from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.names import least_rotation, normalise_name
from matching.normalising import (
    normalise,
    normalise_date,
    normalise_document,
    normalise_id_number,
    normalise_phone,
    normalise_sex,
    normalise_text,
    normalise_vin,
)
from matching.plate_numbers import normalise_colour, normalise_plate

ANY_TEXT = st.text(max_size=40) | st.text("李单晓明张 Xiaoming'-·ü0123456789京A.年月日Xx", max_size=24)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("单晓明", "Shan Xiaoming"),
        ("单晓明", "XIAO MING SHAN"),
        ("单晓明", "Xiaoming, SHAN"),
        ("欧阳娜娜", "Nana Ouyang"),
        ("吕布", "LYU BU"),
        ("吕布", "Lü Bu"),
        ("García Márquez, José", "jose garcia marquez"),
        ("O’Brien Mary", "MARY O'BRIEN"),
        ("李 晓 明", "李晓明"),
    ],
)
def test_names_agree_across_script_order_and_spacing(written: str, same: str) -> None:
    left, right = normalise_name(written), normalise_name(same)
    assert left is not None
    assert right is not None
    assert left.ring == right.ring


def test_a_name_is_put_together_from_its_parts() -> None:
    assert normalise_name(None, "单于", "明") == normalise_name("单于明", "单于")
    assert normalise_name("", "Smith", "Anna") == normalise_name("anna smith")
    assert normalise_name(" ", None, "") is None


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1984-03-05", "1984-03-05"),
        ("19840305", "1984-03-05"),
        ("1984/3/5", "1984-03-05"),
        ("1984年3月5日", "1984-03-05"),
        ("１９８４．３．５", "1984-03-05"),
        ("1984", "1984"),
        ("1984年", "1984"),
        ("1984-03", "1984-03"),
        ("1984-02-30", None),
        ("05/03/1984", None),
        ("0000", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(raw: str | None, day: str | None) -> None:
    assert normalise_date(raw) == day


def test_resident_numbers_of_15_places_become_18() -> None:
    old, new = normalise_id_number("110105491231002"), normalise_id_number("11010519491231002x")
    assert old == new
    assert new is not None
    assert new.valid


@pytest.mark.parametrize("raw", ["110105194912310021", "110105194902310021", "999999194912310021"])
def test_a_resident_number_that_fails_its_check_is_kept_as_invalid(raw: str) -> None:
    number = normalise_id_number(raw)
    assert number is not None
    assert not number.valid


@pytest.mark.parametrize("raw", ["000000000000000000", "无", "", None, "111111"])
def test_placeholders_are_nothing(raw: str | None) -> None:
    assert normalise_id_number(raw) is None
    assert normalise_document(raw) is None


def test_birth_date_and_sex_are_read_from_the_resident_number() -> None:
    record = normalise({"name": "某", "document_number": "11010519491231002X"})
    assert (record.birth_date, record.sex) == ("1949-12-31", "F")
    assert record.id_number is not None


@pytest.mark.parametrize(
    ("raw", "text", "series"),
    [
        ("京A·12345", "京A12345", "cn_standard"),
        ("粤B D12345", "粤BD12345", "cn_new_energy"),
        ("京A1234警", "京A1234警", "cn_special"),
        ("粤Z·1234港", "粤Z1234港", "cn_special"),
        ("ab-123-cd", "AB123CD", "other"),
        ("ＡＢ１２３ＣＤ", "AB123CD", "other"),
    ],
)
def test_plates(raw: str, text: str, series: str) -> None:
    plate = normalise_plate(raw)
    assert plate is not None
    assert (plate.text, plate.series) == (text, series)


@pytest.mark.parametrize("raw", ["", "---", "京A", "无", "AAAAAA", "12345678901", None])
def test_no_plates(raw: str | None) -> None:
    assert normalise_plate(raw) is None


def test_colours_sexes_phones_and_vins() -> None:
    assert [normalise_colour(raw) for raw in ("蓝色", "Blue", "渐变绿", "黄绿双拼", "pink")] == [
        *("blue", "blue", "green", "green"),
        None,
    ]
    assert [normalise_sex(raw) for raw in ("男", "female", "M", "2", "x")] == ["M", "F", "M", "F", None]
    assert normalise_phone("+86 139-0000-1234") == normalise_phone("13900001234") == "13900001234"
    assert normalise_phone("010-6655 4433") == "1066554433"
    assert normalise_phone("000000") is None
    good, bad = normalise_vin("1M8GDM9AXKP042788"), normalise_vin("1M8GDM9AXKP042789")
    assert good is not None
    assert bad is not None
    assert (good.valid, bad.valid) == (True, False)


@given(ANY_TEXT)
def test_normalising_is_idempotent(raw: str) -> None:
    for normaliser in (normalise_date, normalise_sex, normalise_document, normalise_phone, normalise_text):
        once = normaliser(raw)
        assert once is None or normaliser(once) == once
    assert (plate := normalise_plate(raw)) is None or normalise_plate(plate.text) == plate
    assert (number := normalise_id_number(raw)) is None or normalise_id_number(number.text) == number
    assert (vin := normalise_vin(raw)) is None or normalise_vin(vin.text) == vin
    assert (name := normalise_name(raw)) is None or normalise_name(name.plain) == name
    assert (colour := normalise_colour(raw)) is None or normalise_colour(colour) == colour


@given(st.text("abc", max_size=8), st.integers(0, 8))
def test_least_rotation_is_the_same_for_every_rotation(text: str, at: int) -> None:
    assert least_rotation(text[at:] + text[:at]) == least_rotation(text)
