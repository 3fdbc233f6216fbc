"""Which of FFmpeg's packets are whole pictures.

FFmpeg hands damaged pictures on as if they were whole; that packets are missing it only writes into its log. The
picture that its parser was putting together when that happened is the next to come out, so that one is dropped, and
then all up to a keyframe whose first slice is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from foundation.nal import Codec, is_keyframe_unit, nal_type

_H264_FIRST_VCL, _H264_LAST_VCL, _H265_LAST_VCL = 1, 5, 31


class Passed(NamedTuple):
    is_keyframe: bool
    gap_before: bool


class Sieve:
    def __init__(self, codec: Codec) -> None:
        self._codec: Codec = codec
        self._torn = False  # the next picture lost something
        self._awaiting_keyframe = True
        self._gap = False

    def lose(self) -> None:
        self._torn = self._awaiting_keyframe = self._gap = True

    def take(self, units: Sequence[bytes]) -> Passed | None:
        """None for a picture that cannot be decoded."""
        slices = [unit for unit in units if self._is_slice(unit)]
        if self._torn:
            self._torn = False
            return None
        if not slices:
            return None
        if not self._starts_picture(slices[0]):
            self.lose()
            self._torn = False
            return None
        is_keyframe = any(is_keyframe_unit(self._codec, unit) for unit in slices)
        if self._awaiting_keyframe and not is_keyframe:
            return None
        passed = Passed(is_keyframe, self._gap)
        self._awaiting_keyframe = self._gap = False
        return passed

    def _is_slice(self, unit: bytes) -> bool:
        kind = nal_type(self._codec, unit)
        return _H264_FIRST_VCL <= kind <= _H264_LAST_VCL if self._codec == "h264" else kind <= _H265_LAST_VCL

    def _starts_picture(self, unit: bytes) -> bool:
        """`first_mb_in_slice` is zero, or `first_slice_segment_in_pic_flag` is set."""
        at = 1 if self._codec == "h264" else 2
        return len(unit) > at and bool(unit[at] & 0x80)
