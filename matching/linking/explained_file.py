"""The explanations that `vedette match compare --explain` wrote, a line of JSON each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from foundation.errors import InvalidInput, NotFound
from foundation.files import open_to_read
from foundation.spreadsheets import guarded
from matching.model import FIELDS

_LONGEST_LINE = 1 << 20  # bytes
Mbits = Annotated[int, Field(strict=True, ge=-1_000_000, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Side(_Part):
    raw: str | None
    normalised: str


class _Field(_Part):
    field: str
    level: str
    m: Share
    u: Share
    weight_mbits: Mbits
    left: _Side
    right: _Side


class _Calibration(BaseModel):
    model_config = ConfigDict(extra="forbid")
    slope_per_mille: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    intercept_mbits: Mbits
    judged: Annotated[int, Field(strict=True, ge=1)]


class _RunnerUp(_Part):
    probability: Share


class _Explanation(_Part):
    record_id: str
    reference_id: str
    prior_mbits: Mbits
    fields: Annotated[list[_Field], Field(max_length=len(FIELDS))]
    calibration: _Calibration | None = None
    posterior: Share
    keys: list[str]
    against: list[str]
    runner_up: _RunnerUp | None
    versions: dict[str, str]


def explanation_of(path: Path, record_id: str, reference_id: str) -> dict[str, Any]:
    """The explanation of one pair, whose identifiers may be guarded for spreadsheets, as in the file of hits.

    Raises `NotFound`, or `InvalidInput` where the pair's line is not what a comparison wrote.
    """
    with open_to_read(path) as file:
        number = 0
        while line := file.readline(_LONGEST_LINE + 1):
            number += 1
            content = _content(line, f"{path}, line {number}")
            if _is(content.get("record_id"), record_id) and _is(content.get("reference_id"), reference_id):
                return _checked(content, f"{path}, line {number}")
    raise NotFound("there is no such pair in it.", where=str(path), mend="Give both identifiers as the hits have them.")


def _content(line: bytes, where: str) -> dict[str, Any]:
    try:
        content = json.loads(line) if len(line) <= _LONGEST_LINE else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise _refused("no explanation.", where)
    return content


def _checked(content: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        return _Explanation.model_validate(content).model_dump(exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise _refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.", where) from error


def _is(said: object, asked: str) -> bool:
    return isinstance(said, str) and asked in (said, guarded(said))


def _refused(what: str, where: str) -> InvalidInput:
    return InvalidInput(what, where=where, mend="Give what `vedette match compare --explain` wrote.")
