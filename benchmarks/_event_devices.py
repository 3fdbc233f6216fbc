"""Many ONVIF devices that answer for events, in one process and on one port; each tells that something moved."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime, timedelta

from simulator.onvif_device.answers import EVENTS, Scene, answer, envelope
from simulator.onvif_device.notifications import NAMES, items, notification

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_POLL = re.compile(r"Timeout>PT(\d+)S<")


def _times(prefix: str) -> str:
    now = datetime.now(UTC)
    told = {"CurrentTime": now, "TerminationTime": now + timedelta(seconds=60)}
    return "".join(f"<{prefix}:{name}>{at:%Y-%m-%dT%H:%M:%SZ}</{prefix}:{name}>" for name, at in told.items())


def _scene(address: str) -> Scene:
    now_us = int(datetime.now(UTC).timestamp() * 1e6)
    return Scene(address, "", "", now_us, media2_only=False, knows_services=True, tells_events=True, number=1)


async def _answered(request: str, address: str, every_s: float) -> str:
    for name in ("GetSystemDateAndTime", "GetServices"):
        if f"{name}" in request:
            return answer(DEVICE, name, _scene(address)) or ""
    if "CreatePullPointSubscription" in request:
        reference = (
            '<tev:SubscriptionReference><a:Address xmlns:a="http://www.w3.org/2005/08/addressing">'
            f"{address}/onvif/pull</a:Address></tev:SubscriptionReference>"
        )
        return (
            f"<tev:CreatePullPointSubscriptionResponse {NAMES}>{reference}{_times('wsnt')}"
            "</tev:CreatePullPointSubscriptionResponse>"
        )
    if "PullMessages" in request:
        found = _POLL.search(request)
        await asyncio.sleep(min(every_s, float(found[1]) if found else 1.0))
        utc = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        told = notification("tns1:VideoSource/MotionAlarm", items(State="true"), source=items(Source="v0"), utc=utc)
        return f"<tev:PullMessagesResponse {NAMES}>{_times('tev')}{told}</tev:PullMessagesResponse>"
    if "Renew" in request:
        return f"<wsnt:RenewResponse {NAMES}>{_times('wsnt')}</wsnt:RenewResponse>"
    return f'<tev:Done xmlns:tev="{EVENTS}"/>'


async def serve(every_s: float) -> None:
    port = 0

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            found = _LENGTH.search(head)
            request = (await reader.readexactly(int(found[1]) if found else 0)).decode()
            body = envelope(await _answered(request, f"http://127.0.0.1:{port}", every_s)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(served, "127.0.0.1", 0, backlog=4096)
    port = listening.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
