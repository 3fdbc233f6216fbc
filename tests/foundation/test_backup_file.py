"""Files that are no whole backup: every change anywhere is refused with a sentence, before anything is used."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path
from typing import IO

import pyrage
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from foundation import audit, migrations
from foundation.audit import AuditAction
from foundation.backup import manifest as described
from foundation.backup.archive import ArchiveWriter
from foundation.backup.encryption import Lock, Opener, locking, read_identities, read_passphrase
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.writer import new_file, write_backup
from foundation.database import open_stores, transaction
from foundation.errors import ConfigError, Conflict, DiskFull, FileMissing, InvalidInput, NewerDatabase, VedetteError
from foundation.identifiers import Origin
from foundation.settings import Settings
from foundation.signing import Signing

STEP = 1 if os.environ.get("VEDETTE_TEST_FULL") == "1" else 23
PASSPHRASE = "correct horse battery"
REFUSED = (InvalidInput, NewerDatabase)


class Place:
    """One small center, its backup in the clear and under locks, and the keys."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(data_dir=folder)
        self.signing = Signing.open(settings.key_dir)
        self.identity = pyrage.x25519.Identity.generate()
        stores = open_stores(settings)
        migrations.migrate(stores)
        with transaction(stores.core) as session:
            for n in range(20):
                audit.record(
                    session, AuditAction.CLI_CAMERA_ADD, origin=Origin("1", "n"), actor="a", subject=f"camera {n}"
                )
        self.files = {}
        for name, lock in {
            "plain": Lock(),
            "recipient": Lock([str(self.identity.to_public())]),
            "passphrase": Lock(passphrase=PASSPHRASE),
        }.items():
            self.files[name] = folder / name
            write_backup(settings, stores, self.files[name], self.signing, lock=lock)
        stores.dispose()
        self.scratch = folder / "changed"

    def verify(self, data: bytes, kind: str = "plain") -> None:
        self.scratch.write_bytes(data)
        openers = {"recipient": Opener([str(self.identity)]), "passphrase": Opener(passphrase=PASSPHRASE)}
        BackupFile(self.scratch, openers.get(kind)).verify(Trust(self.signing))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.mark.parametrize("kind", ["plain", "recipient", "passphrase"])
def test_the_whole_file_is_sound(place: Place, kind: str) -> None:
    place.verify(place.files[kind].read_bytes(), kind)


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), kind=st.sampled_from(["plain", "recipient"]))
@example(at=0.0, bit=0, kind="plain")
@example(at=0.999999, bit=7, kind="plain")
def test_one_flipped_bit_anywhere_is_refused(place: Place, at: float, bit: int, kind: str) -> None:
    data = bytearray(place.files[kind].read_bytes())
    data[int(at * len(data))] ^= 1 << bit
    with pytest.raises(REFUSED) as caught:
        place.verify(bytes(data), kind)
    assert str(place.scratch) in str(caught.value)


def test_every_byte_of_headers_and_signature_counts(place: Place) -> None:
    """Not by chance alone: the first members and the end, byte by byte in the full tier."""
    data = place.files["plain"].read_bytes()
    for at in [*range(0, 1100, STEP), *range(len(data) - 2600, len(data), STEP)]:
        changed = bytearray(data)
        changed[at] ^= 0x20  # makes a small letter of a capital one
        with pytest.raises(REFUSED):
            place.verify(bytes(changed))


@given(at=st.floats(0, 1, exclude_max=True), kind=st.sampled_from(["plain", "recipient"]))
@example(at=0.0, kind="plain")
def test_a_file_cut_off_anywhere_is_refused(place: Place, at: float, kind: str) -> None:
    data = place.files[kind].read_bytes()
    with pytest.raises(REFUSED) as caught:
        place.verify(data[: int(at * len(data))], kind)
    assert str(place.scratch) in str(caught.value)


