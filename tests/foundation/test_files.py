from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from foundation.errors import DiskFull, NotWritable
from foundation.files import ensure_folder, keep_from_others, write_atomically, write_error


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    folder = ensure_folder(tmp_path / "a" / "b", mode=0o700)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert ensure_folder(folder) == folder


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(NotWritable, match="a file stands where a folder is needed") as caught:
            ensure_folder(path)
        assert caught.value.where == str(path)


def test_a_file_is_replaced_as_a_whole_and_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "assignments.json"
    for content in (b"old", b"new"):
        write_atomically(path, content, mode=0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_not_writable(tmp_path: Path) -> None:
    with pytest.raises(NotWritable):
        write_atomically(tmp_path / "absent" / "file", b"")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_apart(number: int) -> None:
    assert isinstance(write_error(Path("disk"), OSError(number, "full")), DiskFull)


def test_nothing_is_made_for_all_the_world_to_read(tmp_path: Path) -> None:
    folder = ensure_folder(tmp_path / "data")
    write_atomically(folder / "file", b"")
    assert [path.stat().st_mode & 0o007 for path in (folder, folder / "file")] == [0, 0]
    before = os.umask(0o022)
    try:
        keep_from_others()
        (folder / "footage").mkdir()
        (folder / "log").write_text("")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o007 for path in folder.iterdir()] == [0, 0, 0]


def test_a_read_only_file_system_is_told_apart() -> None:
    error = write_error(Path("disk"), OSError(errno.EROFS, "read-only"))
    assert isinstance(error, NotWritable)
    assert "mounted read-only" in error.what
