from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.tables.files import open_table
from device_registry.tables.rows import Table
from foundation.errors import InvalidInput

SINCE_24_1 = (
    "DeviceType,Name,Address,Channel,UserName,Password,DriverNumber,RecordingServer,HardwareName,Coordinates,Enabled\n"
    'Camera,East gate,172.16.128.163,0,root,S3cret,806,VM102,Axis P1465,"45.417, -122.732",True\n'
    "Camera,West gate,172.16.128.163,1,root,S3cret,806,VM102,Axis P1465,nowhere,False\n"
    "Metadata,Metadata,172.16.128.163,0,root,S3cret,806,VM102,Axis P1465,,True\n"
)
BEFORE = (
    '"Address","UserName","Password","UserName2","DriverNumber","HardwareName","CameraName","EnabledCameraChannels"\n'
    '"https://10.0.0.7:8443","root","pass","admin","713","Parking","Parking East;;Parking 180","0;2"\n'
    '"10.0.0.8","root","pass","","","Reception","Front desk","All"\n'
)
OWN = "HardwareAddress;HardwarePort;HardwareUsername;HardwarePassword;HardwareDriverID\n10.0.0.9;8080;root;p;105\n"


def table(text: str) -> Table:
    return open_table(text.encode(), None, {})


def test_a_channel_in_each_row() -> None:
    read = table(SINCE_24_1)
    login = {"username": "root", "password": "S3cret"}
    assert list(read.rows) == [
        (2, login | {"code": "172.16.128.163", "name": "East gate", "onvif_url": "172.16.128.163", "channel": "1",
                     "latitude": "45.417", "longitude": "-122.732", "disabled": "no"}),
        (3, login | {"code": "172.16.128.163-2", "name": "West gate", "onvif_url": "172.16.128.163", "channel": "2",
                     "disabled": "yes"}),
    ]  # fmt: skip
    assert [(note.row, note.column) for note in read.notes] == [(0, ""), (3, "Coordinates"), (4, "DeviceType")]
    assert "DriverNumber, RecordingServer" in read.notes[0].what
    assert "S3cret" not in repr(read.notes)


def test_a_device_in_each_row_with_its_channels_in_lists() -> None:
    read = table(BEFORE)
    found = [row for _, row in read.rows if isinstance(row, dict)]
    assert [(row["code"], row["name"], row["channel"]) for row in found] == [
        ("10.0.0.7:8443", "Parking East", "1"),
        ("10.0.0.7:8443-3", "Parking 180", "3"),
        ("10.0.0.8", "Front desk", "1"),
    ]  # fmt: skip
    assert [(note.row, note.column) for note in read.notes] == [(0, ""), (3, "EnabledCameraChannels")]


def test_the_columns_of_its_own_import() -> None:
    assert list(table(OWN).rows) == [
        (
            2,
            {
                "code": "10.0.0.9:8080",
                "onvif_url": "10.0.0.9:8080",
                "username": "root",
                "password": "p",
                "channel": "1",
            },
        )
    ]


def test_a_stream_that_is_an_address_is_taken() -> None:
    read = table("HardwareAddress,HardwareName\nrtsp://10.0.0.9/live,Gate\n")
    assert [row.get("main_url") for _, row in read.rows if isinstance(row, dict)] == ["rtsp://10.0.0.9/live"]


def test_a_table_of_ours_is_none_and_another_file_is_refused() -> None:
    assert list(table("code,address\nC1,East street\n").rows) == [(2, {"code": "C1", "address": "East street"})]
    with pytest.raises(InvalidInput, match="no column of addresses"):
        list(open_table(b"name,port\nx,1\n", "milestone", {}).rows)


HEADERS = ["Address", "Port", "Name", "Channel", "Coordinates", "Enabled", "DeviceType", "EnabledCameraChannels"]
cell = st.text(max_size=12) | st.sampled_from(["0;1", "camera", "a:b:c", "http://[", "1.5, 2", "http://h:99999/"])


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(HEADERS, cell)), max_size=4))
def test_any_cells_are_rows_or_told(rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS)
    writer.writeheader()
    writer.writerows(rows)
    try:
        found = list(open_table(text.getvalue().encode(errors="replace"), "milestone", {}).rows)
    except InvalidInput:
        return
    assert all(isinstance(row, dict) and int(row["channel"]) > 0 for _, row in found)
