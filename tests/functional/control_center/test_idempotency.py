"""A request that is sent twice under one key does its deed once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import select, text, update

from control_center.identity import kept_answers
from control_center.identity.kept_answers import KeptAnswer
from control_center.identity.models import Account
from control_center.identity.roles import Role
from foundation.database import reading, transaction

pytestmark = pytest.mark.functional
KEY = {"Idempotency-Key": '"5f1c3a"'}


@pytest.fixture
def admin(web_center):
    with web_center.signed_in("chen", role=Role.ADMINISTRATOR) as client:
        yield client


def person(web_center, username: str = "wu") -> dict[str, object]:
    return {"username": username, "display_name": "Wu", "center_id": web_center.origins["city"].center_id, "roles": []}


def people(web_center) -> set[str]:
    with reading(web_center.stores.core) as session:
        return set(session.scalars(select(Account.username)))


def kind(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def test_the_same_request_gets_the_same_answer_and_does_nothing_more(web_center, admin) -> None:
    first = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY)
    assert first.status_code == 201
    again = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["content-type"] == "application/json"
    other_key = admin.post("/api/v1/accounts", json=person(web_center), headers={"Idempotency-Key": "another"})
    assert other_key.status_code == 409


def test_the_kept_answer_cannot_be_read_in_the_database(web_center, admin) -> None:
    password = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).json()["one_time_password"]
    with web_center.stores.core.begin() as connection:
        [row] = connection.execute(text("SELECT * FROM kept_answer")).mappings().all()
    assert password not in str(dict(row))
    assert "5f1c3a" not in str(dict(row))


def test_another_request_under_the_key_is_refused(web_center, admin) -> None:
    assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 201
    for method, path, body in (
        ("POST", "/api/v1/accounts", person(web_center, "zhao")),
        ("POST", "/api/v1/loans", person(web_center)),
        ("POST", "/api/v1/accounts?x=1", person(web_center)),
    ):
        answer = admin.request(method, path, json=body, headers=KEY)
        assert (answer.status_code, kind(answer)) == (422, "idempotency_key_reused")
    assert "zhao" not in people(web_center)


def test_another_accounts_key_is_another_key(web_center, admin) -> None:
    with web_center.signed_in("ma", role=Role.ADMINISTRATOR) as other:
        assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 201
        answer = other.post("/api/v1/accounts", json=person(web_center, "zhao"), headers=KEY)
        assert answer.status_code == 201
        assert "idempotency-replayed" not in answer.headers


def test_a_refusal_frees_the_key(web_center, admin) -> None:
    assert admin.post("/api/v1/accounts", json=person(web_center, "chen"), headers=KEY).status_code == 409
    assert admin.post("/api/v1/accounts", json=person(web_center, "wu"), headers=KEY).status_code == 201


def test_two_at_once_do_it_once(web_center, admin) -> None:
    def send(_n: int) -> httpx.Response:
        return admin.post("/api/v1/accounts", json=person(web_center), headers=KEY)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    done = [answer.json() for answer in answers if answer.status_code == 201]
    assert done
    assert all(answer == done[0] for answer in done)
    waiting = [kind(answer) for answer in answers if answer.status_code != 201]
    assert set(waiting) <= {"request_under_way"}
    assert [answer.status_code for answer in answers].count(201) == len(done)


def test_a_server_that_stopped_in_the_middle_does_not_do_it_again(web_center, admin, monkeypatch) -> None:
    """The deed was done and the answer never kept, as after a power cut between the two."""

    def lost(*_args: object) -> None:
        raise_from = web_center.stores.core.connect()
        try:
            raise_from.execute(text("SELECT * FROM no_such_table"))
        finally:
            raise_from.close()

    monkeypatch.setattr(kept_answers, "keep", lost)
    assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 201
    monkeypatch.undo()
    soon = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY)
    assert (soon.status_code, kind(soon)) == (409, "request_under_way")
    web_center.clock.advance(121)
    later = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY)
    assert (later.status_code, kind(later)) == (409, "outcome_unknown")
    assert later.json()["mend"]
    assert "wu" in people(web_center)


def test_a_fault_within_the_deed_leaves_the_key_taken(web_center, admin) -> None:
    with web_center.stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE account_grant RENAME TO elsewhere"))
    # Whoever asks cannot be found out either: no key is taken for nobody.
    assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 503
    with web_center.stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO account_grant"))
        connection.execute(text("ALTER TABLE audit_entry RENAME TO elsewhere"))
    assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 503
    with web_center.stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO audit_entry"))
    answer = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY)
    assert (answer.status_code, kind(answer)) == (409, "outcome_unknown")


def test_an_answer_whose_key_is_gone_is_told_as_such(web_center, admin) -> None:
    assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 201
    with transaction(web_center.stores.core) as session:
        session.execute(update(KeptAnswer).values(answer="0000000000000000:AAAA"))
    answer = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY)
    assert (answer.status_code, kind(answer)) == (409, "outcome_unknown")


def test_keys_are_kept_for_a_day(web_center, admin) -> None:
    assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 201
    with web_center.signed_in("ma", role=Role.ADMINISTRATOR) as later:
        web_center.clock.advance(24 * 3600 + 1)
        assert later.get("/api/v1/session").status_code == 401
    with reading(web_center.stores.core) as session:
        assert len(session.scalars(select(KeptAnswer)).all()) == 1
    web_center.account("ning", role=Role.ADMINISTRATOR)
    with transaction(web_center.stores.core) as session:
        account = session.scalars(select(Account.id).where(Account.username == "ning")).one()
        kept_answers.take(session, web_center.clock, account, "new", "0" * 64)
        assert [row.account_id for row in session.scalars(select(KeptAnswer))] == [account]


@pytest.mark.parametrize("key", ["", '""', "a" * 256, "a b\tc"])
def test_a_key_that_is_none_is_refused(web_center, admin, key: str) -> None:
    answer = admin.post("/api/v1/accounts", json=person(web_center), headers={"Idempotency-Key": key})
    assert (answer.status_code, kind(answer)) == (422, "invalid_input")
    assert "wu" not in people(web_center)


def test_nobodys_key_counts_for_nothing(web_center, admin) -> None:
    with web_center.client() as nobody:
        assert nobody.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 401
    assert admin.post("/api/v1/session/lock").status_code == 204
    assert admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).status_code == 423
    with reading(web_center.stores.core) as session:
        assert session.scalars(select(KeptAnswer)).all() == []


def test_deeds_without_content_and_large_bodies(web_center, admin) -> None:
    made = admin.post("/api/v1/accounts", json=person(web_center), headers=KEY).json()["account"]["id"]
    for _ in range(2):
        done = admin.post(f"/api/v1/accounts/{made}/disable", headers={"Idempotency-Key": "disable"})
        assert (done.status_code, done.content) == (204, b"")
    chunks = (b"x" * 1024 for _ in range(80))
    large = admin.post(
        "/api/v1/accounts", content=chunks, headers={"Idempotency-Key": "l", "Content-Type": "application/json"}
    )
    assert large.status_code == 413


def test_parallel_requests_under_different_keys_do_not_wait_for_each_other(web_center, admin) -> None:
    barrier = threading.Barrier(4)

    def send(n: int) -> int:
        barrier.wait(10)
        headers = {"Idempotency-Key": f"key-{n}"}
        return admin.post("/api/v1/accounts", json=person(web_center, f"wu{n}"), headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [201] * 4
    assert {f"wu{n}" for n in range(4)} <= people(web_center)


def test_entity_tags_spare_what_is_known(web_center, admin) -> None:
    for path in ("/api/v1/centers", "/api/v1/accounts", "/api/v1/openapi.json", "/api/v1/roles"):
        first = admin.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('W/"')
        for shown in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
            again = admin.get(path, headers={"If-None-Match": shown})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        assert admin.get(path, headers={"If-None-Match": '"other"'}).json() == first.json()


def test_a_change_makes_a_new_entity_tag(web_center, admin) -> None:
    tag = admin.get("/api/v1/accounts").headers["etag"]
    assert admin.post("/api/v1/accounts", json=person(web_center)).status_code == 201
    answer = admin.get("/api/v1/accounts", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


def test_a_version_is_the_tag_of_one_account(web_center, admin) -> None:
    made = admin.post("/api/v1/accounts", json=person(web_center)).json()["account"]["id"]
    path = f"/api/v1/accounts/{made}"
    tag = admin.get(path).headers["etag"]
    assert tag.startswith('"v')
    assert admin.get(path, headers={"If-None-Match": tag}).status_code == 304
    body = json.dumps({"display_name": "Wu Yi"})
    headers = {"Content-Type": "application/json"}
    assert admin.patch(path, content=body, headers=headers).status_code == 428
    assert admin.patch(path, content=body, headers=headers | {"If-Match": '"v999"'}).status_code == 412
    assert admin.patch(path, content=body, headers=headers | {"If-Match": tag}).status_code == 200


def test_a_streamed_answer_arrives_whole(web_center) -> None:
    with web_center.signed_in("an", role=Role.AUDITOR) as auditor:
        for number in range(3):  # a stream that is told of nobody listening ends at another place each time
            key = {"Idempotency-Key": f"export-{number}"}
            wanted = {"format": "jsonl", "reason": "yearly check"}
            made = auditor.post("/api/v1/audit/exports", json=wanted, headers=key)
            assert made.status_code == 200
            assert '"signature"' in made.text.splitlines()[-1]
            again = auditor.post("/api/v1/audit/exports", json=wanted, headers=key)
            assert again.text == made.text
