from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("VEDETTE_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
_OURS = {"VEDETTE_TEST_DATA", "VEDETTE_REQUIRE_DATA", "VEDETTE_TEST_POSTGRESQL_URL"}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real footage, plates, records and transcripts."""
    if DATA.is_dir():
        return DATA
    reason = f"test data is absent: {DATA} (set VEDETTE_TEST_DATA)"
    if os.environ.get("VEDETTE_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings never reach a test."""
    for name in list(os.environ):
        if name.startswith("VEDETTE_") and name not in _OURS:
            monkeypatch.delenv(name)
