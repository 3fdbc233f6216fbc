"""The one error tree. A leaf carries facts; the command line and the API each turn them into an answer in one place.

VedetteError
├── ConfigError            settings, catalogue or command line that cannot be read
├── InvalidInput           data from outside that is refused: a row, a field, a request
│   ├── InvalidFields      several of its fields are wrong, and each is told
│   ├── ReasonRequired     the policy asks why, and nothing was said
│   ├── CaseRequired       the policy asks for a case number
│   └── CaseMalformed      what was given as a case number is none
├── NotFound               no such thing, or not in the caller's scope
├── Conflict               the thing changed meanwhile, or the step is not allowed in its state
├── NotAuthenticated       nobody is signed in
│   └── SecondFactor       the password was right; a code is needed, or was wrong
├── SessionLocked          signed in, but the console waits for its person
├── Forbidden              signed in, but without the right
├── PreconditionFailed     the thing changed since the caller read it
├── PreconditionRequired   a change must name the version that it was made from
├── TooMany                more at once than this machine takes on
├── Unavailable            what is asked for is being made ready
├── ResourceError          this machine: ports, disks, folders, files
│   ├── PortInUse
│   ├── DiskFull
│   ├── NotWritable
│   └── FileMissing
├── DatabaseError          a store cannot be opened or used
│   └── NewerDatabase      written by a newer version of Vedette
├── StreamError            a camera's stream
│   ├── StreamRefused      the device answered no: credentials, path
│   └── StreamSilent       nothing came within the time allowed
├── DeviceError            a camera's ONVIF service; its leaves stand in device_registry.onvif.faults
└── StaleFence             state written under a lease that somebody else holds now
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


class VedetteError(Exception):
    """What is wrong, where, and what to do about it.

    `what` is one sentence; `where` names the row, column, camera, file or setting; `mend` says what to do.
    `extensions` are further facts that a program can use; the API shows them.
    """

    kind: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        mend: str | None = None,
        extensions: Mapping[str, str] | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.mend = mend
        self.extensions = dict(extensions or {})
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f" {self.mend}" if self.mend else ""
        return f"{place}{self.what}{mend}"


class ConfigError(VedetteError):
    kind = "config"


class InvalidInput(VedetteError):
    kind = "invalid_input"
    http_status = 422


@dataclass(frozen=True, slots=True)
class FieldProblem:
    column: str
    what: str
    mend: str


class InvalidFields(InvalidInput):
    """Carries every problem; its sentence tells the first."""

    def __init__(self, of: str, problems: Sequence[FieldProblem]) -> None:
        self.problems = problems
        first = problems[0]
        super().__init__(first.what, where=f"{of}, {first.column}", mend=first.mend)


class ReasonRequired(InvalidInput):
    kind = "reason_required"


class CaseRequired(InvalidInput):
    kind = "case_required"


class CaseMalformed(InvalidInput):
    kind = "case_malformed"


class NotFound(VedetteError):
    kind = "not_found"
    http_status = 404


class Conflict(VedetteError):
    kind = "conflict"
    http_status = 409


class NotAuthenticated(VedetteError):
    kind = "not_authenticated"
    http_status = 401


class SecondFactor(NotAuthenticated):
    kind = "second_factor"


class SessionLocked(VedetteError):
    kind = "session_locked"
    http_status = 423


class Forbidden(VedetteError):
    kind = "forbidden"
    http_status = 403


class PreconditionFailed(VedetteError):
    kind = "precondition_failed"
    http_status = 412


class PreconditionRequired(VedetteError):
    kind = "precondition_required"
    http_status = 428


class TooMany(VedetteError):
    """`retry_after_s`: when it is worth while to try again, where that is known."""

    kind = "too_many"
    http_status = 429

    def __init__(
        self, what: str, *, where: str | None = None, mend: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(what, where=where, mend=mend)
        self.retry_after_s = retry_after_s


class Unavailable(VedetteError):
    """Not yet or not just now, and nobody needs to mend anything."""

    kind = "unavailable"
    http_status = 503


class ResourceError(VedetteError):
    kind = "resource"
    http_status = 503


class PortInUse(ResourceError):
    kind = "port_in_use"


class DiskFull(ResourceError):
    kind = "disk_full"


class NotWritable(ResourceError):
    kind = "not_writable"


class FileMissing(ResourceError):
    kind = "file_missing"


class DatabaseError(VedetteError):
    kind = "database"
    http_status = 503


class NewerDatabase(DatabaseError):
    kind = "newer_database"


class StreamError(VedetteError):
    kind = "stream"
    http_status = 502


class StreamRefused(StreamError):
    kind = "stream_refused"


class StreamSilent(StreamError):
    kind = "stream_silent"


class DeviceError(VedetteError):
    kind = "device"
    http_status = 502


class StaleFence(VedetteError):
    kind = "stale_fence"
    http_status = 409
