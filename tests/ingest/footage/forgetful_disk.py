"""A disk that remembers only what was synced: every step in which footage and SQLite change it is noted, and after any
of them the power can be cut.

What a cut leaves follows ext4, XFS and POSIX where they agree: what a sync came after is there; of what came later,
names survive in the order in which they were made, up to any one of them, and of the bytes of files any sectors may be
missing, however old they are. A file is never longer than it was, and sectors that are missing in its middle are zeros.
SQLite's own syncs count as what they are. Its shared memory does not survive.
"""

from __future__ import annotations

import ctypes
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import FunctionType
from typing import Any

import pytest

from ingest.footage import storage
from ingest.footage.disk import Disk

SECTOR = 512
_WORDS_OF_VFS = 21  # sqlite3_vfs, version 3
_WORDS_OF_FILE = 19  # sqlite3_io_methods, version 3
_library = ctypes.CDLL("libsqlite3.so.0")
_library.sqlite3_vfs_find.restype = ctypes.c_void_p
_pointer, _int, _int64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _pointer, _int, _pointer)
_DELETE = ctypes.CFUNCTYPE(_int, _pointer, ctypes.c_char_p, _int)
_WRITE = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int, _int64)
_TRUNCATE = ctypes.CFUNCTYPE(_int, _pointer, _int64)
_SYNC = ctypes.CFUNCTYPE(_int, _pointer, _int)


@dataclass(frozen=True)
class Step:
    kind: str  # mkdir, create, write, truncate, rename, unlink, rmdir; sync, fsync, fsync_folder
    path: str = ""
    data: bytes = b""
    at: int = 0
    target: str = ""

    @property
    def is_name(self) -> bool:
        return self.kind in ("mkdir", "create", "rename", "unlink", "rmdir")

    @property
    def folder(self) -> str:
        return PurePosixPath(self.path).parent.as_posix()


