"""`/board`: the six lists against the four reference databases, cell by cell."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from control_center.alerts.flow import AlertState
from control_center.alerts.models import Alert
from control_center.web_api.alert_views import Bilingual
from control_center.web_api.context import Context, Reader
from foundation.database import reading
from foundation.scope import Scope
from matching.board import CellSummary
from matching.board import board as cell_summaries
from matching.catalogue import DATABASES, LISTS

router = APIRouter(tags=["board"])


class Named(BaseModel):
    name: str
    title: Bilingual


class CellView(BaseModel):
    """One list compared with one reference database."""

    list_name: str = Field(alias="list")
    database: str
    purpose: Bilingual
    keys: list[str]
    meaning: Bilingual
    action: Bilingual
    open_alerts: int
    compared: int
    not_comparable: int
    hits: int
    finished_us: int | None


class BoardView(BaseModel):
    lists: list[Named]
    databases: list[Named]
    cells: list[CellView]


@router.get("/board", response_model=BoardView)
def board(principal: Reader, context: Context) -> dict[str, Any]:
    """All 24 cells, with the figures of the caller's centers."""
    with reading(context.stores.core) as session:
        summaries = {(cell.list_name, cell.database): cell for cell in cell_summaries(session, principal.scope)}
        open_alerts = _open_alerts(session, principal.scope)
    catalogue = context.catalogue
    return {
        "lists": [{"name": name, "title": catalogue.lists[name].title.model_dump()} for name in LISTS],
        "databases": [{"name": name, "title": catalogue.databases[name].title.model_dump()} for name in DATABASES],
        "cells": [
            {
                "list": list_name,
                "database": database,
                "purpose": cell.purpose.model_dump(),
                "keys": list(cell.keys),
                "meaning": cell.meaning.model_dump(),
                "action": cell.action.model_dump(),
                "open_alerts": open_alerts.get((list_name, database), 0),
            }
            | _figures(summaries[list_name, database])
            for list_name, database, cell in catalogue.each_cell()
        ],
    }


def _figures(summary: CellSummary) -> dict[str, Any]:
    return {
        "compared": summary.compared,
        "not_comparable": summary.not_comparable,
        "hits": summary.hits,
        "finished_us": summary.finished_us,
    }


def _open_alerts(session: Session, scope: Scope) -> dict[tuple[str | None, str | None], int]:
    query = select(Alert.list_name, Alert.database, func.count()).where(
        scope.covers(Alert.center_id), Alert.state.not_in([AlertState.CLOSED, AlertState.DISMISSED])
    )
    rows = session.execute(query.group_by(Alert.list_name, Alert.database))
    return {(list_name, database): count for list_name, database, count in rows}
