from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import Engine

from foundation import cursors
from foundation.database import reading, transaction
from foundation.errors import Conflict


def _position(engine: Engine) -> int:
    with reading(engine) as session:
        return cursors.position(session, "pipeline")


def _move(engine: Engine, expected: int, to: int) -> bool:
    try:
        with transaction(engine) as session:
            cursors.move(session, "pipeline", expected, to)
    except Conflict:
        return False
    return True


def test_a_reader_begins_at_zero_and_moves_on(core: Engine) -> None:
    assert _position(core) == 0
    assert _move(core, 0, 5)
    assert _move(core, 5, 9)
    assert _position(core) == 9


@pytest.mark.parametrize("expected", [0, 4, 6])
def test_a_cursor_that_moved_meanwhile_is_a_conflict(core: Engine, expected: int) -> None:
    assert _move(core, 0, 5)
    assert not _move(core, expected, 7)
    assert _position(core) == 5


def test_a_reader_that_lost_its_row_is_a_conflict(core: Engine) -> None:
    assert not _move(core, 5, 7)
    assert _position(core) == 0


def test_of_two_readers_with_one_name_one_moves(core: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        moved = list(pool.map(lambda n: _move(core, 0, n + 1), range(6)))
    assert moved.count(True) == 1


def test_a_batch_that_fails_does_not_move(core: Engine) -> None:
    with suppress(ZeroDivisionError), transaction(core) as session:
        cursors.move(session, "pipeline", 0, 5)
        raise ZeroDivisionError
    assert _position(core) == 0
