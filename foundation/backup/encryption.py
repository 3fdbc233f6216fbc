"""A backup under lock: age (age-encryption.org/v1), streamed, so that no size needs memory or a plain copy on disk.

To recipients it is a plain age file, and `age --decrypt --identity FILE` opens it. age has no streaming under a
passphrase here; so a key made for this one file encrypts it, and stands in front, itself encrypted under the
passphrase (scrypt). Such a file is `vedette-sealed-backup/1 LENGTH` and a line feed, so many bytes of an age file that
holds the key, and the age file proper.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyrage

from foundation.errors import ConfigError, FileMissing, InvalidInput, VedetteError

_AGE = b"age-encryption.org/v1\n"
_ARMOUR = b"-----BEGIN AGE"
_SEALED = b"vedette-sealed-backup/1 "
_LENGTH_DIGITS = 6
_FIRST_LINE = len(_SEALED) + _LENGTH_DIGITS + 1
LEAST_PASSPHRASE = 12  # characters


@dataclass(frozen=True, slots=True)
class Lock:
    """Who will be able to open what is written: age recipients, or whoever has the passphrase."""

    recipients: Sequence[str] = ()
    passphrase: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.recipients and self.passphrase is not None:
            raise InvalidInput("recipients and a passphrase exclude each other.", mend="Choose one of the two.")
        self.parsed()

    def __bool__(self) -> bool:
        return bool(self.recipients) or self.passphrase is not None

    def parsed(self) -> list[Any]:
        return [_recipient(text) for text in self.recipients]


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a locked file: age identities, or the passphrase."""

    identities: Sequence[str] = field(default=(), repr=False)
    passphrase: str | None = field(default=None, repr=False)

    def parsed(self) -> list[Any]:
        return [_identity(text) for text in self.identities]


def read_passphrase(file: Path) -> str:
    """The file's first line; a file that others can read, or too short a passphrase, is refused."""
    text = _read_secret(file).partition("\n")[0].rstrip("\r")
    if len(text) < LEAST_PASSPHRASE:
        raise ConfigError(
            f"the passphrase is shorter than {LEAST_PASSPHRASE} characters.",
            where=str(file),
            mend="Choose a longer one.",
        )
    return text


def read_identities(file: Path) -> list[str]:
    """The keys of an identity file as `age-keygen` writes it."""
    found = [line.strip() for line in _read_secret(file).splitlines() if line.strip() and not line.startswith("#")]
    if not found:
        raise ConfigError("the file holds no identity.", where=str(file), mend="Name the file that age-keygen wrote.")
    return found


def encrypt(data: bytes, lock: Lock) -> bytes:
    """A small text as one age file, in armour."""
    if lock.passphrase is not None:
        return bytes(pyrage.passphrase.encrypt(data, lock.passphrase, armored=True))
    return bytes(pyrage.encrypt(data, lock.parsed(), armored=True))


def decrypt(data: bytes, opener: Opener, where: str) -> bytes:
    try:
        if opener.passphrase is not None:
            return bytes(pyrage.passphrase.decrypt(data, opener.passphrase))
        return bytes(pyrage.decrypt(data, opener.parsed()))
    except (pyrage.DecryptError, OSError, ValueError) as error:
        raise _cannot_open(where, opener) from error


@contextmanager
def locking(file: IO[bytes], lock: Lock) -> Iterator[IO[bytes]]:
    """What is written to the file yielded goes encrypted to the file given; in the clear without a lock."""
    if not lock:
        yield file
        return
    recipients = lock.parsed()
    if lock.passphrase is not None:
        key = pyrage.x25519.Identity.generate()
        recipients = [key.to_public()]
        front = pyrage.passphrase.encrypt(str(key).encode(), lock.passphrase)
        file.write(_SEALED + b"%0*d\n" % (_LENGTH_DIGITS, len(front)) + front)
    behind = _Behind(lambda far, me: pyrage.encrypt_io(far, _Remembering(file, me), recipients), reads=True)
    try:
        with behind.pipe as pipe:
            yield pipe
    except BrokenPipeError:
        pass  # the thread ended first, and knows why
    finally:
        behind.join()
    if behind.error is not None:
        raise behind.error


