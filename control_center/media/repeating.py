"""Work that is done again and again beside the API, for as long as it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from foundation.errors import ResourceError

_log = structlog.get_logger()


@asynccontextmanager
async def repeating(work: Callable[[], object], pause_s: float, failure: str) -> AsyncIterator[None]:
    """Do the work in a thread, pause, and so on until the block ends. What fails is logged as `failure`, and tried
    again: nobody starts this anew before the process ends."""
    task = asyncio.create_task(_again_and_again(work, pause_s, failure))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _again_and_again(work: Callable[[], object], pause_s: float, failure: str) -> None:
    while True:
        try:
            await asyncio.to_thread(work)
        except (SQLAlchemyError, ResourceError, OSError) as error:
            _log.warning(failure, error=str(getattr(error, "orig", error)))
        except Exception:  # noqa: BLE001 - as above
            _log.exception(failure)
        await asyncio.sleep(pause_s)
