"""nomenklatura's pair scoring (`logic-v2`), run by the interpreter of `.venv/peers`: no index, pairs are given.

    python benchmarks/_nomenklatura_peer.py REFERENCES RECORDS --pairs PAIRS.csv --out HITS.csv

It takes the raw columns; names in hanzi it reads itself. Its score is no probability; its own threshold is 0.7.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path

from followthemoney import EntityProxy, model
from nomenklatura.matching import LogicV2, ScoringConfig

_PROPERTIES = {
    "name": "name",
    "given_name": "firstName",
    "surname": "lastName",
    "date_of_birth": "birthDate",
    "id_number": "idNumber",
    "document_number": "passportNumber",
    "phone": "phone",
    "address": "address",
}
_GENDERS = {"M": "male", "F": "female"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("references", type=Path)
    parser.add_argument("records", type=Path)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    with asked.pairs.open(newline="", encoding="utf-8") as file:
        pairs = [(row["record_id"], row["reference_id"]) for row in csv.DictReader(file)]
    left = entities(asked.records, {it for it, _ in pairs})
    right = entities(asked.references, {it for _, it in pairs})
    config, used = ScoringConfig.defaults(), []
    with asked.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("record_id", "reference_id", "probability"))
        for record, reference in pairs:
            begun = time.process_time()
            score = LogicV2.compare(left[record], right[reference], config).score
            used.append(time.process_time() - begun)
            writer.writerow((record, reference, f"{score:.6f}"))
    print(json.dumps({"each_us": [round(1e6 * it, 1) for it in used[len(used) // 10 :]]}))  # what is loaded late apart


def entities(path: Path, wanted: set[str]) -> dict[str, EntityProxy]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["record_id"]: entity(row) for row in csv.DictReader(file) if row["record_id"] in wanted}


def entity(row: dict[str, str]) -> EntityProxy:
    made = EntityProxy(model.get("Person"), {"id": row["record_id"]})
    for column, name in _PROPERTIES.items():
        if row.get(column):
            made.add(name, row[column])
    if row.get("sex"):
        made.add("gender", _GENDERS.get(row["sex"], row["sex"]))
    return made


if __name__ == "__main__":
    main()
