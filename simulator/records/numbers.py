"""Numbers that pass their checks and belong to nobody: residents, passports, phones, vehicles."""

from __future__ import annotations

from datetime import date
from random import Random

from stdnum.cn import ric

# Counties (GB/T 2260) that have had their code ever since 1949, so that it fits every year of birth.
_REGIONS = (
    *("110101", "110102", "110105", "110106", "120101", "120103", "120104", "140121", "150121", "210224", "310101"),
    *("310104", "310105", "330122", "330127", "340121", "340421", "350121", "360121", "430121", "430321", "510121"),
    *("510321", "520203", "530124", "540121", "620121", "620122", "630121", "640121", "650121"),
)
# The sequences 900 to 999 are not given out in practice; in 15 places, the last four said that somebody was a hundred.
_FIRST_SEQUENCE, _END_OF_SEQUENCES = 900, 996
_VIN_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
            strict=True,
        )
    ),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# No region of ISO 3780 begins with 0, so no maker has this prefix.
_NO_MAKER = "00V"


def resident_number(random: Random, born: date, sex: str) -> str:
    """GB 11643-1999; odd sequences are men's."""
    sequence = random.randrange(_FIRST_SEQUENCE, _END_OF_SEQUENCES, 2) + (sex == "M")
    body = f"{random.choice(_REGIONS)}{born:%Y%m%d}{sequence:03}"
    return body + str(ric.calc_check_digit(body + "0"))


def short_resident_number(number: str) -> str:
    """The fifteen places of before 1999; only for births of the twentieth century."""
    return number[:6] + number[8:17]


def passport_number(random: Random) -> str:
    """Two letters that no state puts first, and seven digits."""
    return f"QZ{random.randrange(10**7):07}"


def phone_number(random: Random, *, chinese: bool) -> str:
    """Within a prefix that is not given out: 100 for Chinese mobile numbers, +999 of ITU-T E.164 for others."""
    return f"100{random.randrange(10**8):08}" if chinese else f"+999{random.randrange(10**9):09}"


def vehicle_number(random: Random) -> str:
    """ISO 3779 with the check digit of 49 CFR 565.15 in the ninth place."""
    places = [*_NO_MAKER, *(random.choice(_VIN_ALPHABET) for _ in range(14))]
    places[8] = "0"
    check = sum(_VIN_VALUES[place] * weight for place, weight in zip(places, _VIN_WEIGHTS, strict=True)) % 11
    places[8] = "X" if check == 10 else str(check)
    return "".join(places)
