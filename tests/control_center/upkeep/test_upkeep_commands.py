"""The commands as an administrator types them, on SQLite and PostgreSQL."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pyrage
import pytest
from sqlalchemy import select, text, update
from typer.testing import CliRunner, Result

from control_center.access_policy import Purpose
from control_center.cli import build_app
from control_center.evidence import locks
from control_center.evidence.locks import By, Span
from control_center.evidence.models import EvidenceLock
from control_center.identity.models import Account, AccountSession, ApiToken, RecoveryCode
from control_center.processes.holds import Holds
from control_center.processes.lock import ProcessLock
from control_center.processes.upgrading import prepare_stores
from device_registry import credentials
from device_registry.models import Camera, Credential
from foundation import leases, migrations
from foundation.audit import AuditEntry
from foundation.audit import check as audit_check
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.database import Stores, open_stores, reading, restore_marker, transaction
from foundation.errors import ConfigError, Conflict, DatabaseError, InvalidInput, NotFound, VedetteError
from foundation.identifiers import new_id
from foundation.keyring import Keyring, ids_in
from foundation.scope import Scope
from foundation.settings import Settings, load_settings
from foundation.signing import Signing

Vedette = Callable[..., Result]
PASSPHRASE = "a long enough passphrase"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.functional])])
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path / "data"))
    if request.param == "postgresql":
        monkeypatch.setenv("VEDETTE_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    return load_settings()


@pytest.fixture
def vedette(settings: Settings) -> Vedette:
    def run(*words: object, code: int = 0) -> Result:
        result = CliRunner().invoke(build_app(), [str(word) for word in words], catch_exceptions=True)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def stores(settings: Settings, vedette: Vedette) -> Iterator[Stores]:
    """A center with a camera that has a password, and an account."""
    vedette("cameras", "add", "11010101001320000101", "--name", "Gate", "--url", "rtsp://u:secret@127.0.0.1/gate")
    vedette("accounts", "add", "wang", "--name", "Wang Fang", "--role", "operator")
    stores = open_stores(settings)
    yield stores
    stores.dispose()


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE)
    file.chmod(0o600)
    return file


def actions(stores: Stores) -> Sequence[str]:
    with reading(stores.core) as session:
        assert audit_check.verify(session).fault is None
        return session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()


def camera_password(settings: Settings, stores: Stores) -> str:
    with reading(stores.core) as session:
        camera_id = session.scalars(select(Camera.id)).one()
        login = credentials.find(session, Keyring.open(settings.key_dir), camera_id)
    assert login is not None
    return login.password


def test_a_backup_is_made_verified_audited_and_old_ones_go(
    settings: Settings, stores: Stores, vedette: Vedette
) -> None:
    said = vedette("backup").output
    [file] = settings.backup_dir.iterdir()
    assert "rows" in said
    assert str(file) in said
    assert actions(stores)[-1] == "cli:backup:create"
    assert "The backup is whole" in vedette("backup", "verify", file).output
    other = file.with_name(f"vedette-{settings.center.code}-20200101T000000Z.tar")
    file.rename(other)
    before_upgrade = file.with_name(f"vedette-{settings.center.code}-20190101T000000Z-before-0002.tar")
    before_upgrade.write_bytes(b"")
    assert "Removed" in vedette("backup", "--keep", 1).output
    assert before_upgrade.exists()
    assert not other.exists()
    assert len(list(settings.backup_dir.iterdir())) == 2
    vedette("backup", settings.data_dir / "named.tar")
    with pytest.raises(Conflict, match="already"):
        vedette("backup", settings.data_dir / "named.tar")


def test_a_restore_ends_what_must_not_live_twice(settings: Settings, stores: Stores, vedette: Vedette) -> None:
    now_us = SYSTEM_CLOCK.now_us()
    with transaction(stores.core) as session:
        [account] = session.scalars(select(Account))
        common = {"account_id": account.id, "created_us": now_us, "expires_us": now_us + 3600 * US_PER_S}
        session.add(AccountSession(token_hash="a" * 64, id=new_id(), method="password", **common))
        session.add(ApiToken(token_hash="b" * 64, id=new_id(), name="t", rights=[], **common))
        session.add(RecoveryCode(account_id=account.id, code_hash="c" * 64))
    vedette("backup", settings.data_dir / "one.tar")
    with transaction(stores.core) as session:
        camera_id = session.scalars(select(Camera.id)).one()
        lost = leases.acquire(session, f"stream:{camera_id}/main", "node-1", 30)
    stores.dispose()
    settings.index_dir.mkdir()
    with pytest.raises(Conflict, match="--replace"):
        vedette("restore", settings.data_dir / "one.tar")
    assert settings.index_dir.exists(), "nothing was restored"
    said = vedette("restore", settings.data_dir / "one.tar", "--replace").output
    assert not settings.index_dir.exists(), "of the records as they were before"
    for words in (
        "1 sessions ended",
        "1 API tokens revoked",
        "1 recovery codes",
        "1 one-time passwords",
        "Footage is not",
    ):
        assert words in said
    with transaction(stores.core) as session:
        assert session.scalars(select(AccountSession.ended_us)).one() is not None
        assert session.scalars(select(ApiToken.revoked_us)).one() is not None
        assert session.scalars(select(RecoveryCode.used_us)).one() is not None
        assert session.scalars(select(Account.password_state)).one() == "consumed"
        lease = leases.acquire(session, f"stream:{camera_id}/main", "node-1", 30)
        assert lease is not None
        assert lost is not None
        assert lease.fence > lost.fence + 1000
    assert actions(stores)[-1] == "cli:backup:restore"
    assert camera_password(settings, stores) == "secret"


def test_nothing_is_restored_or_upgraded_while_the_center_runs(
    settings: Settings, stores: Stores, vedette: Vedette
) -> None:
    vedette("backup", settings.data_dir / "one.tar")
    settings.run_dir.mkdir()
    for name in ("recorder-0", "supervisor"):
        lock = ProcessLock(settings.run_dir, name).acquire()
        with pytest.raises(Conflict, match=rf"this center runs: {name} \(process \d+\)"):
            vedette("restore", settings.data_dir / "one.tar", "--replace")
        lock.release()
    vedette("restore", settings.data_dir / "one.tar", "--replace")


def test_a_matching_that_is_ahead_of_its_observations_is_refused(
    settings: Settings, stores: Stores, vedette: Vedette
) -> None:
    with stores.core.begin() as connection:
        connection.execute(text("INSERT INTO consumer_cursor (consumer, position) VALUES ('pipeline', 99)"))
    vedette("backup", settings.data_dir / "one.tar")
    with pytest.raises(DatabaseError, match="not of one moment"):
        vedette("restore", settings.data_dir / "one.tar", "--replace")
    assert actions(stores)[-1] == "cli:backup:create"


def test_an_interrupted_restore_is_told_and_undone(settings: Settings, stores: Stores, vedette: Vedette) -> None:
    assert "No restore was interrupted" in vedette("restore", "--undo").output
    with pytest.raises(InvalidInput, match="no backup is named"):
        vedette("restore")
    if settings.database_url is None:
        stores.dispose()
        restore_marker(settings).write_text("[]")
        with pytest.raises(DatabaseError, match=r"interrupted here.*--undo"):
            vedette("accounts", "ls")
        assert "has been undone" in vedette("restore", "--undo").output
    vedette("accounts", "ls")


def test_an_encrypted_backup_goes_to_another_machine_with_its_keys(
    settings: Settings, stores: Stores, vedette: Vedette, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = pyrage.x25519.Identity.generate()
    key = tmp_path / "identity"
    key.write_text(f"# made for a test\n{identity}\n")
    key.chmod(0o600)
    vedette("backup", tmp_path, "--recipient", identity.to_public())
    [file] = tmp_path.glob("*.tar.age")
    vedette("keys", "backup", tmp_path / "keys.age", "--recipient", identity.to_public())
    assert actions(stores)[-2:] == ["cli:backup:create", "cli:key:backup"]
    monkeypatch.setenv("VEDETTE_DATA_DIR", str(tmp_path / "other"))
    monkeypatch.delenv("VEDETTE_DATABASE_URL", raising=False)
    other = load_settings()
    with pytest.raises(InvalidInput, match="encrypted"):
        vedette("restore", file)
    with pytest.raises(InvalidInput, match=r"does not have.*keys restore"):
        vedette("restore", file, "--identity", key)
    fingerprint = Signing.open(settings.key_dir).keys[0].fingerprint
    assert "Keys are missing" in vedette("restore", file, "--identity", key, "--trust", fingerprint).output
    vedette("keys", "restore", tmp_path / "keys.age", "--identity", key)
    assert "Keys are missing" not in vedette("backup", "verify", file, "--identity", key).output
    again = open_stores(other)
    assert camera_password(other, again) == "secret"
    assert actions(again)[-2:] == ["cli:backup:restore", "cli:key:restore"]
    again.dispose()


def test_keys_are_rotated_and_the_old_ones_go_when_nothing_needs_them(
    settings: Settings, stores: Stores, vedette: Vedette
) -> None:
    keyring = Keyring.open(settings.key_dir)
    [old] = keyring.ids
    with transaction(stores.core) as session:
        session.execute(update(Account).values(totp_secret=keyring.seal(b"JBSWY3DP", "totp")))
    vedette("backup")
    with pytest.raises(InvalidInput, match="seals now"):
        vedette("keys", "retire", keyring.rotate())
    with pytest.raises(Conflict, match=r"sealed under this key: 1 in account.totp_secret, 1 in credential.password"):
        vedette("keys", "retire", old)
    said = vedette("keys", "rotate").output
    assert "1 in account.totp_secret, 1 in credential.password" in said
    assert camera_password(settings, stores) == "secret"
    with reading(stores.core) as session:
        row = session.scalars(select(Credential)).one()
        assert row.key_id == row.password.partition(":")[0] == Keyring.open(settings.key_dir).current_id
        sealed = session.scalars(select(Account.totp_secret)).one()
        assert Keyring.open(settings.key_dir).unseal(sealed or "", "totp") == b"JBSWY3DP"
    assert "holds secrets that only this key opens" in vedette("keys", "retire", old).output.replace("\n", " ")
    assert old not in ids_in(settings.key_dir)
    assert camera_password(settings, stores) == "secret"
    with pytest.raises(NotFound):
        vedette("keys", "retire", old)
    signing = Signing.open(settings.key_dir).keys
    vedette("keys", "retire", signing[0].id)
    [file] = settings.backup_dir.iterdir()
    assert "Keys are missing" in vedette("backup", "verify", file).output  # though its signature still holds
    assert [action for action in actions(stores) if "key" in action] == [
        "cli:key:rotate",
        "cli:key:retire",
        "cli:key:retire",
    ]
    listed = vedette("keys", "ls").output
    assert "signs" in listed
    assert "seals" in listed


def test_a_secret_that_no_key_opens_is_counted_and_left(settings: Settings, stores: Stores, vedette: Vedette) -> None:
    with stores.core.begin() as connection:
        connection.execute(text("UPDATE credential SET password = '0000000000000000:AAAA'"))
    assert "No key opens these, enter them again: 1 in credential.password" in vedette("keys", "rotate").output
    assert "The key 0000000000000000 is missing" in vedette("keys", "ls").output
    with stores.core.begin() as connection:
        assert connection.execute(text("SELECT password FROM credential")).scalar_one() == "0000000000000000:AAAA"


@pytest.mark.long  # a passphrase costs a second each time
def test_keys_are_never_written_in_the_clear_nor_over_others(
    settings: Settings, stores: Stores, vedette: Vedette, tmp_path: Path, passphrase: Path
) -> None:
    file = tmp_path / "keys.age"
    with pytest.raises(InvalidInput, match="not written in the clear"):
        vedette("keys", "backup", file)
    vedette("keys", "backup", file, "--passphrase-file", passphrase)
    assert file.stat().st_mode & 0o777 == 0o600
    for key in settings.key_dir.iterdir():
        assert key.read_bytes().strip() not in file.read_bytes()
    [sealing] = settings.key_dir.glob("*.key")
    content = sealing.read_bytes()
    sealing.write_bytes(b"A" * 43 + b"=\n")
    with pytest.raises(Conflict, match=rf"another key under the same name: {sealing.name}"):
        vedette("keys", "restore", file, "--passphrase-file", passphrase)
    sealing.unlink()
    assert "Restored 1 key files" in vedette("keys", "restore", file, "--passphrase-file", passphrase).output
    assert sealing.read_bytes() == content
    assert sealing.stat().st_mode & 0o777 == 0o600
    for other, words in ((b"nothing", "does not open"), (file.read_bytes()[:-40], "does not open")):
        damaged = tmp_path / "damaged"
        damaged.write_bytes(other)
        with pytest.raises(InvalidInput, match=words):
            vedette("keys", "restore", damaged, "--passphrase-file", passphrase)


def test_a_file_that_is_something_else_is_refused(vedette: Vedette, tmp_path: Path, passphrase: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_bytes(pyrage.passphrase.encrypt(b"dear friend", PASSPHRASE, armored=True))
    with pytest.raises(InvalidInput, match="holds no keys"):
        vedette("keys", "restore", letter, "--passphrase-file", passphrase)
    with pytest.raises(InvalidInput, match=r"no backup.*keys restore"):
        vedette("restore", letter, "--passphrase-file", passphrase)
    passphrase.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        vedette("restore", letter, "--passphrase-file", passphrase)
    with pytest.raises(VedetteError):
        vedette("restore", tmp_path / "absent")


@pytest.fixture(scope="module")
def old() -> ModuleType:
    """The helper that makes a center of schema 0001."""
    file = Path(__file__).parents[2] / "old_center.py"
    spec = importlib.util.spec_from_file_location("tests_old_center", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def old_stores(settings: Settings, old: ModuleType) -> Iterator[Stores]:
    settings.data_dir.mkdir()
    stores = open_stores(settings)
    old.make(stores)
    yield stores
    stores.dispose()


def test_an_upgrade_says_what_it_would_do_and_then_the_way_back(
    settings: Settings, old_stores: Stores, vedette: Vedette
) -> None:
    with pytest.raises(DatabaseError, match="vedette upgrade"):
        vedette("accounts", "ls")
    said = vedette("upgrade", "--check").output
    assert f"core 0001 → {migrations.CORE.head}" in said
    assert "Nothing was changed" in said
    assert migrations.revisions(old_stores)["core"] == "0001"
    said = vedette("upgrade").output
    [file] = settings.backup_dir.iterdir()
    assert f"vedette restore {file.absolute()} --replace" in said
    assert actions(old_stores)[-1] == "cli:database:upgrade"
    assert "nothing to upgrade" in vedette("upgrade").output
    vedette("accounts", "ls")
    old_stores.dispose()
    assert "has been migrated" in vedette("restore", file, "--replace").output


def test_there_is_nothing_to_upgrade_before_the_first_start(settings: Settings, vedette: Vedette) -> None:
    assert "no database yet" in vedette("upgrade").output


def test_a_start_upgrades_with_a_backup_before_and_leaves_recorders_alone(
    settings: Settings, old_stores: Stores
) -> None:
    settings.run_dir.mkdir()
    lock = ProcessLock(settings.run_dir, "api-0").acquire()
    with pytest.raises(Conflict, match="api-0"):
        prepare_stores(settings, old_stores)
    lock.release()
    assert migrations.revisions(old_stores)["core"] == "0001"
    with_recorder = ProcessLock(settings.run_dir, "recorder-0").acquire()
    prepare_stores(settings, old_stores)
    with_recorder.release()
    assert len(list(settings.backup_dir.iterdir())) == 1
    migrations.check(old_stores)
    prepare_stores(settings, old_stores)
    assert len(list(settings.backup_dir.iterdir())) == 1


def test_no_evidence_lock_is_lost_with_an_older_database(settings: Settings, stores: Stores, vedette: Vedette) -> None:
    def lock(minute: int) -> str:
        span = Span(minute * 60 * US_PER_S, (minute + 1) * 60 * US_PER_S)
        with transaction(stores.core) as session:
            camera = session.scalars(select(Camera)).one()
            who, why = By("0195c0de-0000-7000-8000-0000000000aa", "wang"), Purpose("a theft", None)
            return locks.place(session, SYSTEM_CLOCK, Scope([camera.center_id]), who, camera.id, span, why)

    settings.run_dir.mkdir(parents=True, exist_ok=True)
    backed_up = lock(1)
    vedette("backup", settings.data_dir / "one.tar")
    later = lock(5)
    Holds(settings, stores, SYSTEM_CLOCK).refresh()  # the supervisor tells the recorders
    held = (settings.run_dir / "holds.json").read_bytes()
    stores.dispose()
    vedette("restore", settings.data_dir / "one.tar", "--replace")
    Holds(settings, stores, SYSTEM_CLOCK).refresh()  # the supervisor starts anew
    assert (settings.run_dir / "holds.json").read_bytes() == held
    with reading(stores.core) as session:
        assert session.get_one(EvidenceLock, backed_up).reason == "a theft"
        assert "unknown to the database" in session.get_one(EvidenceLock, later).reason
