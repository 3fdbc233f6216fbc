"""`vedette accounts`: who may sign in to the console, and what they may do there.

The command line is this machine's: whoever may run it with the center's data may do all of this. It is audited under
the name of the system's user.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.identity import accounts, grants, second_factor, session_rows, tokens
from control_center.identity.authority import Authority
from control_center.identity.models import Account, ApiToken
from control_center.identity.oidc import links
from control_center.identity.principal import Grant, grants_of
from control_center.identity.roles import Role
from device_registry import centers
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.database import open_stores, transaction
from foundation.errors import NotFound
from foundation.files import ensure_folder
from foundation.settings import load_settings
from ingest.live.ended import note_ended

_accounts = typer.Typer(no_args_is_help=True, help="Accounts of the console.")
Username = Annotated[str, typer.Argument(help="Name of the account.")]
CenterCode = Annotated[str | None, typer.Option(help="Code of the center; empty: this center.")]


def register(app: typer.Typer) -> None:
    app.add_typer(_accounts, name="accounts")


@dataclass(frozen=True, slots=True)
class _Desk:
    session: Session
    authority: Authority
    changed: list[str] = field(default_factory=list)  # accounts
    revoked: list[str] = field(default_factory=list)  # tokens

    def account(self, username: str) -> Account:
        account = accounts.require(self.session, username)
        self.changed.append(account.id)
        return account

    def center(self, code: str | None) -> str:
        if code is None:
            return self.authority.local.center_id
        found = centers.find(self.session, code)
        if found is None:
            raise NotFound("there is no such center.", where=f"center {code}", mend="`vedette centers ls` lists them.")
        return found.id


@contextmanager
def _desk() -> Iterator[_Desk]:
    """A transaction; whose rights changed in it loses the pictures that rested on them after the commit."""
    from foundation import migrations  # a quarter of a second, which --help can do without

    settings = load_settings()
    ensure_folder(settings.data_dir)
    stores = open_stores(settings)
    try:
        migrations.prepare(stores)
        with transaction(stores.core) as session:
            local = centers.ensure_local(session, settings, SYSTEM_CLOCK)
            desk = _Desk(session, Authority.command_line(f"cli:{getpass.getuser()}", local))
            yield desk
        if desk.changed or desk.revoked:
            note_ended(settings.run_dir, SYSTEM_CLOCK, account_ids=desk.changed, session_ids=desk.revoked)
    finally:
        stores.dispose()


def _console() -> Console:
    return Console(markup=False, highlight=False)


@_accounts.command("add")
def add(
    username: Annotated[str, typer.Argument(help="Name to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name, as shown.")] = "",
    role: Annotated[list[Role] | None, typer.Option(help="What the account may do; may be given again.")] = None,
    center: CenterCode = None,
) -> None:
    """Make an account with its roles at its center, and print its one-time password."""
    with _desk() as desk:
        center_id = desk.center(center)
        account = accounts.create_account(
            desk.session,
            desk.authority,
            SYSTEM_CLOCK,
            username=username,
            display_name=name,
            center_id=center_id,
            roles=[(each, center_id) for each in role or [Role.OPERATOR]],
        )
        password = accounts.issue_one_time_password(desk.session, desk.authority, SYSTEM_CLOCK, account)
    _show_password(account.username, password)


@_accounts.command("password")
def password(username: Username) -> None:
    """Print a new one-time password; the account's sessions end."""
    with _desk() as desk:
        account = desk.account(username)
        issued = accounts.issue_one_time_password(desk.session, desk.authority, SYSTEM_CLOCK, account)
    _show_password(account.username, issued)


@_accounts.command("grant")
def grant(
    username: Username,
    role: Annotated[Role, typer.Argument(help="The role.")],
    center: CenterCode = None,
) -> None:
    """Give a role at a center and all below it."""
    with _desk() as desk:
        account = desk.account(username)
        grants.grant(desk.session, desk.authority, SYSTEM_CLOCK, account, role, desk.center(center))
    _console().print(f"{account.username} is {role} now.")


@_accounts.command("revoke")
def revoke(
    username: Username,
    role: Annotated[Role, typer.Argument(help="The role.")],
    center: CenterCode = None,
) -> None:
    """Take a role at a center back, loans of it included."""
    with _desk() as desk:
        account = desk.account(username)
        center_id = desk.center(center)
        held = grants_of(desk.session, account.id, SYSTEM_CLOCK.now_us())
        found = [each for each in held if (each.role, each.center_id) == (role, center_id)]
        if not found:
            raise NotFound(f"the account does not have the role {role} there.", where=account.username)
        for each in found:
            grants.revoke(desk.session, desk.authority, SYSTEM_CLOCK, account, each.id)
    _console().print(f"{account.username} is no longer {role} there.")


@_accounts.command("lend")
def lend(
    username: Username,
    role: Annotated[Role, typer.Argument(help="operator, senior_operator, analyst or technician.")],
    center: CenterCode = None,
    days: Annotated[float, typer.Option(min=0.01, max=30, help="Length of the loan.")] = 1.0,
    reason: Annotated[str, typer.Option(help="What the person is needed for.")] = "",
) -> None:
    """Let somebody from elsewhere work at a center for a time."""
    with _desk() as desk:
        account = desk.account(username)
        until_us = SYSTEM_CLOCK.now_us() + int(days * 24 * 3600 * US_PER_S)
        center_id = desk.center(center)
        grants.lend(
            desk.session, desk.authority, SYSTEM_CLOCK, account, role, center_id, until_us=until_us, reason=reason
        )
    _console().print(f"{account.username} is {role} there until {_when(until_us)}.")


