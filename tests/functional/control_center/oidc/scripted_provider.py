"""An OpenID provider of our own that does wrong on purpose: a certified one refuses to, and refuses to be slow.

Without a script it does right. It is no measure of what Vedette understands; the real one is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

CLIENT = "vedette"
_REGISTRY = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Script:
    """What is changed of each answer. A value of None takes the member out."""

    discovery: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, str] = field(default_factory=dict)  # of the redirect
    tokens: dict[str, Any] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)  # whole, by path
    unsigned: bool = False
    secret: bytes | None = None  # signs with HS256
    broken: bool = False  # a signature with one letter changed
    silent: set[str] = field(default_factory=set)  # paths that get no answer
    dripping: set[str] = field(default_factory=set)  # paths whose answer never ends


class ScriptedProvider:
    def __init__(self) -> None:
        self.script = Script()
        self.key: Key = new_key("k-1")
        self.shown: list[Key] = [self.key]
        self.asked: list[str] = []
        self.over = threading.Event()
        self._flows: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._serve(self, b"")

            def do_POST(self) -> None:
                provider._serve(self, self.rfile.read(int(self.headers.get("content-length", "0"))))

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[ScriptedProvider]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        path = urlsplit(handler.path).path
        self.asked.append(path)
        if path in self.script.silent:
            self.over.wait()
            return
        status, headers, content = self.script.replies.get(path) or self._reply(path, handler, body)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            handler.wfile.write(content)
            while path in self.script.dripping and not self.over.wait(0.05):
                handler.wfile.write(b" ")
        except OSError:
            pass  # the client had enough

    def _reply(self, path: str, handler: BaseHTTPRequestHandler, body: bytes) -> Reply:
        if path == "/authorize":
            return self._authorize({name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()})
        if path == "/token":
            return as_json(self._tokens({name: values[0] for name, values in parse_qs(body.decode()).items()}))
        if path == "/keys":
            return as_json({"keys": [key.as_dict(private=False) for key in self.shown]})
        if path == "/userinfo":
            return as_json(changed({"sub": "s-li", "preferred_username": "li"}, self.script.user_info))
        return as_json(changed(self._discovery(), self.script.discovery))

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "code_challenge_methods_supported": ["S256"],
        }

    def _authorize(self, asked: dict[str, str]) -> Reply:
        code = secrets.token_urlsafe(8)
        self._flows[code] = asked
        said = changed({"code": code, "state": asked["state"]}, self.script.answer)
        return 303, {"Location": f"{asked['redirect_uri']}?{urlencode(said)}"}, b""

    def _tokens(self, asked: dict[str, str]) -> dict[str, Any]:
        flow = self._flows.pop(asked["code"])
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        assert flow["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        now_s = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "s-li",
            "aud": CLIENT,
            "iat": now_s,
            "exp": now_s + 60,
            "auth_time": now_s,
            "nonce": flow["nonce"],
            "preferred_username": "li",
        }
        token = self._signed(changed(claims, self.script.claims))
        return changed({"access_token": "a", "token_type": "Bearer", "id_token": token}, self.script.tokens)

    def _signed(self, claims: dict[str, Any]) -> str:
        header = changed({"alg": "ES256", "kid": self.key.kid}, self.script.header)
        if self.script.unsigned:
            return f"{letters(header | {'alg': 'none'})}.{letters(claims)}."
        if self.script.secret is not None:
            signed = f"{letters(header | {'alg': 'HS256'})}.{letters(claims)}"
            return f"{signed}.{encoded(hmac.digest(self.script.secret, signed.encode(), 'sha256'))}"
        token = jwt.encode(header, claims, self.key, registry=_REGISTRY)
        if self.script.broken:
            before, _, signature = token.rpartition(".")
            return f"{before}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
        return token


def new_key(kid: str) -> Key:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (members | changes).items() if value is not None}


def as_json(content: object) -> Reply:
    return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()


def letters(content: dict[str, Any]) -> str:
    return encoded(json.dumps(content).encode())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
