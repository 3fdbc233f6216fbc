"""Which viewings are noted for the audit trail, and when one counts as another."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from foundation.clock import US_PER_S, Clock
from foundation.identifiers import new_id
from ingest.live.leaves import ClipLeave, Leave, LiveLeave
from ingest.live.read_spool import ReadSpool
from ingest.live.reads import ClipRead, LiveRead
from ingest.tap import StreamKey

# A player asks for a clip in many ranges, and again when it is played again: one viewing, for so long.
SAME_VIEWING_US: Final = 600 * US_PER_S
_MOST_REMEMBERED: Final = 4096


class Notes:
    """Writes a line for each viewing."""

    def __init__(self, spool: ReadSpool, clock: Clock) -> None:
        self._spool = spool
        self._clock = clock
        self._played: OrderedDict[tuple[str, int, int], int] = OrderedDict()  # when, by leave and span

    async def live_begins(self, leave: LiveLeave, key: StreamKey) -> LiveRead:
        now_us = self._clock.now_us()
        read = LiveRead(**self._common(leave, key, now_us), from_us=now_us)
        await self._spool.note(read)
        return read

    def live_ended(self, begun: LiveRead) -> None:
        now_us = self._clock.now_us()
        ended = {"id": new_id(self._clock), "at_us": now_us, "to_us": max(now_us, begun.from_us), "began": begun.id}
        self._spool.note_soon(begun.model_copy(update=ended))

    async def clip_played(self, leave: ClipLeave, start_us: int, end_us: int) -> None:
        if self._is_noted((leave.id, start_us, end_us)):
            return
        common = self._common(leave, (leave.camera_id, leave.stream), self._clock.now_us())
        await self._spool.note(ClipRead(**common, from_us=start_us, to_us=end_us, alert_id=leave.alert_id))

    def _is_noted(self, viewing: tuple[str, int, int]) -> bool:
        now_us = self._clock.monotonic_us()
        noted_us = self._played.get(viewing)
        if noted_us is not None and now_us - noted_us < SAME_VIEWING_US:
            return True
        self._played[viewing] = now_us
        self._played.move_to_end(viewing)
        if len(self._played) > _MOST_REMEMBERED:
            self._played.popitem(last=False)
        return False

    def _common(self, leave: Leave, key: StreamKey, now_us: int) -> dict[str, Any]:
        return {
            "id": new_id(self._clock),
            "at_us": now_us,
            "account": leave.holder.account,
            "session_id": leave.holder.session_id,
            "ticket": leave.id,
            "camera_id": key[0],
            "stream": key[1],
        }
