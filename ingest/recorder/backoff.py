"""How long to wait before a camera is tried again: doubling, with jitter, so that a thousand do not come at once."""

from __future__ import annotations

import random

from foundation.errors import StreamError, StreamRefused
from ingest.rtsp.faults import StreamAuthFailed

_LIMITS_S = {  # first and longest wait
    "auth_failed": (30.0, 300.0),  # many cameras lock the account after a few wrong passwords
    "refused": (5.0, 60.0),
    "other": (1.0, 30.0),
}


class Backoff:
    def __init__(self) -> None:
        self._attempts = 0

    def reset(self) -> None:
        self._attempts = 0

    def wait_s(self, error: StreamError) -> float:
        first, longest = _LIMITS_S[_kind(error)]
        wait = min(longest, first * 2.0 ** min(self._attempts, 16))
        self._attempts += 1
        return wait * random.uniform(0.5, 1.0)  # noqa: S311, not a secret


def _kind(error: StreamError) -> str:
    if isinstance(error, StreamAuthFailed):
        return "auth_failed"
    return "refused" if isinstance(error, StreamRefused) else "other"
