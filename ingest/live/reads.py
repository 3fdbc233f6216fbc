"""What the media server notes of each viewing: a line of JSON, which the process *api* writes into the audit trail."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FOLDER = "media-reads"  # within the run folder
FINISHED = ".jsonl"  # of files that nobody writes to any more

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Time = Annotated[int, Field(ge=0, lt=1 << 62)]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{0,128}$")]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: Id  # UUIDv7; the audit entry has the same, so that no line becomes two
    at_us: Time


class LiveRead(_Line):
    """Live pictures of a stream: one line when they begin and one when they end, which names the first."""

    what: Literal["live"] = "live"
    account: Text
    session_id: Text
    ticket: Id
    camera_id: Text
    stream: Text
    from_us: Time
    to_us: Time | None = None  # None while it goes on
    began: Id | None = None  # the line of the beginning


class ClipRead(_Line):
    """A clip of recorded footage, when its first bytes are asked for."""

    what: Literal["clip"] = "clip"
    account: Text
    session_id: Text
    ticket: Id
    camera_id: Text
    stream: Text
    from_us: Time
    to_us: Time
    alert_id: Text | None = None


class LostReads(_Line):
    """How many lines could not be written since the last that could."""

    what: Literal["lost"] = "lost"
    count: Annotated[int, Field(ge=1, lt=1 << 31)]
    from_us: Time


MediaRead = Annotated[LiveRead | ClipRead | LostReads, Field(discriminator="what")]