@_accounts.command("sign-out")
def sign_out(username: Username) -> None:
    """End all sessions of an account, at once."""
    with _desk() as desk:
        account = desk.account(username)
        accounts.sign_out_everywhere(desk.session, desk.authority, SYSTEM_CLOCK, account)
    _console().print(f"{account.username} is signed out everywhere.")


@_accounts.command("reset-second-factor")
def reset_second_factor(username: Username) -> None:
    """Forget the second factor of somebody who has lost it; the account's sessions end."""
    with _desk() as desk:
        account = desk.account(username)
        second_factor.reset(desk.session, desk.authority, SYSTEM_CLOCK, account)
    _console().print(f"{account.username} has no second factor now.")


@_accounts.command("unlink")
def unlink(username: Username) -> None:
    """Forget who the account is at the sign-in provider; the next sign-in there ties it anew. Its sessions end."""
    with _desk() as desk:
        account = desk.account(username)
        links.unlink(desk.session, desk.authority, SYSTEM_CLOCK, account)
    _console().print(f"{account.username} is tied to nobody at the provider now.")


@_accounts.command("tokens")
def list_tokens(username: Username) -> None:
    """Show what programs sign in with on an account's behalf, newest first."""
    table = Table("Token", "For", "Rights", "Expires", "Last used", "State")
    now_us = SYSTEM_CLOCK.now_us()
    with _desk() as desk:
        account = _whoever(desk.session, username)
        for row in tokens.listed(desk.session, account.id):
            used = _when(row.used_us) if row.used_us is not None else "never"
            table.add_row(row.id, row.name, ", ".join(row.rights), _when(row.expires_us), used, _state(row, now_us))
    _console().print(table)


@_accounts.command("revoke-token")
def revoke_token(token_id: Annotated[str, typer.Argument(help="As `vedette accounts tokens` shows it.")]) -> None:
    """End a token at once, and the pictures that were opened under it."""
    with _desk() as desk:
        row = desk.session.get(ApiToken, token_id)
        if row is None:
            raise NotFound("there is no such token.", where=token_id, mend="`vedette accounts tokens USER` lists them.")
        account = desk.session.get_one(Account, row.account_id)
        tokens.revoke(
            desk.session, SYSTEM_CLOCK, account, token_id, by=desk.authority.actor, source=desk.authority.source
        )
        desk.revoked.append(token_id)
    _console().print(f"Revoked the token of {account.username} for {row.name}.")


@_accounts.command("disable")
def disable(username: Username) -> None:
    """Close an account; what it did stays under its name."""
    with _desk() as desk:
        account = desk.account(username)
        accounts.disable(desk.session, desk.authority, SYSTEM_CLOCK, account)
    _console().print(f"Disabled {account.username}.")


@_accounts.command("enable")
def enable(username: Username) -> None:
    """Open a closed account again, with the roles that it had."""
    with _desk() as desk:
        found = _whoever(desk.session, username)
        accounts.enable(desk.session, desk.authority, SYSTEM_CLOCK, found)
    _console().print(f"Enabled {found.username}.")


@_accounts.command("ls")
def list_accounts() -> None:
    """Show the accounts, their roles, and where they are signed in."""
    table = Table("User", "Name", "Center", "Roles", "Password", "Second factor", "Sessions")
    now_us = SYSTEM_CLOCK.now_us()
    with _desk() as desk:
        names = {row.center.id: row.center.name for row in centers.tree(desk.session)}
        for account in desk.session.scalars(select(Account).order_by(Account.username)):
            held = "\n".join(_role(each, account, names) for each in grants_of(desk.session, account.id, now_us))
            state = "disabled" if account.disabled_us is not None else account.password_state
            factor = "yes" if account.totp_confirmed_us is not None else ""
            count = session_rows.count_open(desk.session, account.id, now_us)
            table.add_row(
                account.username,
                account.display_name,
                names.get(account.center_id, ""),
                held,
                state,
                factor,
                str(count or ""),
            )
    _console().print(table)


def _whoever(session: Session, username: str) -> Account:
    """The account of that name, disabled ones as well."""
    found = accounts.find(session, username)
    if found is None:
        raise NotFound("there is no such account.", where=username, mend="`vedette accounts ls` lists them.")
    return found


def _state(token: ApiToken, now_us: int) -> str:
    if token.revoked_us is not None:
        return f"revoked {_when(token.revoked_us)}"
    return "in force" if token.expires_us > now_us else "expired"


def _role(held: Grant, account: Account, names: dict[str, str]) -> str:
    place = "" if held.center_id == account.center_id else f" at {names.get(held.center_id, '')}"
    end = f" until {_when(held.until_us)}" if held.until_us is not None else ""
    return f"{held.role}{place}{end}"


def _when(us: int) -> str:
    return datetime.fromtimestamp(us / US_PER_S, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _show_password(username: str, password: str) -> None:
    console = _console()
    console.print(f"User name:          {username}")
    console.print(f"One-time password:  {password}")
    console.print("It opens one session within 24 hours; the person then sets their own password.")
