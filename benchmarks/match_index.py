"""What candidates cost, and what each key brings: building, bytes, look-ups one by one and in batches, recall.

    python -m benchmarks.match_index
    python -m benchmarks.match_index --references 10000000 --folder /big/disk

Seeded synthetic people (simulator.records); one in 200 gives the telephone of one hotel. Most have a vehicle, a
telephone or a passport missing. Look-ups are of references that were altered, each way as often, and of as many people
who are in no list. CPU seconds; building is `vedette match index build` in a process of its own, reading included. In
misread numbers one character was taken for another, as often as readers take it.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import numpy as np

from benchmarks._linkage_engines import vedette_index
from matching.confusions import LIKELIHOODS
from matching.index.batch import Pairs
from matching.index.inspecting import census
from matching.index.keys import FAMILIES, Keyed, keyed, keyed_alone
from matching.index.ranking import Ranked, ranked
from matching.index.store import Index, families_in
from matching.misread import NUMBERS as MISREAD
from matching.normalising import normalise
from matching.normalising.names import normalise_name
from simulator.records.names import Name
from simulator.records.people import PLACES, Person, Population

SEED = 20261126
TODAY = "2026-11-26"
HOTEL = "100 8888 0000"
BATCH = 2_000
GOAL_P50_US = 1_000
GOAL_RECALL = 0.99
LIKELIEST = 20
NUMBERS = {f"{name} alone" for name in ("resident number", "passport", "telephone", "plate", "VIN")}
SLIPS = {f"a slip in the name, birth date{sex}" for sex in ("", ", sex")}
NOT_IN_BATCHES = ("record_id", "confusable_number")
Raw = dict[str, str]


@dataclass(frozen=True)
class Planted:
    raw: Raw
    reference: int
    how: str


def reference(random: Random, person: Person, number: int) -> Raw:
    raw = {
        "record_id": f"R-{number}",
        "name": person.name.full,
        "date_of_birth": person.born.isoformat(),
        "sex": person.sex,
        "id_number": person.id_number,
        "street_number": str(random.randint(1, 400)),
        "address": random.choice(PLACES),
        "postcode": str(random.randint(100_000, 101_999)),
    }
    if number % 200 == 0:
        raw["phone"] = HOTEL
    elif random.random() < 0.7:
        raw["phone"] = person.phone
    if random.random() < 0.5:
        raw["document_number"] = person.document_number
    if random.random() < 0.4:
        raw |= {"plate": person.vehicle.plate.text, "vin": person.vehicle.vin}
    return raw


def alterations(random: Random) -> dict[str, Callable[[Raw, Name], Raw | None]]:
    """How a record differs from the reference that it is about; None where the reference lacks what it takes."""

    def only(*names: str) -> Callable[[Raw, Name], Raw | None]:
        return lambda raw, _: {name: raw[name] for name in names} if all(raw.get(name) for name in names) else None

    def named(text: Callable[[Name], str], *names: str) -> Callable[[Raw, Name], Raw | None]:
        return lambda raw, name: {"name": text(name.in_pinyin()), **{it: raw[it] for it in names}}

    def slip(name: Name) -> str:
        text = f"{name.given_name} {name.surname}"
        at = random.choice([at for at, letter in enumerate(text) if letter.isalpha()])
        return text[:at] + random.choice(("", random.choice("aeinou"), text[at] * 2)) + text[at + 1 :]

    def swapped(raw: Raw, _: Name) -> Raw:
        year, month, day = raw["date_of_birth"].split("-")
        born = f"{year}-{day}-{month}" if int(day) <= 12 else f"{year}-{month}-{int(day) % 28 + 1:02}"
        return {"name": raw["name"], "date_of_birth": born, "sex": raw["sex"]}

    def other_name(raw: Raw, _: Name) -> Raw:
        return {"name": "unknown guest", **{it: raw[it] for it in ("date_of_birth", "postcode")}}

    def other_reading(raw: Raw, _: Name) -> Raw | None:
        name = normalise_name(raw["name"])
        others = name.others if name else ()
        return {"name": random.choice(others), "date_of_birth": raw["date_of_birth"]} if others else None

    def guest(raw: Raw, name: Name) -> Raw:
        return {"name": slip(name.in_pinyin()), "phone": HOTEL, "date_of_birth": raw["date_of_birth"][:4]}

    return {
        "resident number alone": only("id_number"),
        "passport alone": only("document_number"),
        "telephone alone": only("phone"),
        "plate alone": only("plate"),
        "VIN alone": only("vin"),
        "name as written, birth date": only("name", "date_of_birth"),
        "name in Latin letters, birth date": named(lambda it: f"{it.surname} {it.given_name}", "date_of_birth"),
        "given name first, year, sex": named(lambda it: f"{it.given_name} {it.surname}", "date_of_birth", "sex"),
        "another reading of the name, birth date": other_reading,
        "a slip in the name, birth date": named(slip, "date_of_birth"),
        "a slip in the name, birth date, sex": named(slip, "date_of_birth", "sex"),
        "a slip in the birth date": swapped,
        "name alone": only("name"),
        "address alone": only("street_number", "address", "postcode"),
        "another name, birth date, postcode": other_name,
        "hotel's telephone, a slip in the name, year": lambda raw, it: (
            guest(raw, it) if raw.get("phone") == HOTEL else None
        ),
    }


def write(path: Path, count: int, wanted: int) -> tuple[list[Planted], list[Raw]]:
    """The references, look-ups of altered ones with the truth, and look-ups of people who are none of them."""
    random = Random(SEED)
    people = Population(random, date(2026, 11, 26), ())
    altered, planted = alterations(random), []
    ways = list(altered)
    every = max(1, count // (2 * wanted))
    with path.open("w", newline="", encoding="utf-8") as file:
        columns = [*reference(random, people.person(), 0), "document_number", "plate", "vin"]
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for number in range(count):
            person = people.person()
            raw = reference(random, person, number)
            writer.writerow(raw)
            way = ways[len(planted) % len(ways)]
            if number % every < 100 and len(planted) < wanted and (query := altered[way](raw, person.name)):
                planted.append(Planted(query, number, way))
    strangers = [reference(random, people.person(), 1) for _ in range(wanted)]
    return planted, [{name: value for name, value in raw.items() if name != "record_id"} for raw in strangers]


def timed(action: Callable[[], object]) -> float:
    begun = time.process_time()
    action()
    return time.process_time() - begun


def chunks(raws: list[Raw]) -> Iterator[list[Raw]]:
    for at in range(0, len(raws), BATCH):
        yield raws[at : at + BATCH]


def show_single(index: Index, what: str, raws: list[Raw]) -> bool:
    """Without scoring, and with it: whom, of so many references, the record is about as likely as not."""
    floor_mbits = round(1000 * math.log2(len(index)))
    found = sorted(timed(lambda raw=raw: index.look_up(raw, TODAY)) for raw in raws)
    scored = sorted(timed(lambda raw=raw: likeliest(index, raw, 0, floor_mbits)) for raw in raws)
    twenty = sorted(timed(lambda raw=raw: likeliest(index, raw, LIKELIEST, floor_mbits)) for raw in raws)
    print(f"  {what}: one by one {quantiles(found)} (goal at p50 {GOAL_P50_US} us)")
    print(f"    the likely ones scored {quantiles(scored)}, the {LIKELIEST} heaviest as well {quantiles(twenty)}")
    return quantile(found, 0.5) <= GOAL_P50_US


def likeliest(index: Index, raw: Raw, most: int, floor_mbits: int) -> list[Ranked]:
    return ranked(raw, index.look_up(raw, TODAY).candidates, most=most, floor_mbits=floor_mbits)


def quantile(ordered: list[float], share: float) -> float:
    """Microseconds."""
    return ordered[int(len(ordered) * share)] * 1e6


def quantiles(ordered: list[float]) -> str:
    return f"p50 {quantile(ordered, 0.5):.0f} us, p99 {quantile(ordered, 0.99):.0f} us"


def show_costs(index: Index, planted: list[Planted], strangers: list[Raw]) -> bool:
    reached = True
    for what, raws in (("altered references", [it.raw for it in planted]), ("strangers", strangers)):
        for chunk in chunks(raws):  # once for what is loaded late: dictionaries of readings, pages of the file
            index.look_up_many(chunk, TODAY)
        many = timed(lambda raws=raws: [index.look_up_many(chunk, TODAY) for chunk in chunks(raws)])
        candidates = sum(len(index.look_up_many(chunk, TODAY).record) for chunk in chunks(raws))
        hashed = timed(lambda raws=raws: [keyed(raw) for raw in raws])
        each = 1e6 / len(raws)
        reached = show_single(index, what, raws) and reached
        print(f"    in batches {many * each:.0f} us each, {candidates / len(raws):.1f} candidates each")
        print(f"    of which to normalise and hash the record: {hashed * each:.0f} us")
    for what, ways in (("a number alone", NUMBERS), ("a slip in the name", SLIPS)):
        show_single(index, f"  of the altered, {what}", [it.raw for it in planted if it.how in ways])
    return reached


def show_recall(planted: list[Planted], pairs: Pairs) -> bool:
    found = {
        (int(record), int(at)): int(bits)
        for record, at, bits in zip(pairs.record, pairs.reference, pairs.families, strict=True)
    }
    of_planted = [found.get((record, it.reference), 0) for record, it in enumerate(planted)]
    print("  how the record was altered: found, by what")
    for way in dict.fromkeys(it.how for it in planted):
        bits = [of for it, of in zip(planted, of_planted, strict=True) if it.how == way]
        by = sorted({name for of in bits for name in families_in(of)})
        print(f"    {way}: {sum(of > 0 for of in bits)} of {len(bits)}, {', '.join(by)}")
    recall = sum(of > 0 for of in of_planted) / len(planted)
    print(f"  recall {100 * recall:.2f} % (goal {100 * GOAL_RECALL:.0f} %)")
    print("  family: recall without it, candidates without it")
    rows = [("none left out", 0), *((name, 1 << at) for at, name in enumerate(FAMILIES) if name not in NOT_IN_BATCHES)]
    for name, left_out in rows:
        without = sum(of & ~left_out > 0 for of in of_planted) / len(planted)
        candidates = int(np.count_nonzero(pairs.families & np.uint32(0xFFFFFFFF ^ left_out))) / len(planted)
        print(f"    {name}: {100 * without:.1f} %, {candidates:.1f}")
    return recall >= GOAL_RECALL


def show_misread(index: Index, planted: list[Planted]) -> None:
    """Numbers alone, each with a character that was misread: with the keys that look alike, and without them."""
    random = Random(SEED)
    wanted = [Planted(raw, it.reference, it.how) for it in planted if (raw := misread(random, it.raw))]
    print(f"  {len(wanted)} numbers that were misread")
    for what, made in (("as in batches", keyed), ("as looked up alone", keyed_alone)):
        used = sorted(timed(lambda raw=it.raw, made=made: index.look_up(raw, TODAY, made(raw))) for it in wanted)
        places = [place_of(index, it, made) for it in wanted]
        first, found = places.count(0) / len(wanted), 1 - places.count(None) / len(wanted)
        print(f"    {what}: first in {first:.1%}, found in {found:.1%}; {quantiles(used)}")


def misread(random: Random, raw: Raw) -> Raw | None:
    """The number of a record that holds no more; None where there is none, or where normalising undoes it."""
    column = next((name for name in MISREAD if list(raw) == [name]), None)
    if column is None:
        return None
    text = raw[column]
    turns = [
        (at, read, likelihood)
        for at, character in enumerate(text)
        for (written, read), likelihood in LIKELIHOODS.items()
        if written == character
    ]
    at, read, _ = random.choices(turns, [likelihood for _, _, likelihood in turns])[0]
    found = {column: text[:at] + read + text[at + 1 :]}
    return found if normalise(found) != normalise(raw) else None


def place_of(index: Index, wanted: Planted, made: Callable[[Raw], Keyed]) -> int | None:
    found = ranked(wanted.raw, index.look_up(wanted.raw, TODAY, made(wanted.raw)).candidates, most=LIKELIEST)
    return next((place for place, it in enumerate(found) if it.candidate.reference == wanted.reference), None)


def joined(index: Index, raws: list[Raw]) -> Pairs:
    every = [index.look_up_many(chunk, TODAY) for chunk in chunks(raws)]
    return Pairs(
        np.concatenate([it.record + at * BATCH for at, it in enumerate(every)]),
        *(np.concatenate([getattr(it, name) for it in every]) for name in ("reference", "families", "crowded")),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=int, default=1_000_000)
    parser.add_argument("--look-ups", type=int, default=6_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        references, path = Path(folder) / "references.csv", Path(folder) / "references.index"
        planted, strangers = write(references, asked.references, asked.look_ups)
        cost = vedette_index(references, path)
        millions = asked.references / 1e6
        print(f"{asked.references} references")
        print(f"  built: {cost.cpu_s / millions:.0f} CPU s a million, {cost.peak_mib:.0f} MiB at the peak")
        print(f"  {path.stat().st_size / asked.references:.0f} bytes a reference")
        print(f"  opened and verified: {timed(lambda: Index(path)):.2f} CPU s")
        index = Index(path)
        for name, section in index.base.opened.sections.items():
            print(f"    {name}: {len(section) / asked.references:.1f} bytes a reference")
        for it in census(index.base):
            print(f"    {it.family}: {it.keys} keys, largest block {it.largest}, {it.split} split")
        reached = show_costs(index, planted, strangers)
        reached &= show_recall(planted, joined(index, [it.raw for it in planted]))
        show_misread(index, planted)
    sys.exit(not reached)


if __name__ == "__main__":
    main()
