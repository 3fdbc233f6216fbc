"""Stop with one clear sentence where Python is too old, before anything is installed."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file's very purpose
    found = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit("Vedette needs Python 3.11 or newer; this is %s. Name another one: make PYTHON=python3.12 ..." % found)  # noqa: UP031
