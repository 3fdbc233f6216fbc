"""What the commands `vedette cameras time`, `settings`, `ptz` and `reboot` are mounted by."""

from __future__ import annotations

import typer

from device_registry.operations import ptz_commands, reboot_commands, settings_commands, time_commands


def register(cameras: typer.Typer) -> None:
    time_commands.register(cameras)
    settings_commands.register(cameras)
    ptz_commands.register(cameras)
    reboot_commands.register(cameras)
