"""Identity numbers that China issues, by their form.

Residents: GB 11643-1999, and the 15 digits of GB 11643-1989. Residents of Hong Kong, Macao and Taiwan: the same form
under 810000, 820000 and 830000 (State Council, 2018). Foreigners with permanent residence: 9, province, nationality
(ISO 3166-1 numeric), then as residents (National Immigration Administration, 2023); before that, nationality in three
letters and twelve digits of which the last checks the rest as ICAO 9303 does.
"""

from __future__ import annotations

import re
from typing import Literal

from stdnum.cn import ric

from matching.normalising.dates import normalise_date
from matching.normalising.identifiers import Identifier, Kind
from matching.normalising.mrz import check_digit
from matching.normalising.text import compact

Fault = Literal["form", "region", "birth_date", "check_digit"]
# GB/T 2260: the first two digits, with Taiwan's; Hong Kong, Macao and Taiwan have whole codes of their own in permits.
_PROVINCE_DIGITS = "1112131415212223313233343536374142434445465051525354616263646571"
_PROVINCES = frozenset(_PROVINCE_DIGITS[at : at + 2] for at in range(0, len(_PROVINCE_DIGITS), 2))
_PERMIT_REGIONS = frozenset({"810000", "820000", "830000"})
_18_PLACES = re.compile("[0-9]{17}[0-9X]")
_15_DIGITS = re.compile("[0-9]{15}")
_OLD_CARD = re.compile("[A-Z]{3}[0-9]{12}")
# Sequence numbers of the hundred-year-old (GB 11643-1989), none of whom was born before 1880.
_BEFORE_1900 = frozenset({"996", "997", "998", "999"})
_LONGEST = 64


def normalise_id_number(raw: str | None) -> Identifier | None:
    """15 digits become 18 where that gives a valid number. What fails its check is kept, as not valid."""
    text = compact(raw)
    if not text.isascii() or not 6 <= len(text) <= _LONGEST or len(set(text)) < 4:
        return None  # a placeholder: 000000, 111111, 无
    if _15_DIGITS.fullmatch(text) and fault_of(text) is None:
        text = _lengthened(text)
    return Identifier(text, fault_of(text) is None, _kind(text))


def fault_of(text: str) -> Fault | None:
    """What of the number is wrong. The county is not looked up: numbers keep codes that were since abolished."""
    if _OLD_CARD.fullmatch(text):
        return _fault_of_old_card(text)
    if _15_DIGITS.fullmatch(text):
        text = _lengthened(text)
    if not _18_PLACES.fullmatch(text):
        return "form"
    if not _is_region(text):
        return "region"
    if text[6:10] < "1800" or normalise_date(text[6:14]) is None:
        return "birth_date"
    return None if text[17] == ric.calc_check_digit(text) else "check_digit"


def birth_date_of(number: Identifier) -> str | None:
    """The old card of foreigners has no century, and so no date."""
    text = number.text
    return f"{text[6:10]}-{text[10:12]}-{text[12:14]}" if number.valid and len(text) == 18 else None


def sex_of(number: Identifier) -> str | None:
    if not number.valid or len(number.text) != 18:
        return None
    return "M" if int(number.text[16]) % 2 else "F"


def _kind(text: str) -> Kind | None:
    if _OLD_CARD.fullmatch(text):
        return "permanent_residence"
    if not _18_PLACES.fullmatch(text):
        return None
    if text[0] == "9":
        return "permanent_residence"
    return "residence_permit" if text[:2] in ("81", "82", "83") else "resident"


def _is_region(text: str) -> bool:
    if text[0] == "9":
        return text[1:3] in _PROVINCES and text[3:6] != "000"
    return text[:2] in _PROVINCES or text[:6] in _PERMIT_REGIONS


def _lengthened(text: str) -> str:
    century = "18" if text[12:] in _BEFORE_1900 and text[6:8] >= "80" else "19"
    body = text[:6] + century + text[6:]
    return body + ric.calc_check_digit(body + "0")


def _fault_of_old_card(text: str) -> Fault | None:
    if text[3:5] not in _PROVINCES:
        return "region"
    if normalise_date(f"19{text[7:13]}") is None and normalise_date(f"20{text[7:13]}") is None:
        return "birth_date"
    return None if text[14] == check_digit(text[:14]) else "check_digit"
