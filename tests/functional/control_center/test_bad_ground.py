"""What a person gets wrong: one sentence that names the thing and the mend, exit code 2, nothing half-written."""

from __future__ import annotations

import socket
import sqlite3

import pytest

pytestmark = pytest.mark.functional


def refused(done, *words):
    assert done.returncode == 2, done.stdout + done.stderr
    said = done.stderr.strip()
    assert "Traceback" not in done.stdout + done.stderr
    assert said.count("\n") == 0, said
    for word in words:
        assert word in said, said


def write_settings(tmp_path, text=""):
    file = tmp_path / "vedette.toml"
    file.write_text(f'data_dir = "{tmp_path / "data"}"\n{text}')
    return {"VEDETTE_CONFIG": str(file)}


def test_a_settings_file_that_is_not_there(demo, tmp_path):
    done = demo.vedette("--config", "gone.toml", "config", "check", cwd=tmp_path)
    refused(done, "gone.toml", "no such settings file", "--config")


def test_a_setting_that_does_not_exist(demo, tmp_path):
    done = demo.vedette("config", "check", cwd=tmp_path, **write_settings(tmp_path, "[recorder]\nsegments = 3\n"))
    refused(done, "vedette.toml", "recorder.segments", "vedette config show")


def test_a_port_in_use(demo, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = demo.vedette("run", cwd=tmp_path, **write_settings(tmp_path, f"[api]\nport = {port}\n"))
    refused(done, str(port), "api.port", "choose another port")


def test_a_data_folder_that_cannot_be_made(demo, tmp_path):
    (tmp_path / "data").write_text("a file")
    refused(demo.vedette("run", cwd=tmp_path, **write_settings(tmp_path)), str(tmp_path / "data"), "Move the file away")


def test_a_catalogue_that_cannot_be_read(demo, tmp_path):
    (tmp_path / "catalogue.toml").write_text("[lists.wanted\n")
    settings = write_settings(tmp_path, f'[matching]\ncatalogue = "{tmp_path / "catalogue.toml"}"\n')
    refused(demo.vedette("run", cwd=tmp_path, **settings), "catalogue.toml", "not valid TOML")


def test_a_catalogue_with_a_ground_of_its_own(demo, tmp_path):
    ground = '[lists.wanted.grounds.petitioning]\nlongest_days = 1\ntitle = { zh = "x", en = "x" }\n'
    (tmp_path / "catalogue.toml").write_text(ground)
    settings = write_settings(tmp_path, f'[matching]\ncatalogue = "{tmp_path / "catalogue.toml"}"\n')
    refused(demo.vedette("run", cwd=tmp_path, **settings), "petitioning", "closed set")


@pytest.mark.parametrize("store", ["core", "observations"])
def test_a_database_of_a_newer_version_is_left_untouched(demo, tmp_path, store):
    settings = write_settings(tmp_path)
    assert demo.vedette("database", "prepare", cwd=tmp_path, **settings).returncode == 0
    file = tmp_path / "data" / f"{store}.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE schema_version_{store} SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    refused(demo.vedette("run", cwd=tmp_path, **settings), file.name, "newer")
    assert file.read_bytes() == before


def test_a_database_file_that_is_none(demo, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "core.sqlite3").write_text("this is not a database, it is a letter to a friend" * 40)
    refused(demo.vedette("run", cwd=tmp_path, **write_settings(tmp_path)), "core.sqlite3", "not an SQLite database")


def test_a_database_server_that_does_not_answer(demo, tmp_path):
    settings = {"VEDETTE_DATABASE_URL": "postgresql://someone:secret@127.0.0.1:9/vedette"}
    done = demo.vedette("run", cwd=tmp_path, **write_settings(tmp_path), **settings)
    refused(done, "127.0.0.1:9", "does not answer")
    assert "secret" not in done.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1/gate", "rtsp://", "rtsp://127.0.0.1:99999/gate"])
def test_a_wrong_camera_url(demo, tmp_path, url):
    settings = write_settings(tmp_path)
    assert demo.vedette("database", "prepare", cwd=tmp_path, **settings).returncode == 0
    done = demo.vedette("cameras", "add", "1", "--name", "Gate", "--url", url, cwd=tmp_path, **settings)
    refused(done, "camera 1", "main_url")


def test_keys_open_to_others(demo, tmp_path):
    settings = write_settings(tmp_path)
    assert demo.vedette("database", "prepare", cwd=tmp_path, **settings).returncode == 0
    add = ("cameras", "add", "1", "--name", "Gate", "--url", "rtsp://u:p@127.0.0.1/gate")
    assert demo.vedette(*add, cwd=tmp_path, **settings).returncode == 0
    for key in (tmp_path / "data" / "keys").iterdir():
        key.chmod(0o644)
    refused(demo.vedette(*add, cwd=tmp_path, **settings), "keys", "600")


def test_a_full_disk(demo, tmp_path):
    """A file of unlimited hunger stands for the disk: /dev/full answers every write with ENOSPC."""
    done = demo.vedette("scene", "walkers", "--seconds", "2", "--out", "/dev/full", "--truth", "t.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
