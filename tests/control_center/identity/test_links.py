"""Who somebody at the provider is here: pinned once, also when two come at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from control_center.identity import accounts
from control_center.identity.models import ExternalIdentity
from control_center.identity.oidc import links
from control_center.identity.oidc.links import Person
from control_center.identity.oidc.refusal import SignInRefused
from control_center.identity.sessions import Entrance, Visit
from foundation.audit import AuditEntry
from foundation.audit.check import verify
from foundation.database import reading, transaction
from foundation.errors import NotFound

ISSUER = "https://id.example"


def admitted(entrance: Entrance, subject: str, username: str | None = "li", issuer: str = ISSUER) -> str:
    """The user name of who got in, or why nobody did."""
    try:
        return links.admit(entrance, Person(issuer, subject, username), Visit()).principal.username
    except SignInRefused as refused:
        return refused.cause


@pytest.mark.parametrize("subjects", [("s-1", "s-2"), ("s-1", "s-1")])
def test_two_at_the_same_moment(entrance: Entrance, own: object, subjects: tuple[str, str]) -> None:
    together = Barrier(2)

    def come(subject: str) -> str:
        together.wait()
        return admitted(entrance, subject)

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(come, subjects))
    assert found == (["li", "li"] if subjects[0] == subjects[1] else ["li", "pinned_to_another"])
    with reading(entrance.core) as session:
        assert len(session.scalars(select(ExternalIdentity)).all()) == 1
        linked = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:identity:link")).all()
        assert len(linked) == 1
        assert verify(session).fault is None


def test_who_is_pinned_is_known_whatever_their_name_has_become(entrance: Entrance, own: object) -> None:
    assert admitted(entrance, "s-1") == "li"
    assert admitted(entrance, "s-1", "somebody-else") == "li"
    assert admitted(entrance, "s-1", None) == "li"
    assert admitted(entrance, "s-1", "li", "https://other.example") == "pinned_to_another"


@pytest.mark.parametrize("username", [None, "", "nobody", "li\x00", "li' OR 1=1", "x" * 300])
def test_a_name_without_an_account(entrance: Entrance, own: object, username: str | None) -> None:
    assert admitted(entrance, "s-1", username) == "unknown_account"


def test_a_refusal_is_noted_under_the_account_where_there_is_one(entrance: Entrance, own: object) -> None:
    admitted(entrance, "s-1")
    for subject, username in (("s-2", "li"), ("s-3", "nobody")):
        with pytest.raises(SignInRefused) as caught:
            links.admit(entrance, Person(ISSUER, subject, username), Visit())
        links.note_refused(entrance, caught.value, Visit("10.0.0.9"))
    with reading(entrance.core) as session:
        query = select(AuditEntry).where(AuditEntry.action == "api:session:refused").order_by(AuditEntry.seq)
        noted = [(entry.actor, entry.detail) for entry in session.scalars(query)]
    assert noted == [
        ("li", {"method": "oidc", "cause": "pinned_to_another", "address": "10.0.0.9"}),
        ("unknown", {"method": "oidc", "cause": "unknown_account", "address": "10.0.0.9"}),
    ]


def test_what_was_never_linked_cannot_be_unlinked(entrance: Entrance, own: object, authority: object) -> None:
    with transaction(entrance.core) as session, pytest.raises(NotFound):
        links.unlink(session, authority, entrance.clock, accounts.require(session, "li"))  # type: ignore[arg-type]
