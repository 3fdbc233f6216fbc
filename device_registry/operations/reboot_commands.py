"""`vedette cameras reboot`: one device, started anew."""

from __future__ import annotations

from typing import Annotated

import typer

from device_registry.operations.time_commands import Center
from foundation.errors import InvalidInput

_LONGEST_REASON = 500


def register(cameras: typer.Typer) -> None:
    cameras.command("reboot")(reboot)


def reboot(
    code: Annotated[str, typer.Argument(help="Code of a camera.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit trail.")],
    center: Center = None,
    wait: Annotated[float, typer.Option(min=1, max=3600, help="Seconds that it may take to answer again.")] = 300.0,
) -> None:
    """Restart a camera's device, and with it all cameras of the same NVR; tells when it answers again."""
    from device_registry.opening import actor, console, scope_of
    from device_registry.operations import running, targets
    from device_registry.operations.opening import opened
    from device_registry.operations.restarting import restart
    from foundation.database import reading

    reason = " ".join(reason.split())
    if not 0 < len(reason) <= _LONGEST_REASON or not reason.isprintable():
        raise InvalidInput("the reason is empty, too long or not printable.", where="--reason", mend="Say why.")
    out = console()
    with opened() as desk:
        (target,) = desk.targets([code], None, center)
        with reading(desk.core) as session:
            cameras = targets.on_device(session, desk.keyring, scope_of(session, desk.settings), target) or [target]
        connected = running.connected(target, desk.allowed)
        found = restart(desk.core, connected, cameras, reason=reason, actor=actor(), back_within_s=wait)
    out.print(f"Cameras of this device: {', '.join(one.code for one in cameras)}.")
    if found.said:
        out.print(f"It says: {found.said}")
    if found.gone_s is None:
        out.print("It has answered all the time: it may not have restarted.")
    elif found.back_s is None:
        out.print(f"Gone after {found.gone_s:.0f} s, and it does not answer again. Check its power.")
    else:
        out.print(f"Gone after {found.gone_s:.0f} s, and it answers again after {found.back_s:.0f} s.")
    if found.back_s is None:
        raise typer.Exit(1)
