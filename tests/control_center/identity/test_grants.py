"""Roles at centers, loans, and who may give them: nobody raises their own rights, and an administrator is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.identity import accounts, grants
from control_center.identity.authority import Authority
from control_center.identity.models import Account, AccountGrant
from control_center.identity.principal import Rules, grants_of
from control_center.identity.roles import LENDABLE, RIGHTS, Right, Role
from control_center.identity.sessions import Entrance, Visit, open_session
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope

CITY, COUNTY, STATION, OTHER = "110000000000", "110100000000", "110101010000", "110201010000"
DAY_US = 24 * 3600 * US_PER_S


@pytest.fixture
def cli(city) -> Authority:
    return Authority.command_line("cli:test", city.origin(CITY))


@pytest.fixture
def make(city, cli) -> Callable[..., str]:
    """An account with roles as `(role, center code)`, at home at the first of them; returns its id."""

    def make(username: str, *roles: tuple[Role, str], home: str | None = None) -> str:
        with transaction(city.stores.core) as session:
            placed = [(role, city.centers[code]) for role, code in roles]
            home_id = city.centers[home] if home else placed[0][1]
            account = accounts.create_account(
                session, cli, city.clock, username=username, center_id=home_id, roles=placed
            )
            return account.id

    return make


def administrator(city, account_id: str, code: str = CITY) -> Authority:
    """What the account may change, acting under `administer`."""
    with reading(city.stores.core) as session:
        username = session.get_one(Account, account_id).username
    return Authority("api", username, account_id, city.origin(CITY), scopes(city, account_id)[Right.ADMINISTER])


def scopes(city, account_id: str) -> Mapping[Right, Scope]:
    """What the account reaches when somebody signs in to it now."""
    core = city.stores.core
    entrance = Entrance(core, city.origin(CITY), Keyring(Path("never-asked")), city.clock, Rules())
    with transaction(core) as session:
        account = session.get_one(Account, account_id)
        return open_session(session, entrance, account, "password", Visit()).principal.scopes


def act(city, authority: Authority, deed: Callable[[Session, Account], object], account_id: str) -> None:
    with transaction(city.stores.core) as session:
        deed(session, authority.find(session, account_id))


def give(city, authority: Authority, account_id: str, role: Role, code: str) -> None:
    act(
        city,
        authority,
        lambda session, account: grants.grant(session, authority, city.clock, account, role, city.centers[code]),
        account_id,
    )


def take_back(city, authority: Authority, account_id: str, role: Role) -> None:
    with reading(city.stores.core) as session:
        held = [each.id for each in grants_of(session, account_id, city.clock.now_us()) if each.role == role]
    act(
        city,
        authority,
        lambda session, account: grants.revoke(session, authority, city.clock, account, held[0]),
        account_id,
    )


def ids(city, *codes: str) -> Scope:
    return Scope(city.centers[code] for code in codes)


def test_each_right_reaches_as_far_as_the_roles_that_carry_it(city, make) -> None:
    li = make("li", (Role.ANALYST, STATION), (Role.TECHNICIAN, CITY))
    found = scopes(city, li)
    assert found[Right.READ] == found[Right.PLAYBACK] == ids(city, STATION)
    assert found[Right.WATCH] == ids(city, CITY, COUNTY, STATION, OTHER)
    assert Right.DECIDE not in found
    assert Right.ADMINISTER not in found


def test_an_account_without_roles_sees_nothing(city, make) -> None:
    assert scopes(city, make("li", home=CITY)) == {}


def test_no_role_does_everything() -> None:
    assert set(RIGHTS) == set(Role)
    assert {right for rights in RIGHTS.values() for right in rights} == set(Right)
    assert Right.READ not in RIGHTS[Role.ADMINISTRATOR] | RIGHTS[Role.AUDITOR] | RIGHTS[Role.TECHNICIAN]
    assert not LENDABLE & {Role.ADMINISTRATOR, Role.AUDITOR, Role.SUPERVISOR}


def test_a_role_taken_back_is_gone_at_once_and_remembered(city, make, cli) -> None:
    li = make("li", (Role.OPERATOR, STATION))
    take_back(city, cli, li, Role.OPERATOR)
    assert scopes(city, li) == {}
    with reading(city.stores.core) as session:
        row = session.scalars(select(AccountGrant).where(AccountGrant.account_id == li)).one()
        assert (row.revoked_by, row.revoked_us) == ("cli:test", city.clock.now_us())
        actions = [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
    ours = [action for action in actions if action.startswith("cli:")]
    assert ours[-3:] == [
        "cli:account:create",
        "cli:role:grant",
        "cli:role:revoke",
    ]


def test_a_role_is_held_once_at_a_center(city, make, cli) -> None:
    li = make("li", (Role.OPERATOR, STATION))
    with pytest.raises(Conflict, match="already"):
        give(city, cli, li, Role.OPERATOR, STATION)
    give(city, cli, li, Role.OPERATOR, OTHER)
    assert scopes(city, li)[Right.DECIDE] == ids(city, STATION, OTHER)


@pytest.mark.parametrize("deed", ["grant", "revoke", "lend", "password", "disable", "enable", "move"])
def test_nobody_changes_their_own_rights(city, make, deed: str) -> None:
    chen = make("chen", (Role.ADMINISTRATOR, CITY))
    make("wang", (Role.ADMINISTRATOR, CITY))
    own = administrator(city, chen)

    def change(session: Session, account: Account) -> None:
        held = grants_of(session, account.id, city.clock.now_us())[0].id
        station, clock = city.centers[STATION], city.clock
        {
            "grant": lambda: grants.grant(session, own, clock, account, Role.AUDITOR, station),
            "revoke": lambda: grants.revoke(session, own, clock, account, held),
            "lend": lambda: grants.lend(
                session, own, clock, account, Role.OPERATOR, station, until_us=clock.now_us() + 1, reason="x"
            ),
            "password": lambda: accounts.issue_one_time_password(session, own, clock, account),
            "disable": lambda: accounts.disable(session, own, clock, account),
            "enable": lambda: accounts.enable(session, own, clock, account),
            "move": lambda: accounts.change(session, own, clock, account, center_id=station),
        }[deed]()

    with pytest.raises(Forbidden, match="their own rights"):
        act(city, own, change, chen)
    assert set(scopes(city, chen)) == RIGHTS[Role.ADMINISTRATOR]


def test_an_administrator_reaches_their_centers_alone(city, make) -> None:
    chen = administrator(city, make("chen", (Role.ADMINISTRATOR, COUNTY)))
    below, beside = make("li", (Role.OPERATOR, STATION)), make("bo", (Role.OPERATOR, OTHER))
    give(city, chen, below, Role.ANALYST, STATION)
    for code in (CITY, OTHER):
        with pytest.raises(NotFound, match="no such center"):
            give(city, chen, below, Role.ANALYST, code)
    with pytest.raises(NotFound, match="no such account"):
        give(city, chen, beside, Role.ANALYST, STATION)
    with transaction(city.stores.core) as session, pytest.raises(NotFound):
        accounts.create_account(session, chen, city.clock, username="new", center_id=city.centers[CITY])


@pytest.mark.parametrize("deed", [accounts.issue_one_time_password, accounts.disable, accounts.enable])
def test_an_account_that_reaches_further_is_not_taken_over(city, make, deed) -> None:
    """At home at the station, but auditor of the city: the station's administrator could sign in in its place."""
    chen = administrator(city, make("chen", (Role.ADMINISTRATOR, COUNTY)))
    li = make("li", (Role.OPERATOR, STATION), (Role.AUDITOR, CITY))
    with pytest.raises(Forbidden, match="beyond yours"):
        act(city, chen, lambda session, account: deed(session, chen, city.clock, account), li)


