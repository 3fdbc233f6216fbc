"""The list of addresses, and the passwords apart from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import ConfigError, FileMissing, InvalidInput, VedetteError
from ingest.standalone.sources import Source, read_sources

NETRC = "machine 10.0.0.1 login viewer password p-1\ndefault login other password p-2\n"


def _file(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    file = folder / "file"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    file.chmod(mode)
    return file


def test_one_a_line_with_comments_and_empty_lines(tmp_path: Path) -> None:
    file = _file(tmp_path, "# north\nrtsp://10.0.0.1/main\n\n  rtsp://10.0.0.2:8554/a?b=1  \r\n")
    assert [one.url for one in read_sources(file, None)] == ["rtsp://10.0.0.1/main", "rtsp://10.0.0.2:8554/a?b=1"]


def test_the_same_address_twice_is_recorded_twice(tmp_path: Path) -> None:
    assert len(read_sources(_file(tmp_path, "rtsp://a/1\nrtsp://a/1\n"), None)) == 2


def test_credentials_by_host_and_for_all_others(tmp_path: Path) -> None:
    sources = _file(tmp_path, "rtsp://10.0.0.1/1\nrtsp://10.0.0.2/1\n")
    (tmp_path / "logins").mkdir()
    first, second = read_sources(sources, _file(tmp_path / "logins", NETRC))
    assert first == Source("rtsp://10.0.0.1/1", "viewer", "p-1")
    assert (second.username, second.password) == ("other", "p-2")
    assert "p-1" not in repr(first)


@pytest.mark.parametrize(
    "line", ["rtsp://viewer:hush@10.0.0.1/main", "rtsp://viewer@10.0.0.1/", "rtsp://10.0.0.1/?password=hush"]
)
def test_a_password_in_the_list_is_refused_and_not_shown(tmp_path: Path, line: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_sources(_file(tmp_path, f"# first\n{line}\n"), None)
    assert "line 2" in str(raised.value)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", InvalidInput), ("# nothing\n", InvalidInput), ("http://10.0.0.1/", InvalidInput), (b"\xff", InvalidInput)],
)
def test_a_list_without_addresses_is_refused(tmp_path: Path, text: str | bytes, kind: type[VedetteError]) -> None:
    with pytest.raises(kind):
        read_sources(_file(tmp_path, text), None)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        read_sources(tmp_path / "none", None)


def test_credentials_that_others_can_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="chmod 600"):
        read_sources(_sources(tmp_path), _file(tmp_path, NETRC, mode=0o644))


def test_credentials_that_make_no_sense_are_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read_sources(_sources(tmp_path), _file(tmp_path, "machine 10.0.0.1 hush\n"))
    assert "hush" not in str(raised.value)


@given(text=st.binary(max_size=200))
def test_whatever_stands_in_the_files_ends_in_a_list_or_a_refusal(tmp_path: Path, text: bytes) -> None:
    for sources, credentials in ((_file(tmp_path, text), None), (_sources(tmp_path), _file(tmp_path, text))):
        try:
            assert read_sources(sources, credentials)
        except VedetteError:
            pass


def _sources(folder: Path) -> Path:
    file = folder / "sources"
    file.write_text("rtsp://10.0.0.1/main\n")
    return file
