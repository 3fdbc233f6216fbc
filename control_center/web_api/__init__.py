"""The console's HTTP API, and the console itself."""

from __future__ import annotations

from control_center.web_api.app import create_app
from control_center.web_api.serving import run_api

__all__ = ["create_app", "run_api"]