def test_the_last_administrator_stays(city, make, cli) -> None:
    chen = make("chen", (Role.ADMINISTRATOR, CITY))
    make("deng", (Role.ADMINISTRATOR, STATION))  # of a station below: not of this center
    for refused in (
        lambda: take_back(city, cli, chen, Role.ADMINISTRATOR),
        lambda: act(city, cli, lambda s, account: accounts.disable(s, cli, city.clock, account), chen),
    ):
        with pytest.raises(Conflict, match="without an administrator"):
            refused()
    wang = make("wang", (Role.ADMINISTRATOR, CITY))
    take_back(city, cli, chen, Role.ADMINISTRATOR)
    assert scopes(city, chen) == {}
    with pytest.raises(Conflict):
        take_back(city, cli, wang, Role.ADMINISTRATOR)


def test_of_two_administrators_who_remove_each_other_one_stays(city, make) -> None:
    chen, wang = make("chen", (Role.ADMINISTRATOR, CITY)), make("wang", (Role.ADMINISTRATOR, CITY))
    pairs = [(administrator(city, chen), wang), (administrator(city, wang), chen)]

    def remove(pair: tuple[Authority, str]) -> bool:
        try:
            take_back(city, pair[0], pair[1], Role.ADMINISTRATOR)
        except (Conflict, NotFound, IndexError):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, pairs)) == [False, True]


