"""Why a stream ended, by the exit status of the process that received it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from foundation.errors import StreamError, StreamRefused, StreamSilent
from ingest.fallback.wire import Ending
from ingest.rtsp.faults import StreamAuthFailed


class _Fault(NamedTuple):
    kind: Callable[..., StreamError]
    what: str
    mend: str | None = None


_FAULTS = {
    Ending.ENDED: _Fault(StreamError, "the device ended the stream."),
    Ending.AUTH_FAILED: _Fault(
        StreamAuthFailed, "the device refuses the user name or password.", "Correct the camera's credentials."
    ),
    Ending.FORBIDDEN: _Fault(
        StreamAuthFailed, "the device forbids to view the stream.", "Give the camera's account the right to view."
    ),
    Ending.NOT_FOUND: _Fault(StreamRefused, "the device has no such stream.", "Correct the stream's path."),
    Ending.REFUSED: _Fault(StreamRefused, "the device refused the stream."),
    Ending.NOT_OVER_UDP: _Fault(
        StreamRefused, "the device does not send over UDP.", "Set the camera's transport to TCP."
    ),
    Ending.REDIRECTED: _Fault(StreamRefused, "the device redirects, after it had offered the stream here."),
    Ending.NO_VIDEO: _Fault(
        StreamRefused, "the device offers no H.264 or H.265 video.", "Set the stream's codec to H.264 at the device."
    ),
    Ending.SILENT: _Fault(
        StreamSilent, "the camera sent no video for 5 s.", "Let its UDP packets through to this machine."
    ),
    Ending.UNREACHABLE: _Fault(StreamError, "the connection broke.", "Check the camera's address, power and network."),
}


def ending_fault(status: int, peer: str) -> StreamError:
    try:
        fault = _FAULTS[Ending(status)]
    except (ValueError, KeyError):
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return StreamError(f"the process that receives the stream ended by itself ({how}).", where=peer)
    return fault.kind(fault.what, where=peer, mend=fault.mend)
