"""Footage on a disk as a recorder leaves it, made from a video file: for tests of what reads it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

from foundation.nal import is_parameter_set, length_prefixed, split_annex_b
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.footage.fragmenter import Fragmenter, us_from_ticks
from ingest.footage.index_writer import Changes, IndexWriter, SegmentRow
from ingest.footage.mp4 import init_segment
from ingest.rtsp.sps import codec_parameters

START_US = 1_760_000_000_000_000


def read_units(file: Path, start_us: int = START_US) -> tuple[CodecParameters, list[AccessUnit]]:
    """The H.264 access units of a file, as if captured from `start_us` on."""
    sets: dict[bytes, None] = {}
    units: list[AccessUnit] = []
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        for packet in container.demux(stream):
            for filtered in annex_b.filter(packet if packet.size else None):
                nals = list(split_annex_b(bytes(filtered)))
                sets |= dict.fromkeys(nal for nal in nals if is_parameter_set("h264", nal))
                time_base = stream.time_base
                assert time_base is not None
                assert filtered.pts is not None
                assert filtered.dts is not None
                units.append(
                    AccessUnit(
                        start_us=start_us + int(filtered.dts * time_base * 1_000_000),
                        rtp_time=int(filtered.pts * time_base * 90_000),
                        is_keyframe=filtered.is_keyframe,
                        gap_before=False,
                        data=length_prefixed(nal for nal in nals if not is_parameter_set("h264", nal)),
                    )
                )
    first = units[0].start_us
    return codec_parameters("h264", list(sets)), [
        replace(unit, start_us=unit.start_us - first + start_us) for unit in units
    ]


def record(
    disk: Path,
    camera_id: str,
    parameters: CodecParameters,
    units: list[AccessUnit],
    *,
    stream: str = "main",
    fence: int = 1,
    n: int = 0,
    complete: bool = True,
    unsynced_fragments: int = 0,
) -> Path:
    """One segment file with its row; the row of an incomplete one may lag behind the file."""
    fragmenter = Fragmenter(45_000)
    fragments = [done for unit in units if (done := fragmenter.push(unit))] + fragmenter.flush()
    init = init_segment(parameters)
    origin = fragments[0].decode_time
    data, keyframes, ends = init, [], []
    for number, fragment in enumerate(fragments, 1):
        if fragment.is_keyframe:
            keyframes.append((us_from_ticks(fragment.decode_time - origin), len(data)))
        data += fragment.encode(number, origin)
        ends.append(len(data))
    path = f"{camera_id}/{stream}/{units[0].start_us}-{fence}-{n}.mp4"
    (disk / path).parent.mkdir(parents=True, exist_ok=True)
    (disk / path).write_bytes(data)
    known = fragments[: len(fragments) - unsynced_fragments]
    ticks = sum(fragment.duration for fragment in known)
    row = SegmentRow(
        camera_id=camera_id,
        stream=stream,
        fence=fence,
        n=n,
        init=init,
        path=path,
        start_us=units[0].start_us,
        duration_us=us_from_ticks(ticks),
        media_duration_90k=ticks,
        size_bytes=ends[len(known) - 1],
        fragments=len(known),
        keyframes=tuple((at, place) for at, place in keyframes if place < ends[len(known) - 1]),
        sha256=sha256(b"".join(unit.data for unit in units)).digest(),
        complete=complete,
    )
    writer = IndexWriter(disk)
    writer.apply(Changes(segments={row.key: row}))
    writer.close()
    return disk / path
