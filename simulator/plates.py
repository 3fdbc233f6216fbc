"""The vocabulary of number plates: series, colours, alphabets (GA 36), and random plates of a series."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from foundation.errors import InvalidInput
from foundation.plates import DIGITS, LETTERS, PROVINCES, PlateColour

PlateSeries = Literal[
    "cn_standard",
    "cn_new_energy",
    "cn_large",
    "cn_police",
    "cn_learner",
    "cn_hong_kong_macau",
    "eu_latin",
    "latin_america",
]

SERIES: tuple[PlateSeries, ...] = get_args(PlateSeries)
COLOUR_OF: dict[PlateSeries, PlateColour] = {
    "cn_standard": "blue",
    "cn_new_energy": "green",
    "cn_large": "yellow",
    "cn_police": "white",
    "cn_learner": "yellow",
    "cn_hong_kong_macau": "black",
    "eu_latin": "white",
    "latin_america": "white",
}
_ANY_LETTER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class PlateSpec:
    text: str  # without dots, blanks or hyphens: 京A12345
    colour: PlateColour
    series: PlateSeries

    @property
    def is_chinese(self) -> bool:
        return self.series.startswith("cn_")


def random_plate(random: Random, series: PlateSeries) -> PlateSpec:
    return PlateSpec(_random_text(random, series), COLOUR_OF[series], series)


def random_plates(random: Random, series: tuple[PlateSeries, ...], count: int) -> list[PlateSpec]:
    """Distinct plates that go through the series in turn."""
    plates: dict[str, PlateSpec] = {}
    while len(plates) < count:
        plate = random_plate(random, series[len(plates) % len(series)])
        plates.setdefault(plate.text, plate)
    return list(plates.values())


def plate_of(text: str, series: PlateSeries | None = None) -> PlateSpec:
    """The plate of a text as a person types it; the series is guessed from its form when not given."""
    plain = "".join(character for character in text.upper() if character.isalnum())
    if not 4 <= len(plain) <= 10:
        raise InvalidInput("a plate has 4 to 10 letters and digits.", where=f"plate {text!r}")
    chosen = series or _guess_series(plain)
    return PlateSpec(plain, COLOUR_OF[chosen], chosen)


def _guess_series(text: str) -> PlateSeries:
    if text[0] not in PROVINCES:
        return "eu_latin"
    endings: dict[str, PlateSeries] = {
        "警": "cn_police",
        "学": "cn_learner",
        "港": "cn_hong_kong_macau",
        "澳": "cn_hong_kong_macau",
    }
    return endings.get(text[-1]) or ("cn_new_energy" if len(text) == 8 else "cn_standard")


def _random_text(random: Random, series: PlateSeries) -> str:
    prefix = random.choice(PROVINCES) + random.choice(LETTERS)
    match series:
        case "cn_standard" | "cn_large":
            return prefix + _serial(random, 5)
        case "cn_new_energy":
            # D: electric only, F: other new energy; small cars carry it first.
            return prefix + random.choice("DF") + _serial(random, 5, letters=0)
        case "cn_police":
            return prefix + _serial(random, 4) + "警"
        case "cn_learner":
            return prefix + _serial(random, 4, letters=0) + "学"
        case "cn_hong_kong_macau":
            return "粤Z" + _serial(random, 4, letters=1) + random.choice("港澳")
        case "eu_latin":
            return _pick(random, LETTERS, 2) + _pick(random, DIGITS, 3) + _pick(random, LETTERS, 2)
        case "latin_america":
            return _pick(random, _ANY_LETTER, 3) + _pick(random, DIGITS, 4)


def _serial(random: Random, length: int, letters: int = 2) -> str:
    """Digits with at most so many letters among them (GA 36-2018, 5.8)."""
    characters = [random.choice(DIGITS) for _ in range(length)]
    for place in random.sample(range(length), random.randint(0, letters)):
        characters[place] = random.choice(LETTERS)
    return "".join(characters)


def _pick(random: Random, alphabet: str, count: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(count))