@pytest.mark.parametrize("kind", ["plain", "recipient"])
@pytest.mark.parametrize("end", [b"\0", b"\0" * 512, b"more"])
def test_a_file_that_goes_on_after_its_end_is_refused(place: Place, kind: str, end: bytes) -> None:
    with pytest.raises(REFUSED):
        place.verify(place.files[kind].read_bytes() + end, kind)


@settings(max_examples=50)
@given(data=st.binary(max_size=3000))
@example(data=b"")
@example(data=b"-----BEGIN AGE ENCRYPTED FILE-----\n")
@example(data=b"age-encryption.org/v1\nnonsense")
@example(data=b"vedette-sealed-backup/1 000010\n0123456789")
@example(data=b"vedette-sealed-backup/1 nonsense\n")
@example(data=bytes(1024))
def test_any_other_file_is_refused(place: Place, data: bytes) -> None:
    for kind in ("plain", "recipient"):
        with pytest.raises(REFUSED):
            place.verify(data, kind)


@pytest.mark.parametrize("at", [3, 24, 60, 400, 2000, -1, -1000])
@pytest.mark.long
def test_a_flipped_bit_under_a_passphrase_is_refused(place: Place, at: int) -> None:
    data = bytearray(place.files["passphrase"].read_bytes())
    data[at] ^= 1
    with pytest.raises(REFUSED):
        place.verify(bytes(data), "passphrase")


def _with_start(place: Place, old: bytes, new: bytes) -> bytes:
    """The backup with another first member, as a newer version would write it."""
    start = BackupFile(place.files["plain"]).start().to_bytes()
    assert old in start
    file = io.BytesIO()
    ArchiveWriter(file, 1).add(described.FIRST, start.replace(old, new))
    return file.getvalue()


def test_a_newer_format_and_a_newer_schema_are_named_before_the_rest_is_read(place: Place) -> None:
    with pytest.raises(NewerDatabase, match=r"has format 2.*knows 1.*Install Vedette"):
        place.verify(_with_start(place, b'"format": 1', b'"format": 2, "more": {}'))
    head = migrations.CORE.head.encode()
    with pytest.raises(NewerDatabase, match=r"schema core 9999.*newer Vedette"):
        place.verify(_with_start(place, b'"core": "' + head, b'"core": "9999'))


def test_a_manifest_signed_anew_by_another_is_not_ours(place: Place, tmp_path: Path) -> None:
    """Whoever can write the file can sign it, but not with this center's key."""
    forger = Signing.open(tmp_path / "keys")
    public = forger.public(forger.current_id)
    assert public is not None
    file = io.BytesIO()
    with tarfile.open(place.files["plain"]) as archive:
        writer = ArchiveWriter(file, int(archive.getmembers()[0].mtime))
        for member in archive:
            opened = archive.extractfile(member)
            assert opened is not None
            data = opened.read()
            if member.name == described.LAST:
                manifest = described.parse_manifest(data, "").model_copy(update={"public_key": public.hex()})
                data = manifest.to_bytes()
                signature = forger.sign(data, described.PURPOSE).encode()
            writer.add(member.name, signature if member.name == described.SIGNATURE else data)
    writer.close()
    with pytest.raises(InvalidInput, match=r"key that this center does not have"):
        place.verify(file.getvalue())


def test_an_encrypted_file_asks_for_what_opens_it(place: Place) -> None:
    trust = Trust(place.signing)
    with pytest.raises(InvalidInput, match="--identity"):
        BackupFile(place.files["recipient"]).verify(trust)
    with pytest.raises(InvalidInput, match="--passphrase-file"):
        BackupFile(place.files["passphrase"]).verify(trust)
    with pytest.raises(InvalidInput):
        BackupFile(place.files["recipient"], Opener([str(pyrage.x25519.Identity.generate())])).verify(trust)
    with pytest.raises(InvalidInput, match="passphrase does not open"):
        BackupFile(place.files["passphrase"], Opener(passphrase="something else")).verify(trust)
    with pytest.raises(FileMissing):
        BackupFile(place.files["plain"].with_name("absent")).verify(trust)


