"""The console: the page operators work on. Its sources are in `web/`, the built page in `dist/`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def dist() -> Path | None:
    """The folder of the built page, or None when `npm run build` has not been run."""
    folder = Path(str(files(__package__) / "dist"))
    return folder if (folder / "index.html").is_file() else None
