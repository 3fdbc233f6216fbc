"""What the simulator adds to the command `vedette`."""

from __future__ import annotations

import typer

import simulator.onvif_device.commands
import simulator.records.commands
import simulator.scene_command
import simulator.virtual_camera.commands
import simulator.virtual_site.commands


def register(app: typer.Typer) -> None:
    simulator.virtual_camera.commands.register(app)
    simulator.onvif_device.commands.register(app)
    simulator.virtual_site.commands.register(app)
    simulator.scene_command.register(app)
    simulator.records.commands.register(app)