def test_to_recipients_it_is_a_plain_age_file(place: Place) -> None:
    plain = pyrage.decrypt(place.files["recipient"].read_bytes(), [place.identity])
    place.verify(plain)


def test_under_a_passphrase_the_key_stands_in_front(place: Place) -> None:
    """As the format says, and as somebody without Vedette would open it."""
    line, _, rest = place.files["passphrase"].read_bytes().partition(b"\n")
    name, length = line.split(b" ")
    assert name == b"vedette-sealed-backup/1"
    key = pyrage.passphrase.decrypt(rest[: int(length)], PASSPHRASE).decode()
    place.verify(pyrage.decrypt(rest[int(length) :], [pyrage.x25519.Identity.from_str(key)]))


def test_secrets_are_read_only_from_files_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("a long enough passphrase\nand more\n")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_passphrase(file)
    file.chmod(0o600)
    assert read_passphrase(file) == "a long enough passphrase"
    file.write_text("short\n")
    with pytest.raises(ConfigError, match="12 characters"):
        read_passphrase(file)
    file.write_text("# created: today\n# public key: age1...\nAGE-SECRET-KEY-1X\n")
    assert read_identities(file) == ["AGE-SECRET-KEY-1X"]
    file.write_text("# nothing\n")
    with pytest.raises(ConfigError, match="no identity"):
        read_identities(file)
    with pytest.raises(FileMissing):
        read_passphrase(tmp_path / "absent")


@pytest.mark.parametrize("recipients", [["age1nonsense"], [""], ["ssh-rsa AAAA"]])
def test_what_is_no_recipient_is_refused_at_once(recipients: list[str]) -> None:
    with pytest.raises(InvalidInput, match="no age recipient"):
        Lock(recipients)


def test_recipients_and_a_passphrase_exclude_each_other(place: Place) -> None:
    with pytest.raises(InvalidInput, match="exclude"):
        Lock([str(place.identity.to_public())], PASSPHRASE)


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "vedette-1.tar"
    with pytest.raises(ZeroDivisionError), new_file(path) as file:
        file.write(bytes([1 // 0]))
    assert list(tmp_path.iterdir()) == []
    with new_file(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    with pytest.raises(Conflict), new_file(path):
        pass


def test_what_a_killed_backup_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".vedette-1.tar.99.tmp").write_bytes(b"half")
    with new_file(tmp_path / "vedette-2.tar") as other, new_file(tmp_path / "vedette-3.tar") as file:
        other.write(b"x")
        file.write(b"y")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["vedette-2.tar", "vedette-3.tar"]


def _write_much(file: IO[bytes], lock: Lock) -> None:
    with locking(file, lock) as plain:
        for _ in range(100):
            plain.write(os.urandom(1 << 16))


@pytest.mark.parametrize("lock", [Lock(), Lock(["age1cty64fgjqqwxky58tt9en54ka0p7xkak69ec33m8cdjdzpvlq98qdgs27w"])])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, lock: Lock) -> None:
    """/dev/full takes nothing, as a full disk."""
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
        _write_much(full, lock)
    with pytest.raises(DiskFull), new_file(tmp_path / "vedette-1.tar"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_every_fault_is_one_of_ours(place: Place) -> None:
    """A folder in place of a file, or one that may not be read, is a sentence as well."""
    with pytest.raises(VedetteError):
        BackupFile(place.scratch.parent).verify(Trust(place.signing))


def test_gnu_tar_reads_it(place: Place) -> None:
    listed = subprocess.run(["tar", "tf", place.files["plain"]], capture_output=True, text=True, check=True)
    assert listed.stderr == ""
    assert "core/audit_entry/00000001.json.gz" in listed.stdout.splitlines()
