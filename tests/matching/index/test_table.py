"""The table against a dict, with hashes that crowd into the same slots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.index.file_format import open_file, writing
from matching.index.table import Run, Table, write_table

HASHES = st.one_of(
    st.integers(1, (1 << 64) - 1),
    st.builds(lambda high, low: high << 60 | low, st.integers(0, 15), st.integers(1, 40)),
)
BLOCKS = st.dictionaries(
    HASHES, st.tuples(st.lists(st.integers(0, (1 << 31) - 1), min_size=1, max_size=4), st.booleans())
)


@given(BLOCKS, st.lists(HASHES), st.integers(1, 5))
def test_each_block_is_found_and_nothing_else(tmp_path_factory, blocks, strangers, runs) -> None:  # type: ignore[no-untyped-def]
    path: Path = tmp_path_factory.mktemp("table") / "table"
    ordered = sorted(blocks)
    size = len(ordered) // runs + 1
    with writing(path) as out:
        pieces = [ordered[at : at + size] for at in range(0, len(ordered), size)]
        write_table(out, "t", len(ordered), [run(piece, blocks) for piece in pieces])
    table = Table(open_file(path), "t")
    asked = [*ordered, *strangers]
    found = [table.block(key) for key in asked]
    assert [(list(members), split) for members, split in found] == [blocks.get(key, ([], False)) for key in asked]
    begin, count, split = table.blocks(np.array(asked, dtype=np.uint64))
    assert table.members(begin, count).tolist() == [it for key in asked for it in blocks.get(key, ([], False))[0]]
    assert split.tolist() == [blocks.get(key, ([], False))[1] for key in asked]


def run(keys: list[int], blocks: dict[int, tuple[list[int], bool]]) -> Run:
    return Run(
        np.array(keys, dtype=np.uint64),
        np.array([len(blocks[key][0]) for key in keys]),
        np.array([member for key in keys for member in blocks[key][0]], dtype=np.uint32),
        np.array([blocks[key][1] for key in keys], dtype=np.bool_),
    )
