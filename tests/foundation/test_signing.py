from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import ManualClock
from foundation.errors import ConfigError, InvalidInput
from foundation.keyring import Keyring
from foundation.signing import Signing, fingerprint, verify


@pytest.fixture
def key_dir(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_first_use_makes_both_halves_for_this_user_alone(key_dir: Path) -> None:
    Signing.open(key_dir)
    assert key_dir.stat().st_mode & 0o777 == 0o700
    assert {file.suffix for file in key_dir.iterdir()} == {".signing", ".public"}
    assert {file.stat().st_mode & 0o777 for file in key_dir.iterdir()} == {0o600}


def test_sealing_and_signing_keys_do_not_get_in_each_others_way(key_dir: Path) -> None:
    signature = Signing.open(key_dir).sign(b"text", "p")
    sealed = Keyring.open(key_dir).seal(b"secret", "p")
    assert Keyring.open(key_dir).unseal(sealed, "p") == b"secret"
    Signing.open(key_dir).verify(b"text", signature, "p")
    assert len(list(key_dir.iterdir())) == 3


@given(
    data=st.binary(max_size=200),
    purpose=st.text("abc-", min_size=1, max_size=10),
    at=st.integers(0),
    bit=st.integers(0, 7),
)
def test_a_signature_holds_for_these_bytes_and_this_purpose_alone(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, purpose: str, at: int, bit: int
) -> None:
    signing = Signing.open(tmp_path_factory.getbasetemp() / "signing")
    signature = signing.sign(data, purpose)
    assert signing.verify(data, signature, purpose) == signing.current_id
    changed = bytearray(signature.encode())
    changed[at % len(changed)] ^= 1 << bit
    for text, other, why in (
        (signature, data + b"x", purpose),
        (signature, data, purpose + "x"),
        (changed.decode("latin-1"), data, purpose),
    ):
        with pytest.raises(InvalidInput):
            signing.verify(other, text, why)


def test_after_rotation_and_retirement_old_signatures_still_verify(key_dir: Path) -> None:
    clock = ManualClock()
    signing = Signing.open(key_dir, clock)
    old, signature = signing.current_id, signing.sign(b"text", "p")
    clock.step(-3600)
    new = signing.rotate(clock)
    assert old < new == signing.current_id
    signing.retire(old)
    assert [(key.id, key.can_sign) for key in Signing.open(key_dir).keys] == [(old, False), (new, True)]
    assert Signing.open(key_dir).verify(b"text", signature, "p") == old
    with pytest.raises(InvalidInput, match="signs now"):
        signing.retire(new)


def test_a_key_of_elsewhere_is_named(key_dir: Path, tmp_path: Path) -> None:
    other = Signing.open(tmp_path / "other")
    signature = other.sign(b"text", "p")
    with pytest.raises(InvalidInput, match=rf"{other.current_id}.*does not have.*keys restore"):
        Signing.open(key_dir).verify(b"text", signature, "p")
    public = other.public(other.current_id)
    assert public is not None
    verify(b"text", signature, "p", public)
    assert fingerprint(public) == other.keys[0].fingerprint


@pytest.mark.parametrize("content", [b"", b"short", b"@" * 44])
@pytest.mark.parametrize("suffix", [".signing", ".public"])
def test_a_damaged_key_file_is_refused(key_dir: Path, content: bytes, suffix: str) -> None:
    Signing.open(key_dir)
    [file] = key_dir.glob(f"*{suffix}")
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="32 bytes"):
        Signing.open(key_dir)


def test_a_key_file_others_can_read_is_refused(key_dir: Path) -> None:
    Signing.open(key_dir)
    next(iter(key_dir.glob("*.signing"))).chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        Signing.open(key_dir)


def test_many_that_open_at_once_find_one_key(key_dir: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {signing.current_id for signing in pool.map(lambda _: Signing.open(key_dir), range(8))}
    assert len(ids) == 1
