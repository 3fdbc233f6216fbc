"""The child's work: FFmpeg receives and takes RTP off, and nothing is decoded."""

from __future__ import annotations

import errno
import logging
import os
import socket
import threading
from collections.abc import Iterator

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from foundation.nal import Codec, is_parameter_set, length_prefixed, split_annex_b
from ingest import tap
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.fallback.sieve import Sieve
from ingest.fallback.wire import Ending, Order

_SILENCE_S = 5.0
_CODECS: dict[str, Codec] = {"h264": "h264", "hevc": "h265"}
_OPTIONS = {
    "rtsp_transport": "udp",
    "rtsp_flags": "filter_src",  # packets of the camera only
    "allowed_media_types": "video",
    "protocol_whitelist": "rtsp,rtp,udp,tcp",
    "timeout": str(int(_SILENCE_S * 1_000_000)),
    "buffer_size": str(1 << 20),  # of the socket: a keyframe comes at once
    "codec_whitelist": "none",  # else FFmpeg decodes pictures to look at them
    "probesize": "32",  # the least: nothing is to be found out before the first picture
    "analyzeduration": "1",
}
_LOSSES = ("RTP: ", "max delay reached", "jitter buffer full")
_REDIRECT = "Redirecting to"
_NOTHING = tap.encode_unit(0, AccessUnit(0, 0, is_keyframe=False, gap_before=False, data=b""), gap=False)
_HTTP_ENDINGS = (
    (av.error.HTTPUnauthorizedError, Ending.AUTH_FAILED),
    (av.error.HTTPForbiddenError, Ending.FORBIDDEN),
    (av.error.HTTPNotFoundError, Ending.NOT_FOUND),
    (av.error.HTTPError, Ending.REFUSED),
)
_ERRNO_ENDINGS = {
    errno.EPROTONOSUPPORT: Ending.NOT_OVER_UDP,  # what FFmpeg makes of status 461
    errno.ETIMEDOUT: Ending.SILENT,
}


class _Listener(logging.Handler):
    """Hears from FFmpeg's log what its interface does not tell. The log goes nowhere else: it names the URL."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lost = False
        av.logging.set_level(av.logging.INFO)
        av.logging.set_skip_repeated(False)  # one loss may read like the one before
        log = logging.getLogger("libav")
        log.setLevel(logging.INFO)
        log.propagate = False
        log.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "libav.rtsp":
            return
        message = record.getMessage()
        if _REDIRECT in message:
            os._exit(Ending.REDIRECTED)  # FFmpeg would follow to any host, with the credentials, before it returns
        if record.levelno >= logging.ERROR or message.startswith(_LOSSES):
            self._lost = True

    def take_lost(self) -> bool:
        """Whether something was lost since the last call."""
        lost, self._lost = self._lost, False
        return lost


def receive(order: Order, out: socket.socket, dismissed: threading.Event) -> Ending:
    """Until the camera, the recorder or the network ends it."""
    listener = _Listener()
    try:
        with av.open(_url(order), format="rtsp", options=_OPTIONS, timeout=(_SILENCE_S, _SILENCE_S)) as container:
            streams = [stream for stream in container.streams.video if stream.codec_context.name in _CODECS]
            for frame in _frames(container, streams[0], listener) if streams else ():
                out.sendall(frame)
                if dismissed.is_set():
                    return Ending.DISMISSED
            return Ending.ENDED if streams else Ending.NO_VIDEO
    except av.error.FFmpegError as error:
        return _ending(error)
    except OSError:
        return Ending.DISMISSED  # the recorder is gone


def _url(order: Order) -> str:
    """FFmpeg takes credentials in no other way. This string never leaves the process."""
    scheme, _, rest = order.url.partition("://")
    return order.url if order.login is None else f"{scheme}://{order.login}@{rest}"


def _frames(container: InputContainer, stream: VideoStream, listener: _Listener) -> Iterator[bytes]:
    pictures = _Pictures(_CODECS[stream.codec_context.name])
    yield pictures.parameters(list(split_annex_b(stream.codec_context.extradata or b"")))
    for packet in container.demux(stream):
        yield from pictures.frames(packet, lost=listener.take_lost())


class _Pictures:
    def __init__(self, codec: Codec) -> None:
        self._codec: Codec = codec
        self._sieve = Sieve(codec)
        self._sets: tuple[bytes, ...] = ()
        self._first = True

    def parameters(self, units: list[bytes]) -> bytes:
        self._sets = self._sets_of(units)
        return tap.encode_parameters(0, CodecParameters(self._codec, self._sets, 0, 0, ""))

    def frames(self, packet: av.Packet[VideoStream], *, lost: bool) -> Iterator[bytes]:
        units = list(split_annex_b(bytes(packet)))
        rtp_time = packet.pts
        if rtp_time is None and self._first:
            rtp_time = 0  # FFmpeg gives the first picture no time, and counts from it
        self._first = False
        if lost or packet.is_corrupt or rtp_time is None:
            self._sieve.lose()
        if self._sets_of(units) not in ((), self._sets):
            yield self.parameters(units)
        passed = self._sieve.take(units)
        if passed is None or rtp_time is None:
            yield _NOTHING
        else:
            data = length_prefixed(unit for unit in units if not is_parameter_set(self._codec, unit))
            yield tap.encode_unit(0, AccessUnit(0, rtp_time, *passed, data), gap=False)

    def _sets_of(self, units: list[bytes]) -> tuple[bytes, ...]:
        return tuple(unit for unit in units if is_parameter_set(self._codec, unit))


def _ending(error: av.error.FFmpegError) -> Ending:
    for kind, ending in _HTTP_ENDINGS:
        if isinstance(error, kind):
            return ending
    if isinstance(error, av.error.EOFError):
        return Ending.ENDED
    if isinstance(error, av.error.ExitError):  # our own time limit
        return Ending.SILENT
    return _ERRNO_ENDINGS.get(error.errno or 0, Ending.UNREACHABLE)
