"""What normalising costs: CPU microseconds a record, in Chinese and in Latin letters, beside pypinyin alone.

    python -m benchmarks.normalising --records 50000

Chinese records are generated ones with all their columns; Latin ones have a name, a birth date and two numbers. Names
repeat as they do among people. The peer, pypinyin, romanises the names of the Chinese ones and does nothing else; the
goal is a multiple of it, since CPU time on a shared machine varies by half.
"""

from __future__ import annotations

import argparse
import random
import string
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from matching.normalising import normalise
from simulator.records import generate

GOAL_RATIO = 3.0
Row = Mapping[str, Any]


def chinese(count: int) -> list[Row]:
    made = generate(7, count)
    rows = [row for rows in (*made.lists.values(), *made.references.values()) for row in rows]
    # An import leaves empty cells out, and numbers are numbers.
    kept = [{name: value for name, value in row.items() if value} for row in rows]
    return [row | ({"height_cm": int(row["height_cm"])} if "height_cm" in row else {}) for row in islice(kept, count)]


def latin(count: int) -> list[Row]:
    dice = random.Random(7)

    def word(longest: int) -> str:
        return "".join(dice.choices(string.ascii_lowercase, k=dice.randint(3, longest))).title()

    names = [word(9) for _ in range(3_000)]
    return [
        {
            "given_name": dice.choice(names),
            "surname": dice.choice(names),
            "date_of_birth": f"{dice.randint(1940, 2010)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            "document_number": f"{dice.choice('EGKL')}{dice.randint(0, 10**8):08}",
            "phone": f"+44 20 {dice.randint(10**7, 10**8)}",
        }
        for _ in range(count)
    ]


def cost_us(rows: Sequence[Row], work: Callable[[Row], object]) -> float:
    """CPU microseconds a row, the first thousand left out: dictionaries load with them."""
    for row in rows[:1000]:
        work(row)
    before = time.process_time()
    for row in rows[1000:]:
        work(row)
    return (time.process_time() - before) / (len(rows) - 1000) * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    count = parser.parse_args().records
    from pypinyin import lazy_pinyin

    figures = {"Chinese": cost_us(chinese(count), normalise), "Latin": cost_us(latin(count), normalise)}
    peer = cost_us(chinese(count), lambda row: lazy_pinyin(row.get("name", "")))
    for script, figure in figures.items():
        ratio = figure / peer
        print(f"{script} records: {figure:.1f} us CPU a record, {ratio:.1f} times pypinyin (goal {GOAL_RATIO:.0f})")
    print(f"pypinyin alone, names of the Chinese ones: {peer:.1f} us")
    return 0 if max(figures.values()) <= GOAL_RATIO * peer else 1


if __name__ == "__main__":
    sys.exit(main())
