"""Signatures of this center: Ed25519 (RFC 8032) under keys that lie beside the sealing keys, one file per key.

A signature is `KEYID:hex` over the purpose and the bytes, so that one made for a backup proves nothing elsewhere. The
newest key signs. The public half of every key stays in the folder, also when its private half is gone: what was signed
long ago can still be verified.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.errors import InvalidInput
from foundation.files import ensure_folder, write_atomically
from foundation.keyring import folder_lock, new_key_id, read_key_file, refuse_if_open_to_others

_KEY_ID = re.compile(r"[0-9a-f]{16}")
_SIGNATURE = re.compile(r"([0-9a-f]{16}):([0-9a-f]{128})")
_PRIVATE, _PUBLIC = ".signing", ".public"


@dataclass(frozen=True, slots=True)
class SigningKey:
    id: str
    public: bytes  # 32 bytes
    can_sign: bool

    @property
    def fingerprint(self) -> str:
        """What people compare to know a key: SHA-256 of its public half, the first 32 hex digits in groups of 4."""
        return fingerprint(self.public)


def fingerprint(public: bytes) -> str:
    digest = hashlib.sha256(public).hexdigest()[:32]
    return "-".join(digest[at : at + 4] for at in range(0, 32, 4))


class Signing:
    """The signing keys of one folder."""

    def __init__(self, key_dir: Path, private: dict[str, Ed25519PrivateKey], public: dict[str, bytes]) -> None:
        self._key_dir = key_dir
        self._private = private
        self._public = public

    @classmethod
    def open(cls, key_dir: Path, clock: Clock = SYSTEM_CLOCK) -> Signing:
        """Read the folder's keys, making the folder and its first key at first use."""
        ensure_folder(key_dir, mode=0o700)
        refuse_if_open_to_others(key_dir, "700")
        if not _files(key_dir, _PRIVATE):
            with folder_lock(key_dir):
                if not _files(key_dir, _PRIVATE):
                    _create(key_dir, clock, after=max(_files(key_dir, _PUBLIC), default=""))
        return cls(key_dir, *_read(key_dir))

    @classmethod
    def existing(cls, key_dir: Path) -> Signing:
        """The keys that are there, if any; none is made, so it may be able to verify and not to sign."""
        if not key_dir.is_dir():
            return cls(key_dir, {}, {})
        refuse_if_open_to_others(key_dir, "700")
        return cls(key_dir, *_read(key_dir))

    @property
    def current_id(self) -> str:
        return max(self._private)

    @property
    def keys(self) -> list[SigningKey]:
        """Oldest first; those without a private half can only verify."""
        return [SigningKey(key_id, self._public[key_id], key_id in self._private) for key_id in sorted(self._public)]

    def public(self, key_id: str) -> bytes | None:
        """The public half, or None where this folder does not have it."""
        if key_id not in self._public:
            self._private, self._public = _read(self._key_dir)  # another process may have rotated
        return self._public.get(key_id)

    def sign(self, data: bytes, purpose: str) -> str:
        key_id = self.current_id
        return f"{key_id}:{self._private[key_id].sign(_message(data, purpose)).hex()}"

    def verify(self, data: bytes, signature: str, purpose: str) -> str:
        """The id of the key that made it; raise `InvalidInput` when none of ours did."""
        key_id = signer(signature)
        public = self.public(key_id)
        if public is None:
            raise InvalidInput(
                "the signature is of a key that this center does not have.",
                where=f"key {key_id}",
                mend="Restore the key folder from its backup with `vedette keys restore`.",
            )
        verify(data, signature, purpose, public)
        return key_id

    def rotate(self, clock: Clock = SYSTEM_CLOCK) -> str:
        """Make a new key and sign with it from now on."""
        with folder_lock(self._key_dir):
            key_id = _create(self._key_dir, clock, after=max(self._public))
        self._private, self._public = _read(self._key_dir)
        return key_id

    def retire(self, key_id: str) -> None:
        """Destroy the private half of an old key; the public half stays."""
        if key_id == self.current_id:
            raise InvalidInput(
                "this is the key that signs now.", where=f"key {key_id}", mend="Run `vedette keys rotate` first."
            )
        with folder_lock(self._key_dir):
            (self._key_dir / f"{key_id}{_PRIVATE}").unlink(missing_ok=True)
        self._private, self._public = _read(self._key_dir)


def signer(signature: str) -> str:
    """The key id that a signature names."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None:
        raise InvalidInput("this is no signature.", mend="It is KEYID:hex, 16 and 128 digits.")
    return match[1]


def verify(data: bytes, signature: str, purpose: str, public: bytes) -> None:
    """Raise `InvalidInput` unless this public key's private half signed these bytes for this purpose."""
    key_id = signer(signature)
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(bytes.fromhex(signature.partition(":")[2]), _message(data, purpose))
    except (InvalidSignature, ValueError) as error:
        raise InvalidInput(
            f"the signature for {purpose} does not hold: what was signed has been changed, or another key signed it.",
            where=f"key {key_id}",
        ) from error


def _message(data: bytes, purpose: str) -> bytes:
    return b"vedette\0" + purpose.encode() + b"\0" + data


def _create(key_dir: Path, clock: Clock, after: str) -> str:
    key_id = new_key_id(clock, after)
    private = Ed25519PrivateKey.generate()
    # The public half first: a signature never stands without what verifies it.
    _write(key_dir / f"{key_id}{_PUBLIC}", private.public_key().public_bytes_raw())
    _write(key_dir / f"{key_id}{_PRIVATE}", private.private_bytes_raw())
    return key_id


def _write(path: Path, raw: bytes) -> None:
    write_atomically(path, base64.b64encode(raw) + b"\n", mode=0o600)


def _read(key_dir: Path) -> tuple[dict[str, Ed25519PrivateKey], dict[str, bytes]]:
    private = {
        key_id: Ed25519PrivateKey.from_private_bytes(read_key_file(path))
        for key_id, path in _files(key_dir, _PRIVATE).items()
    }
    public = {key_id: read_key_file(path) for key_id, path in _files(key_dir, _PUBLIC).items()}
    public |= {key_id: key.public_key().public_bytes_raw() for key_id, key in private.items()}
    return private, public


def _files(key_dir: Path, suffix: str) -> Mapping[str, Path]:
    return {path.stem: path for path in sorted(key_dir.glob(f"*{suffix}")) if _KEY_ID.fullmatch(path.stem)}
