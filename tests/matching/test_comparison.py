from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import select

from foundation.audit import AuditEntry
from foundation.audit.check import verify
from foundation.database import reading
from foundation.scope import Scope
from matching import explanation
from matching.board import board
from matching.models import ComparisonRun, ReferenceRecord

Kit = Any
CELL = ("wanted", "wanted_persons")


def test_a_pair_is_found_once_however_often_the_comparison_runs(kit: Kit) -> None:
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere)
    first = kit.compare()
    assert len(first) == 24
    assert (first[CELL].compared, first[CELL].not_comparable, first[CELL].hits, first[CELL].new_hits) == (1, 0, 1, 1)
    (hit,) = kit.hits()
    again = kit.compare()
    assert (again[CELL].hits, again[CELL].new_hits, again[CELL].recalled) == (1, 0, 0)
    assert [other.id for other in kit.hits(standing=False)] == [hit.id]
    with reading(kit.core) as session:
        assert len(session.scalars(select(ComparisonRun)).all()) == 48
        actions = session.scalars(select(AuditEntry.action)).all()
        assert actions.count("matching:comparison:run") == 48
        assert verify(session).fault is None


def test_a_record_without_a_shared_key_is_not_comparable(kit: Kit) -> None:
    kit.list(kit.li, {**kit.listing, "record_id": "W-2", "name": "王芳"})
    kit.refer(kit.li_elsewhere)
    runs = kit.compare()
    assert (runs[CELL].compared, runs[CELL].not_comparable) == (1, 1)
    assert (runs["wanted", "stolen_vehicles"].compared, runs["wanted", "stolen_vehicles"].not_comparable) == (0, 2)
    kit.refer({"record_id": "V-1", "plate": "京A12345"}, database="stolen_vehicles")
    assert kit.compare()["wanted", "stolen_vehicles"].not_comparable == 2


def test_the_same_source_record_is_linked_not_alerted(kit: Kit) -> None:
    kit.list(kit.li)
    kit.refer({**kit.li, "record_id": "W-1"})
    run = kit.compare()[CELL]
    assert (run.linked, run.hits) == (1, 0)
    assert kit.hits() == []


def test_twins_and_namesakes_are_no_hits(kit: Kit) -> None:
    twin = {**kit.li, "record_id": "R-2", "id_number": kit.resident_number("19840305", 103)}
    namesake = {"record_id": "R-3", "name": "李晓明", "date_of_birth": "1984-11-20", "sex": "M"}
    kit.list(kit.li)
    kit.refer(twin, namesake)
    run = kit.compare()[CELL]
    assert run.pairs == 2
    assert run.hits == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_on": "2026-11-21", "review_on": "2026-11-01"},
        {"withdrawn_on": "2026-11-22"},
        {"review_on": "2026-11-21"},
    ],
)
def test_expired_withdrawn_and_overdue_records_are_never_compared(kit: Kit, changes: dict[str, str]) -> None:
    kit.list({**kit.listing, **kit.li, **changes})
    kit.refer(kit.li_elsewhere)
    run = kit.compare()[CELL]
    assert (run.suspended, run.compared, run.not_comparable, run.hits) == (1, 0, 0, 0)


def test_a_record_is_compared_on_its_last_day_by_the_centers_own_midnight(kit: Kit) -> None:
    kit.list({**kit.listing, **kit.li, "expires_on": "2026-11-22", "review_on": "2026-11-22"})
    kit.refer(kit.li_elsewhere)
    assert kit.compare()[CELL].hits == 1
    kit.clock.advance(15 * 3600)  # 23:00 in Beijing
    assert kit.compare()[CELL].hits == 1
    kit.clock.advance(3600)  # midnight there, 16:00 UTC
    assert (kit.compare()[CELL].hits, kit.hits()) == (0, [])


def test_a_hit_is_recalled_when_its_record_expires_and_stands_again_when_it_is_renewed(kit: Kit) -> None:
    kit.list({**kit.listing, **kit.li, "expires_on": "2026-12-01", "review_on": "2026-12-01"})
    kit.refer(kit.li_elsewhere)
    kit.compare()
    kit.pass_days(30)
    kit.compare()
    (hit,) = kit.hits(standing=False)
    assert (hit.recall_cause, hit.recalled_us) == ("expired", kit.clock.now_us())
    kit.list({**kit.listing, **kit.li, "expires_on": "2027-12-01", "review_on": "2027-12-01"})
    assert kit.compare()[CELL].new_hits == 1
    assert [again.id for again in kit.hits()] == [hit.id]


