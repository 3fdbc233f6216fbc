"""The site: so many cameras on consecutive addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from foundation.errors import InvalidInput
from simulator.onvif_device.discovery import Discovery
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials
from simulator.virtual_camera.server import VirtualCamera

MAX_CAMERAS = 100


@asynccontextmanager
async def virtual_site(
    main: Path,
    sub: Path,
    *,
    cameras: int,
    first_address: str,
    credentials: Credentials,
    onvif_port: int,
    rtsp_port: int,
    interface: str | None,
) -> AsyncIterator[list[str]]:
    """Runs the site; gives the service URL of each device. `interface`: where it answers to discovery; None: nowhere.

    Raises `InvalidInput` for an address or a number that there is not, `PortInUse` and `ResourceError`.
    """
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}
        for number, address in enumerate(_addresses(first_address, cameras), 1):
            camera = VirtualCamera(
                {"main": main, "sub": sub},
                host=address,
                port=rtsp_port,
                user=credentials.user,
                password=credentials.password,
            )
            await camera.start()
            stack.push_async_callback(camera.close)
            device = OnvifDevice(
                host=address,
                port=onvif_port,
                credentials=credentials,
                main_url=camera.url("main"),
                sub_url=camera.url("sub"),
                number=number,
            )
            stack.enter_context(device)
            urls[address] = f"http://{device.authority}/onvif/device_service"
        if interface is not None:
            stack.enter_context(Discovery(urls, interface))
        yield list(urls.values())


def _addresses(first: str, count: int) -> list[str]:
    try:
        begin = ipaddress.IPv4Address(first.strip())
        addresses = [str(begin + number) for number in range(count)]
    except ValueError:
        raise InvalidInput("this is no IPv4 address with so many after it.", where=first[:50]) from None
    if not 0 < count <= MAX_CAMERAS:
        raise InvalidInput(f"a site has 1 to {MAX_CAMERAS} cameras.", where=f"{count} cameras")
    return addresses
