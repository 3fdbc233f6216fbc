"""Secrets at rest: AES-256-GCM (NIST SP 800-38D) under keys that lie in a folder of their own, one file per key.

A sealed text is `KEYID:base64(nonce, ciphertext, tag)`. Sealing uses the newest key; older ones stay readable until
their file is removed. Key ids sort by creation.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.errors import ConfigError, InvalidInput, NotWritable
from foundation.files import ensure_folder, write_atomically
from foundation.identifiers import new_id

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID = re.compile(r"[0-9a-f]{16}")


class Keyring:
    """The keys of one folder. Safe to share between threads."""

    def __init__(self, key_dir: Path) -> None:
        self._key_dir = key_dir
        self._lock = threading.Lock()
        self._reread()

    @classmethod
    def open(cls, key_dir: Path, clock: Clock = SYSTEM_CLOCK) -> Keyring:
        """Read the folder's keys, making the folder and its first key at first use."""
        ensure_folder(key_dir, mode=0o700)
        refuse_if_open_to_others(key_dir, "700")
        if not _key_files(key_dir):
            with folder_lock(key_dir):
                if not _key_files(key_dir):
                    _create_key(key_dir, clock)
        return cls(key_dir)

    @property
    def current_id(self) -> str:
        return max(self._keys)

    @property
    def ids(self) -> list[str]:
        return sorted(self._keys)

    def seal(self, plaintext: bytes, purpose: str) -> str:
        """Encrypt; only `unseal` with the same purpose opens it."""
        if _changed_ns(self._key_dir) not in (0, self._seen_ns):
            self._reread()  # another process may have rotated, and will retire the old key once nothing is under it
        keys = self._keys
        key_id = max(keys)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + keys[key_id].encrypt(nonce, plaintext, purpose.encode())
        return f"{key_id}:{base64.b64encode(sealed).decode()}"

    def unseal(self, sealed: str, purpose: str) -> bytes:
        """Decrypt, or raise `InvalidInput` without a word of the content."""
        key_id, _, text = sealed.partition(":")
        key = self._key(key_id)
        try:
            raw = base64.b64decode(text, validate=True)
            return key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise InvalidInput(
                f"a sealed text for {purpose} is damaged or was sealed for something else.",
                where=f"key {key_id}",
                mend="Enter the secret again.",
            ) from error

    def rotate(self, clock: Clock = SYSTEM_CLOCK) -> str:
        """Make a new key and seal with it from now on."""
        with folder_lock(self._key_dir):
            key_id = _create_key(self._key_dir, clock, after=self.current_id)
        self._reread()
        return key_id

    def retire(self, key_id: str) -> None:
        """Destroy an old key for good. Whether anything is still sealed under it, the caller knows."""
        if key_id == self.current_id:
            raise InvalidInput(
                "this is the key that seals now.", where=f"key {key_id}", mend="Run `vedette keys rotate` first."
            )
        with folder_lock(self._key_dir):
            (self._key_dir / f"{key_id}.key").unlink(missing_ok=True)
        self._reread()

    def _key(self, key_id: str) -> AESGCM:
        if not _KEY_ID.fullmatch(key_id):
            raise InvalidInput("a sealed text must begin with the id of its key.", mend="Enter the secret again.")
        if key_id not in self._keys:
            self._reread()  # another process may have rotated
        if key_id not in self._keys:
            raise InvalidInput(
                "the key that a secret was sealed with is not in the key folder.",
                where=f"key {key_id}",
                mend="Restore the key file from its backup, or enter the secret again.",
            )
        return self._keys[key_id]

    def _reread(self) -> None:
        with self._lock:
            self._seen_ns = _changed_ns(self._key_dir)  # before reading, so that nothing is missed
            self._keys = _read_keys(self._key_dir)


def ids_in(key_dir: Path) -> list[str]:
    """The ids of the sealing keys that are there, if any; none is made."""
    return [path.stem for path in _key_files(key_dir)]


def _key_files(key_dir: Path) -> list[Path]:
    return sorted(path for path in key_dir.glob("*.key") if _KEY_ID.fullmatch(path.stem))


def _changed_ns(key_dir: Path) -> int:
    """When a file last came into the folder or went; 0 for a folder that is away: the keys in memory do."""
    try:
        return key_dir.stat().st_mtime_ns
    except OSError:
        return 0


def _read_keys(key_dir: Path) -> dict[str, AESGCM]:
    return {path.stem: AESGCM(read_key_file(path)) for path in _key_files(key_dir)}


def read_key_file(path: Path) -> bytes:
    """The 32 bytes that the file holds in base64, or `ConfigError`."""
    refuse_if_open_to_others(path, "600")
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except PermissionError as error:
        raise ConfigError(
            "the key file belongs to another user.", where=str(path), mend="Run as the user who owns it."
        ) from error
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ConfigError(
            "the key file does not hold 32 bytes in base64.", where=str(path), mend="Restore it from its backup."
        )
    return key


def _create_key(key_dir: Path, clock: Clock, after: str = "") -> str:
    key_id = new_key_id(clock, after)
    write_atomically(key_dir / f"{key_id}.key", base64.b64encode(AESGCM.generate_key(256)) + b"\n", mode=0o600)
    return key_id


def new_key_id(clock: Clock, after: str = "") -> str:
    """An id that sorts after the one given."""
    key_id = new_id(clock).replace("-", "")[:16]
    if key_id <= after:  # the clock stepped back, or two rotations fell into one millisecond
        key_id = f"{int(after, 16) + 1:016x}"
    return key_id


def refuse_if_open_to_others(path: Path, wanted: str) -> None:
    if path.stat().st_mode & 0o077:
        noun = "folder" if path.is_dir() else "file"
        raise ConfigError(
            f"the key {noun} can be read or written by other users.",
            where=str(path),
            mend=f"Run `chmod {wanted} {path}`, and rotate the keys if others may have read them.",
        )


@contextmanager
def folder_lock(key_dir: Path) -> Iterator[None]:
    try:
        descriptor = os.open(key_dir, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise NotWritable(f"cannot be opened: {error.strerror}.", where=str(key_dir)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