@dataclass
class Tree:
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def copy(self) -> Tree:
        return Tree(dict(self.files), set(self.folders))

    def apply(self, step: Step) -> None:
        present = self.files.get(step.path)
        if step.kind == "mkdir":
            self.folders.add(step.path)
        elif step.kind == "rmdir":
            self.folders.discard(step.path)
        elif step.kind == "create":
            self.files[step.path] = b""
        elif step.kind == "unlink":
            self.files.pop(step.path, None)
        elif step.kind == "rename" and present is not None:
            self.files[step.target] = self.files.pop(step.path)
        elif step.kind == "truncate" and present is not None:
            self.files[step.path] = present[: step.at].ljust(step.at, b"\0")
        elif step.kind == "write" and present is not None:
            whole = present.ljust(step.at, b"\0")
            self.files[step.path] = whole[: step.at] + step.data + whole[step.at + len(step.data) :]

    def put(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in sorted(self.folders | {parent for path in self.files for parent in _parents(path)}):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for path, data in self.files.items():
            (folder / path).write_bytes(data)

    @classmethod
    def of(cls, folder: Path) -> Tree:
        tree = cls()
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_dir():
                tree.folders.add(name)
            elif not name.endswith("-shm"):
                tree.files[name] = path.read_bytes()
        return tree


class PowerCuts:
    """What each cut may leave, of a disk that began as `tree` and saw these steps."""

    def __init__(self, tree: Tree, steps: list[Step]) -> None:
        self._tree = tree
        self._steps = steps

    def synced(self, count: int) -> tuple[Tree, list[Step]]:
        """After so many steps: what is certain, and the steps since, in order."""
        certain = self._tree.copy()
        pending: list[Step] = []
        for step in self._steps[:count]:
            if step.kind == "sync":
                done, pending = pending, []
            elif step.kind == "fsync":
                done, pending = _split(pending, lambda one, path=step.path: one.path == path)
            elif step.kind == "fsync_folder":
                done, pending = _split(pending, lambda one, path=step.path: one.is_name and one.folder == path)
            else:
                pending.append(step)
                continue
            for one in done:
                certain.folders.update(_parents(one.path))
                certain.apply(one)
        return certain, pending

    def after(self, count: int, chance: random.Random, *, every: bool) -> Iterator[tuple[str, Tree]]:
        """What nothing but the certain makes, and what may be there besides: in one way of three, or in every."""
        certain, pending = self.synced(count)
        yield "nothing", certain
        ways = [("everything", _everything), ("torn", _torn), ("scattered", _scattered)]
        for name, way in (ways if every else [chance.choice(ways)]) if pending else ():
            yield name, way(certain, pending, chance)


def _split(steps: list[Step], chosen: Callable[[Step], bool]) -> tuple[list[Step], list[Step]]:
    return [one for one in steps if chosen(one)], [one for one in steps if not chosen(one)]


def _parents(path: str) -> list[str]:
    """The folders that a path lies in, nearest first."""
    return [parent.as_posix() for parent in PurePosixPath(path).parents][:-1]


def _applied(certain: Tree, steps: list[Step]) -> Tree:
    tree = certain.copy()
    for step in steps:
        tree.apply(step)
    return tree


def _everything(certain: Tree, steps: list[Step], _: random.Random) -> Tree:
    return _applied(certain, steps)


def _torn(certain: Tree, steps: list[Step], chance: random.Random) -> Tree:
    """In order, up to the middle of one step."""
    *before, last = steps[: chance.randrange(len(steps)) + 1]
    return _applied(
        certain, [*before, Step(last.kind, last.path, last.data[: _part(last, chance)], last.at, last.target)]
    )


def _part(step: Step, chance: random.Random) -> int:
    return chance.randrange(len(step.data)) if step.data else 0


def _scattered(certain: Tree, steps: list[Step], chance: random.Random) -> Tree:
    """Names in order up to any one of them; of the bytes any sectors."""
    names = [step for step in steps if step.is_name]
    lost = set(map(id, names[chance.randrange(len(names) + 1) :]))
    known = [step for step in steps if id(step) not in lost]
    whole, old = _applied(certain, known), _applied(certain, [step for step in known if step.is_name])
    for path in {step.path for step in known if step.kind in ("write", "truncate")} & whole.files.keys():
        whole.files[path] = _missing_sectors(old.files.get(path, b""), whole.files[path], chance)
    return whole


def _missing_sectors(old: bytes, new: bytes, chance: random.Random) -> bytes:
    survives = chance.random()
    mixed = bytearray(new)
    for at in range(0, len(new), SECTOR):
        if old[at : at + SECTOR] != new[at : at + SECTOR] and chance.random() > survives:
            mixed[at : at + SECTOR] = old[at : at + SECTOR].ljust(len(mixed[at : at + SECTOR]), b"\0")
    # The length that the file system last knew may be that of any sector.
    return bytes(mixed[: max(len(old), chance.choice([len(new), len(mixed.rstrip(b"\0"))]))])


class ForgetfulDisk:
    """Notes the steps below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptors: dict[int, str] = {}
        self.steps: list[Step] = []
        self.on_sync: Callable[[], None] = lambda: None

    def note(self, kind: str, path: Path, **more: Any) -> None:
        if path.is_relative_to(self._folder):
            self.steps.append(Step(kind, path.relative_to(self._folder).as_posix(), **more))

    @contextmanager
    def noting(self) -> Iterator[ForgetfulDisk]:
        with pytest.MonkeyPatch.context() as patch, _sqlite_noted(self):
            for name in _STEPS:
                patch.setattr(storage, name, getattr(self, name))
            real = Disk.sync
            patch.setattr(Disk, "sync", lambda disk: self._sync(disk, real))
            yield self

    def make_folders(self, folder: Path) -> None:
        missing = list(itertools.takewhile(lambda one: not one.exists(), [folder, *folder.parents]))
        folder.mkdir(parents=True, exist_ok=True)
        for one in reversed(missing):
            self.note("mkdir", one)

    def create(self, file: Path) -> int:
        descriptor = _REAL["create"](file)
        self._descriptors[descriptor] = str(file)
        self.note("create", file)
        return descriptor  # type: ignore[no-any-return]

    def write(self, descriptor: int, data: memoryview | bytes) -> int:
        file = Path(self._descriptors[descriptor])
        at = file.stat().st_size
        taken: int = _REAL["write"](descriptor, data)
        self.note("write", file, data=bytes(data[:taken]), at=at)
        return taken

    def write_parts(self, descriptor: int, parts: Sequence[bytes]) -> int:
        return self.write(descriptor, b"".join(parts))

    def truncate(self, file: int | Path, size: int) -> None:
        _REAL["truncate"](file, size)
        self.note("truncate", Path(self._descriptors[file]) if isinstance(file, int) else file, at=size)

    def sync(self, descriptor: int) -> None:
        self.note("fsync", Path(self._descriptors[descriptor]))

    def sync_folder(self, folder: Path) -> None:
        self.note("fsync_folder", folder)

    def rename(self, file: Path, target: Path) -> None:
        _REAL["rename"](file, target)
        self.note("rename", file, target=target.relative_to(self._folder).as_posix())

    def remove(self, file: Path) -> None:
        if file.exists():
            _REAL["remove"](file)
            self.note("unlink", file)

    def remove_folder(self, folder: Path) -> None:
        _REAL["remove_folder"](folder)
        self.note("rmdir", folder)

    def _sync(self, disk: Disk, real: Callable[[Disk], None]) -> None:
        if disk.folder == self._folder:
            self.steps.append(Step("sync"))
            self.on_sync()


_STEPS = [name for name, value in vars(storage).items() if isinstance(value, FunctionType)]
_REAL: Mapping[str, Any] = {name: getattr(storage, name) for name in _STEPS}


@contextmanager
def _sqlite_noted(disk: ForgetfulDisk) -> Iterator[None]:
    """SQLite's default VFS, with its writes noted: a copy of the system's own, some functions of which are replaced."""
    found = _library.sqlite3_vfs_find(None)
    original = (_pointer * _WORDS_OF_VFS).from_address(found)
    noted = (_pointer * _WORDS_OF_VFS)(*original)
    name = ctypes.create_string_buffer(b"noted")
    calls = _Calls(disk, found, original)
    noted[2], noted[3] = None, ctypes.addressof(name)
    noted[5], noted[6] = (ctypes.cast(call, _pointer).value for call in (calls.open, calls.delete))
    _library.sqlite3_vfs_register(ctypes.byref(noted), 1)
    try:
        yield
    finally:
        _library.sqlite3_vfs_unregister(ctypes.byref(noted))
        _library.sqlite3_vfs_register(_pointer(found), 1)


class _Calls:
    def __init__(self, disk: ForgetfulDisk, vfs: int, functions: Any) -> None:
        self._disk = disk
        self._vfs = vfs
        self._real_open = _OPEN(functions[5])
        self._real_delete = _DELETE(functions[6])
        self._paths: dict[int, Path] = {}
        self._methods: dict[int, Any] = {}
        self.open = _OPEN(self._open)
        self.delete = _DELETE(self._delete)

    def _open(self, _: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = Path(ctypes.string_at(name).decode()) if name else None
        is_new = path is not None and not path.exists()
        code: int = self._real_open(self._vfs, name, file, flags, out)
        methods = _pointer.from_address(file)
        if code == 0 and path is not None and methods.value:
            if is_new and path.exists():
                self._disk.note("create", path)
            self._paths[file] = path
            methods.value = ctypes.addressof(self._noted(methods.value))
        return code

    def _delete(self, _: int, name: bytes, sync_folder: int) -> int:
        path = Path(name.decode())
        existed = path.exists()
        code: int = self._real_delete(self._vfs, name, sync_folder)
        if existed:
            self._disk.note("unlink", path)
            if sync_folder:
                self._disk.note("fsync_folder", path.parent)
        return code

    def _noted(self, methods: int) -> Any:
        if methods not in self._methods:
            table = (_pointer * _WORDS_OF_FILE)(*(_pointer * _WORDS_OF_FILE).from_address(methods))
            real = _WRITE(table[3]), _TRUNCATE(table[4]), _SYNC(table[5])
            calls = _WRITE(self._writing(real[0])), _TRUNCATE(self._truncating(real[1])), _SYNC(self._syncing(real[2]))
            table[3], table[4], table[5] = (ctypes.cast(call, _pointer).value for call in calls)
            self._methods[methods] = table, real, calls
        return self._methods[methods][0]

    def _writing(self, real: Any) -> Callable[..., int]:
        def write(file: int, data: int, size: int, at: int) -> int:
            code: int = real(file, data, size, at)
            if code == 0:
                self._disk.note("write", self._paths[file], data=ctypes.string_at(data, size), at=at)
            return code

        return write

    def _truncating(self, real: Any) -> Callable[..., int]:
        def truncate(file: int, size: int) -> int:
            code: int = real(file, size)
            if code == 0:
                self._disk.note("truncate", self._paths[file], at=size)
            return code

        return truncate

    def _syncing(self, real: Any) -> Callable[..., int]:
        def sync(file: int, flags: int) -> int:
            # Not passed on: the test's folder needs no sync, and each costs milliseconds.
            self._disk.note("fsync", self._paths[file])
            return 0

        return sync
