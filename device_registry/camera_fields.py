"""A camera as somebody gives it, on the command line or in a row of a file: cleaned, checked, told what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from device_registry import positions, stream_url
from foundation.errors import FieldProblem, InvalidFields, InvalidInput

DATUMS = get_args(positions.Datum)
_LONGEST = {"code": 64, "name": 200, "maker": 100, "model": 100, "username": 200, "password": 200}


@dataclass(frozen=True, slots=True)
class CameraFields:
    """`None` keeps what is known of the camera."""

    code: str
    name: str | None = None
    maker: str | None = None
    model: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    datum: str | None = None  # of that position: wgs84, which is kept, or gcj02, which is converted
    main_url: str | None = field(default=None, repr=False)
    sub_url: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    disabled: bool | None = None


class InvalidCamera(InvalidFields):
    def __init__(self, code: str, problems: Sequence[FieldProblem]) -> None:
        super().__init__(f"camera {code or '(no code)'}", problems)


def checked(fields: CameraFields) -> CameraFields:
    """The fields trimmed, with the URLs' credentials moved to `username` and `password`; or `InvalidCamera`."""
    fields = _trimmed(fields)
    problems = [*_text_problems(fields), *_position_problems(fields)]
    fields = _in_wgs84(fields)
    try:
        fields = _part_credentials(fields, problems)
    except InvalidInput as error:
        problems.append(FieldProblem(error.where or "main_url", error.what, error.mend or ""))
    if fields.password is not None and fields.username is None:
        problems.append(FieldProblem("username", "there is a password without a user name.", "Name the user."))
    if problems:
        raise InvalidCamera(fields.code, problems)
    return fields


def _trimmed(fields: CameraFields) -> CameraFields:
    return replace(
        fields,
        code=fields.code.strip(),
        name=_trim(fields.name),
        maker=_trim(fields.maker),
        model=_trim(fields.model),
        datum=_trim(fields.datum),
        username=_trim(fields.username),
    )


def _trim(text: str | None) -> str | None:
    return (text.strip() or None) if text is not None else None


def _text_problems(fields: CameraFields) -> Iterator[FieldProblem]:
    if not fields.code:
        yield FieldProblem("code", "a camera needs a code.", "Give the center's number for it.")
    for column, longest in _LONGEST.items():
        text = getattr(fields, column) or ""
        if len(text) > longest or not text.isprintable():
            yield FieldProblem(column, f"the text is longer than {longest} or not printable.", "Shorten or mend it.")


def _position_problems(fields: CameraFields) -> Iterator[FieldProblem]:
    if fields.datum not in (None, *DATUMS):
        yield FieldProblem("datum", "this datum is not known.", f"Write one of {', '.join(DATUMS)}.")
    if fields.datum is not None and fields.latitude is None and fields.longitude is None:
        yield FieldProblem("datum", "there is a datum without a position.", "Give latitude and longitude as well.")
    if None not in (fields.latitude, fields.longitude) and _are_swapped(fields):
        yield FieldProblem("latitude", "latitude and longitude look swapped.", "Exchange the two.")
        return
    for column, degrees, limit in (("latitude", fields.latitude, 90), ("longitude", fields.longitude, 180)):
        if degrees is not None and not (math.isfinite(degrees) and abs(degrees) <= limit):
            yield FieldProblem(column, f"it lies outside -{limit} to {limit} degrees.", "Give WGS 84 degrees.")
    if (fields.latitude is None) != (fields.longitude is None):
        missing = "latitude" if fields.latitude is None else "longitude"
        yield FieldProblem(missing, "only half of the position is given.", "Give latitude and longitude, or neither.")


def _are_swapped(fields: CameraFields) -> bool:
    assert fields.latitude is not None
    assert fields.longitude is not None
    return positions.look_swapped(fields.latitude, fields.longitude)


def _in_wgs84(fields: CameraFields) -> CameraFields:
    if fields.datum != "gcj02" or fields.latitude is None or fields.longitude is None:
        return replace(fields, datum=None)
    latitude, longitude = positions.to_wgs84(fields.latitude, fields.longitude)
    return replace(fields, latitude=round(latitude, 7), longitude=round(longitude, 7), datum=None)


def _part_credentials(fields: CameraFields, problems: list[FieldProblem]) -> CameraFields:
    logins = {(fields.username, fields.password)} - {(None, None)}
    main, sub = (
        stream_url.parse(text, column) if text is not None else None
        for column, text in (("main_url", fields.main_url), ("sub_url", fields.sub_url))
    )
    logins |= {(url.username, url.password) for url in (main, sub) if url is not None and url.username is not None}
    if len(logins) > 1:
        problems.append(
            FieldProblem("username", "the URLs and columns name different credentials.", "A camera has one login.")
        )
    username, password = logins.pop() if logins else (None, None)
    return replace(
        fields,
        main_url=main.url if main else None,
        sub_url=sub.url if sub else None,
        username=username,
        password=password,
    )
