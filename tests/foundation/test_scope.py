from __future__ import annotations

import pytest
from sqlalchemy import Engine, String, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, reading_rows
from foundation.scope import NOTHING, Scope, covered


class Placed(CoreBase):
    __tablename__ = "test_placed"
    __table_args__ = ({"comment": "rows of a test"},)

    id: Mapped[int] = mapped_column(primary_key=True, comment="number")
    center_id: Mapped[str] = mapped_column(String(36), comment="where")


CoreBase.metadata.remove(Placed.__table__)
BUILT_ONCE = select(Placed.id).where(covered(Placed.center_id), Placed.id > 0).order_by(Placed.id)


@pytest.fixture
def placed(core: Engine) -> Engine:
    Placed.__table__.create(core)
    with core.begin() as connection:
        rows = [{"id": n, "center_id": f"c{n % 4}"} for n in range(1, 9)]
        connection.execute(Placed.__table__.insert(), rows)
    return core


@pytest.mark.parametrize(
    "scope", [NOTHING, Scope(["c1"]), Scope(["c1", "c3"]), Scope(f"c{n}" for n in range(2000)), Scope(["'; --", "c2"])]
)
def test_a_statement_built_once_sees_what_one_built_anew_sees(placed: Engine, scope: Scope) -> None:
    anew = select(Placed.id).where(scope.covers(Placed.center_id), Placed.id > 0).order_by(Placed.id)
    with reading_rows(placed) as rows:
        assert rows.execute(BUILT_ONCE, scope.bound).all() == rows.execute(anew).all()


def test_without_centers_it_cannot_be_executed(placed: Engine) -> None:
    with reading_rows(placed) as rows, pytest.raises(StatementError):
        rows.execute(BUILT_ONCE)


def test_it_is_a_condition_that_an_index_serves(placed: Engine) -> None:
    assert "= 1" not in str(BUILT_ONCE.compile(placed))
