"""How a record differs from its reference: what clerks, forms and time do to names, dates and numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from benchmarks._linkage_names import Bearing, sound_alikes
from simulator.records import numbers
from simulator.records.names import GIVEN

Raw = dict[str, str]
Slip = Callable[[Random, Bearing, Raw], bool]  # False where the record lacks what it takes


def in_letters(random: Random, name: Bearing) -> str:
    """Pinyin as papers and bookings have it: either order, syllables joined or apart, capitals or not."""
    surname, given = name.in_letters
    if name.pinyin and random.random() < 0.2:
        given = " ".join(name.pinyin[1])
    text = f"{surname} {given}" if random.random() < 0.6 else f"{given} {surname}"
    return text.upper() if random.random() < 0.3 else text


def _letter(random: Random, _: Bearing, raw: Raw) -> bool:
    """One letter left out, put in, taken for another, or exchanged with the next."""
    text = raw["name"]
    places = [at for at, letter in enumerate(text) if letter.isascii() and letter.isalpha()]
    if not places:
        return False
    at = random.choice(places)
    other = random.choice("aeionrstlm")
    raw["name"] = random.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + other + text[at:],
            text[:at] + other + text[at + 1 :],
            text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :],
        )
    )
    return raw["name"] != text


def _homophone(random: Random, name: Bearing, raw: Raw) -> bool:
    """Another character that sounds alike, in the given name; anywhere in a transliterated one."""
    text = raw["name"]
    first = 1 if name.pinyin else 0
    places = [at for at in range(first, len(text)) if sound_alikes(text[at])]
    if not places:
        return False
    at = random.choice(places)
    raw["name"] = text[:at] + random.choice(sound_alikes(text[at])) + text[at + 1 :]
    return True


def _other_character(random: Random, name: Bearing, raw: Raw) -> bool:
    text = raw["name"]
    if text.isascii() or len(text) < 3:
        return False
    at = random.choice([at for at in range(1, len(text)) if text[at] != "·"])
    raw["name"] = text[:at] + random.choice(GIVEN)[0] + text[at + 1 :]
    return raw["name"] != text


def _dots(random: Random, _: Bearing, raw: Raw) -> bool:
    if "·" not in raw["name"]:
        return False
    raw["name"] = raw["name"].replace("·", random.choice(("", "•", " ", ".")))
    return True


def _order(random: Random, name: Bearing, raw: Raw) -> bool:
    """The surname first, as forms ask for it, of names in Latin letters and of transliterated ones."""
    dot = "·" if "·" in raw["name"] else " "
    parts = raw["name"].split(dot)
    if len(parts) < 2:
        return False
    raw["name"] = dot.join((parts[-1], *parts[:-1]))
    return True


def _one_given_name(random: Random, name: Bearing, raw: Raw) -> bool:
    """The second given name is left out."""
    dot = "·" if "·" in raw["name"] else " "
    parts = raw["name"].split(dot)
    if name.pinyin or len(parts) < 3:
        return False
    raw["name"] = dot.join((parts[0], *parts[2:]))
    return True


def _original(random: Random, name: Bearing, raw: Raw) -> bool:
    """A transliterated name as the passport has it, in Latin letters."""
    if name.script != "transliterated":
        return False
    raw["name"] = " ".join((*name.given, name.surname))
    return True


def _traditional(random: Random, _: Bearing, raw: Raw) -> bool:
    other = _to_traditional(raw["name"])
    changed = other != raw["name"]
    raw["name"] = other
    return changed


def _day_and_month(random: Random, _: Bearing, raw: Raw) -> bool:
    parts = raw.get("date_of_birth", "").split("-")
    if len(parts) != 3 or int(parts[2]) > 12 or parts[1] == parts[2]:
        return False
    raw["date_of_birth"] = f"{parts[0]}-{parts[2]}-{parts[1]}"
    return True


def _digit_of_date(random: Random, _: Bearing, raw: Raw) -> bool:
    """A day, a month or a year that is one digit off."""
    parts = raw.get("date_of_birth", "").split("-")
    if len(parts) != 3:
        return False
    year, month, day = (int(part) for part in parts)
    how = random.randrange(3)
    if how == 0:
        day = day % 10 + random.choice([tens for tens in (0, 10, 20) if tens != day // 10 * 10])
    elif how == 1:
        month = random.choice([it for it in range(1, 10) if it != month]) if month < 10 else 22 - month
    else:
        year += random.choice((-10, -1, 1, 10))
    raw["date_of_birth"] = f"{year}-{max(1, min(month, 12)):02}-{max(1, min(day, 28)):02}"
    return raw["date_of_birth"] != "-".join(parts)


def _year_alone(random: Random, _: Bearing, raw: Raw) -> bool:
    date_of_birth = raw.get("date_of_birth", "")
    if len(date_of_birth) < 10:
        return False
    raw["date_of_birth"] = date_of_birth[: random.choice((4, 7))]
    return True


def _digit_of(field: str) -> Slip:
    def slip(random: Random, _: Bearing, raw: Raw) -> bool:
        text = raw.get(field, "")
        if not text:
            return False
        at = random.randrange(2, len(text) - 1)
        if random.random() < 0.3 and text[at] != text[at + 1]:
            raw[field] = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            raw[field] = text[:at] + random.choice([it for it in "0123456789" if it != text[at]]) + text[at + 1 :]
        return True

    return slip


def _left_out(*fields: str) -> Slip:
    def slip(random: Random, _: Bearing, raw: Raw) -> bool:
        left = [raw.pop(field, "") for field in fields]
        return any(left)

    return slip


def _short_number(random: Random, _: Bearing, raw: Raw) -> bool:
    number = raw.get("id_number", "")
    if not number or number[0] == "9" or number[6:8] != "19":
        return False
    raw["id_number"] = numbers.short_resident_number(number)
    return True


def _other_phone(random: Random, _: Bearing, raw: Raw) -> bool:
    return bool(raw.get("phone")) and bool(raw.update(phone=numbers.phone_number(random, chinese=True)) or True)


def _phone_with_country(random: Random, _: Bearing, raw: Raw) -> bool:
    phone = raw.get("phone", "")
    return bool(phone) and bool(raw.update(phone=f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}") or True)


def _renewed(random: Random, _: Bearing, raw: Raw) -> bool:
    number = raw.get("document_number", "")
    return bool(number) and bool(raw.update(document_number=f"QW{random.randrange(10**7):07}") or True)


def _moved(random: Random, _: Bearing, raw: Raw) -> bool:
    if not raw.get("address"):
        return False
    raw["street_number"], raw["address"] = str(random.randint(1, 400)), "迁址路"
    return True


def _to_traditional(text: str) -> str:
    return str(_converter().convert(text))


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


def alter(random: Random, name: Bearing, raw: Raw) -> list[str]:
    """Alters a record in none, one or two ways, and says in which."""
    count = random.choices((0, 1, 2), (35, 40, 25))[0]
    order = sorted(_SLIPS, key=lambda it: random.random() ** (1 / _SELDOM.get(it, 1.0)), reverse=True)
    altered: list[str] = []
    for slip in order:
        if len(altered) < count and _SLIPS[slip](random, name, raw):
            altered.append(slip)
    return altered


# Against the others, which are as frequent as each other where a record has what they take.
_SELDOM = {"year or month alone": 0.3, "another character": 0.3, "in the original": 0.5, "no sex": 0.3}
_SLIPS: dict[str, Slip] = {
    "a letter": _letter,
    "a homophone": _homophone,
    "another character": _other_character,
    "other dots": _dots,
    "surname first": _order,
    "a given name left out": _one_given_name,
    "in the original": _original,
    "traditional characters": _traditional,
    "day and month exchanged": _day_and_month,
    "a digit of the date": _digit_of_date,
    "year or month alone": _year_alone,
    "a digit of the identity number": _digit_of("id_number"),
    "no identity number": _left_out("id_number"),
    "fifteen places": _short_number,
    "another telephone": _other_phone,
    "a digit of the telephone": _digit_of("phone"),
    "country code": _phone_with_country,
    "another document": _renewed,
    "moved house": _moved,
    "no sex": _left_out("sex"),
}
