"""Logs: one JSON object (or one line of text) an event, UTC times, secrets masked, the libraries' own logs included."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from foundation.files import ensure_folder, write_error
from foundation.settings import LogSettings

MASK = "***"
_SECRET_WORDS = frozenset({"password", "passwd", "pwd", "secret", "token", "ticket", "authorization", "cookie"})
_USER_INFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/]*@", re.IGNORECASE)
# Some cameras carry the password in the path: rtsp://HOST/user=admin_password=SECRET_channel=1
_ASSIGNMENT = re.compile(r"((?:password|passwd|pwd|secret|token|ticket)=)[^&\s;_\"']+", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")  # of snake_case, kebab-case and camelCase
_CHATTY = ("alembic", "asyncio", "httpx", "sqlalchemy", "uvicorn.access", "aioice", "aiortc")


def configure(settings: LogSettings, file: Path | None = None) -> None:
    """Send structlog's and the standard library's events to the file, or to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _handler(file)
    handler.setFormatter(_formatter(settings, shared))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(settings.level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: no value of a secret's name and no password within a URL reaches the log."""
    return {key: _masked(key, value) for key, value in event.items()}


def mask_text(text: str) -> str:
    """The text without user names and passwords in its URLs and without `password=` values."""
    return _ASSIGNMENT.sub(rf"\g<1>{MASK}", _USER_INFO.sub(rf"\g<1>{MASK}@", text))


def _masked(key: object, value: Any) -> Any:
    if isinstance(key, str) and value is not None and _names_a_secret(key):
        return MASK
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {inner: _masked(inner, item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(None, item) for item in value]
    if isinstance(value, BaseException | Path):
        return mask_text(str(value))
    return value


def _names_a_secret(key: str) -> bool:
    return not _SECRET_WORDS.isdisjoint(word.lower() for word in _WORD.findall(key))


def _formatter(settings: LogSettings, shared: list[Processor]) -> logging.Formatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _handler(file: Path | None) -> logging.Handler:
    if file is None:
        return logging.StreamHandler(sys.stderr)
    ensure_folder(file.parent)
    try:
        # Reopens the file when logrotate has moved it.
        return logging.handlers.WatchedFileHandler(file, encoding="utf-8")
    except OSError as error:
        raise write_error(file, error) from error
