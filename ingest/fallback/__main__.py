"""The child: `python -m ingest.fallback`, with one end of a socket to the recorder as its input and output."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import threading
import time

from foundation.files import keep_from_others
from ingest.fallback.wire import MAX_ORDER_BYTES, Ending, Order

_GRACE_S = 1.0  # to take leave of the camera, which else keeps a session open for a minute
_MAX_DATA_BYTES = 256 << 20  # FFmpeg holds a picture until it ends, and a camera may never end one


def main() -> int:
    keep_from_others()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold the password
    resource.setrlimit(resource.RLIMIT_DATA, (_MAX_DATA_BYTES, _MAX_DATA_BYTES))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the recorder gets them too, and says when to end
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as recorder:
        order = _order(recorder)
        if order is None:
            return Ending.DISMISSED
        dismissed = threading.Event()
        threading.Thread(target=_watch, args=(recorder, dismissed), daemon=True).start()
        from ingest.fallback.receiving import receive

        return receive(order, recorder, dismissed)


def _order(recorder: socket.socket) -> Order | None:
    line = b""
    while not line.endswith(b"\n") and len(line) < MAX_ORDER_BYTES:
        chunk = recorder.recv(MAX_ORDER_BYTES)
        if not chunk:
            return None
        line += chunk
    return Order.decode(line)


def _watch(recorder: socket.socket, dismissed: threading.Event) -> None:
    """When the recorder closes its end or dies, so does this process, whatever FFmpeg is waiting for."""
    try:
        recorder.recv(1)
    except OSError:
        pass
    dismissed.set()
    time.sleep(_GRACE_S)
    os._exit(Ending.DISMISSED)


if __name__ == "__main__":
    sys.exit(main())
