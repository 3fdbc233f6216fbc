"""What is refused before a route sees it, and what no request may break."""

from __future__ import annotations

import json
import socket

import httpx
import pytest

from control_center.identity.roles import Role

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
SIGN_IN = "/api/v1/session"


def kind(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).rpartition(":")[2]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[broken"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({}, 204),
    ],
)
def test_a_change_that_another_site_sent_is_refused(web_center, headers, status) -> None:
    with web_center.signed_in("li") as client:
        answer = client.post("/api/v1/session/activity", headers=headers)
        assert answer.status_code == status, answer.text
        assert client.post("/api/v1/session/activity", headers={"Origin": web_center.url}).status_code == 204
        assert client.get("/api/v1/overview", headers=headers).status_code == 200


def test_the_public_address_is_our_own_origin_too(web_center) -> None:
    origin = {"Origin": "https://center.example"}
    with web_center.signed_in("li") as client:
        assert client.post("/api/v1/session/activity", headers=origin).status_code == 403
    web_center.settings.api.public_url = "https://center.example"
    with web_center.serving() as url, httpx.Client(base_url=url, headers={"X-Vedette": "1"}) as client:
        answer = client.post(SIGN_IN, json={"username": "li", "password": "x"}, headers=origin)
        assert answer.status_code == 401


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_no_json_is_refused(web_center, content_type: str) -> None:
    with web_center.client() as client:
        answer = client.post(SIGN_IN, content=b"{}", headers={"Content-Type": content_type})
        assert (answer.status_code, kind(answer)) == (415, "not_json")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"username":' * 5_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"username": "\xff", "password": "x"}',
        b'{"username": ' + b"9" * 5_000 + b', "password": "x"}',
        b'{"username": NaN, "password": Infinity}',
        b"",
        b"null",
        b"[]",
        b'"text"',
        b'{"username": {"a": 1}, "password": []}',
    ],
    ids=range(11),
)
def test_bad_json_is_one_refusal_and_no_fault(web_center, body: bytes) -> None:
    with web_center.client() as client:
        answer = client.post(SIGN_IN, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, kind(answer)) == (422, "invalid_input")


def test_half_a_character_is_no_fault(web_center) -> None:
    with web_center.client() as client:
        body = b'{"username": "\\ud800", "password": "\\udfff"}'
        answer = client.post(SIGN_IN, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (401, 422)


@pytest.mark.parametrize("method", ["PUT", "TRACE", "PROPFIND"])
def test_a_method_that_there_is_not(web_center, method: str) -> None:
    with web_center.client() as client:
        answer = client.request(method, SIGN_IN)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert kind(answer) == "http"


def test_unknown_query_parameters_are_ignored(web_center) -> None:
    with web_center.signed_in("li") as client:
        assert client.get("/api/v1/cameras", params={"unheard": "of"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/%5c..%5c..%5cetc%5cpasswd",
        "/%00",
        "/assets/a%00.js",
        "//etc/passwd",
        "/" + "a" * 5_000,
        "/assets/" + "b/" * 2_000,
        "/%ff%fe",
        "/%0d%0aX-Evil:%201",
    ],
)
def test_no_path_leads_out_of_the_consoles_files(web_center, path: str) -> None:
    answer = raw(web_center.url, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    status = int(answer.split(b" ", 2)[1])
    assert status < 500 or b"not built" in answer, answer
    assert b"root:" not in answer
    assert b"\r\nx-evil" not in answer.lower()


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + "a" * 100_000 + "\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\n" + "".join(f"X-{n}: 1\r\n" for n in range(10_000)) + "\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Bad\x00: 1\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "GET " + "/a" * 50_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
    ids=range(9),
)
def test_what_is_no_http_is_refused_and_the_server_goes_on(web_center, request_text: str) -> None:
    answer = raw(web_center.url, request_text)
    assert not answer or int(answer.split(b" ", 2)[1]) in range(400, 500), answer[:200]
    with web_center.client() as client:
        assert client.get("/healthz").status_code == 200


def test_a_line_break_in_what_is_sent_ends_up_in_no_header(web_center) -> None:
    with web_center.signed_in("chen", role=Role.ADMINISTRATOR) as client:
        evil = "a\r\nSet-Cookie: evil=1"
        for path in ("/api/v1/accounts", "/api/v1/alerts", "/api/v1/cameras"):
            answer = client.get(path, params={"q": evil, "cursor": evil})
            assert "evil" not in str(answer.headers)


def test_https_asks_the_browser_to_stay_with_it(web_center) -> None:
    with web_center.client() as client:
        assert "strict-transport-security" not in client.get("/healthz").headers
        forwarded = client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
        assert forwarded.headers["strict-transport-security"].startswith("max-age=")


def test_a_fault_within_a_route_is_a_problem_with_all_headers(web_center) -> None:
    @web_center.app.get("/api/v1/crash")
    def crash() -> None:
        raise ZeroDivisionError

    # Before the console, which answers every path that is left.
    web_center.app.router.routes.insert(0, web_center.app.router.routes.pop())
    with web_center.client() as client:
        answer = client.get("/api/v1/crash")
        assert (answer.status_code, kind(answer)) == (500, "internal")
        assert "ZeroDivision" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_description_is_for_anybody_and_names_every_refusal(web_center) -> None:
    with web_center.client() as client:
        described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert set(described["components"]["securitySchemes"]) == {"cookie", "bearer"}
    operations = [each for methods in described["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
    assert {tag for each in operations for tag in each["tags"]} <= {tag["name"] for tag in described["tags"]}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if operation.get("security"):
                assert {"401", "403", "423"} <= set(operation["responses"]), (method, path)
            good = [code for code in operation["responses"] if code.startswith("2") and code != "204"]
            for code in good:
                assert operation["responses"][code]["content"], (method, path)
    assert "HTTPValidationError" not in json.dumps(described)


def raw(url: str, text: str) -> bytes:
    """Whatever the server sends back until it closes or falls silent."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        received = b""
        try:
            client.sendall(text.encode("latin-1"))
            while data := client.recv(1 << 16):
                received += data
                client.settimeout(2)
        except OSError:
            pass
        return received
