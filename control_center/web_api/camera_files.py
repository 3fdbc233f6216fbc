"""Cameras as tables: imported from a file or a list, exported as a table that can be imported again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import anyio
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from control_center.identity.principal import Principal
from control_center.identity.roles import Right
from control_center.web_api.answers import answer
from control_center.web_api.camera_details import GivenCamera
from control_center.web_api.context import ApiContext, Context, Registrar
from control_center.web_api.guard import Body
from device_registry.changing import Reach
from device_registry.recording import RetentionLimits
from device_registry.tables.camera_row import CLEAR
from device_registry.tables.exporting import table_of, template
from device_registry.tables.files import MAX_BYTES
from device_registry.tables.importing import ImportReport, import_cameras, import_rows
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.identifiers import Origin

router = APIRouter(tags=["cameras"])

MOST_OF_A_BATCH: Final = 500
UPLOAD_S: Final = 300  # for as long a file holds the only place
_CSV: Final = "text/csv"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What browsers call such files; on Windows with Excel, CSV too. What it is, its content tells.
_FILES: Final = (_CSV, _XLSX, "application/octet-stream", "application/vnd.ms-excel", "text/plain", "application/yaml")
BODIES: Final = {
    "/cameras/import": Body(MAX_BYTES, frozenset(_FILES)),
    "/cameras/batch": Body(4 << 20),
}
_TABLES: Final = {"csv": _CSV, "xlsx": _XLSX}
_TABLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in _TABLES.values()}, "description": "The table."}
}
_FILE: Final = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _FILES},
}


TableKind = Annotated[Literal["csv", "xlsx"], Query(alias="format")]


class ImportProblem(BaseModel):
    row: int = Field(description="Line of the file, the header being 1; of a batch, place in the list, from 1.")
    column: str
    what: str
    mend: str


class ImportOutcome(BaseModel):
    created: int
    changed: int
    unchanged: int
    refused: int = Field(description="Rows.")
    written: bool = Field(description="Else all is as it was: a dry run, or something was refused.")
    problems: list[ImportProblem]
    notes: list[ImportProblem] = Field(description="What was not taken from the file, and refuses nothing.")


class Batch(BaseModel):
    cameras: Annotated[list[GivenCamera], Field(min_length=1, max_length=MOST_OF_A_BATCH)]
    dry_run: bool = False
    partial: bool = False


@router.post("/cameras/import", response_model=ImportOutcome, openapi_extra={"requestBody": _FILE})
async def import_file(
    request: Request, principal: Registrar, context: Context, dry_run: bool = False, partial: bool = False
) -> Response:
    """A file of at most 64 MiB as the body. `dry_run` checks everything and writes nothing; `partial` takes the good
    rows even if some are refused. One import at a time."""
    with context.imports.taken(principal.session_id):
        content = await _content(request)
        how = _Import(context, principal, dry_run, partial)
        return await context.imports.thread(lambda: how.done(import_cameras, content))


@router.post("/cameras/batch", response_model=ImportOutcome)
async def import_batch(body: Batch, principal: Registrar, context: Context) -> Response:
    """The same for a list of at most 500: what is not named of a camera stays as it is, and null clears."""
    rows = [(number, dict(_cells(camera.given()))) for number, camera in enumerate(body.cameras, 1)]
    with context.imports.taken(principal.session_id):
        how = _Import(context, principal, body.dry_run, body.partial)
        return await context.imports.thread(lambda: how.done(import_rows, rows))


@router.get("/cameras/export", response_class=Response, responses=_TABLE)
def export_cameras(principal: Registrar, context: Context, kind: TableKind = "csv") -> Response:
    """The table of an import, without user names and passwords; audited."""
    with reading(context.stores.core) as session:
        content = table_of(session, principal.scope, is_workbook=kind == "xlsx")
    with transaction(context.stores.core) as session:
        audit.record(
            session,
            AuditAction.API_CAMERA_EXPORT,
            origin=principal.origin,
            actor=principal.username,
            subject=principal.center_id,
            detail={"bytes": len(content)},
            clock=context.clock,
        )
    day = datetime.fromtimestamp(context.clock.now_us() / US_PER_S, UTC).date().isoformat()
    return _table(content, f"cameras-{day}", kind)


@router.get("/cameras/template", response_class=Response, responses=_TABLE)
def camera_template(_principal: Registrar, kind: TableKind = "csv") -> Response:
    """An empty table with every column of an import."""
    return _table(template(is_workbook=kind == "xlsx"), "cameras", kind)


def _table(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(content, media_type=_TABLES[kind], headers=headers)


async def _content(request: Request) -> bytes:
    try:
        with anyio.fail_after(UPLOAD_S):
            return b"".join([part async for part in request.stream()])
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None


@dataclass(frozen=True, slots=True)
class _Import:
    context: ApiContext
    principal: Principal
    dry_run: bool
    partial: bool

    def done(self, save: Callable[..., ImportReport], given: object) -> Response:
        """In one transaction; told in the same thread, for a bad file has a problem in each of its rows."""
        core = self.context.stores.core
        with reading(core) if self.dry_run else transaction(core) as session:
            report = self._saved(session, save, given)
            written = not self.dry_run and (self.partial or not report.problems)
            if not written:
                session.rollback()
        counts = {name: getattr(report, name) for name in ("created", "changed", "unchanged", "refused")}
        told = {name: [asdict(each) for each in getattr(report, name)] for name in ("problems", "notes")}
        return answer({**counts, "written": written, **told})

    def _saved(self, session: Session, save: Callable[..., ImportReport], given: object) -> ImportReport:
        context, principal = self.context, self.principal
        return save(
            session,
            context.keyring,
            context.clock,
            Origin(principal.center_id, context.origin.node),
            given,
            actor=principal.username,
            limits=RetentionLimits.of(context.settings.recorder),
            via="api",
            reach=Reach(principal.scope, principal.scope_of(Right.CONFIGURE)),
            dry_run=self.dry_run,
        )


def _cells(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A camera's values as the cells of a file."""
    for name, value in given.items():
        if value is None:
            if name != "center":  # there null means the caller's own
                yield name, CLEAR
        elif isinstance(value, bool):
            yield name, "yes" if value else "no"
        elif isinstance(value, str) and value.startswith(("=", "+", "-", "@", "'")):
            yield name, f"'{value}"
        else:
            yield name, str(value)
