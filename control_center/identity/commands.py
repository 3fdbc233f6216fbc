"""`vedette accounts`: who may sign in to the console."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from control_center.identity import accounts
from control_center.identity.roles import Role
from device_registry import centers
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.errors import NotFound
from foundation.files import ensure_folder
from foundation.identifiers import Origin
from foundation.settings import load_settings

_accounts = typer.Typer(no_args_is_help=True, help="Accounts of the console.")


def register(app: typer.Typer) -> None:
    app.add_typer(_accounts, name="accounts")


@contextmanager
def _writing() -> Iterator[tuple[Session, Origin]]:
    from foundation import migrations  # a quarter of a second, which --help can do without

    settings = load_settings()
    ensure_folder(settings.data_dir)
    stores = open_stores(settings)
    try:
        migrations.migrate(stores)
        with transaction(stores.core) as session:
            yield session, centers.ensure_local(session, settings, SYSTEM_CLOCK)
    finally:
        stores.dispose()


def _console() -> Console:
    return Console(markup=False, highlight=False)


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


@_accounts.command("add")
def add(
    username: Annotated[str, typer.Argument(help="Name to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name, as shown.")] = "",
    role: Annotated[Role, typer.Option(help="What the account may do.")] = Role.OPERATOR,
    center: Annotated[str | None, typer.Option(help="Code of its center; empty: this center.")] = None,
) -> None:
    """Make an account and print its one-time password."""
    with _writing() as (session, local):
        origin = _origin(session, local, center)
        account = accounts.create_account(
            session, origin, SYSTEM_CLOCK, username=username, display_name=name, role=role, actor=_actor()
        )
        password = accounts.issue_one_time_password(session, origin, SYSTEM_CLOCK, account.username, actor=_actor())
    _show(account.username, password)


@_accounts.command("password")
def password(username: Annotated[str, typer.Argument(help="Name of the account.")]) -> None:
    """Print a new one-time password; the account's sessions end."""
    with _writing() as (session, local):
        issued = accounts.issue_one_time_password(session, local, SYSTEM_CLOCK, username, actor=_actor())
    _show(username, issued)


@_accounts.command("disable")
def disable(username: Annotated[str, typer.Argument(help="Name of the account.")]) -> None:
    """Close an account for good; what it did stays under its name."""
    with _writing() as (session, local):
        accounts.disable(session, local, SYSTEM_CLOCK, username, actor=_actor())
    _console().print(f"Disabled {username}.")


@_accounts.command("ls")
def list_accounts() -> None:
    """Show the accounts."""
    table = Table("User", "Name", "Role", "Password", "Center")
    with _writing() as (session, _):
        names = {row.center.id: row.center.name for row in centers.tree(session)}
        for account in accounts.list_accounts(session):
            state = "disabled" if account.disabled_us is not None else account.password_state
            table.add_row(account.username, account.display_name, account.role, state, names.get(account.center_id, ""))
    _console().print(table)


def _origin(session: Session, local: Origin, code: str | None) -> Origin:
    if code is None:
        return local
    found = centers.find(session, code)
    if found is None:
        raise NotFound("there is no such center.", where=f"center {code}", mend="`vedette centers ls` lists them.")
    return Origin(found.id, local.node)


def _show(username: str, password: str) -> None:
    console = _console()
    console.print(f"User name:          {username}")
    console.print(f"One-time password:  {password}")
    console.print("It opens one session within 24 hours; the person then sets their own password.")
