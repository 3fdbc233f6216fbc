from __future__ import annotations

import pytest

from matching.doubts import doubts
from matching.models import RECORD_FIELDS

ZONE = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"id_number": "11010519491231002X", "date_of_birth": "1949-12", "sex": "女"}, {}),
        ({"id_number": "11010519491231002X", "date_of_birth": "1949-12-30"}, {"date_of_birth": "says 1949-12-31"}),
        ({"id_number": "11010519491231002X", "sex": "M"}, {"sex": "is not the one"}),
        ({"id_number": "110105194912310021", "sex": "M"}, {"id_number": "GB 11643"}),
        ({"id_number": "110105194902310021"}, {"id_number": "does not exist"}),
        ({"id_number": "100105194912310021"}, {"id_number": "GB/T 2260"}),
        ({"id_number": "E12345678"}, {"id_number": "form"}),
        ({"document_number": "E12345678"}, {}),
        ({"document_number": ZONE}, {}),
        ({"document_number": ZONE.replace("L8", "L9")}, {"document_number": "ICAO 9303"}),
        ({"vin": "1M8GDM9AXKP042789"}, {"vin": "check digit"}),
        ({"vin": "1M8GDM9AXKP04278"}, {"vin": "16 places"}),
        ({"vin": "WVWZZZ1JZ3W386752"}, {}),
        ({"plate": "粤BD12345", "plate_colour": "blue"}, {"plate_colour": "are green"}),
        ({"plate": "京A12345", "plate_colour": "yellow"}, {}),
        ({"plate": "京AO1234"}, {"plate": "GA 36"}),
        ({"plate": "AB123CD", "plate_colour": "yellow"}, {}),
    ],
)
def test_what_cannot_be_right_is_told(columns: dict[str, str], told: dict[str, str]) -> None:
    found = {doubt.column: doubt.reason for doubt in doubts(7, dict.fromkeys(RECORD_FIELDS) | columns)}
    assert found.keys() == told.keys()
    assert all(told[column] in reason for column, reason in found.items())
