from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.tables.files import open_table
from device_registry.tables.rows import Table
from foundation.errors import InvalidInput

CONFIG = """\
mqtt: {enabled: false}
go2rtc:
  streams:
    yard:
      - rtsp://viewer:{FRIGATE_RTSP_PASSWORD}@10.0.0.2/main
      - ffmpeg:yard#audio=opus
    yard_sub: ffmpeg:rtsp://viewer:{FRIGATE_RTSP_PASSWORD}@10.0.0.2/sub#video=copy
defaults: &defaults
  detect: {enabled: true}
cameras:
  gate:
    friendly_name: 东门
    enabled: false
    ffmpeg:
      inputs:
        - path: rtsp://10.0.0.1/sub
          roles: [detect]
        - path: rtsp://viewer:plain@10.0.0.1/main
          roles: [record, audio]
    onvif: {host: 10.0.0.1, port: 8000, user: admin, password: x}
  yard:
    <<: *defaults
    ffmpeg:
      inputs:
        - {path: "rtsp://127.0.0.1:8554/yard?video", roles: [record]}
        - {path: "rtsp://127.0.0.1:8554/yard_sub", roles: [detect]}
    zones: {street: {coordinates: "0,0"}}
  shed:
    ffmpeg: {inputs: [{path: "http://10.0.0.3/flv", roles: [record]}]}
"""


def table(text: str, **secrets: str) -> Table:
    return open_table(text.encode(), None, secrets)


def test_cameras_are_rows_by_their_lines() -> None:
    read = table(CONFIG, FRIGATE_RTSP_PASSWORD="p@ss")
    rows = dict(read.rows)
    assert rows[11] == {
        "code": "gate", "name": "东门", "disabled": "yes", "main_url": "rtsp://viewer:plain@10.0.0.1/main",
        "sub_url": "rtsp://10.0.0.1/sub", "onvif_url": "10.0.0.1:8000",
    }  # fmt: skip
    assert rows[21] == {
        "code": "yard", "name": "yard", "main_url": "rtsp://viewer:p%40ss@10.0.0.2/main",
        "sub_url": "rtsp://viewer:p%40ss@10.0.0.2/sub",
    }  # fmt: skip
    (refused,) = rows[28]
    assert "no RTSP address" in refused.what
    assert [(note.row, note.column) for note in read.notes] == [(11, "gate"), (21, "yard")]
    assert "detect, zones" in read.notes[1].what
    assert "p@ss" not in repr(read.notes)


def test_a_password_that_is_not_there_is_told_and_left_out() -> None:
    read = table(CONFIG)
    row = dict(read.rows)[21]
    assert isinstance(row, dict)
    assert row["main_url"] == "rtsp://viewer@10.0.0.2/main"
    assert any("FRIGATE_RTSP_PASSWORD" in note.what and note.column == "yard" for note in read.notes)
    host = table("cameras:\n  a:\n    ffmpeg: {inputs: [{path: 'rtsp://{FRIGATE_HOST}/m'}]}\n")
    ((_, problems),) = host.rows
    assert isinstance(problems, list)
    assert "FRIGATE_HOST" in problems[0].mend


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("cameras:\n", "no cameras"),
        ("cameras:\n- a\n", "no cameras"),
        ("cameras:\n  a: [\n", "no YAML"),
        ("cameras:\n  a: !include secret.yml\n", "no YAML"),
        ("cameras:\n  a: !!python/object/apply:os.system [id]\n", "no YAML"),
        ("cameras:\n  a: {}\n  a: {}\n", "twice"),
        ("cameras:\n  a: &x [*x]\n", "grow"),
        ("a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ) + "cameras:\n  x: *i\n", "grow"),
        ("cameras:\n  a: " + "[" * 100 + "]" * 100 + "\n", "grow"),
        ("cameras:\n  a: {}\n#" + "x" * (1 << 20), "larger"),
        ("cameras:\n  a: \x00\n", "no YAML"),
    ],
    ids=["empty", "list", "open", "tag", "python", "twice", "own", "laughs", "deep", "large", "null"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_as_a_whole(text: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as caught:
        list(table(text).rows)
    assert caught.value.mend
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60), st.integers(0, len(CONFIG)), st.integers(0, 60))
def test_any_damaged_configuration_is_rows_or_refused(put: str, at: int, taken: int) -> None:
    try:
        found = list(
            open_table((CONFIG[:at] + put + CONFIG[at + taken :]).encode(errors="replace"), "frigate", {}).rows
        )
    except InvalidInput:
        return
    assert all(number > 0 and row for number, row in found)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["rtsp://h/", "{FRIGATE_X}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ffmpeg", "inputs", "path", "roles", "onvif", "host", "enabled", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(json, json)
def test_any_shape_is_rows_or_refused(camera: object, streams: object) -> None:
    import json as text

    try:
        found = list(table(f"go2rtc: {text.dumps({'streams': streams})}\ncameras:\n  a: {text.dumps(camera)}\n").rows)
    except InvalidInput:
        return
    assert len(found) == 1
