"""One device: its services, the time by its clock, and how it wants to be signed in at."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

from device_registry.login import Login
from device_registry.onvif import definitions, envelope
from device_registry.onvif.definitions import Service
from device_registry.onvif.endpoint import Endpoint
from device_registry.onvif.exchange import Answer, Exchange, post
from device_registry.onvif.faults import AnswerRefused, DeviceAuthFailed, DeviceFault
from device_registry.onvif.security import username_token
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.http_auth import Authenticator, Credentials, strongest

ADDRESSING = "http://www.w3.org/2005/08/addressing"
Outgoing = tuple[Endpoint, bytes, Mapping[str, str]]
Asking = Generator[Outgoing, Answer, Any]  # ends with the element that the body of the answer holds


@dataclass
class Device:
    """A session. It is one thread's at a time; sessions of many devices share the definitions and nothing else."""

    endpoint: Endpoint
    login: Login | None = None
    exchange: Exchange = post
    clock: Clock = SYSTEM_CLOCK
    clock_offset_us: int | None = None  # device minus here; None: the device has not told its time
    tls_sha256: str | None = None
    _digest: Authenticator | None = field(default=None, repr=False)
    _digest_works: bool = False
    _http_date: str | None = None

    def learn_time(self) -> None:
        """Ask the device's time, without a password, as it is what a token is made with.

        A device that answers this only to those who sign in tells its time in HTTP's header.
        """
        before_us = self.clock.now_us()
        try:
            told = device_time_us(self.call(Service.DEVICE, "GetSystemDateAndTime", signed=False))
        except (DeviceAuthFailed, DeviceFault):
            told = None
        if told is None:
            told = _http_date_us(self._http_date)
        if told is not None:
            self.clock_offset_us = told - (before_us + self.clock.now_us()) // 2

    def call(
        self, service: Service, name: str, at: Endpoint | None = None, *, signed: bool = True, **arguments: Any
    ) -> Any:
        """Call an operation of a definition, and read what it answers into zeep's objects.

        Raises `DeviceError`'s leaves.
        """
        operation = definitions.operation(service, name)
        request = operation.create(**arguments).content[-1][0]  # zeep has put it into an envelope of its own
        found = self.send(request, at or self.endpoint, signed=signed)
        return _read_answer(operation, found, f"{self.endpoint} {name}")

    def send(
        self, request: etree._Element, at: Endpoint, *, signed: bool = True, headers: Sequence[etree._Element] = ()
    ) -> etree._Element:
        """Send a request, signed in at where a password is known, and give what the body of its answer holds."""
        asking = self.asking(request, at, signed=signed, headers=headers)
        outgoing = next(asking)
        while True:
            try:
                outgoing = asking.send(self.exchange(*outgoing))
            except StopIteration as end:
                found: etree._Element = end.value
                return found

    def asking(
        self, request: etree._Element, at: Endpoint, *, signed: bool = True, headers: Sequence[etree._Element] = ()
    ) -> Asking:
        """What `send` does, step by step, for whoever exchanges in another way; `headers` are those of the envelope.

        A wrong password is shown at most twice, once in each form: more would lock the account at many cameras.
        One that was right before is shown anew to a device that changes its nonce with every answer.
        """
        where = f"{self.endpoint} {etree.QName(request).localname}"
        login = self.login if signed else None
        answer = yield from self._post(request, at, login, headers)
        if login is not None and answer.status == 401 and self._challenged(answer, login):
            answer = yield from self._post(request, at, login, headers)
        self._digest_works = self._digest_works or (self._digest is not None and answer.status != 401)
        try:
            return envelope.payload(answer, where)
        except DeviceAuthFailed:
            if login is not None:
                raise
            raise DeviceAuthFailed(
                "the device wants a user name and a password.", where=where, mend="Give them."
            ) from None

    def _challenged(self, answer: Answer, login: Login) -> bool:
        """Whether the answer asks for HTTP Digest in a way that was not tried yet."""
        challenge = strongest([text for text in answer.challenges if not text.lower().startswith("basic")])
        if challenge is None or not (self._digest is None or self._digest_works or challenge.stale):
            return False
        self._digest = Authenticator(Credentials(login.username, login.password), challenge)
        return True

    def _post(
        self, request: etree._Element, at: Endpoint, login: Login | None, extra: Sequence[etree._Element]
    ) -> Generator[Outgoing, Answer, Answer]:
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{_action(request, extra)}"'}
        if login is not None and self._digest is not None:
            headers["Authorization"] = self._digest.authorization("POST", at.path)
        # A request says who it is from in one form, not in two.
        token = login if self._digest is None else None
        answer = yield at, self._message(request, token, extra), headers
        self.tls_sha256 = answer.tls_sha256 or self.tls_sha256
        self._http_date = answer.date
        return answer

    def _message(self, request: etree._Element, login: Login | None, extra: Sequence[etree._Element]) -> bytes:
        message = envelope.wrapped(deepcopy(request))
        if login is not None or extra:
            header = etree.Element(f"{{{envelope.SOAP_12}}}Header")
            header.extend(deepcopy(list(extra)))
            if login is not None:
                header.append(username_token(login, self.clock.now_us() + (self.clock_offset_us or 0)))
            message.insert(0, header)
        return bytes(etree.tostring(message, xml_declaration=True, encoding="utf-8"))


def _action(request: etree._Element, headers: Sequence[etree._Element]) -> str:
    for header in headers:
        if header.tag == f"{{{ADDRESSING}}}Action":
            return str(header.text)
    name = etree.QName(request)
    return f"{name.namespace}/{name.localname}"


def _read_answer(operation: Any, found: etree._Element, where: str) -> Any:
    from zeep.exceptions import Error

    try:
        return operation.process_reply(envelope.wrapped(found))
    except (Error, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise AnswerRefused(
            f"the answer does not keep to its definition ({type(error).__name__}).",
            where=where,
            mend="Update the camera's firmware.",
        ) from error


def device_time_us(told: Any) -> int | None:
    """UTC of a `SystemDateTime`, in microseconds; None where the device tells only its local time, or no valid one."""
    utc = getattr(told, "UTCDateTime", None)
    if utc is None or utc.Date is None or utc.Time is None:
        return None
    numbers = (utc.Date.Year, utc.Date.Month, utc.Date.Day, utc.Time.Hour, utc.Time.Minute, utc.Time.Second)
    try:
        return int(datetime(*numbers, tzinfo=UTC).timestamp()) * US_PER_S
    except (ValueError, TypeError, OverflowError):
        return None


def _http_date_us(text: str | None) -> int | None:
    try:
        return int(parsedate_to_datetime(text or "").timestamp()) * US_PER_S
    except (ValueError, TypeError, OverflowError):
        return None
