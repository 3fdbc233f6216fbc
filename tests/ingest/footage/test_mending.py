"""However a file is damaged: what was whole before the damage stays, and nothing whole behind it is thrown away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.footage import FootageIndex
from ingest.footage.mending import DAMAGED, Mended, settle
from ingest.footage.mp4_reader import fragments, read_init
from ingest.footage.scan import holds_fragment, scan
from ingest.footage.segment_file import SegmentName

GATE = ("0199a000-0000-7000-8000-000000000001", "main")


@dataclass
class Whole:
    disk: Path
    name: SegmentName
    data: bytes
    ends: list[int]  # of its fragments

    @property
    def file(self) -> Path:
        return self.disk / self.name.path


@pytest.fixture
def whole(script: Callable[..., Any]) -> Whole:
    made = script()
    made.open(GATE)
    made.record(3)
    made.close()
    segment = FootageIndex(made.folder).segments(*GATE, 0, 1 << 62)[0]
    name = SegmentName.parse(segment.path)
    assert name
    file = made.folder / segment.path
    with file.open("rb") as stream:
        ends = [one.end for one in fragments(stream, len(read_init(stream)))]
    return Whole(made.folder, name, file.read_bytes(), ends)


@given(data=st.data())
def test_any_damage(whole: Whole, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole.data)))
    damage = data.draw(st.binary(max_size=64) | st.integers(0, 3000).map(bytes))
    kept = data.draw(st.sampled_from([b"", whole.data[at:], whole.data[at + len(damage) :]]))
    damaged = whole.data[:at] + damage + kept
    for old in whole.file.parent.glob(f"*{DAMAGED}"):
        old.unlink()
    whole.file.write_bytes(damaged)
    row = settle(whole.disk, whole.name, 0, Mended())
    left = whole.file.read_bytes() if whole.file.exists() else b""
    aside = b"".join(file.read_bytes() for file in whole.file.parent.glob(f"*{DAMAGED}"))
    assert damaged.startswith(left)
    before = [end for end in whole.ends if end <= at]
    if row is None:
        assert not before
    else:
        assert row.size_bytes == len(left)
        assert row.fragments >= len(before)
        assert scan(whole.file, whole.name) == row
    assert aside in (b"", damaged[len(left) :])
    if not aside:
        rest = whole.file.with_name("rest")
        rest.write_bytes(damaged[len(left) :])
        assert not holds_fragment(rest, 0)
        rest.unlink()


@pytest.mark.parametrize("lost", [1, 3])
def test_fragments_before_the_damage_are_the_same_bytes(whole: Whole, lost: int) -> None:
    end = whole.ends[-1 - lost]
    whole.file.write_bytes(whole.data[:end] + b"\xff" * 100 + whole.data[end + 100 :])
    row = settle(whole.disk, whole.name, 0, Mended())
    assert row is not None
    assert row.fragments == len(whole.ends) - lost
    assert whole.file.read_bytes() == whole.data[:end]
