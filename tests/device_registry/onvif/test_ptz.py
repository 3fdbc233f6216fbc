from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from device_registry.onvif.elements import NAMES
from device_registry.onvif.envelope import payload
from device_registry.onvif.exchange import Answer
from device_registry.onvif.ptz import MOST_PRESETS, Preset, presets_of


def test_real_presets_are_read(shared_data: Path) -> None:
    file = shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup" / "ptz.GetPresets.xml"
    found = presets_of(payload(Answer(200, "", (), None, None, file.read_bytes(), None), "test"))
    assert found
    assert all(preset.token and preset.name.isprintable() for preset in found)


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=80)


@given(st.lists(st.tuples(_TEXT, _TEXT), max_size=5))
def test_whatever_a_device_tells_is_read(rows: list[tuple[str, str]]) -> None:
    answer = etree.Element(f"{{{NAMES['tptz']}}}GetPresetsResponse")
    for token, name in rows:
        row = etree.SubElement(answer, f"{{{NAMES['tptz']}}}Preset", token=token)
        etree.SubElement(row, f"{{{NAMES['tt']}}}Name").text = name
    for preset in presets_of(answer):
        assert 0 < len(preset.token) <= 64
        assert preset.name.isprintable()


def test_of_too_many_presets_the_first_are_taken() -> None:
    answer = etree.Element("a")
    for number in range(MOST_PRESETS + 5):
        etree.SubElement(answer, f"{{{NAMES['tptz']}}}Preset", token=str(number))
    found = presets_of(answer)
    assert (len(found), found[0]) == (MOST_PRESETS, Preset("0", ""))
