"""The header by which a client signs in (WS-Security UsernameToken Profile 1.1, digest form, as ONVIF Core has it)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import UTC, datetime

from lxml import etree

from device_registry.login import Login
from device_registry.onvif.envelope import SOAP_12
from foundation.clock import US_PER_S

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
_DIGEST = f"{_OASIS}username-token-profile-1.0#PasswordDigest"
_BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"


def username_token(login: Login, device_now_us: int) -> etree._Element:
    """`device_now_us`: UTC by the device's own clock, for it refuses a token that is older than some seconds."""
    nonce = secrets.token_bytes(16)
    # With Z and without a fraction: there are devices that take a numeric offset or microseconds for a wrong password.
    created = datetime.fromtimestamp(device_now_us // US_PER_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    security = etree.Element(f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
    security.set(f"{{{SOAP_12}}}mustUnderstand", "1")
    token = etree.SubElement(security, f"{{{WSSE}}}UsernameToken")
    etree.SubElement(token, f"{{{WSSE}}}Username").text = login.username
    etree.SubElement(token, f"{{{WSSE}}}Password", Type=_DIGEST).text = digest(nonce, created, login.password)
    etree.SubElement(token, f"{{{WSSE}}}Nonce", EncodingType=_BASE64).text = base64.b64encode(nonce).decode()
    etree.SubElement(token, f"{{{WSU}}}Created").text = created
    return security


def digest(nonce: bytes, created: str, password: str) -> str:
    """Base64 of SHA-1 over nonce, time and password: SHA-1 is what the profile prescribes."""
    hashed = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return base64.b64encode(hashed.digest()).decode()
