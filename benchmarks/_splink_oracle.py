"""Splink's weights and EM for levels that it is told, by the interpreter of `.venv/peers`.

    python benchmarks/_splink_oracle.py weigh|learn PAIRS.csv ASKED.json TOLD.json

Each line of PAIRS is a pair, a column a field; a cell is the number of the level, empty where the field is not
comparable. Splink links the table to itself line by line, and its conditions only read that number.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
from pathlib import Path
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator

STARTING_SHARE = 0.3
ROUNDS = 40
SETTLED = 1e-5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("weigh", "learn"))
    for name in ("pairs", "asked", "told"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    asked = json.loads(given.asked.read_text())
    database = duckdb.connect()
    database.execute("CREATE TABLE pairs AS FROM read_csv(?, all_varchar=true, nullstr='')", [str(given.pairs)])
    api = DuckDBAPI(connection=database)
    for side in ("left_side", "right_side"):
        casts = ", ".join(f"CAST(tf_of_{name} AS DOUBLE) AS tf_{name}" for name in asked["tf"])
        database.execute(f"CREATE TABLE {side} AS SELECT *{', ' if casts else ''}{casts} FROM pairs")
    tables = [api.register(side, dataset_display_name=side) for side in ("left_side", "right_side")]
    learning = given.action == "learn"
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[it for name, levels in asked["fields"].items() for it in comparisons(name, levels, learning)],
        blocking_rules_to_generate_predictions=["l.unique_id = r.unique_id"],
        probability_two_random_records_match=STARTING_SHARE,
        max_iterations=ROUNDS,
        em_convergence=SETTLED,
        retain_matching_columns=False,
    )
    linker = Linker(tables, settings, log_level=None)
    given.told.write_text(json.dumps(learn(linker) if learning else weigh(linker, database)))


def comparisons(name: str, levels: list[dict[str, Any]], learning: bool) -> list[dict[str, Any]]:
    """One for each kind of pair; its levels are those of the kind, and every other pair is null to it."""
    found = []
    for kind in dict.fromkeys(it["kind"] for it in levels):
        places = [at for at, it in enumerate(levels) if it["kind"] == kind]
        inside = ", ".join(f"'{at}'" for at in places)
        null = f"{name}_l IS NULL OR {name}_r IS NULL OR {name}_l NOT IN ({inside})"
        described = [{"sql_condition": null, "is_null_level": True, "label_for_charts": "null"}]
        described += [level(name, at, levels[at], learning) for at in places]
        described.append(
            {"sql_condition": "ELSE", "label_for_charts": "else", "m_probability": 1.0, "u_probability": 1.0}
        )
        found.append({"output_column_name": f"{name}__{kind}", "comparison_levels": described})
    return found


def level(name: str, at: int, of: dict[str, Any], learning: bool) -> dict[str, Any]:
    found = {
        "sql_condition": f"{name}_l = '{at}'",
        "label_for_charts": of["level"],
        "m_probability": of["m"],
        "u_probability": of["u"],
        "fix_u_probability": True,
        "fix_m_probability": of["held"],
    }
    if of["by_frequency"] and not learning:
        found |= {"tf_adjustment_column": name, "disable_tf_exact_match_detection": True}
    return found


def weigh(linker: Linker, database: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Without the prior, in the order of the pairs."""
    scored = linker.inference.predict(warning_mode="never").physical_name
    rows = database.execute(f"SELECT match_weight FROM {scored} ORDER BY CAST(unique_id_l AS BIGINT)").fetchall()
    share = linker._settings_obj._probability_two_random_records_match

    prior = math.log2(share / (1 - share))
    return {"weights": [row[0] - prior for row in rows]}


def learn(linker: Linker) -> dict[str, Any]:
    session = linker.training.estimate_parameters_using_expectation_maximisation("l.unique_id = r.unique_id")
    found: dict[str, dict[str, float]] = {}
    for it in session.core_model_settings.comparisons:
        name = it.output_column_name.split("__")[0]
        for of in it.comparison_levels:
            if not of.is_null_level and of.label_for_charts != "else":
                found.setdefault(name, {})[of.label_for_charts] = of.m_probability
    return {"m": found}


if __name__ == "__main__":
    main()
