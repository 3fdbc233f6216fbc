from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from foundation.database import transaction
from foundation.errors import Conflict
from matching.center_index import keeping
from matching.center_index.keeping import IndexKeeper
from matching.center_index.sides import Side, index_path
from matching.index.store import Index, one_writer
from matching.models import RecordVersion
from tests.matching.conftest import Kit

Found = Callable[..., set[str]]


@pytest.fixture
def keeper(kit: Kit, tmp_path: Path) -> IndexKeeper:
    return IndexKeeper(kit.core, tmp_path / "indexes")


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """Names of the records that an index finds."""

    def by(side: Side = "references", **raw: str) -> set[str]:
        candidates = Index(index_path(tmp_path / "indexes", side)).look_up(raw, "2026-11-22").candidates
        return {it.raw["name"] for it in candidates}

    return by


def test_an_empty_center_has_empty_indexes(keeper: IndexKeeper, found: Found) -> None:
    assert keeper.refresh()
    assert not keeper.refresh()
    assert found(name="李晓明") == found("lists", name="李晓明") == set()


def test_what_is_imported_is_found_and_what_is_changed_is_found_as_it_is_now(
    kit: Kit, keeper: IndexKeeper, found: Found
) -> None:
    kit.refer(kit.li_elsewhere)
    kit.list(kit.li)
    keeper.refresh()
    assert found(id_number=kit.li["id_number"]) == {"LI Xiaoming"}
    assert found("lists", id_number=kit.li["id_number"]) == {"李晓明"}

    kit.refer({"record_id": "R-2", "name": "王伟", "id_number": kit.resident_number("19900101", 11)})
    kit.refer({**kit.li_elsewhere, "name": "LI Xiaoming", "phone": "13911112222"})
    assert found(phone="13911112222") == set()
    assert keeper.refresh()
    assert found(phone="13911112222") == {"LI Xiaoming"}
    assert found(name="王伟") == {"王伟"}
    assert found(phone=kit.li["phone"]) == set()
    assert not keeper.refresh()


def test_another_keeper_goes_on_from_what_the_files_have(
    kit: Kit, keeper: IndexKeeper, found: Found, tmp_path: Path
) -> None:
    kit.refer(kit.li_elsewhere)
    keeper.refresh()
    kit.refer({"record_id": "R-2", "name": "王伟", "phone": "13911112222"})
    keeper.refresh()
    identity = Index(index_path(tmp_path / "indexes", "references")).base.opened.identity

    again = IndexKeeper(kit.core, tmp_path / "indexes")
    assert not again.refresh()
    kit.refer({"record_id": "R-3", "name": "赵敏", "phone": "13911112223"})
    assert again.refresh()
    assert found(phone="13911112223") == {"赵敏"}
    assert Index(index_path(tmp_path / "indexes", "references")).base.opened.identity == identity


def test_many_additions_are_made_part_of_the_file(
    kit: Kit, keeper: IndexKeeper, found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_ADDED", 2)
    monkeypatch.setattr(keeping, "_ROWS_AT_ONCE", 2)
    keeper.refresh()
    kit.refer(*({"record_id": f"R-{n}", "name": "王伟", "phone": f"1391111222{n}"} for n in range(2)))
    keeper.refresh()
    index = Index(index_path(tmp_path / "indexes", "references"))
    assert (len(index.base), index.added) == (0, 2)
    kit.refer(*({"record_id": f"R-{n}", "name": "王伟", "phone": f"1391111222{n}"} for n in range(5)))
    keeper.refresh()
    index.refresh()
    assert (len(index.base), index.added) == (5, 0)
    assert found(phone="13911112224") == {"王伟"}


def test_a_store_that_was_restored_is_indexed_anew(kit: Kit, keeper: IndexKeeper, found: Found) -> None:
    kit.refer(kit.li_elsewhere)
    kit.refer({"record_id": "R-2", "name": "王伟", "phone": "13911112222"})
    keeper.refresh()
    with transaction(kit.core) as session:
        session.execute(update(RecordVersion).values(version=1))
    assert keeper.refresh()
    assert not keeper.refresh()
    assert found(phone="13911112222") == {"王伟"}


@pytest.mark.parametrize("content", [b"", b"no index", bytes(8192)], ids=["empty", "foreign", "zeros"])
def test_a_file_that_is_no_index_is_replaced(
    kit: Kit, keeper: IndexKeeper, found: Found, tmp_path: Path, content: bytes
) -> None:
    kit.refer(kit.li_elsewhere)
    index_path(tmp_path / "indexes", "references").write_bytes(content)
    assert keeper.refresh()
    assert found(phone=kit.li["phone"]) == {"LI Xiaoming"}


def test_while_another_process_writes_nothing_is_lost(
    kit: Kit, keeper: IndexKeeper, found: Found, tmp_path: Path
) -> None:
    keeper.refresh()
    kit.refer(kit.li_elsewhere)
    with one_writer(index_path(tmp_path / "indexes", "references")), pytest.raises(Conflict):
        keeper.refresh()
    assert keeper.refresh()
    assert found(phone=kit.li["phone"]) == {"LI Xiaoming"}