@contextmanager
def opening(path: Path, opener: Opener) -> Iterator[_Source]:
    """The file's content in the clear, whether it is locked or not."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise FileMissing("there is no such file.", where=str(path), mend="Check its name.") from None
    except OSError as error:
        raise FileMissing(
            f"cannot be read: {error.strerror}.", where=str(path), mend="Check its permissions."
        ) from error
    with file:
        start = file.peek(_FIRST_LINE)[:_FIRST_LINE]
        if start.startswith(_AGE):
            with _decrypted(file, opener, str(path)) as source:
                yield source
        elif start.startswith(_SEALED):
            with _decrypted(file, _unsealed(file, opener, str(path)), str(path)) as source:
                yield source
        elif start.startswith(_ARMOUR):
            raise InvalidInput(
                "this is a file of keys, or another small age file, and no backup.",
                where=str(path),
                mend="Keys come back with `vedette keys restore`.",
            )
        else:
            yield _Source(file, str(path))


class _Source:
    """Bytes in order; when they end, the thread that decrypts them says whether that was their end."""

    def __init__(self, file: IO[bytes], where: str, behind: _Behind | None = None) -> None:
        self._file = file
        self._where = where
        self._behind = behind
        self._offset = 0

    def read(self, size: int, /) -> bytes:
        try:
            data = self._file.read(size)
        except OSError as error:
            raise InvalidInput(f"cannot be read: {error.strerror}.", where=self._where) from error
        self._offset += len(data)
        if len(data) < size and self._behind is not None:
            self._behind.join()
            if self._behind.error is not None:
                raise InvalidInput(
                    f"the encrypted backup is damaged or ends too early, at about byte {self._offset}.",
                    where=self._where,
                    mend="Copy it anew from where it was written, or take another backup.",
                ) from self._behind.error
        return data


@contextmanager
def _decrypted(file: IO[bytes], opener: Opener, where: str) -> Iterator[_Source]:
    identities = opener.parsed()
    if not identities:
        raise InvalidInput(
            "this backup is encrypted.",
            where=where,
            mend="Name what opens it: --identity FILE or --passphrase-file FILE.",
        )
    behind = _Behind(lambda far, _me: pyrage.decrypt_io(file, far, identities), reads=False)
    source = _Source(behind.pipe, where, behind)
    try:
        yield source
    finally:
        with suppress(OSError):
            behind.pipe.close()
        behind.join()


def _unsealed(file: IO[bytes], opener: Opener, where: str) -> Opener:
    """The key that stands in front of a file under a passphrase."""
    first = file.read(_FIRST_LINE)
    digits = first[len(_SEALED) : -1]
    if len(digits) != _LENGTH_DIGITS or not digits.isdigit() or first[-1:] != b"\n":
        raise InvalidInput("the encrypted backup is damaged in its first line.", where=where)
    if opener.passphrase is None:
        raise InvalidInput(
            "this backup is encrypted under a passphrase.",
            where=where,
            mend="Name the file with it: --passphrase-file FILE.",
        )
    return Opener([decrypt(file.read(int(digits)), Opener(passphrase=opener.passphrase), where).decode()])


class _Behind:
    """A thread that works at one end of a pipe; `pipe` is the other end."""

    def __init__(self, work: Callable[[IO[bytes], _Behind], None], *, reads: bool) -> None:
        read_end, write_end = os.pipe()
        near, far = (write_end, read_end) if reads else (read_end, write_end)
        self.pipe: IO[bytes] = os.fdopen(near, "wb" if reads else "rb", 1 << 20)
        self.error: Exception | None = None
        self._work = work
        self._far: IO[bytes] = os.fdopen(far, "rb" if reads else "wb", 1 << 20)
        self._thread = threading.Thread(target=self._run, name="age", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._far:
                self._work(self._far, self)
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            self.error = self.error or error

    def join(self) -> None:
        self._thread.join()


class _Remembering:
    """A file whose own error outlives pyrage, which would make a nameless one of it."""

    def __init__(self, file: IO[bytes], behind: _Behind) -> None:
        self._file = file
        self._behind = behind

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self._behind.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise InvalidInput(
            f"{text!r} is no age recipient.", mend="It begins with age1, and `age-keygen` prints it."
        ) from error


def _identity(text: str) -> Any:
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError as error:
        raise InvalidInput(
            "the identity file holds something else than age keys.", mend="Its keys begin with AGE-SECRET-KEY-1."
        ) from error


def _cannot_open(where: str, opener: Opener) -> VedetteError:
    what = "passphrase" if opener.passphrase is not None else "identity"
    return InvalidInput(
        f"this {what} does not open the file, or the file is damaged.", where=where, mend=f"Name the right {what}."
    )


def _read_secret(file: Path) -> str:
    try:
        if file.stat().st_mode & 0o077:
            raise ConfigError(
                "the file can be read or written by other users.", where=str(file), mend=f"Run `chmod 600 {file}`."
            )
        return file.read_text("utf-8")
    except FileNotFoundError:
        raise FileMissing("there is no such file.", where=str(file), mend="Check its name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the file cannot be read as text.", where=str(file), mend="Check it.") from error
