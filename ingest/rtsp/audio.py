"""The packets of an audio track to units of sound with capture times."""

from __future__ import annotations

from foundation.clock import US_PER_S
from ingest.access_unit import TICKS_PER_S, AudioParameters, AudioUnit
from ingest.rtsp.audio_depacketizer import AudioDepacketizer
from ingest.rtsp.audio_track import AudioTrack
from ingest.rtsp.message import Received
from ingest.rtsp.rtp import RtpPacket, TimestampUnwrapper, parse_packet
from ingest.rtsp.timeline import Timeline, UtcLine

AudioEvent = AudioParameters | AudioUnit
_MAX_UNITS_PER_POLL = 1_000  # at 100 ms: fifty times what the shortest packets in use bring


class AudioReceiver:
    """Takes what comes on the track's channel; nothing that comes there is an error."""

    def __init__(self, track: AudioTrack, channel: int, *, utc: UtcLine, floor_us: int = 0) -> None:
        self.track = track
        self._channel = channel
        self._depacketizer = AudioDepacketizer(track)
        self._unwrapper = TimestampUnwrapper(track.clock_rate)
        self._timeline = Timeline(utc, floor_us)
        self._last_us = floor_us
        self._told = False  # the parameters
        self._poll_us = 0
        self._units = 0  # of this poll
        self.packets = 0

    @property
    def losses(self) -> int:
        return self._depacketizer.losses

    def take(self, received: Received, arrival_us: int) -> list[AudioEvent]:
        spans = received.packets.get(self._channel, ())
        return [event for start, stop in spans for event in self.receive(received.data[start:stop], arrival_us)]

    def receive(self, data: bytes | memoryview, arrival_us: int) -> list[AudioEvent]:
        packet = parse_packet(data)
        if packet is None or packet.payload_type != self.track.payload_type:
            return []
        self.packets += 1
        if arrival_us != self._poll_us:
            self._poll_us, self._units = arrival_us, 0
        if self._units > _MAX_UNITS_PER_POLL:
            self._depacketizer.lose()
            return []
        events: list[AudioEvent] = []
        units = self._timed(packet, arrival_us)
        if units and not self._told:
            events.append(self.track.parameters)
            self._told = True
        self._units += len(units)
        return events + units

    def _timed(self, packet: RtpPacket, arrival_us: int) -> list[AudioEvent]:
        frames = self._depacketizer.push(packet)
        if not frames:
            return []
        rtp_time = self._unwrapper.unwrap(packet.timestamp, arrival_us) * TICKS_PER_S // self.track.clock_rate
        units: list[AudioEvent] = []
        for frame in frames:
            start, end = (
                rtp_time + self.track.ticks(position) for position in (frame.position, frame.position + frame.samples)
            )
            start_us = self._start_us(start, end, arrival_us)
            units.append(AudioUnit(start_us, start, end - start, frame.gap_before, frame.data))
        return units

    def _start_us(self, start: int, end: int, arrival_us: int) -> int:
        """A unit is sent when its last sample was taken, so it is that one whose delay counts."""
        end_us = self._timeline.capture_us(end, arrival_us)
        self._last_us = max(self._last_us, end_us - (end - start) * US_PER_S // TICKS_PER_S)
        return self._last_us
