from __future__ import annotations

import base64

from device_registry.login import Login
from device_registry.onvif.security import WSSE, WSU, digest, username_token

LOGIN = Login("admin", "userpassword")


def test_the_digest_is_that_of_onvifs_example() -> None:
    """ONVIF Application Programmer's Guide 1.0, section 6.1.1.3."""
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    assert digest(nonce, "2010-09-16T07:50:45Z", "userpassword") == "tuOSpGlFlIXsozq4HFNeeGeFLEI="


def test_the_token_bears_the_devices_time_and_never_the_password() -> None:
    token = username_token(LOGIN, 1_284_623_445_999_999)[0]
    created = token.findtext(f"{{{WSU}}}Created")
    assert created == "2010-09-16T07:50:45Z"
    nonce = base64.b64decode(token.findtext(f"{{{WSSE}}}Nonce"))
    assert len(nonce) == 16
    assert token.findtext(f"{{{WSSE}}}Password") == digest(nonce, created, "userpassword")


def test_no_two_tokens_are_alike() -> None:
    nonces = {username_token(LOGIN, 0)[0].findtext(f"{{{WSSE}}}Nonce") for _ in range(100)}
    assert len(nonces) == 100


def test_a_login_does_not_print_its_password() -> None:
    assert "userpassword" not in repr(LOGIN)
