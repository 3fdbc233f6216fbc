"""What devices tell of their picture and the text in it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from device_registry.onvif import imaging, osd
from device_registry.onvif.elements import NAMES
from device_registry.onvif.envelope import payload
from device_registry.onvif.exchange import Answer


def test_real_settings_are_read(shared_data: Path) -> None:
    file = shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup" / "imaging.GetImagingSettings.xml"
    found = imaging.settings_of(payload(Answer(200, "", (), None, None, file.read_bytes(), None), "test"))
    assert isinstance(found["brightness"], int | float)


def test_a_place_in_numbers_gives_way_to_a_corner_and_the_font_stays() -> None:
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMES.items())
    told = etree.fromstring(
        f'<a {declared}><tt:Position><tt:Type>Custom</tt:Type><tt:Pos x="0" y="0"/></tt:Position><tt:TextString>'
        "<tt:Type>Plain</tt:Type><tt:FontSize>40</tt:FontSize></tt:TextString></a>"
    )
    osd.change(told, "gate", "LowerLeft")
    assert osd.settings_of(told) == {"text": "gate", "text_at": "LowerLeft"}
    assert told.findtext(".//tt:FontSize", namespaces=NAMES) == "40"
    assert told.find(".//tt:Pos", NAMES) is None


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)


@given(_TEXT, _TEXT)
def test_whatever_a_device_tells_is_read(level: str, words: str) -> None:
    answer = etree.Element("a")
    settings = etree.SubElement(answer, f"{{{NAMES['timg']}}}ImagingSettings")
    etree.SubElement(settings, f"{{{NAMES['tt']}}}Brightness").text = level
    etree.SubElement(
        etree.SubElement(settings, f"{{{NAMES['tt']}}}TextString"), f"{{{NAMES['tt']}}}PlainText"
    ).text = words
    assert set(imaging.settings_of(answer)) == {"brightness", "saturation", "contrast", "exposure", "ir_cut"}
    assert str(osd.settings_of(settings)["text"] or "").isprintable()
