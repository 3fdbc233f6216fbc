"""Reading a backup: all of it is checked before anything of it is used, and checked again while it is used."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation import signing
from foundation.backup import manifest as described
from foundation.backup.archive import MEMBER_LIMIT, Damaged, Member, damaged, members
from foundation.backup.encryption import Opener, opening
from foundation.backup.manifest import Manifest, Start, TableContent
from foundation.backup.progress import SILENT, Progress
from foundation.backup.shapes import Shape, shapes_of
from foundation.errors import InvalidInput
from foundation.signing import Signing, fingerprint

Sink = Callable[[Shape, Sequence[Sequence[Any]]], None]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signature counts: keys of this center's own folder, and those whose fingerprint a person names."""

    signing: Signing
    fingerprints: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Tally:
    """What has come of one table so far."""

    digest: Any = field(default_factory=hashlib.sha256)
    chunks: int = 0
    bytes: int = 0
    rows: int = 0


class BackupFile:
    """A file that is, or is not, a backup; whatever is wrong with it is an `InvalidInput` or a `NewerDatabase`."""

    def __init__(self, path: Path, opener: Opener | None = None) -> None:
        self.path = path
        self._opener = opener or Opener()
        self._where = str(path)

    def start(self) -> Start:
        """What stands in front; of the rest nothing is known by it."""
        with opening(self.path, self._opener) as source:
            return self._start(members(source, self._where))

    def verify(self, trust: Trust, *, count_rows: bool = False, progress: Progress = SILENT) -> Manifest:
        """Read all of it and check every hash and the signature. `count_rows` reads every row, too."""
        tallies: dict[str, _Tally] = {}
        with opening(self.path, self._opener) as source:
            archive = members(source, self._where)
            start = self._start(archive)
            end = self._tally(archive, tallies, count_rows, progress)
            if end is None:
                raise InvalidInput("the backup has no manifest.", where=self._where, mend="Take another backup.")
            manifest = self._signed(end, archive, trust)
        if manifest.start != start:
            raise InvalidInput(f"{described.FIRST} and {described.LAST} contradict each other.", where=self._where)
        self._compare(manifest, tallies, count_rows)
        return manifest

    def load(self, manifest: Manifest, sink: Sink, progress: Progress = SILENT) -> None:
        """Hand every row to the sink, in the order of the tables; raises where they are not those of the manifest."""
        shapes = {shape.name: shape for shape in self._shapes(manifest)}
        tallies: dict[str, _Tally] = {}
        with opening(self.path, self._opener) as source:
            archive = members(source, self._where)
            if self._start(archive) != manifest.start:
                raise self._changed()
            for member in archive:
                shape = shapes.get(_table(member.name))
                if shape is None:
                    break
                data = self._chunk(member, tallies)
                rows = self._rows(member, data, len(shape.fields))
                tallies[shape.name].rows += len(rows)
                sink(shape, rows)
                progress.advance(shape.name, len(rows))
        self._compare(manifest, tallies, count_rows=True)

    def _start(self, archive: Iterator[Member]) -> Start:
        try:
            first = next(archive, None)
        except Damaged as error:
            raise self._foreign() from error
        if first is None or first.name != described.FIRST:
            raise self._foreign()
        return described.parse_start(first.data, self._where)

    def _foreign(self) -> InvalidInput:
        return InvalidInput(
            "this file is no backup of Vedette, or its beginning is damaged.",
            where=self._where,
            mend="Name a file that `vedette backup` wrote.",
        )

    def _tally(
        self, archive: Iterator[Member], tallies: dict[str, _Tally], count_rows: bool, progress: Progress
    ) -> Member | None:
        """Take in the tables; the first member that belongs to none, which should be the manifest."""
        for member in archive:
            if member.name == described.LAST:
                return member
            data = self._chunk(member, tallies)
            if count_rows:
                rows = len(self._rows(member, data, None))
                tallies[_table(member.name)].rows += rows
                progress.advance(_table(member.name), rows)
        return None

    def _chunk(self, member: Member, tallies: dict[str, _Tally]) -> bytes:
        tally = tallies.setdefault(_table(member.name), _Tally())
        tally.chunks += 1
        decompressor = zlib.decompressobj(31)
        try:
            data = decompressor.decompress(member.data, MEMBER_LIMIT)
        except zlib.error as error:
            raise self._damaged(member) from error
        whole = decompressor.eof and not decompressor.unused_data
        if not whole or member.name != f"{_table(member.name)}/{tally.chunks:08}.json.gz":
            raise self._damaged(member)
        tally.digest.update(data)
        tally.bytes += len(data)
        return data

    def _rows(self, member: Member, data: bytes, width: int | None) -> list[list[Any]]:
        try:
            rows = json.loads(data)
        except ValueError as error:
            raise self._damaged(member) from error
        if not isinstance(rows, list) or any(
            not isinstance(row, list) or len(row) != (width or len(row)) for row in rows
        ):
            raise self._damaged(member)
        return rows

    def _signed(self, end: Member, archive: Iterator[Member], trust: Trust) -> Manifest:
        """The manifest, when what stood before it and the signature behind it hold."""
        signature = next(archive, None)
        if signature is None or signature.name != described.SIGNATURE or next(archive, None) is not None:
            raise damaged(self._where, end.offset, "the backup has no signature, or more behind it, after")
        manifest = described.parse_manifest(end.data, self._where)
        if manifest.before_sha256 != end.before:
            raise InvalidInput(
                f"the backup was changed somewhere before byte {end.offset}: its SHA-256 is another.",
                where=self._where,
                mend="Copy it anew from where it was written, or take another backup.",
            )
        self._check_signature(manifest, end.data, signature.data, trust)
        return manifest

    def _check_signature(self, manifest: Manifest, data: bytes, signature: bytes, trust: Trust) -> None:
        try:
            text = signature.decode("ascii")
            public = bytes.fromhex(manifest.public_key)
            signing.verify(data, text, described.PURPOSE, public)
        except (InvalidInput, ValueError) as error:
            raise InvalidInput(
                "the signature does not hold: the manifest was changed, or is not what was signed.",
                where=self._where,
                mend="Take another backup.",
            ) from error
        key_id = signing.signer(text)
        if trust.signing.public(key_id) != public and fingerprint(public) not in trust.fingerprints:
            raise InvalidInput(
                f"this backup is signed by a key that this center does not have: {key_id}, fingerprint "
                f"{fingerprint(public)}.",
                where=self._where,
                mend="Restore this center's keys first (`vedette keys restore`), or, if you know the fingerprint for "
                "that center's, name it with --trust.",
            )

    def _compare(self, manifest: Manifest, tallies: dict[str, _Tally], count_rows: bool) -> None:
        self._shapes(manifest)
        expected = {f"{content.store}/{content.table}": content for content in manifest.tables}
        for name in tallies.keys() | expected.keys():
            if not _agree(expected.get(name), tallies.get(name, _Tally()), count_rows):
                raise InvalidInput(
                    f"the rows of {name} are not those that were saved.", where=self._where, mend="Take another backup."
                )

    def _shapes(self, manifest: Manifest) -> list[Shape]:
        """The tables of the backup's schema, which must be what the manifest says they are."""
        shapes = [shape for store, revision in manifest.start.revisions.items() for shape in shapes_of(store, revision)]
        same = len(shapes) == len(manifest.tables) and all(map(described.is_of, manifest.tables, shapes))
        if not same:
            raise InvalidInput(
                "the tables of this backup are not those of its schema revision.",
                where=self._where,
                mend=f"It was written by Vedette {manifest.start.vedette}; restore it with that version.",
            )
        return shapes

    def _damaged(self, member: Member) -> InvalidInput:
        return damaged(self._where, member.offset, f"{member.name} is damaged")

    def _changed(self) -> InvalidInput:
        return InvalidInput("the file changed while it was read.", where=self._where, mend="Try again.")


def _table(member: str) -> str:
    return member.rpartition("/")[0]


def _agree(expected: TableContent | None, found: _Tally, count_rows: bool) -> bool:
    if expected is None:
        return False
    same = (expected.sha256, expected.bytes) == (found.digest.hexdigest(), found.bytes)
    return same and (not count_rows or expected.rows == found.rows)
