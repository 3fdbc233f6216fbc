from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import ManualClock
from foundation.errors import ConfigError, InvalidInput
from foundation.keyring import Keyring


@pytest.fixture
def key_dir(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_the_folder_and_its_key_are_for_the_owner_alone(key_dir: Path) -> None:
    Keyring.open(key_dir)
    [file] = key_dir.iterdir()
    assert key_dir.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600


@given(plaintext=st.binary(max_size=200), purpose=st.text(max_size=10).filter(lambda text: text.isprintable()))
def test_what_was_sealed_comes_back(tmp_path_factory: pytest.TempPathFactory, plaintext: bytes, purpose: str) -> None:
    keyring = Keyring.open(tmp_path_factory.getbasetemp() / "round-trip")
    sealed = keyring.seal(plaintext, purpose)
    assert keyring.unseal(sealed, purpose) == plaintext
    assert sealed.split(":")[0] == keyring.current_id


def test_the_same_text_never_looks_the_same(key_dir: Path) -> None:
    keyring = Keyring.open(key_dir)
    assert keyring.seal(b"secret", "p") != keyring.seal(b"secret", "p")


@given(text=st.text(max_size=60) | st.from_regex(r"[0-9a-f]{16}:[A-Za-z0-9+/=]{0,60}", fullmatch=True))
def test_a_text_from_elsewhere_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    keyring = Keyring.open(tmp_path_factory.getbasetemp() / "refused")
    with pytest.raises(InvalidInput):
        keyring.unseal(text, "p")
    with pytest.raises(InvalidInput):
        keyring.unseal(f"{keyring.current_id}:{text}", "p")


def test_another_purpose_does_not_open_it(key_dir: Path) -> None:
    keyring = Keyring.open(key_dir)
    with pytest.raises(InvalidInput, match="sealed for something else"):
        keyring.unseal(keyring.seal(b"secret", "credential"), "media-ticket")


def test_rotation_keeps_old_texts_readable_also_in_other_processes(key_dir: Path) -> None:
    clock = ManualClock()
    keyring, other = Keyring.open(key_dir, clock), Keyring.open(key_dir, clock)
    before = keyring.seal(b"old", "p")
    clock.step(-3600)
    first, second = keyring.rotate(clock), keyring.rotate(clock)
    assert before.split(":")[0] < first < second == keyring.current_id
    assert keyring.unseal(before, "p") == b"old"
    assert other.unseal(keyring.seal(b"new", "p"), "p") == b"new"


def test_others_seal_under_the_new_key_as_soon_as_it_is_there(key_dir: Path) -> None:
    keyring, other = Keyring.open(key_dir), Keyring.open(key_dir)
    old = keyring.current_id
    new = keyring.rotate()
    assert other.seal(b"secret", "p").startswith(new)
    keyring.retire(old)
    assert other.seal(b"secret", "p").startswith(new)
    assert other.ids == [new]
    with pytest.raises(InvalidInput, match="seals now"):
        keyring.retire(new)


def test_a_key_folder_that_is_away_for_a_while_stops_nobody(key_dir: Path) -> None:
    keyring = Keyring.open(key_dir)
    key_dir.rename(key_dir.with_name("away"))
    assert keyring.unseal(keyring.seal(b"secret", "p"), "p") == b"secret"


def test_many_that_open_at_once_find_one_key(key_dir: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {keyring.current_id for keyring in pool.map(lambda _: Keyring.open(key_dir), range(8))}
    assert len(ids) == 1


def test_a_key_that_is_gone_is_named(key_dir: Path) -> None:
    keyring = Keyring.open(key_dir)
    sealed = keyring.seal(b"secret", "p")
    keyring.rotate()
    (key_dir / f"{sealed.split(':')[0]}.key").unlink()
    with pytest.raises(InvalidInput, match=r"not in the key folder.*backup"):
        Keyring.open(key_dir).unseal(sealed, "p")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_others_can_read_is_refused(key_dir: Path, mode: int) -> None:
    Keyring.open(key_dir)
    [file] = key_dir.iterdir()
    file.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        Keyring.open(key_dir)


def test_a_key_folder_others_can_read_is_refused(key_dir: Path) -> None:
    Keyring.open(key_dir)
    key_dir.chmod(0o755)
    with pytest.raises(ConfigError, match="chmod 700"):
        Keyring.open(key_dir)


@pytest.mark.parametrize("content", [b"", b"short", b"@" * 44])
def test_a_damaged_key_file_is_refused(key_dir: Path, content: bytes) -> None:
    Keyring.open(key_dir)
    [file] = key_dir.iterdir()
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="32 bytes"):
        Keyring.open(key_dir)
    assert list(key_dir.iterdir()) == [file]
