"""The catalogue of the 6 x 4 comparisons: lists with their grounds, databases, and 24 cells.

The grounds are closed here, in code. A file may rename, translate, map columns, shorten a validity and set thresholds;
it cannot add a ground, lengthen a validity, or lower the number of verifiers.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from foundation.errors import ConfigError, FileMissing
from matching.keys import KeyName

ListName = Literal["wanted", "absconded", "missing", "endangered", "protection_order", "judicial"]
DatabaseName = Literal["wanted_persons", "missing_unidentified", "stolen_vehicles", "lost_documents"]
LISTS: tuple[ListName, ...] = get_args(ListName)
DATABASES: tuple[DatabaseName, ...] = get_args(DatabaseName)

# Longest validity in days. Years follow the review periods of the Schengen Information System (Regulation (EU)
# 2018/1862, Art. 53): five for arrest and missing persons, three for the others; a protection order lasts one.
GROUNDS: Mapping[ListName, Mapping[str, int]] = {
    "wanted": {"arrest_warrant": 1827},
    "absconded": {"escaped_custody": 1827, "breached_bail": 1096, "breached_supervision": 1096},
    "missing": {"missing_person_report": 1827},
    "endangered": {"missing_child": 1827, "adult_at_risk": 1827},
    "protection_order": {"court_order": 366},
    "judicial": {"summons": 1096, "witness": 1096},
}
# Lists that may lead to arrest need two people who verify a hit (DESIGN, invariant 6).
LEAST_VERIFIERS: Mapping[ListName, int] = {
    "wanted": 2,
    "absconded": 2,
    "missing": 1,
    "endangered": 1,
    "protection_order": 1,
    "judicial": 1,
}
_OF_PERSONS: frozenset[KeyName] = frozenset(
    {"id_number", "document_number", "name_birth_date", "pinyin_birth_date", "name_birth_year_sex", "close_name"}
)
KEYS_OF: Mapping[DatabaseName, frozenset[KeyName]] = {
    "wanted_persons": _OF_PERSONS | {"phone"},
    "missing_unidentified": _OF_PERSONS | {"phone", "sex_height_place"},
    "stolen_vehicles": frozenset({"plate", "vin"}),
    "lost_documents": _OF_PERSONS,
}
Probability = Annotated[float, Field(gt=0, lt=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Table):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Ground(_Table):
    title: Text
    longest_days: int = Field(ge=1)


class KeyPersonList(_Table):
    title: Text
    verifiers: int = Field(ge=1, le=9)
    grounds: dict[str, Ground]
    columns: dict[str, str] = Field(default_factory=dict)


class ReferenceDatabase(_Table):
    title: Text
    columns: dict[str, str] = Field(default_factory=dict)


class Cell(_Table):
    purpose: Text
    keys: tuple[KeyName, ...] = Field(min_length=1)
    meaning: Text
    action: Text
    prior: Probability
    threshold: Probability

    @property
    def threshold_mbits(self) -> int:
        return to_mbits(self.threshold)


class Chance(_Table):
    """How likely a random pair is a match, and the probability from which a pair is a hit."""

    prior: Probability
    threshold: Probability


class Catalogue(_Table):
    version: str = Field(min_length=1, max_length=64)
    utc_offset_minutes: int = Field(ge=-720, le=840)
    lists: dict[ListName, KeyPersonList]
    databases: dict[DatabaseName, ReferenceDatabase]
    cells: dict[ListName, dict[DatabaseName, Cell]]
    online: Chance
    look_up: Chance

    def cell(self, list_name: ListName, database: DatabaseName) -> Cell:
        return self.cells[list_name][database]

    def each_cell(self) -> Iterator[tuple[ListName, DatabaseName, Cell]]:
        for list_name in LISTS:
            for database in DATABASES:
                yield list_name, database, self.cells[list_name][database]

    def verifiers(self, list_name: str | None) -> int:
        """People who must verify a hit before anything is dispatched on it."""
        return next((entry.verifiers for name, entry in self.lists.items() if name == list_name), 1)


def to_mbits(probability: float) -> int:
    """Log odds to base two, in thousandths of a bit."""
    return round(1000 * math.log2(probability / (1 - probability)))


def load_catalogue(file: Path | None = None) -> Catalogue:
    """The built-in catalogue, with the agency's file laid over it; `ConfigError` names file, key and mend."""
    content = _read_toml(resources.files("matching").joinpath("catalogue.toml").read_bytes(), "the built-in catalogue")
    if file is None:
        return parse_catalogue(content, "the built-in catalogue")
    try:
        overlay = _read_toml(file.read_bytes(), str(file))
    except FileNotFoundError as error:
        raise FileMissing("no such catalogue.", where=str(file), mend="Mend matching.catalogue.") from error
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}.", where=str(file), mend="Check its permissions."
        ) from error
    return parse_catalogue(_laid_over(content, overlay), str(file))