def test_a_withdrawal_recalls_the_hits_in_the_import_itself(kit: Kit) -> None:
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere)
    kit.compare()
    report = kit.list({**kit.li, "withdrawn_on": "2026-11-22"})
    assert report.recalled == 1
    (hit,) = kit.hits(standing=False)
    assert hit.recall_cause == "withdrawn"
    assert kit.compare()[CELL].recalled == 0
    with reading(kit.core) as session:
        assert "matching:hit:recall" in session.scalars(select(AuditEntry.action)).all()


def test_a_reference_that_is_withdrawn_recalls_too(kit: Kit) -> None:
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere)
    kit.compare()
    assert kit.refer({**kit.li_elsewhere, "withdrawn_on": "2026-11-20"}).recalled == 1
    assert kit.compare()[CELL].hits == 0


def test_a_record_that_changed_into_another_person_recalls_the_hit(kit: Kit) -> None:
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere)
    kit.compare()
    kit.refer({"record_id": "R-1", "name": "王芳", "date_of_birth": "1990-01-01", "sex": "F"})
    assert kit.compare()[CELL].recalled == 1
    assert [hit.recall_cause for hit in kit.hits(standing=False)] == ["changed"]


def test_an_explanation_adds_up_and_is_the_same_every_time(kit: Kit) -> None:
    kit.list(kit.li)
    brother = {"record_id": "R-2", "name": "李晓亮", "phone": "13900001234", "sex": "M"}
    kit.refer(kit.li_elsewhere, brother)
    kit.compare()
    (hit,) = kit.hits()
    told = hit.explanation
    assert sum(field["weight_mbits"] for field in told["fields"]) == hit.weight_mbits
    assert told["posterior"] == hit.probability
    assert told["keys"] == ["id_number", "phone", "pinyin_birth_date", "name_birth_year_sex"]
    name = told["fields"][0]
    assert (name["field"], name["level"]) == ("name", "romanised")
    assert name["left"] == {"raw": "李晓明", "normalised": "李晓明 (li xiaoming)"}
    assert name["right"] == {"raw": "LI Xiaoming", "normalised": "li xiaoming"}
    with reading(kit.core) as session:
        second = session.scalars(select(ReferenceRecord).where(ReferenceRecord.source_record == "R-2")).one()
    assert told["runner_up"]["reference_id"] == second.id
    kit.list({**kit.li, "withdrawn_on": "2026-11-01"})
    kit.list(kit.li)
    kit.compare()
    assert json.dumps(kit.hits()[0].explanation) == json.dumps(told)


def test_an_explanation_is_drawn_for_the_terminal(kit: Kit) -> None:
    kit.list({**kit.li, "name": "[red]李晓明"})
    kit.refer(kit.li_elsewhere)
    kit.compare()
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(explanation.table(kit.hits()[0].explanation, title="pair"))
    drawn = console.export_text()
    assert "[red]" in drawn
    assert "id_number" in drawn
    assert "found by id_number" in drawn


def test_the_board_shows_all_24_cells_within_scope(kit: Kit) -> None:
    with reading(kit.core) as session:
        empty = board(session, Scope(["center-a"]))
    assert len(empty) == 24
    assert {cell.finished_us for cell in empty} == {None}
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere)
    kit.compare()
    kit.compare()
    with reading(kit.core) as session:
        cells = {(cell.list_name, cell.database): cell for cell in board(session, Scope(["center-a", "center-b"]))}
        elsewhere = board(session, Scope(["center-b"]))
    assert (cells[CELL].compared, cells[CELL].hits, cells[CELL].finished_us) == (1, 1, kit.clock.now_us())
    assert {(cell.hits, cell.finished_us) for cell in elsewhere} == {(0, None)}


def test_progress_is_told(kit: Kit) -> None:
    from matching.comparison import compare_all

    told: list[tuple[int, int]] = []
    compare_all(
        kit.core, kit.catalogue, kit.origin, kit.clock, kit.keeper, lambda done, total: told.append((done, total))
    )
    assert told == [(done, 24) for done in range(1, 25)]


def test_comparisons_at_once_double_nothing(kit: Kit) -> None:
    kit.list(kit.li)
    kit.refer(kit.li_elsewhere)
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda _: kit.compare(), range(3)))
    assert sum(run[CELL].new_hits for run in runs) == 1
    assert len(kit.hits(standing=False)) == 1
