"""The keys of a center in a file of their own: always encrypted, never beside what they open."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from pathlib import Path

from foundation.backup.encryption import Lock, Opener, decrypt, encrypt
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.errors import Conflict, FileMissing, InvalidInput
from foundation.files import ensure_folder, write_atomically, write_error
from foundation.keyring import folder_lock, read_key_file, refuse_if_open_to_others
from foundation.settings import Settings

_KIND = "vedette-keys/1"
_KEY_FILE = re.compile(r"[0-9a-f]{16}\.(key|signing|public)")


@dataclass(frozen=True, slots=True)
class RestoredKeys:
    added: list[str]
    present: list[str]


def write_keys(settings: Settings, path: Path, lock: Lock, clock: Clock = SYSTEM_CLOCK) -> int:
    """Write all keys of the key folder, encrypted; how many files that were."""
    if not lock:
        raise InvalidInput(
            "keys are not written in the clear.", mend="Name --recipient age1... or --passphrase-file FILE."
        )
    if path.exists():
        raise Conflict("there is such a file already.", where=str(path), mend="Choose another name, or move it away.")
    files = {file.name: base64.b64encode(read_key_file(file)).decode() for file in key_files(settings.key_dir)}
    if not files:
        raise FileMissing("there are no keys yet.", where=str(settings.key_dir), mend="Start the center first.")
    content = {
        "kind": _KIND,
        "center_code": settings.center.code,
        "center_name": settings.center.name,
        "created_us": clock.now_us(),
        "files": files,
    }
    sealed = encrypt(json.dumps(content, ensure_ascii=False).encode(), lock)
    ensure_folder(path.parent)
    write_atomically(path, sealed, mode=0o600)
    return len(files)


def restore_keys(settings: Settings, path: Path, opener: Opener) -> RestoredKeys:
    """Put the keys that are missing into the key folder; those that are there stay, and must be the same."""
    files = _read(settings, path, opener)
    ensure_folder(settings.key_dir, mode=0o700)
    refuse_if_open_to_others(settings.key_dir, "700")
    with folder_lock(settings.key_dir):
        present = {file.name: read_key_file(file) for file in key_files(settings.key_dir)}
        other = sorted(name for name in files.keys() & present.keys() if files[name] != present[name])
        if other:
            raise Conflict(
                f"the key folder holds another key under the same name: {', '.join(other)}.",
                where=str(settings.key_dir),
                mend="Move that folder away, then restore the keys.",
            )
        added = sorted(files.keys() - present.keys())
        for name in added:
            write_atomically(settings.key_dir / name, base64.b64encode(files[name]) + b"\n", mode=0o600)
    return RestoredKeys(added, sorted(files.keys() & present.keys()))


def key_files(key_dir: Path) -> list[Path]:
    return sorted(file for file in key_dir.glob("*") if _KEY_FILE.fullmatch(file.name))


def _read(settings: Settings, path: Path, opener: Opener) -> dict[str, bytes]:
    where = str(path)
    try:
        sealed = path.read_bytes()
    except FileNotFoundError:
        raise FileMissing("there is no such file.", where=where, mend="Check its name.") from None
    except OSError as error:
        raise write_error(path, error) from error
    if opener.passphrase is None and not opener.identities:
        raise InvalidInput(
            "files of keys are encrypted.", where=where, mend="Name --identity FILE or --passphrase-file FILE."
        )
    try:
        content = json.loads(decrypt(sealed, opener, where))
        if content["kind"] != _KIND:
            raise ValueError(content["kind"])
        code, files = str(content["center_code"]), content["files"]
        keys = {name: base64.b64decode(text, validate=True) for name, text in files.items()}
        if any(not _KEY_FILE.fullmatch(name) or len(key) != 32 for name, key in keys.items()):
            raise ValueError("no key")
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidInput(
            "this file holds no keys of Vedette.", where=where, mend="Name a file that `vedette keys backup` wrote."
        ) from error
    if code != settings.center.code:
        raise InvalidInput(
            f"these are the keys of the center {code}, and the settings are of {settings.center.code}.",
            where=where,
            mend="Set center.code to that center's, or name the right file.",
        )
    return keys
