import pytest

from simulator.virtual_camera.digest import Credentials, Verdict, challenges, verify

# RFC 7616, section 3.9.1.
MUFASA = Credentials("Mufasa", "Circle of Life")
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RESPONSES = {
    "MD5": "8ca523f5e9506fed4657c9700eebdbec",
    "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
}


def _authorization(algorithm: str, **changed: str) -> str:
    given = {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "nonce": NONCE,
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "qop": "auth",
        "response": RESPONSES[algorithm],
    } | changed
    return "Digest " + ", ".join(
        f"{name}={value}" if name in ("nc", "qop", "algorithm") else f'{name}="{value}"'
        for name, value in given.items()
    )


def _verdict(authorization: str, nonce: str = NONCE, method: str = "GET") -> Verdict:
    return verify(authorization, method=method, uri="/dir/index.html", credentials=MUFASA, nonce=nonce)


@pytest.mark.parametrize("algorithm", RESPONSES)
def test_the_examples_of_rfc_7616_sign_in(algorithm: str) -> None:
    assert _verdict(_authorization(algorithm)) is Verdict.ACCEPTED


def test_the_answer_of_rfc_2617_without_qop_signs_in() -> None:
    answer = (
        'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",'
        ' uri="/dir/index.html", response="670fd8c2df070c60b045671b8b24ff02"'
    )
    credentials = Credentials("Mufasa", "Circle Of Life")
    nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
    assert verify(answer, method="GET", uri="/dir/index.html", credentials=credentials, nonce=nonce) is Verdict.ACCEPTED


@pytest.mark.parametrize("algorithm", RESPONSES)
def test_a_right_password_for_another_nonce_is_stale(algorithm: str) -> None:
    assert _verdict(_authorization(algorithm), nonce="other") is Verdict.STALE


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic TXVmYXNhOng=",
        "Digest",
        _authorization("MD5", response=RESPONSES["SHA-256"]),
        _authorization("MD5", username="Scar"),
        _authorization("MD5", uri="/dir/other.html"),
        _authorization("SHA-256").replace("SHA-256", "SHA-1"),
        _authorization("SHA-256", cnonce="\u00e9"),
        _authorization("SHA-256", response="\u00e9"),
    ],
)
def test_anything_else_is_refused(authorization: str) -> None:
    assert _verdict(authorization) is Verdict.REFUSED


def test_another_method_is_refused() -> None:
    assert _verdict(_authorization("SHA-256"), method="PUT") is Verdict.REFUSED


def test_both_algorithms_are_offered_the_stronger_first() -> None:
    stronger, weaker = challenges("abc", stale=True)
    assert "algorithm=SHA-256" in stronger
    assert "algorithm=MD5" in weaker
    assert 'nonce="abc", stale=true' in stronger


def test_a_password_does_not_show() -> None:
    assert "Circle" not in repr(MUFASA)
