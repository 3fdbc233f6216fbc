from __future__ import annotations

import pytest

from matching.normalising.plates import normalise_colour, normalise_plate


@pytest.mark.parametrize(
    ("raw", "text", "series", "ground"),
    [
        ("京A·12345", "京A12345", "cn_standard", None),
        ("苏A·1P234", "苏A1P234", "cn_standard", None),
        ("京Ａ·OI345", "京AOI345", "other", None),
        ("粤B D12345", "粤BD12345", "cn_new_energy_small", "green"),
        ("粤B·F10345", "粤BF10345", "cn_new_energy_small", "green"),
        ("京A·12345D", "京A12345D", "cn_new_energy_large", "green"),
        ("京A·12345F", "京A12345F", "cn_new_energy_large", "green"),
        ("京A123456", "京A123456", "other", None),
        ("京A1234警", "京A1234警", "cn_police", "white"),
        ("沪B5678学", "沪B5678学", "cn_learner", "yellow"),
        ("鲁B1234挂", "鲁B1234挂", "cn_trailer", "yellow"),
        ("粤Z·1234港", "粤Z1234港", "cn_hong_kong_macau", "black"),
        ("粤Z·A123澳", "粤ZA123澳", "cn_hong_kong_macau", "black"),
        ("粵Z·1234港", "粤Z1234港", "cn_hong_kong_macau", "black"),
        ("品川A1234学", "品川A1234学", "other", None),
        ("沪A1234领", "沪A1234领", "cn_consulate", "black"),
        ("使014·578", "使014578", "cn_embassy", "black"),
        ("京X·1234应急", "京X1234应急", "cn_emergency", "white"),
        ("民A12345", "民A12345", "cn_civil_aviation", None),
        ("WJ京·1234X", "WJ京1234X", "cn_armed_police", "white"),
        ("WJ01-12345", "WJ0112345", "cn_armed_police", "white"),
        ("军A·12345", "军A12345", "cn_military", "white"),
        ("VA12345", "VA12345", "other", None),
        ("ab-123-cd", "AB123CD", "other", None),
        ("ＡＢ１２３ＣＤ", "AB123CD", "other", None),
        ("А 123 ВС", "А123ВС", "other", None),
        ("OI 123", "OI123", "other", None),
    ],
)
def test_plates(raw: str, text: str, series: str, ground: str | None) -> None:
    plate = normalise_plate(raw)
    assert plate is not None
    assert (plate.text, plate.series, plate.ground) == (text, series, ground)


@pytest.mark.parametrize("raw", ["", "---", "京A", "无", "AAAAAA", "12345678901", None])
def test_no_plates(raw: str | None) -> None:
    assert normalise_plate(raw) is None


def test_colours() -> None:
    told = [normalise_colour(raw) for raw in ("蓝色", "Blue", "渐变绿", "黄绿双拼", "綠", "pink")]
    assert told == ["blue", "blue", "green", "green", "green", None]
