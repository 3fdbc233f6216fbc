"""What both stores' `env.py` do: run Alembic within the connection and transaction of the caller."""

from __future__ import annotations

from alembic import context


def run(store: str) -> None:
    connection = context.config.attributes["connection"]
    # SQLite takes DDL back as well, because the engine begins its transactions itself.
    context.configure(connection=connection, version_table=version_table(store), transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


def version_table(store: str) -> str:
    """Each store has its own, for on PostgreSQL both lie in one database."""
    return f"schema_version_{store}"
