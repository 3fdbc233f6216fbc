from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, update

from foundation import leases
from foundation.cursors import ConsumerCursor
from foundation.database import transaction
from foundation.errors import StaleFence
from foundation.leases import Lease


def _acquire(engine: Engine, holder: str, ttl_s: float = 60) -> Lease | None:
    with transaction(engine) as session:
        return leases.acquire(session, "stream:gate/main", holder, ttl_s)


def _must(lease: Lease | None) -> Lease:
    assert lease is not None
    return lease


def test_one_holder_at_a_time(core: Engine) -> None:
    assert _must(_acquire(core, "a")).fence == 1
    assert _acquire(core, "b") is None


def test_of_many_that_ask_at_once_one_gets_it(core: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = [lease for lease in pool.map(lambda n: _acquire(core, f"holder-{n}"), range(8)) if lease]
    assert [lease.fence for lease in won] == [1]


def test_the_fence_rises_with_each_acquisition(core: Engine) -> None:
    assert [_must(_acquire(core, holder, ttl_s=0)).fence for holder in "abab"] == [1, 2, 3, 4]


def test_a_holder_that_starts_anew_fences_off_its_old_self(core: Engine) -> None:
    old = _must(_acquire(core, "a"))
    assert _must(_acquire(core, "a")).fence == old.fence + 1
    with pytest.raises(StaleFence), transaction(core) as session:
        leases.renew(session, old, 60)


def test_an_expired_lease_nobody_took_can_be_renewed(core: Engine) -> None:
    lease = _must(_acquire(core, "a", ttl_s=0))
    with transaction(core) as session:
        renewed = leases.renew(session, lease, 60)
    assert renewed.expires_us > lease.expires_us
    assert _acquire(core, "b") is None


def test_a_released_lease_is_free_and_keeps_its_fence(core: Engine) -> None:
    lease = _must(_acquire(core, "a"))
    with transaction(core) as session:
        leases.release(session, lease)
    taken = _must(_acquire(core, "b"))
    assert taken.fence == 2
    with transaction(core) as session:
        leases.release(session, lease)
    assert _acquire(core, "c") is None


def test_a_write_under_an_old_fence_changes_nothing(core: Engine) -> None:
    old = _must(_acquire(core, "a", ttl_s=0))
    new = _must(_acquire(core, "b"))
    with transaction(core) as session:
        session.add(ConsumerCursor(consumer="c", position=1))
        for lease, changed in ((old, 0), (new, 1)):
            statement = update(ConsumerCursor).where(leases.is_current(lease.name, lease.fence)).values(position=2)
            assert session.execute(statement).rowcount == changed  # type: ignore[attr-defined]


def test_requiring_an_old_fence_names_the_new_holder(core: Engine) -> None:
    old = _must(_acquire(core, "a", ttl_s=0))
    new = _must(_acquire(core, "b"))
    with transaction(core) as session:
        leases.require_current(session, new)
        with pytest.raises(StaleFence, match="passed to b"):
            leases.require_current(session, old)
