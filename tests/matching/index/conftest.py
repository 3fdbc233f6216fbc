"""A few invented references, and an index of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from matching.index.building import Reference
from matching.index.store import Index, build_index

Raw = dict[str, str]
Build = Callable[[Sequence[Raw]], Index]


@pytest.fixture(scope="package", autouse=True)
def _no_waiting_for_disks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def built(raws: Sequence[Raw]) -> Index:
        path = tmp_path / "references.index"
        build_index(path, (Reference(raw, row) for row, raw in enumerate(raws, 2)), {"file": "a.csv"}, lambda _: None)
        return Index(path)

    return built
