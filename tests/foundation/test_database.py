from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from foundation.database import Stores, open_engine, reading
from foundation.database_faults import explain, explained
from foundation.errors import DatabaseError


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:hunter2@host/db", "", "postgresql"])
def test_a_url_that_names_no_database_we_know(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"postgresql://USER") as caught:
        open_engine(url)
    assert "hunter2" not in str(caught.value)


def test_a_server_that_does_not_answer_is_explained_without_the_password() -> None:
    engine = open_engine("postgresql+psycopg://vedette:hunter2@127.0.0.1:1/vedette")
    with pytest.raises(DatabaseError, match="does not answer") as caught, explained(engine), engine.connect():
        pass
    assert "hunter2" not in str(caught.value)
    engine.dispose()


def test_a_missing_table_is_explained(empty_stores: Stores) -> None:
    with reading(empty_stores.core) as session, pytest.raises(DBAPIError) as caught:
        session.execute(text("SELECT * FROM outbox_event"))
    assert "lacks a table" in str(explain(caught.value, empty_stores.core.url))


def test_an_error_keeps_the_values_to_itself(empty_stores: Stores) -> None:
    with reading(empty_stores.core) as session, pytest.raises(DBAPIError) as caught:
        session.execute(text("SELECT * FROM person WHERE name = :name"), {"name": "hunter2"})
    assert "hunter2" not in str(caught.value)