def lend(city, authority: Authority, account_id: str, role: Role = Role.OPERATOR, days: float = 1, reason: str = "x"):
    until_us = city.clock.now_us() + int(days * DAY_US)
    with transaction(city.stores.core) as session:
        account = session.get_one(Account, account_id)
        return grants.lend(
            session, authority, city.clock, account, role, city.centers[STATION], until_us=until_us, reason=reason
        ).id


def test_a_loan_reaches_the_center_until_its_end(city, make, cli) -> None:
    bo = make("bo", (Role.OPERATOR, OTHER))
    lend(city, cli, bo, days=1, reason="search on the river")
    assert scopes(city, bo)[Right.READ] == ids(city, OTHER, STATION)
    city.clock.advance(24 * 3600)
    assert scopes(city, bo)[Right.READ] == ids(city, OTHER)
    with reading(city.stores.core) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cli:loan:grant")).one()
    assert (entry.reason, entry.center_id) == ("search on the river", city.centers[STATION])


def test_a_loan_is_ended_early_by_the_center_that_lent(city, make, cli) -> None:
    bo = make("bo", (Role.OPERATOR, OTHER))
    loan = lend(city, cli, bo)
    elsewhere = Authority("api", "su", "su", city.origin(CITY), ids(city, OTHER))
    with transaction(city.stores.core) as session, pytest.raises(NotFound):
        grants.end_loan(session, elsewhere, city.clock, loan)
    here = Authority("api", "xu", "xu", city.origin(CITY), ids(city, STATION))
    with transaction(city.stores.core) as session:
        grants.end_loan(session, here, city.clock, loan)
    assert scopes(city, bo)[Right.READ] == ids(city, OTHER)
    with transaction(city.stores.core) as session, pytest.raises(NotFound):
        grants.end_loan(session, here, city.clock, loan)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"role": Role.ADMINISTRATOR}, Forbidden),
        ({"role": Role.AUDITOR}, Forbidden),
        ({"days": 31}, InvalidInput),
        ({"days": 0}, InvalidInput),
        ({"reason": "  "}, InvalidInput),
        ({"reason": "x" * 501}, InvalidInput),
    ],
)
def test_loans_that_are_refused(city, make, cli, change, error) -> None:
    bo = make("bo", (Role.OPERATOR, OTHER))
    with pytest.raises(error):
        lend(city, cli, bo, **change)


def test_nobody_borrows_for_themselves(city, make) -> None:
    su = make("su", (Role.SUPERVISOR, STATION))
    own = Authority("api", "su", su, Origin(city.centers[CITY], "node-1"), ids(city, STATION))
    with pytest.raises(Forbidden, match="their own rights"):
        lend(city, own, su)


def test_a_disabled_account_keeps_its_roles_for_later_and_gets_no_new_ones(city, make, cli) -> None:
    li = make("li", (Role.OPERATOR, STATION))
    act(city, cli, lambda session, account: accounts.disable(session, cli, city.clock, account), li)
    with pytest.raises(Conflict, match="disabled"):
        give(city, cli, li, Role.ANALYST, STATION)
    act(city, cli, lambda session, account: accounts.enable(session, cli, city.clock, account), li)
    assert set(scopes(city, li)) == RIGHTS[Role.OPERATOR]
