"""Splink 5 on DuckDB, by the interpreter of `.venv/peers`: trains, links two files or dedupes one, finds one record.

    python benchmarks/_splink_peer.py train REFERENCES RECORDS --model MODEL.json
    python benchmarks/_splink_peer.py link REFERENCES RECORDS --model MODEL.json --out HITS.csv
    python benchmarks/_splink_peer.py candidates REFERENCES RECORDS --model MODEL.json --out PAIRS.csv
    python benchmarks/_splink_peer.py one REFERENCES RECORDS --model MODEL.json
    python benchmarks/_splink_peer.py gamma REFERENCES RECORDS --model MODEL.json --out LEVELS.csv

The files have the columns of `_linkage_prepared`. The same file twice is deduped. The model has those comparisons and
blocking rules whose columns the files hold; nothing else depends on the file.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_level_library as cll
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.internals.exceptions import EMTrainingException

SEED = 20261126
RANDOM_PAIRS = 4e6
TRAINING_PAIRS = 2e6
LEAST_KNOWN = 0.02  # a column that fewer rows hold is left out
Level = Any
Comparison = tuple[tuple[str, ...], dict[str, Any]]  # the columns it takes, and Splink's own description

NULL, OTHER = "is_null_level", cll.ElseLevel()


def null(sql: str) -> Level:
    return {"sql_condition": sql, NULL: True, "label_for_charts": "unknown"}


def level(sql: str, label: str, **further: Any) -> Level:
    return {"sql_condition": sql, "label_for_charts": label, **further}


def missing(column: str) -> Level:
    return null(f"{column}_l IS NULL OR {column}_r IS NULL")


def exact(column: str, *, by_frequency: bool = False) -> Level:
    found = cll.ExactMatchLevel(column)
    return found.configure(tf_adjustment_column=column) if by_frequency else found


def comparison(name: str, *levels: Level) -> dict[str, Any]:
    return {"output_column_name": name, "comparison_levels": [*levels, OTHER]}


SAME_RING = "(ring_l = ring_r OR sorted_ring_l = sorted_ring_r)"
TOKENS = "len(list_intersect(string_split(romanised_l, ' '), string_split(romanised_r, ' ')))"
BOTH_HANZI = "name_script_l = 'hanzi' AND name_script_r = 'hanzi'"
BOTH_WHOLE = "birth_date_l IS NOT NULL AND birth_date_r IS NOT NULL"
YEARS_APART = "abs(CAST(birth_year_l AS INTEGER) - CAST(birth_year_r AS INTEGER))"
BY_RING = {"tf_adjustment_column": "ring", "disable_tf_exact_match_detection": True}

WHOLE_NAME = comparison(
    "whole_name",
    missing("ring"),
    exact("name", by_frequency=True),
    level(f"{SAME_RING} AND NOT ({BOTH_HANZI})", "the same letters in any order", **BY_RING),
    level(SAME_RING, "homophone", **BY_RING),
    level("damerau_levenshtein(ring_l, ring_r) <= 1 AND length(ring_l) >= 5", "a slip"),
    level("consonants_l = consonants_r", "alike in consonants"),
    level("jaro_winkler_similarity(romanised_l, romanised_r) >= 0.92", "Jaro-Winkler 0.92"),
    level(f"{TOKENS} >= 2", "two tokens in common"),
    level(f"{BOTH_HANZI} AND levenshtein(name_l, name_r) <= 1 AND length(name_l) >= 3", "another character"),
    level("jaro_winkler_similarity(romanised_l, romanised_r) >= 0.8", "Jaro-Winkler 0.8"),
)


def name_part(column: str, other: str) -> dict[str, Any]:
    return comparison(
        column,
        missing(column),
        exact(column, by_frequency=True),
        level(f"{column}_l = {other}_r AND {column}_r = {other}_l", "given name and surname exchanged"),
        level(f"damerau_levenshtein({column}_l, {column}_r) <= 1", "a slip"),
        level(f"jaro_winkler_similarity({column}_l, {column}_r) >= 0.92", "Jaro-Winkler 0.92"),
        level(f"jaro_winkler_similarity({column}_l, {column}_r) >= 0.8", "Jaro-Winkler 0.8"),
    )


# The levels of Splink's DateOfBirthComparison, and day and month exchanged.
BIRTH_DATE = comparison(
    "birth_date",
    missing("birth_date"),
    exact("birth_date"),
    level("birth_swapped_l = birth_date_r", "day and month exchanged"),
    level("damerau_levenshtein(birth_date_l, birth_date_r) <= 1", "a slip"),
    level("birth_year_l = birth_year_r AND substr(birth_day_l, 1, 2) = substr(birth_day_r, 1, 2)", "the same month"),
    level("birth_year_l = birth_year_r", "the same year"),
    level(f"{YEARS_APART} <= 1", "one year apart"),
    level(f"{YEARS_APART} <= 10", "ten years apart"),
)
BIRTH_YEAR = comparison(
    "birth_partial",
    null(f"birth_known_l IS NULL OR birth_known_r IS NULL OR ({BOTH_WHOLE})"),
    level("starts_with(birth_known_l, birth_known_r) OR starts_with(birth_known_r, birth_known_l)", "as far as known"),
    level(f"{YEARS_APART} <= 1", "one year apart"),
)
ID_NUMBER = comparison(
    "id_number",
    missing("id_number"),
    # By how many numbers there are: random pairs are too few to see two people with one number.
    exact("id_number").configure(u_probability=1e-8, fix_u_probability=True),
    level(
        "(id_valid_l = '0' OR id_valid_r = '0') AND damerau_levenshtein(id_number_l, id_number_r) <= 1",
        "a slip, and a check digit fails",
    ),
    # Among the pairs that training sees nobody has two numbers, so what it would find here is the pairs' own errors.
    level(
        "id_valid_l = '1' AND id_valid_r = '1' AND length(id_number_l) = length(id_number_r)",
        "two valid numbers",
        m_probability=1e-5,
        fix_m_probability=True,
    ),
)
DOCUMENT = comparison(
    "document_number",
    missing("document_number"),
    exact("document_number").configure(u_probability=1e-7, fix_u_probability=True),
    level("damerau_levenshtein(document_number_l, document_number_r) <= 1", "a slip"),
)
PHONE = comparison(
    "phone",
    missing("phone"),
    exact("phone", by_frequency=True),
    level("damerau_levenshtein(phone_l, phone_r) <= 1", "a slip"),
)
ADDRESS = comparison(
    "address",
    missing("address"),
    level("address_l = address_r AND street_number_l = street_number_r", "street and number"),
    exact("address", by_frequency=True),
    level("jaro_winkler_similarity(address_l, address_r) >= 0.9", "Jaro-Winkler 0.9"),
)
SUBURB = comparison(
    "suburb",
    null("suburb_l IS NULL OR suburb_r IS NULL"),
    exact("suburb", by_frequency=True),
    level("postcode_l = postcode_r", "the same postcode"),
    level("jaro_winkler_similarity(suburb_l, suburb_r) >= 0.9", "Jaro-Winkler 0.9"),
)
SUBURB_ALONE = comparison(
    "suburb",
    missing("suburb"),
    exact("suburb", by_frequency=True),
    level("jaro_winkler_similarity(suburb_l, suburb_r) >= 0.9", "Jaro-Winkler 0.9"),
)

COMPARISONS: tuple[Comparison, ...] = (
    (("given_name", "surname"), name_part("given_name", "surname")),
    (("given_name", "surname"), name_part("surname", "given_name")),
    (("birth_date",), BIRTH_DATE),
    (("birth_partial",), BIRTH_YEAR),
    (("sex",), comparison("sex", missing("sex"), exact("sex"))),
    (("id_number",), ID_NUMBER),
    (("document_number",), DOCUMENT),
    (("phone",), PHONE),
    (("address", "street_number"), ADDRESS),
    (("suburb", "postcode"), SUBURB),
    (("state",), comparison("state", missing("state"), exact("state"))),
)
BLOCKING: tuple[tuple[str, ...], ...] = (
    ("id_number",),
    ("document_number",),
    ("phone",),
    ("ring", "birth_year"),
    ("sorted_ring", "birth_year"),
    ("birth_date", "first_key"),
    ("birth_date", "last_key"),
    ("consonants", "birth_year"),
    ("first_key", "last_key", "birth_year"),
    ("ring", "birth_day"),
    ("ring", "postcode"),
    ("ring", "suburb"),
    ("birth_date", "postcode"),
    ("birth_date", "suburb"),
    ("street_number", "address", "suburb"),
)
# Where the parts of a name are known, as Splink's own examples have it.
BLOCKING_BY_PARTS: tuple[tuple[str, ...], ...] = (
    ("birth_date",),
    ("given_name",),
    ("surname",),
)
TRAINING: tuple[tuple[str, ...], ...] = (
    ("id_number",),
    ("document_number",),
    ("phone",),
    ("birth_date",),
    ("ring",),
    ("given_name", "surname"),
)
CERTAIN: tuple[tuple[str, ...], ...] = (
    ("id_number",),
    ("document_number",),
    ("ring", "birth_date"),
    ("given_name", "birth_date"),
    ("surname", "birth_date"),
)
RECALL_OF_CERTAIN = 0.7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=tuple(ACTIONS))
    parser.add_argument("references", type=Path)
    parser.add_argument("records", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threshold", type=float, default=0.95)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    begun = time.process_time()
    linking = Linking(asked.references, asked.records, asked.threads)
    ACTIONS[asked.action](linking, asked)
    print(json.dumps({"cpu_s": time.process_time() - begun}))


class Linking:
    """The tables in DuckDB, and which of their columns hold something."""

    def __init__(self, references: Path, records: Path, threads: int) -> None:
        self.database = duckdb.connect(config={"threads": threads})
        self.api = DuckDBAPI(connection=self.database)
        self.same = references == records
        paths = {"references": references} if self.same else {"references": references, "records": records}
        for name, path in paths.items():
            self.database.execute(
                f"CREATE TABLE raw_{name} AS FROM read_csv(?, all_varchar=true, nullstr='', quote='\"')", [str(path)]
            )
        known = [self._known(name) for name in paths]
        self.known = set.intersection(*known) | (set.union(*known) & {"birth_partial"})
        self.tables = [self.api.register(f"raw_{name}", dataset_display_name=name) for name in paths]

    def _known(self, name: str) -> set[str]:
        """Columns that enough rows hold; a birth date that is not whole somewhere counts as one, too."""
        table = f"raw_{name}"
        columns = [row[0] for row in self.database.execute(f"DESCRIBE {table}").fetchall()]
        counts = ", ".join(f"count({column})" for column in columns)
        total, partial, *filled = self.database.execute(
            f"SELECT count(*), count(*) FILTER (birth_known IS NOT NULL AND birth_date IS NULL), {counts} FROM {table}"
        ).fetchone() or (0,)
        known = {column for column, count in zip(columns, filled, strict=True) if count >= LEAST_KNOWN * total}
        return known | ({"birth_partial"} if partial else set())

    def linker(self, settings: Any) -> Linker:
        return Linker(self.tables if len(self.tables) > 1 else self.tables[0], settings, log_level=None)

    def of(self, rules: tuple[tuple[str, ...], ...]) -> list[str]:
        return [block(rule) for rule in rules if self.known.issuperset(rule)]


def block(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"l.{column} = r.{column}" for column in columns)


def settings_for(linking: Linking) -> SettingsCreator:
    known = linking.known
    found = [it for columns, it in COMPARISONS if known.issuperset(columns)]
    blocking = linking.of(BLOCKING)
    if known.issuperset(("given_name", "surname")):
        blocking += linking.of(BLOCKING_BY_PARTS)
    else:
        found.insert(0, WHOLE_NAME)
    if "suburb" in known and "postcode" not in known:
        found.append(SUBURB_ALONE)
    return SettingsCreator(
        link_type="dedupe_only" if linking.same else "link_only",
        comparisons=found,
        blocking_rules_to_generate_predictions=blocking,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        max_iterations=12,  # more of them let an m underflow, which Splink 5.0.0 refuses
    )


def train(linking: Linking, asked: argparse.Namespace) -> None:
    linker = linking.linker(settings_for(linking))
    linker.training.estimate_probability_two_random_records_match(linking.of(CERTAIN), recall=RECALL_OF_CERTAIN)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for rule in linking.of(TRAINING):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=TRAINING_PAIRS)
        except (ValueError, EMTrainingException) as error:
            print(f"Splink cannot train on {rule}: {error}")
    linker.misc.save_model_to_json(str(asked.model), overwrite=True)


def link(linking: Linking, asked: argparse.Namespace) -> None:
    linker = linking.linker(str(asked.model))
    scored = linker.inference.predict(threshold_match_probability=asked.threshold, warning_mode="never")
    # Left is the data set whose name comes first in the alphabet: the records.
    columns = "unique_id_l AS record_id, unique_id_r AS reference_id, match_probability AS probability"
    linking.database.execute(f"COPY (SELECT {columns} FROM {scored.physical_name}) TO '{asked.out}' (HEADER)")


def gamma(linking: Linking, asked: argparse.Namespace) -> None:
    """Every candidate pair with the level of each comparison, its weight without and with frequencies."""
    settings = json.loads(asked.model.read_text())
    settings["retain_intermediate_calculation_columns"] = True
    scored = linking.linker(settings).inference.predict(warning_mode="never")
    linking.database.execute(f"COPY (FROM {scored.physical_name}) TO '{asked.out}' (HEADER)")


def one(linking: Linking, asked: argparse.Namespace) -> None:
    """One record after another against all references; CPU microseconds each, the first left out."""
    linker = linking.linker(str(asked.model))
    for column in linker._settings_obj._term_frequency_columns:
        linker.table_management.compute_tf_table(column.name)
    used, database = [], linking.database
    count = database.execute("SELECT count(*) FROM raw_records").fetchone()[0]
    for at in range(count):
        begun = time.process_time()
        database.execute(f"CREATE OR REPLACE TABLE one_{at} AS FROM raw_records LIMIT 1 OFFSET {at}")
        record = linking.api.register(f"one_{at}", dataset_display_name=f"asked_{at}")
        found = linker.inference.predict_between(
            record, linking.tables[0], threshold_match_probability=asked.threshold, warning_mode="never"
        )
        found.as_record_list()
        used.append(time.process_time() - begun)
        found.drop_table_from_database_and_remove_from_cache()
    print(json.dumps({"each_us": [round(1e6 * it) for it in used[1:]]}))


def candidates(linking: Linking, asked: argparse.Namespace) -> None:
    """The pairs that blocking found."""
    pairs = linking.linker(str(asked.model)).inference.compute_blocked_pairs_for_predict()
    bare = "regexp_replace({}, '^.*-__-', '')"
    columns = f"{bare.format('join_key_l')} AS record_id, {bare.format('join_key_r')} AS reference_id"
    linking.database.execute(f"COPY (SELECT DISTINCT {columns} FROM {pairs.physical_name}) TO '{asked.out}' (HEADER)")


ACTIONS = {"train": train, "link": link, "candidates": candidates, "one": one, "gamma": gamma}

if __name__ == "__main__":
    main()
