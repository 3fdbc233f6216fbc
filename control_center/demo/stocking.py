"""Fill a center's stores with what the demo needs: the tree, the cameras, the records, some people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from control_center.demo.plan import CENTERS, CameraPlan
from control_center.identity import accounts
from control_center.identity.authority import Authority
from control_center.identity.roles import Role
from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from foundation.clock import Clock
from foundation.database import Stores, transaction
from foundation.errors import InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.settings import Settings
from matching.catalogue import DATABASES, LISTS, Catalogue
from matching.csv_files import ImportReport
from matching.lists import import_list
from matching.references import import_references

# The first is the one who is shown; the others are there to look at.
PEOPLE = (Role.OPERATOR, Role.SUPERVISOR, Role.TECHNICIAN, Role.AUDITOR, Role.ADMINISTRATOR)
_ACTOR = "demo"
_SIGHT = {"fov_deg": 70.0, "range_m": 120.0}


def stock_centers(session: Session, settings: Settings, clock: Clock) -> Origin:
    """The city of the settings with its counties and stations; returns the city as origin."""
    origin = centers.ensure_local(session, settings, clock)
    for code, name, level, parent in CENTERS:
        if centers.find(session, code) is None:
            centers.add(
                session, clock, node=origin.node, code=code, name=name, level=level, parent_code=parent, actor=_ACTOR
            )
    return origin


def stock_cameras(
    session: Session,
    keyring: Keyring,
    clock: Clock,
    node: str,
    plans: Sequence[CameraPlan],
    urls: Mapping[str, tuple[str, str | None]],
    login: tuple[str, str],
) -> None:
    """Register each planned camera at its station; `urls` are those of main and sub stream by the plan's path."""
    for plan in plans:
        center = centers.find(session, plan.center_code)
        assert center is not None
        main_url, sub_url = urls[plan.path]
        fields = CameraFields(
            code=plan.code,
            name=plan.name,
            main_url=main_url,
            sub_url=sub_url,
            username=login[0],
            password=login[1],
            latitude=plan.place.latitude if plan.place else None,
            longitude=plan.place.longitude if plan.place else None,
        )
        sight = {"azimuth_deg": plan.place.azimuth_deg} | _SIGHT if plan.place else {}
        cameras.save(session, keyring, clock, Origin(center.id, node), fields, actor=_ACTOR, columns=sight)


def stock_records(stores: Stores, catalogue: Catalogue, origin: Origin, folder: Path, clock: Clock) -> None:
    """Import the generated lists and databases through the same door as an agency's."""
    for list_name in LISTS:
        file = folder / "lists" / f"{list_name}.csv"
        report = import_list(stores.core, catalogue, list_name, file, origin=origin, clock=clock, actor=_ACTOR)
        _require_written(report, file)
    for database in DATABASES:
        file = folder / "references" / f"{database}.csv"
        report = import_references(stores.core, catalogue, database, file, origin=origin, clock=clock, actor=_ACTOR)
        _require_written(report, file)


def _require_written(report: ImportReport, file: Path) -> None:
    if report.refused:
        raise InvalidInput(f"{len(report.refused)} generated rows were refused.", where=str(file))


def stock_people(stores: Stores, origin: Origin, clock: Clock) -> dict[str, str]:
    """One account a role that the demo shows, named like it; returns a new one-time password for each."""
    authority = Authority.command_line(_ACTOR, origin)
    issued = {}
    for role in PEOPLE:
        with transaction(stores.core) as session:
            account = accounts.find(session, role)
            if account is None:
                account = accounts.create_account(
                    session,
                    authority,
                    clock,
                    username=role,
                    display_name=role.title(),
                    roles=[(role, origin.center_id)],
                )
            issued[role.value] = accounts.issue_one_time_password(session, authority, clock, account)
    return issued
