from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ingest.access_unit import AccessUnit, CodecParameters


def _load(name: str) -> ModuleType:
    """A helper beside this file; tests are not a package."""
    spec = importlib.util.spec_from_file_location(f"functional_ingest_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def footage() -> ModuleType:
    """What records files onto a disk as a recorder would."""
    return _load("recorded_footage")


@pytest.fixture(scope="session")
def media() -> ModuleType:
    """The media server's surroundings, and the names in them."""
    return _load("media_center")


@pytest.fixture(scope="session")
def running_recorder() -> Any:
    """Runs a recorder process on a data folder: a context manager."""
    return _load("recorder_process").running_recorder


@pytest.fixture(scope="session")
def gstreamer_serving(shared_data: Path) -> Any:
    """Starts an RTSP server that is not ours, with the options of `gstreamer_server.py`: a context manager."""
    return partial(_load("gstreamer_client").gstreamer, shared_data / "video")


@pytest.fixture(scope="session")
def cars(footage: ModuleType, shared_data: Path) -> tuple[CodecParameters, list[AccessUnit]]:
    units: tuple[CodecParameters, list[AccessUnit]] = footage.read_units(
        shared_data / "video" / "intel_car-detection.mp4"
    )
    return units


@pytest.fixture
async def center(media: ModuleType, tmp_path: Path, cars: Any) -> AsyncIterator[Any]:
    async with media.running_center(tmp_path, cars[0]) as running:
        yield running
