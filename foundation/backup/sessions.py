"""Who else uses the database: another machine of the center, whose locks cannot be seen here."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, text

from foundation.database import application_name
from foundation.errors import Conflict

_OTHERS = text(
    "SELECT coalesce(nullif(application_name, ''), 'unnamed') || coalesce(' at ' || host(client_addr), '') "
    "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND application_name IS DISTINCT FROM :own ORDER BY 1"
)
_LOOKS, _BETWEEN_S = 10, 0.3


def refuse_other_sessions(connection: Connection) -> None:
    """Raise `Conflict` while somebody else than this process is connected to the PostgreSQL database."""
    if connection.dialect.name != "postgresql":
        return
    others = _others(connection)
    for _ in range(_LOOKS):
        if not others:
            return
        time.sleep(_BETWEEN_S)  # the server may not have noticed yet that a process is gone
        others = _others(connection)
    if others:
        who = ", ".join(dict.fromkeys(others))
        raise Conflict(
            f"others use this database: {who}.",
            where=connection.engine.url.render_as_string(hide_password=True),
            mend="Stop the center on all of its machines, and end other connections.",
        )


def _others(connection: Connection) -> Sequence[str]:
    connection.execute(text("SELECT pg_stat_clear_snapshot()"))  # else the first look stands for the transaction
    return connection.execute(_OTHERS, {"own": application_name()}).scalars().all()
