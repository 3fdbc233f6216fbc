"""The served API against its own description: whatever is sent, no fault and no answer that is not described.

Event streams are left out, because they have no end; their own tests follow them. Nothing outside is dialled: what asks
devices is played by a stand-in.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from control_center.identity import accounts, grants
from control_center.identity.models import Account, ApiToken
from control_center.identity.principal import Rules
from control_center.identity.roles import TOKEN_RIGHTS, Role
from control_center.identity.sessions import Entrance, Visit, open_session, token_hash
from control_center.web_api import devices
from device_registry.onvif.discovery import Discovered
from device_registry.onvif.probe import Information, Probe
from foundation.database import transaction
from foundation.identifiers import new_id
from matching.center_index.keeping import IndexKeeper

pytestmark = [pytest.mark.functional, pytest.mark.long]
FULL = settings.default is not None and settings.default.max_examples >= 1_000
EXAMPLES = 150 if FULL else 5
ENDLESS = {"/api/v1/events"}
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# How a body is framed is settled below the application, whose own 400 no route describes.
FRAMING = {"transfer-encoding", "content-length", "connection", "upgrade", "expect"}
WHO = ["everything", "nobody", "program"]


class Callers:
    """One account that holds every right, and what it shows: a new session each time, for some requests end it."""

    def __init__(self, web_center) -> None:
        self._center = web_center
        context = web_center.app.state.context
        self._entrance = Entrance(context.stores.core, context.origin, context.keyring, context.clock, Rules())
        web_center.account("all", role=Role.SUPERVISOR)
        city = web_center.origins["city"].center_id
        with transaction(web_center.stores.core) as session:
            account = accounts.find(session, "all")
            assert account is not None
            self._account_id = account.id
            account.password_state = "own"
            for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.TECHNICIAN):
                grants.grant(session, web_center.authority, web_center.clock, account, role, city)
        self.ids = [self._account_id, web_center.alert("station-1"), web_center.alert("station-2")]
        self.ids += web_center.cameras.values()

    def headers(self, who: str) -> dict[str, str]:
        if who == "nobody":
            return {"X-Vedette": "1"}
        if who == "program":
            return {"Authorization": f"Bearer {self._token()}"}
        with transaction(self._center.stores.core) as session:
            opened = open_session(
                session, self._entrance, session.get_one(Account, self._account_id), "password", Visit()
            )
            self.ids.append(opened.principal.session_id)
        return {"X-Vedette": "1", "Cookie": f"vedette_session={opened.token}"}

    def _token(self) -> str:
        clock, token = self._center.clock, f"vdt_{new_id(self._center.clock)}"
        with transaction(self._center.stores.core) as session:
            session.add(
                ApiToken(
                    id=new_id(clock),
                    token_hash=token_hash(token),
                    account_id=self._account_id,
                    name="fuzzing",
                    rights=sorted(TOKEN_RIGHTS),
                    created_us=clock.now_us(),
                    expires_us=clock.now_us() + 10**12,
                )
            )
        return token


@pytest.fixture(autouse=True)
def _no_device_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    information = Information("Acme", "C1", "1.0", "S1", "H1")
    answer = Probe("http://10.0.0.7", "http://10.0.0.7/x", information, None, None, (), (), (), (), None, ())
    found = Discovered("10.0.0.7", "http://10.0.0.7/x")
    monkeypatch.setattr(devices, "probe", lambda host, *_, **__: answer)
    monkeypatch.setattr(devices.discovery, "discover", lambda *_: [found])
    monkeypatch.setattr(devices.discovery, "sweep", lambda *_, **__: [found])


@pytest.fixture
def callers(web_center) -> Iterator[Callers]:
    IndexKeeper(web_center.stores.core, web_center.settings.index_dir).refresh()  # as the process matching does
    return Callers(web_center)


@pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", WHO)
def test_no_request_is_a_fault_and_every_answer_is_as_described(web_center, callers: Callers, who: str) -> None:
    schema = schemathesis.openapi.from_dict(web_center.app.openapi())
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in ENDLESS:
            continue
        try:
            _fuzz(web_center, callers, who, operation)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failures.append(f"{operation.method.upper()} {operation.path}\n{_told(error)}")
    assert not failures, "\n\n".join(failures)


def _fuzz(web_center, callers: Callers, who: str, operation) -> None:
    shown: dict[str, str] = {}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not FULL,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        known=st.sampled_from(callers.ids) | st.none(),
    )
    def each(case, known: str | None) -> None:
        if known is not None and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, known)
        for name in FRAMING & {name.lower() for name in case.headers or {}}:
            case.headers.pop(name)
        response = case.call(base_url=web_center.url, headers=shown, timeout=30)
        case.validate_response(response, checks=CHECKS)

    shown |= callers.headers(who)
    each()


def _told(error: BaseException) -> str:
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
    return "\n".join(str(part)[:1500] for part in parts)
