"""What is asked of a camera before a process is started for it.

A wrong password, a wrong path and a camera that is not there are told in the same words as without the fallback, and
cost a connection and not a process.
"""

from __future__ import annotations

from urllib.parse import quote

from foundation.errors import StreamRefused
from foundation.http_auth import Credentials
from ingest.rtsp.connection import Connection, refusal
from ingest.rtsp.faults import StreamAuthFailed
from ingest.rtsp.sdp import first_video, parse_sdp
from ingest.rtsp.url import check_redirect, endpoint

_MAX_REDIRECTS = 3
_MAX_LOGIN_CHARACTERS = 127  # FFmpeg cuts a longer one off without a word


async def preflight(url: str, credentials: Credentials | None) -> tuple[str, str]:
    """The URL to receive from, after redirects, and its host and port."""
    for _ in range(_MAX_REDIRECTS):
        peer = endpoint(url)
        where = f"{peer.host}:{peer.port}"
        if peer.tls:
            raise StreamRefused(
                "an encrypted stream goes over TCP.",
                where=where,
                mend="Set the camera's transport to TCP, or enter its rtsp:// address.",
            )
        elsewhere = await _describe(url, await Connection.open(peer, credentials))
        if elsewhere is None:
            return url, where
        check_redirect(peer, elsewhere)
        url = elsewhere
    raise StreamRefused("the device redirects in a circle.", where=where)


def login(credentials: Credentials | None) -> str | None:
    """User name and password as FFmpeg wants them, in the way of a URL."""
    if credentials is None:
        return None
    text = f"{quote(credentials.username, safe='')}:{quote(credentials.password, safe='')}"
    if len(text) > _MAX_LOGIN_CHARACTERS:
        raise StreamAuthFailed(
            "the user name and password are too long for a camera that sends over UDP.",
            mend="Together they may have 126 characters; others than letters and digits count as three.",
        )
    return text


async def _describe(url: str, connection: Connection) -> str | None:
    """A URL when the device redirects there."""
    try:
        await connection.request("OPTIONS", url)
        reply = await connection.request("DESCRIBE", url, {"Accept": "application/sdp"})
        location = reply.get("location")
        if 300 <= reply.status < 400 and location:
            return location
        if reply.status != 200:
            raise refusal(reply, "DESCRIBE", connection.peer)
        first_video(parse_sdp(reply.body))
    finally:
        connection.close()
    return None
