from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from foundation.errors import ConfigError, FileMissing
from matching.catalogue import DATABASES, GROUNDS, LISTS, load_catalogue, parse_catalogue


def content() -> dict[str, Any]:
    return tomllib.loads(resources.files("matching").joinpath("catalogue.toml").read_text(encoding="utf-8"))


def test_the_built_in_catalogue_has_24_cells_and_the_closed_set_of_grounds() -> None:
    catalogue = load_catalogue()
    cells = list(catalogue.each_cell())
    assert [(name, database) for name, database, _ in cells] == [(a, b) for a in LISTS for b in DATABASES]
    assert all(cell.keys and cell.purpose.zh and cell.action.en for *_, cell in cells)
    assert {name: set(entry.grounds) for name, entry in catalogue.lists.items()} == {
        name: set(grounds) for name, grounds in GROUNDS.items()
    }
    assert (catalogue.verifiers("wanted"), catalogue.verifiers("absconded")) == (2, 2)
    assert (catalogue.verifiers("missing"), catalogue.verifiers(None)) == (1, 1)


def test_an_agency_renames_maps_columns_and_sets_thresholds(tmp_path: Path) -> None:
    file = tmp_path / "agency.toml"
    file.write_text(
        'lists.wanted.title.en = "Fugitives"\n'
        'lists.wanted.columns.name = "XM"\n'
        "lists.wanted.grounds.arrest_warrant.longest_days = 365\n"
        "cells.wanted.wanted_persons.threshold = 0.99\n"
    )
    catalogue = load_catalogue(file)
    assert catalogue.lists["wanted"].title.en == "Fugitives"
    assert catalogue.lists["wanted"].title.zh == load_catalogue().lists["wanted"].title.zh
    assert catalogue.lists["wanted"].columns == {"name": "XM"}
    assert catalogue.cell("wanted", "wanted_persons").threshold == 0.99


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'lists.wanted.grounds.petitioning = {title = {zh = "x", en = "x"}, longest_days = 1}',
            "lists.wanted.grounds.petitioning: petitioning is no ground",
        ),
        ("lists.wanted.grounds.arrest_warrant.longest_days = 4000", "longest_days: 4000 is above"),
        ("lists.wanted.verifiers = 1", "lists.wanted.verifiers: 1 is below 2"),
        ("cells.wanted.wanted_persons.threshold = 1.5", "cells.wanted.wanted_persons.threshold"),
        ('cells.wanted.wanted_persons.keys = ["face"]', "cells.wanted.wanted_persons.keys"),
        ('cells.wanted.stolen_vehicles.keys = ["phone"]', "phone is no key of stolen_vehicles"),
        ('lists.petitioners.title = {zh = "x", en = "x"}', "lists.petitioners"),
        ("colour = 1", "colour"),
        ("= 1", "not valid TOML"),
    ],
)
def test_what_a_file_may_not_do_is_refused_with_file_and_key(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "agency.toml"
    file.write_text(line)
    with pytest.raises(ConfigError) as refused:
        load_catalogue(file)
    assert said in str(refused.value)
    assert refused.value.where == str(file)
    assert refused.value.mend


@pytest.mark.parametrize("place", ["cells.judicial.lost_documents", "lists.missing", "databases.stolen_vehicles"])
def test_a_missing_cell_list_or_database_is_refused(place: str) -> None:
    table = content()
    *parents, last = place.split(".")
    below = table
    for name in parents:
        below = below[name]
    del below[last]
    with pytest.raises(ConfigError, match=f"{place}.* is missing"):
        parse_catalogue(table, "a test")


def test_a_removed_ground_is_refused() -> None:
    table = content()
    del table["lists"]["absconded"]["grounds"]["breached_bail"]
    with pytest.raises(ConfigError, match="breached_bail is missing"):
        parse_catalogue(table, "a test")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileMissing):
        load_catalogue(Path("no-such-catalogue.toml"))
