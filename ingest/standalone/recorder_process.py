"""One recorder process of a recording without a center: `python -m ingest.standalone.recorder_process INDEX`.

It ends with its standard input, so that it never outlives the command that started it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from foundation import logging as vedette_logging
from foundation import metrics
from foundation.errors import VedetteError
from foundation.files import keep_from_others
from foundation.settings import LogSettings, load_settings


def main() -> int:
    keep_from_others()
    settings = load_settings()
    metrics.prepare(settings.run_dir)
    vedette_logging.configure(LogSettings(level="warning", format="text"))
    from ingest.recorder import run_recorder  # after `prepare`

    threading.Thread(target=_await_end_of_input, daemon=True).start()
    try:
        run_recorder(settings, int(sys.argv[1]))
    except VedetteError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _await_end_of_input() -> None:
    while os.read(0, 1024):  # not by `sys.stdin`, whose lock a thread must not hold when the interpreter ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
