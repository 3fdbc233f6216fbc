"""One path's live stream: each access unit becomes bytes once, and every playing client is handed the same bytes."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from foundation.clock import Clock
from simulator.virtual_camera.counts import ClientCounts, PathCounts
from simulator.virtual_camera.faults import Faults
from simulator.virtual_camera.media import Media
from simulator.virtual_camera.packetising import packetise
from simulator.virtual_camera.playhead import Playhead
from simulator.virtual_camera.rtp import RtpSource, interleaved, split_interleaved
from simulator.virtual_camera.sdp import describe

MAX_CLIENT_BACKLOG = 1 << 20  # bytes; a client further behind loses units up to the next keyframe
REPORT_INTERVAL_US = 5_000_000
_ENDED_CLIENTS_KEPT = 4096

_Write = tuple[asyncio.WriteTransport, bytes]


@dataclass(slots=True, eq=False)
class Player:
    """A client between PLAY and PAUSE or TEARDOWN."""

    transport: asyncio.WriteTransport
    channel: int  # of RTP; RTCP has the next one
    counts: ClientCounts
    awaits_keyframe: bool = True


@dataclass(slots=True)
class _Burst:
    """What is due for all clients, as bytes for each channel asked for."""

    packets: Sequence[bytes]
    report: bytes
    whole: bool
    _made: dict[tuple[int, bool], bytes] = field(default_factory=dict)

    def on(self, channel: int, *, with_report: bool) -> bytes:
        made = self._made.get((channel, with_report))
        if made is None:
            made = interleaved(channel + 1, [self.report]) if with_report else b""
            made = self._made[channel, with_report] = made + interleaved(channel, self.packets)
        return made


class LiveStream:
    """Runs while somebody plays; the first client gets the file from its start, later ones from the next keyframe."""

    def __init__(
        self,
        name: str,
        media: Media,
        faults: Faults,
        clock: Clock,
        seed: int | None = None,
        *,
        packets_apart: bool = False,
    ) -> None:
        generator = random.Random(seed)
        self.name = name
        self.faults = faults
        self.description = describe(name, media, generator.getrandbits(31))
        self._units = tuple(packetise(media.codec, unit) for unit in media.units)
        self._duration = media.duration
        self._clock = clock
        self._packets_apart = packets_apart
        self._source = RtpSource(generator)
        # Its own generator, so that losses repeat from run to run.
        self._losses = random.Random(name)
        self._players: dict[Player, None] = {}
        self._playhead: Playhead | None = None
        self._began_us = 0
        self._report_due_us = 0
        self._timer: asyncio.TimerHandle | None = None
        self._sessions = 0
        self._clients: dict[ClientCounts, None] = {}
        self._ended: deque[ClientCounts] = deque(maxlen=_ENDED_CLIENTS_KEPT)
        self._past = PathCounts()

    def join(self, player: Player) -> tuple[int, int]:
        """Let the client play; the sequence number and RTP timestamp of its first packet."""
        now_us = self._clock.monotonic_us()
        if self._playhead is None:
            self._playhead = Playhead(self._units, self._duration, now_us)
            self._began_us = now_us
        if not self._players:
            self._playhead.rewind(now_us)
            self._schedule()
        player.awaits_keyframe = True
        self._players[player] = None
        packets, time = self._playhead.until_keyframe()
        return (self._source.next_sequence + packets) & 0xFFFF, self._source.wire_time(time + self._stepped(now_us))

    def leave(self, player: Player) -> None:
        self._players.pop(player, None)
        if not self._players:
            self.close()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def open_client(self, peer: str) -> ClientCounts:
        self._sessions += 1
        counts = ClientCounts(path=self.name, peer=peer)
        self._clients[counts] = None
        return counts

    def end_client(self, counts: ClientCounts) -> None:
        del self._clients[counts]
        self._past.add(counts)
        self._ended.append(counts)

    def counts(self) -> PathCounts:
        total = replace(self._past, clients=self._sessions, playing=len(self._players))
        for client in tuple(self._clients):
            total.add(client)
        return total

    def clients(self) -> list[ClientCounts]:
        return [*self._ended, *self._clients]

    def _schedule(self) -> None:
        assert self._playhead is not None
        wait_us = self._playhead.next_due_us() - self._clock.monotonic_us()
        self._timer = asyncio.get_running_loop().call_later(max(0, wait_us) / 1e6, self._tick)

    def _tick(self) -> None:
        assert self._playhead is not None
        now_us = self._clock.monotonic_us()
        step = self._stepped(now_us)
        for unit, time in self._playhead.due(now_us):
            packets = self._source.packets(unit.payloads, time + step)
            kept = self._without_losses(packets)
            burst = _Burst(kept, self._report(now_us), whole=len(kept) == len(packets))
            self._send(burst, is_keyframe=unit.is_keyframe, report_to_all=now_us >= self._report_due_us)
        self._schedule()

    def _send(self, burst: _Burst, *, is_keyframe: bool, report_to_all: bool) -> None:
        if report_to_all:
            self._report_due_us = self._clock.monotonic_us() + REPORT_INTERVAL_US
        writes: list[_Write] = []
        for player in self._players:
            counts, transport = player.counts, player.transport
            if player.awaits_keyframe and not is_keyframe:
                continue
            if transport.get_write_buffer_size() > MAX_CLIENT_BACKLOG:
                player.awaits_keyframe = True
                counts.skipped += 1
                continue
            data = burst.on(player.channel, with_report=report_to_all or player.awaits_keyframe)
            player.awaits_keyframe = False
            writes.append((transport, data))
            counts.bytes += len(data)
            if burst.whole:
                counts.access_units += 1
            else:
                counts.damaged += 1
        for transport, data in _packet_by_packet(writes) if self._packets_apart else writes:
            transport.write(data)

    def _without_losses(self, packets: list[bytes]) -> list[bytes]:
        fraction = self.faults.drop_fraction
        return [packet for packet in packets if self._losses.random() >= fraction] if fraction else packets

    def _report(self, now_us: int) -> bytes:
        assert self._playhead is not None
        step_us = self._step_us(now_us)
        media_time = self._playhead.media_time(now_us) + self._stepped(now_us)
        return self._source.sender_report(self._clock.now_us() + step_us, media_time)

    def _stepped(self, now_us: int) -> int:
        return self._step_us(now_us) * 9 // 100

    def _step_us(self, now_us: int) -> int:
        step = self.faults.clock_step
        return step.by_us if step and now_us - self._began_us >= step.after_us else 0


def _packet_by_packet(
    writes: Sequence[tuple[asyncio.WriteTransport, bytes]],
) -> Iterator[tuple[asyncio.WriteTransport, bytes]]:
    """The first packet of each, then the second, and so on, as they come from as many cameras over a network."""
    left = [(transport, split_interleaved(data)) for transport, data in writes]
    while left:
        going_on = []
        for transport, packets in left:
            packet = next(packets, None)
            if packet is not None and not transport.is_closing():
                yield transport, packet
                going_on.append((transport, packets))
        left = going_on
