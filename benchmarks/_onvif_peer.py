"""One client of `benchmarks.onvif`, in a process of its own: asks one device as often as there are cameras.

    python -m benchmarks._onvif_peer vedette|onvif-zeep|onvif-zeep-async PORT COUNT

Every session stays open, as a health check's does, and each asks all that is needed to register a camera: time,
information, services, network interfaces, time servers, profiles, two streams and a snapshot. Prints one JSON object.
The device asks for no password; each client signs its requests all the same. It imports nothing of Vedette for the
others, so that they can be run by an interpreter of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

USER, PASSWORD = "admin", "hunter2"


def pss_bytes() -> int:
    rows = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))


def vedette(port: int, count: int) -> list[Any]:
    import ipaddress

    from device_registry.login import Login
    from device_registry.onvif.probe import probe

    allowed = [ipaddress.ip_network("127.0.0.0/8")]
    found = [probe(f"127.0.0.1:{port}", Login(USER, PASSWORD), allowed=allowed) for _ in range(count)]
    assert all(one.channels[0].sub and one.channels[0].snapshot_url and one.mac for one in found)
    return found


def onvif_zeep(port: int, count: int) -> list[Any]:
    import onvif
    from onvif import ONVIFCamera

    folder = str(Path(onvif.__file__).parents[1] / "wsdl")
    cameras = []
    for _ in range(count):
        camera = ONVIFCamera("127.0.0.1", port, USER, PASSWORD, folder)
        device = camera.devicemgmt
        device.GetSystemDateAndTime()
        device.GetDeviceInformation()
        device.GetServices({"IncludeCapability": False})
        device.GetNetworkInterfaces()
        device.GetNTP()
        media = camera.create_media_service()
        for profile in media.GetProfiles():
            media.GetStreamUri(stream(profile.token))
        media.GetSnapshotUri({"ProfileToken": "main"})
        cameras.append(camera)
    return cameras


def onvif_zeep_async(port: int, count: int) -> list[Any]:
    return asyncio.run(_asked_async(port, count))


async def _asked_async(port: int, count: int) -> list[Any]:
    from onvif import ONVIFCamera

    cameras = []
    for _ in range(count):
        camera = ONVIFCamera("127.0.0.1", port, USER, PASSWORD)
        await camera.update_xaddrs()
        device = await camera.create_devicemgmt_service()
        await device.GetSystemDateAndTime()
        await device.GetDeviceInformation()
        await device.GetServices({"IncludeCapability": False})
        await device.GetNetworkInterfaces()
        await device.GetNTP()
        media = await camera.create_media_service()
        for profile in await media.GetProfiles():
            await media.GetStreamUri(stream(profile.token))
        await media.GetSnapshotUri({"ProfileToken": "main"})
        cameras.append(camera)
    figures()
    sys.stdout.flush()
    os._exit(0)  # its sessions are not closed, so that they are counted


def stream(token: str) -> dict[str, Any]:
    return {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}, "ProfileToken": token}


CLIENTS: dict[str, Callable[[int, int], list[Any]]] = {
    "vedette": vedette,
    "onvif-zeep": onvif_zeep,
    "onvif-zeep-async": onvif_zeep_async,
}
_before = (pss_bytes(), time.process_time(), time.monotonic())


def figures() -> None:
    memory, cpu, wall = _before
    print(
        json.dumps(
            {
                "bytes": pss_bytes() - memory,
                "cpu_s": time.process_time() - cpu,
                "wall_s": time.monotonic() - wall,
            }
        )
    )


if __name__ == "__main__":
    kept = CLIENTS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
    figures()
