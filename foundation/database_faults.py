"""What a database driver's error means, in one sentence that says what to do. No password reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError

from foundation.errors import DatabaseError

_CHECK_PERMISSIONS = "Check that the folder exists and that this user may write it."
_RESTORE = "Restore it from its backup; `vedette doctor` tells whether the disk is sound."
# A part of the driver's message, what it means, how to mend it.
_MEANINGS = (
    ("unable to open database file", "the database file cannot be opened.", _CHECK_PERMISSIONS),
    ("readonly database", "the database file cannot be written.", _CHECK_PERMISSIONS),
    ("file is not a database", "this file is not an SQLite database.", _RESTORE),
    ("malformed", "the database file is damaged.", _RESTORE),
    ("disk i/o error", "the disk fails to read or write.", _RESTORE),
    ("database or disk is full", "no space is left for the database.", "Free space on its disk."),
    ("lock timeout", "another session holds a table too long.", "End it, or wait until it is done."),
    ("database is locked", "another process holds the database too long.", "End the process that holds it."),
    ("password authentication failed", "the user name or password is wrong.", "Check database.url."),
    ("no password supplied", "the server asks for a password.", "Write it into database.url."),
    ('role "', "the server does not know this user, or gives it no right.", "Create the user, or check database.url."),
    ("does not exist", "the server has no such database, or it lacks a table.", "Create it, or check database.url."),
    ("permission denied", "the user lacks a right in this database.", "Make the user own the database."),
    ("connection refused", "the server does not answer.", "Start it, or check host and port in database.url."),
    ("could not translate host name", "the server's name is unknown.", "Check the host in database.url."),
    ("failed to resolve host", "the server's name is unknown.", "Check the host in database.url."),
    ("no such table", "the database lacks a table.", "Run `vedette upgrade`."),
    ("already exists", "the database holds tables that Vedette did not make.", "Give Vedette a database of its own."),
)


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn the driver's errors within into `DatabaseError`."""
    driver: type[Exception] = engine.dialect.loaded_dbapi.Error  # where its own cursor is read from
    try:
        yield
    except (DBAPIError, driver) as error:
        raise explain(error, engine.url) from error


def explain(error: Exception, url: URL) -> DatabaseError:
    """`error` is SQLAlchemy's, or the driver's own."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    message = str(cause).lower()
    place = url.render_as_string(hide_password=True)
    for part, what, mend in _MEANINGS:
        if part in message:
            return DatabaseError(what, where=place, mend=mend)
    kind = type(cause).__name__
    return DatabaseError(
        f"the database refused the work ({kind}).", where=place, mend="The server's own log says more."
    )
