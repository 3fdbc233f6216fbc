"""A file that is cut off, foreign, newer or damaged anywhere is refused, or answers as it did."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from foundation.errors import FileMissing, InvalidInput
from matching.index.file_format import FORMAT, open_file
from matching.index.store import Index

Raw = dict[str, str]
Build = Callable[[Sequence[Raw]], Index]
DAY = "2026-01-01"
PEOPLE = [
    {"record_id": f"R-{at}", "name": f"guest {chr(97 + at) * 6}", "date_of_birth": "1984-03-05", "phone": "13900001234"}
    for at in range(12)
]


def answers(path: Path) -> list[tuple[str, ...]]:
    index = Index(path)
    return [tuple(it.record_id for it in index.look_up(raw, DAY).candidates) for raw in PEOPLE]


def refused_or(path: Path, expected: Sequence[object]) -> None:
    try:
        told = answers(path)
    except InvalidInput:
        return
    assert told in expected


def test_a_file_cut_off_anywhere_is_refused(build: Build) -> None:
    path = build(PEOPLE).path
    whole, sections = path.read_bytes(), open_file(path).sections
    offset = 4096
    ends = {0, 1, 7, 8, 4095, 4096, len(whole) - 1}
    for section in sections.values():
        offset = -(-offset // 64) * 64 + len(section)
        ends |= {offset - 1, offset - len(section) // 2}
    for end in sorted(end for end in ends if end < len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(InvalidInput, match=r"too short|cut off|damaged"):
            Index(path)


def test_a_flipped_byte_is_refused_or_changes_nothing(build: Build) -> None:
    path = build(PEOPLE).path
    whole, expected = path.read_bytes(), answers(path)
    header = [*range(0, 28 + 40 * 10, 3), 4095]
    for at in [*header, *Random(7).sample(range(4096, len(whole)), 150)]:
        damaged = bytearray(whole)
        damaged[at] ^= 0x41
        path.write_bytes(damaged)
        refused_or(path, [expected])


def with_header(content: bytes, at: int, fields: bytes) -> bytes:
    page = content[:at] + fields + content[at + len(fields) : 4092]
    return page + struct.pack("<I", zlib.crc32(page)) + content[4096:]


def test_a_newer_a_foreign_and_a_missing_file_are_told_apart(build: Build, tmp_path: Path) -> None:
    path = build(PEOPLE).path
    newer = with_header(path.read_bytes(), 8, struct.pack("<H", FORMAT + 1))
    path.write_bytes(newer)
    with pytest.raises(InvalidInput, match="newer version"):
        Index(path)
    path.write_bytes(b"record_id,name\n" * 1000)
    with pytest.raises(InvalidInput, match="is not an index"):
        Index(path)
    with pytest.raises(FileMissing, match="no such index"):
        Index(tmp_path / "none.index")


def test_an_index_of_other_normalising_is_refused(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build(PEOPLE).path
    monkeypatch.setattr("matching.normalising.VERSION", "of tomorrow")
    with pytest.raises(InvalidInput, match=r"built with forms .*, where forms .*, normalising of tomorrow"):
        Index(path)


def test_a_damaged_delta_is_refused_and_one_cut_off_is_as_it_was_before(build: Build) -> None:
    index = build(PEOPLE[:4])
    path = index.path
    states = [answers(path)]
    for raw in PEOPLE[4:7]:
        index.add([raw])
        states.append(answers(path))
    index.withdraw(["R-0"], DAY)
    states.append(answers(path))
    (delta,) = path.parent.glob("*.delta")
    whole = delta.read_bytes()
    for at in range(0, len(whole), 3):
        delta.write_bytes(whole[:at])
        assert answers(path) in states[:-1]
        damaged = bytearray(whole)
        damaged[at] ^= 0x41
        delta.write_bytes(damaged)
        refused_or(path, [])
    delta.write_bytes(whole[:-3])  # a writer was killed: the next one writes over what it left
    Index(path).add([PEOPLE[7]])
    assert any("R-7" in of for of in answers(path))


def test_a_delta_is_of_one_build_only(build: Build) -> None:
    index = build(PEOPLE[:2])
    index.add([PEOPLE[2]])
    (delta,) = index.path.parent.glob("*.delta")
    kept = delta.read_bytes()
    again = build(PEOPLE[:1])
    assert not delta.exists()
    delta.write_bytes(kept)
    assert len(Index(again.path)) == 1
    assert json.loads(json.dumps(again.base.meta))["listing"] == {"file": "a.csv"}
