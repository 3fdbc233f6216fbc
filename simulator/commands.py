"""What the simulator adds to the command `vedette`."""

from __future__ import annotations

import typer

import simulator.records.commands
import simulator.scenes.commands
import simulator.virtual_camera.commands


def register(app: typer.Typer) -> None:
    simulator.virtual_camera.commands.register(app)
    simulator.scenes.commands.register(app)
    simulator.records.commands.register(app)
