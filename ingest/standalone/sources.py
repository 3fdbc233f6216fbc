"""What is to be recorded: a file of RTSP URLs, and apart from it the passwords in the format of netrc(5)."""

from __future__ import annotations

import netrc
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from device_registry import stream_url
from foundation.errors import ConfigError, FileMissing, InvalidInput

_MAX_FILE_BYTES = 16 << 20


@dataclass(slots=True, frozen=True)
class Source:
    url: str
    username: str | None
    password: str | None = field(repr=False)


def read_sources(file: Path, credentials: Path | None) -> list[Source]:
    """One URL a line; empty lines and those that begin with `#` say nothing."""
    logins = _Logins(credentials)
    lines = [(number, line.strip()) for number, line in enumerate(_read(file).splitlines(), 1)]
    urls = [_url(line, f"{file}, line {number}") for number, line in lines if line and not line.startswith("#")]
    if not urls:
        raise InvalidInput(
            "no URL stands in the file.", where=str(file), mend="Write rtsp://HOST[:PORT]/PATH, one a line."
        )
    return [Source(url, *logins.of(url)) for url in urls]


def _url(text: str, where: str) -> str:
    parsed = stream_url.parse(text, where)
    if parsed.username is not None:
        raise InvalidInput(
            "the URL carries a user name or password.",
            where=where,
            mend="Write them as `machine HOST login USER password PASSWORD` into a file, and name it by --credentials.",
        )
    return parsed.url


class _Logins:
    def __init__(self, file: Path | None) -> None:
        self._netrc = _read_netrc(file) if file else None

    def of(self, url: str) -> tuple[str | None, str | None]:
        found = self._netrc.authenticators(urlsplit(url).hostname or "") if self._netrc else None
        return (found[0] or None, found[2] or None) if found else (None, None)


def _read_netrc(file: Path) -> netrc.netrc:
    _read(file)
    if file.stat().st_mode & 0o077:
        raise ConfigError("other users can read or write it.", where=str(file), mend=f"Run `chmod 600 {file}`.")
    try:
        return netrc.netrc(str(file))
    except netrc.NetrcParseError:  # what it says may be a password
        mend = "Write `machine HOST login USER password PASSWORD`, or `default login ...` for all other hosts."
        raise ConfigError("it is not in the format of netrc.", where=str(file), mend=mend) from None


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise InvalidInput("the file is too large for a list.", where=str(file))
        return file.read_text("utf-8")
    except FileNotFoundError as error:
        raise FileMissing("no such file.", where=str(file), mend="Name an existing file.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("the file is not text in UTF-8.", where=str(file)) from error
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}.", where=str(file), mend="Check its permissions."
        ) from error
