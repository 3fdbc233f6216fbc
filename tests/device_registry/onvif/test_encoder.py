from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from device_registry.onvif import encoder
from device_registry.onvif.elements import NAMES, Span, find, find_all, number
from device_registry.onvif.envelope import parse


def answer(text: str) -> etree._Element:
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMES.items())
    return etree.fromstring(f"<a {declared}>{text}</a>")


def test_real_configurations_are_read(shared_data: Path) -> None:
    file = shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup" / "media.GetVideoEncoderConfigurations.xml"
    body = parse(file.read_bytes(), "", "test")
    rows = [row for row in body.iter() if etree.QName(row).localname == "Configurations"]
    assert rows
    for row in rows:
        found = encoder.settings_of(row)
        assert found["codec"] in {"H264", "JPEG", "MPEG4"}
        assert isinstance(found["bit_rate_kbps"], int)


def test_only_what_is_named_changes_and_what_is_unknown_stays() -> None:
    own = '<x:own xmlns:x="urn:maker">1</x:own>'
    configuration = answer(f"<tt:Encoding>H264</tt:Encoding>{own}<tt:H264><tt:GovLength>50</tt:GovLength></tt:H264>")
    encoder.change(configuration, {"gop": 25})
    assert etree.tostring(configuration).count(b"urn:maker") == 1
    assert encoder.settings_of(configuration)["gop"] == 25
    assert encoder.settings_of(configuration)["codec"] == "H264"


def test_options_of_the_second_service_are_by_codec() -> None:
    attributes = 'GovLengthRange="1 400" FrameRatesSupported="30 15 x 25"'
    found = encoder.options_of(answer(f"<tr2:Options {attributes}><tt:Encoding>H265</tt:Encoding></tr2:Options>"))
    assert found == {"H265": encoder.EncoderOptions((), Span(1, 400), (15, 25, 30), None)}


def test_a_device_that_tells_nothing_is_left_to_judge_for_itself() -> None:
    assert encoder.options_of(answer("")) == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [("25", 25), ("12.5", 12.5), ("1e400", None), ("nan", None), ("", None), (None, None), ("x", None)],
)
def test_numbers_of_a_device(text: str | None, value: float | None) -> None:
    assert number(text) == value


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)


@given(
    st.lists(st.tuples(st.sampled_from(["Encoding", "Width", "GovLength", "BitrateLimit", "Min"]), _TEXTS), max_size=6),
    _TEXTS,
)
def test_whatever_a_device_tells_is_read(parts: list[tuple[str, str]], attribute: str) -> None:
    root = answer("<tr2:Options/><tt:Resolution/><tt:RateControl/><tt:H264/>")
    for parent in [root, *root]:
        parent.set("GovLength", attribute)
        parent.set("GovLengthRange", attribute)
        for name, text in parts:
            etree.SubElement(parent, f"{{{NAMES['tt']}}}{name}").text = text
    encoder.settings_of(root)
    encoder.options_of(root)
    assert find(root, "tt:Absent") is None
    assert find_all(None, "tt:Min") == []
