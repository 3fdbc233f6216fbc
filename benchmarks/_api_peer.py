"""The peer of `benchmarks.api`: an ORM query and a response model in FastAPI, as its tutorials write them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from control_center.alerts.models import Alert
from control_center.identity.models import Account, AccountSession
from control_center.identity.sessions import token_hash
from foundation.settings import Settings


class Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    state: str
    version: int
    severity: str
    created_us: int
    center_id: str
    list_name: str | None
    database: str | None
    camera_id: str | None
    observed_us: int | None
    plate: str | None
    verifications_needed: int


class Page(BaseModel):
    items: list[Row]


def create_app(folder: Path) -> FastAPI:
    app = FastAPI()
    engine = create_engine(Settings(data_dir=folder).core_url, connect_args={"check_same_thread": False})
    make_session = sessionmaker(engine)

    def database() -> Iterator[Session]:
        with make_session() as session:
            yield session

    def caller(session: Annotated[Session, Depends(database)], vedette_session: Annotated[str, Cookie()]) -> Account:
        query = select(Account).join(AccountSession, AccountSession.account_id == Account.id)
        account = session.scalar(query.where(AccountSession.token_hash == token_hash(vedette_session)))
        if account is None:
            raise HTTPException(401)
        return account

    @app.get("/empty")
    def empty() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/alerts", response_model=Page)
    def alerts(
        session: Annotated[Session, Depends(database)], _caller: Annotated[Account, Depends(caller)], limit: int = 50
    ) -> object:
        return {"items": session.scalars(select(Alert).order_by(Alert.id.desc()).limit(limit)).all()}

    return app