def parse_catalogue(content: Mapping[str, Any], where: str) -> Catalogue:
    try:
        catalogue = Catalogue.model_validate(content)
    except ValidationError as error:
        raise _config_error(error, where) from error
    _check_complete(catalogue, where)
    for list_name, entry in catalogue.lists.items():
        _check_list(list_name, entry, where)
    for list_name, database, cell in catalogue.each_cell():
        strange = [key for key in cell.keys if key not in KEYS_OF[database]]
        if strange:
            raise ConfigError(
                f"cells.{list_name}.{database}.keys: {strange[0]} is no key of {database}.",
                where=where,
                mend=f"Its keys are {', '.join(sorted(KEYS_OF[database]))}.",
            )
    return catalogue


def _check_complete(catalogue: Catalogue, where: str) -> None:
    places: list[tuple[str, bool]] = [(f"lists.{name}", name in catalogue.lists) for name in LISTS]
    places += [(f"databases.{name}", name in catalogue.databases) for name in DATABASES]
    places += [
        (f"cells.{name}.{database}", database in catalogue.cells.get(name, {}))
        for name in LISTS
        for database in DATABASES
    ]
    for key, present in places:
        if not present:
            raise ConfigError(
                f"{key} is missing.", where=where, mend="All 6 lists, 4 databases and 24 cells must stand."
            )


def _check_list(list_name: ListName, entry: KeyPersonList, where: str) -> None:
    allowed = GROUNDS[list_name]
    for ground, settings in entry.grounds.items():
        key = f"lists.{list_name}.grounds.{ground}"
        if ground not in allowed:
            raise ConfigError(
                f"{key}: {ground} is no ground of this list.",
                where=where,
                mend=f"The grounds are a closed set: {', '.join(allowed)}.",
            )
        if settings.longest_days > allowed[ground]:
            raise ConfigError(
                f"{key}.longest_days: {settings.longest_days} is above the longest validity, {allowed[ground]}.",
                where=where,
                mend="A file may shorten a validity, not lengthen it.",
            )
    missing = [ground for ground in allowed if ground not in entry.grounds]
    if missing:
        raise ConfigError(f"lists.{list_name}.grounds.{missing[0]} is missing.", where=where, mend="Restore it.")
    least = LEAST_VERIFIERS[list_name]
    if entry.verifiers < least:
        raise ConfigError(
            f"lists.{list_name}.verifiers: {entry.verifiers} is below {least}.",
            where=where,
            mend=f"Set {least} or more.",
        )


def _read_toml(content: bytes, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not valid TOML: {error}.", where=where, mend="Mend the line named.") from error


def _laid_over(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = _laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _config_error(error: ValidationError, where: str) -> ConfigError:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]") or "catalogue"
    return ConfigError(
        f"{key}: {first['msg'][:1].lower()}{first['msg'][1:]}.",
        where=where,
        mend="Compare the key with the built-in catalogue: `vedette lists ls` names lists and grounds.",
    )
