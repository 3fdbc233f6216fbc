from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.normalising.names import Name, normalise_name
from matching.normalising.rings import least_rotation
from matching.normalising.traditional import simplified


def named(raw: str, surname: str | None = None) -> Name:
    name = normalise_name(raw, surname)
    assert name is not None
    return name


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("单晓明", "Shan Xiaoming"),
        ("单晓明", "XIAO MING SHAN"),
        ("单晓明", "Xiaoming, SHAN"),
        ("單曉明", "单晓明"),
        ("欧阳娜娜", "Nana Ouyang"),
        ("歐陽娜娜", "Nana Ouyang"),
        ("吕布", "LYU BU"),
        ("吕布", "Lü Bu"),
        ("吕布", "Lǚ Bù"),
        ("朝阳", "Chaoyang"),
        ("García Márquez, José", "jose garcia marquez"),
        ("Łukasz Nørgård", "NORGARD LUKASZ"),
        ("O’Brien Mary", "MARY O'BRIEN"),
        ("李 晓 明", "李晓明"),
    ],
)
def test_names_agree_across_script_order_and_spacing(written: str, same: str) -> None:
    assert named(written).ring == named(same).ring


@pytest.mark.parametrize(
    ("written", "possible"),
    [
        ("单晓明", "DAN XIAOMING"),
        ("曾乐", "ZENG YUE"),
        ("曾乐", "ZENG LE"),
        ("长孙晟", "CHENG CHANGSUN"),
        ("吕布", "LU BU"),
        ("吕布", "LV BU"),
        ("Jürgen Müller", "MUELLER JUERGEN"),
        ("Søren Kierkegård", "KIERKEGAARD SOEREN"),
    ],
)
def test_a_name_has_a_few_possible_readings(written: str, possible: str) -> None:
    name = named(written)
    assert named(possible).ring in name.rings
    assert len(name.rings) <= 2 * 8
    assert len(set(name.rings)) == len(name.rings)
    assert name.romanised not in name.others


def test_the_reading_of_a_surname_is_not_that_of_the_character_elsewhere() -> None:
    assert named("单明").romanised == "ming shan"
    assert named("明单").romanised == "dan ming"
    assert named("单于明", "单于").romanised == "danyu ming"


@pytest.mark.parametrize("dot", "·•‧・･．∙⋅●。\u0387\u119e\ua78f\u1427-", ids=lambda dot: f"{ord(dot):x}")
def test_the_dot_between_names_may_be_any_that_looks_like_it_or_none(dot: str) -> None:
    assert named(f"迪丽热巴{dot}迪力木拉提") == named("迪丽热巴迪力木拉提") == named(f"迪丽热巴 {dot} 迪力木拉提")


def test_a_name_is_put_together_from_its_parts() -> None:
    assert normalise_name(None, "单于", "明") == normalise_name("单于明", "单于")
    assert normalise_name(None, "單于", "明") == normalise_name("单于明", "单于")
    assert normalise_name("", "Smith", "Anna") == normalise_name("anna smith")
    assert normalise_name(" ", None, "") is None


def test_the_table_of_traditional_characters_leads_to_simplified_ones() -> None:
    # Of GB/T 12345, the traditional counterpart of GB 2312.
    assert simplified("張偉劉鄧蘇蕭閻龍鳳馬鄭趙陳黃楊吳孫謝羅許韓馮鄒賀賴龔葉鍾譚陸嚴") == (
        "张伟刘邓苏萧阎龙凤马郑赵陈黄杨吴孙谢罗许韩冯邹贺赖龚叶钟谭陆严"
    )
    every = "".join(map(chr, range(0x4E00, 0xA000)))
    assert simplified(simplified(every)) == simplified(every)
    assert simplified("昇龢邨乾") == "昇龢邨乾"


@given(st.text("abc", max_size=8), st.integers(0, 8))
def test_least_rotation_is_the_same_for_every_rotation(text: str, at: int) -> None:
    assert least_rotation(text[at:] + text[:at]) == least_rotation(text)
