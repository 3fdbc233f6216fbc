from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from device_registry.onvif import envelope
from device_registry.onvif.events import MAX_MESSAGES, DeviceEvent, DevicePlate, EventReader, Reading
from device_registry.onvif.exchange import Answer
from device_registry.onvif.faults import AnswerRefused
from device_registry.onvif.topics import OTHER
from foundation.clock import US_PER_S
from foundation.errors import DeviceError
from simulator.onvif_device.notifications import NAMES, items, notification, plate_read

AT_US = 1_795_680_000 * US_PER_S  # 2026-11-26T08:00:00Z
ARRIVED_US = AT_US + US_PER_S // 2


def pulled(*notifications: str) -> etree._Element:
    return etree.fromstring(f"<tev:PullMessagesResponse {NAMES}>{''.join(notifications)}</tev:PullMessagesResponse>")


def read(*notifications: str, offset_us: int = 0) -> Reading:
    return EventReader().read(pulled(*notifications), ARRIVED_US, offset_us)


def only(notification: str) -> DeviceEvent:
    (event,) = read(notification).events
    return event


@pytest.mark.parametrize(
    ("topic", "data", "kind", "active"),
    [
        ("tns1:VideoSource/MotionAlarm", items(State="true"), "motion", True),
        ("tns1:RuleEngine/CellMotionDetector/Motion", items(IsMotion="false"), "motion", False),
        ("tns1:RuleEngine/MotionRegionDetector/Motion", items(State="1"), "motion", True),
        ("tnsaxis:CameraApplicationPlatform/VMD/Camera1Profile1", items(active="1"), "motion", True),
        ("tns1:RuleEngine/LineDetector/Crossed", items(ObjectId="7"), "line", None),
        ("tnsaxis:CameraApplicationPlatform/FenceGuard/Camera1Profile1", items(active="0"), "line", False),
        ("tns1:RuleEngine/FieldDetector/ObjectsInside", items(IsInside="true"), "field", True),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", items(State="true"), "tampering", True),
        ("tns1:VideoSource/ImageTooDark/AnalyticsService", items(State="false"), "tampering", False),
        ("tns1:RuleEngine/TamperDetector/Tamper", items(IsTamper="true"), "tampering", True),
        ("tns1:Device/Trigger/DigitalInput", items(LogicalState="active"), "digital_input", True),
        ("tns1:Device/tnsaxis:IO/Port", items(state="0"), "digital_input", False),
        ("  tns1:VideoSource/MotionAlarm\n", items(State=" True "), "motion", True),
        ("VideoSource/MotionAlarm", items(State="true"), "motion", True),
    ],
    ids=lambda value: value.strip().rpartition(":")[2] if isinstance(value, str) and "/" in value else None,
)
def test_what_is_taken(topic: str, data: str, kind: str, active: bool | None) -> None:
    event = only(notification(topic, data))
    assert (event.kind, event.active, event.operation) == (kind, active, "changed")
    assert (event.at_us, event.time_from) == (AT_US, "device")


def test_source_and_rule_are_told() -> None:
    source = items(VideoSourceConfigurationToken="vsc0", VideoAnalyticsConfigurationToken="va", Rule="Gate  1")
    event = only(notification("tns1:RuleEngine/CellMotionDetector/Motion", items(IsMotion="true"), source=source))
    assert (event.source, event.rule) == ("vsc0", "Gate 1")
    event = only(
        notification("tns1:Device/Trigger/DigitalInput", items(LogicalState="1"), source=items(InputToken="3"))
    )
    assert event.source == "3"


@pytest.mark.parametrize(
    ("notification", "counted"),
    [
        (notification("tns1:RuleEngine/Recognition/Face", items(State="true")), "RuleEngine/Recognition/Face"),
        (notification("tns1:RuleEngine/Unheard/Of", items(State="true")), "RuleEngine"),
        (notification("tns1:Device/Trigger/Relay", items(LogicalState="active")), "Device/Trigger/Relay"),
        (notification("nobody:VideoSource/MotionAlarm", items(State="true")), OTHER),
        (notification("tns1:VideoSource/MotionAlarm|tns1:Device", items(State="true")), OTHER),
        (notification("/".join(["tns1:VideoSource"] * 9), items(State="true")), OTHER),
        (notification("", items(State="true")), OTHER),
        (f"<wsnt:NotificationMessage {NAMES}/>", OTHER),
    ],
    ids=["face", "unknown", "relay", "namespace", "two", "long", "empty", "none"],
)
def test_other_topics_are_dropped_and_counted_by_a_known_name(notification: str, counted: str) -> None:
    found = read(notification)
    assert found.events == ()
    assert found.dropped == {(counted, "topic"): 1}


@pytest.mark.parametrize(
    "notification",
    [
        notification("tns1:VideoSource/MotionAlarm"),
        notification("tns1:VideoSource/MotionAlarm", items(State="perhaps")),
        notification("tns1:VideoSource/MotionAlarm", items(state="true")),
        notification("tns1:RuleEngine/LineDetector/Crossed", items(State="maybe")),
        notification("tns1:RuleEngine/LineDetector/Crossed", items(ObjectId="7"), operation="Deleted"),
        notification("tns1:RuleEngine/Recognition/LicensePlate", items(Likelihood="1")),
        notification("tns1:VideoSource/MotionAlarm", items(State="true")).replace("tt:Message", "tt:Massage"),
    ],
    ids=["empty", "word", "name", "line", "line-ended", "no-plate", "no-message"],
)
def test_a_notification_that_lacks_what_its_topic_calls_for_is_dropped(notification: str) -> None:
    found = read(notification)
    assert found.events == ()
    ((_, why),) = found.dropped
    assert why == "form"


def test_what_is_deleted_is_over() -> None:
    event = only(notification("tns1:VideoSource/MotionAlarm", items(State="true"), operation="Deleted"))
    assert (event.active, event.operation) == (False, "deleted")


def test_a_plate_is_read_with_what_is_told_of_its_vehicle() -> None:
    event = only(plate_read())
    assert event.plate == DevicePlate("京A·12345", "CN", 0.93, "car", None, "Volkswagen")
    assert (event.kind, event.active, event.source, event.rule) == ("plate_read", None, "v0", "Gate")


@pytest.mark.parametrize("likelihood", ["", "NaN", "-1", "1.5", "93%"])
def test_a_likelihood_that_is_none_is_left_out(likelihood: str) -> None:
    plate = only(plate_read(likelihood=likelihood)).plate
    assert plate is not None
    assert plate.likelihood is None


def test_full_width_letters_are_the_same_plate() -> None:
    plate = only(plate_read("京ａ１２３４５")).plate
    assert plate is not None
    assert plate.text == "京A12345"


@pytest.mark.parametrize("text", ["", "  ", "ABCDEF", "1" * 17, "A1<b>", "A\n1", "NOBODY HERE, 34 YEARS"])
def test_what_is_no_plate_is_dropped(text: str) -> None:
    assert read(plate_read(text.replace("<", "&lt;"))).events == ()


@pytest.mark.parametrize(
    ("utc", "at_us", "time_from"),
    [
        ("2026-11-26T08:00:00Z", AT_US, "device"),
        ("2026-11-26T08:00:00.25Z", AT_US + 250_000, "device"),
        ("2026-11-26T08:00:00.123456789Z", AT_US + 123_456, "device"),
        ("2026-11-26T16:00:00+08:00", AT_US, "device"),
        ("2026-11-26T02:30:00-0530", AT_US, "device"),
        ("2026-11-26T08:00:00", AT_US, "device"),
        ("2026-11-26T08:00:01Z", ARRIVED_US, "device"),
        ("2026-11-26T16:00:00Z", ARRIVED_US, "arrival"),
        ("2026-11-26T07:00:00Z", ARRIVED_US, "arrival"),
        ("1970-01-01T00:00:00Z", ARRIVED_US, "arrival"),
        ("2026-02-31T08:00:00Z", ARRIVED_US, "arrival"),
        ("0001-01-01T00:00:00+23:59", ARRIVED_US, "arrival"),
        ("yesterday", ARRIVED_US, "arrival"),
        ("", ARRIVED_US, "arrival"),
    ],
)
def test_when_it_was(utc: str, at_us: int, time_from: str) -> None:
    event = only(notification("tns1:VideoSource/MotionAlarm", items(State="true"), utc=utc))
    assert (event.at_us, event.time_from) == (at_us, time_from)


def test_the_offset_of_the_devices_clock_is_taken_off() -> None:
    told = notification("tns1:VideoSource/MotionAlarm", items(State="true"), utc="2026-11-26T09:00:00Z")
    (event,) = read(told, offset_us=3600 * US_PER_S).events
    assert (event.at_us, event.time_from) == (AT_US, "device")


def test_times_of_a_source_never_run_backwards_and_those_of_others_are_left_alone() -> None:
    def motion(source: str, utc: str) -> str:
        return notification("tns1:VideoSource/MotionAlarm", items(State="true"), source=items(Source=source), utc=utc)

    found = read(
        motion("a", "2026-11-26T08:00:00Z"),
        motion("a", "2026-11-26T07:59:58Z"),
        motion("b", "2026-11-26T07:59:58Z"),
        motion("a", "nonsense"),
        motion("a", "2026-11-26T08:00:00Z"),
    )
    assert [event.at_us - AT_US for event in found.events] == [0, 0, -2 * US_PER_S, US_PER_S // 2, US_PER_S // 2]


def test_no_more_than_a_bounded_number_is_read_of_one_answer() -> None:
    told = notification("tns1:VideoSource/MotionAlarm", items(State="true"))
    found = read(*[told] * (MAX_MESSAGES + 5))
    assert len(found.events) == MAX_MESSAGES
    assert found.dropped == {(OTHER, "too_many"): 5}


def test_objects_of_pictures_are_dropped(of_people) -> None:
    stream = (
        f"<tt:MetadataStream {NAMES}><tt:VideoAnalytics><tt:Frame><tt:Object><tt:Appearance><bd:HumanFace/>"
        f"{of_people.MARKER}"
        f"</tt:Appearance></tt:Object></tt:Frame></tt:VideoAnalytics><tt:Event>"
        f"{notification('tns1:VideoSource/MotionAlarm', items(State='true'))}</tt:Event></tt:MetadataStream>"
    )
    found = EventReader().read(etree.fromstring(stream), ARRIVED_US)
    assert [event.kind for event in found.events] == ["motion"]
    assert found.dropped == {("VideoAnalytics", "topic"): 1}


def test_nothing_of_people_is_in_an_event_or_a_count(of_people) -> None:
    found = read(*of_people.notifications())
    assert {event.kind for event in found.events} == {"motion", "field", "line", "digital_input", "plate_read"}
    assert of_people.MARKER not in repr(found)


AXIS = {
    "FENCE_GUARD_INIT": ("line", False, None),
    "GLOBAL_SCENE_CHANGE": ("tampering", False, "0"),
    "MOTION_GUARD_INIT": ("motion", False, None),
    "OBJECT_ANALYTICS_ANY_CHANGE": ("motion", True, None),
    "OBJECT_ANALYTICS_INIT": ("motion", False, None),
    "PIR_CHANGE": ("motion", True, None),
    "PIR_INIT": ("motion", False, None),
    "PORT_0_INIT": ("digital_input", False, "1"),
    "PORT_ANY_INIT": ("digital_input", False, "-1"),
    "RULE_ENGINE_REGION_DETECTOR_INIT": ("motion", False, "0"),
    "VMD3_INIT": ("motion", False, None),
    "VMD4_ANY_CHANGE": ("motion", True, None),
    "VMD4_ANY_INIT": ("motion", False, None),
    "VMD4_C1P1_CHANGE": ("motion", True, None),
    "VMD4_C1P1_INIT": ("motion", False, None),
    "VMD4_C1P2_CHANGE": ("motion", True, None),
    "VMD4_C1P2_INIT": ("motion", False, None),
}


def root_of(file: Path) -> etree._Element:
    """What a file of the shared data holds: a metadata stream's document, or an answer in its envelope."""
    body = file.read_bytes()
    root = envelope.parse(body, "", file.name)
    if root.tag.endswith("}Envelope"):
        return envelope.payload(Answer(200, "", (), None, None, body, None), file.name)
    return root


def test_events_of_real_cameras(shared_data: Path) -> None:
    files = sorted((shared_data / "onvif_rtsp" / "axis_events").glob("*.xml"))
    taken, passed_over = {}, set()
    for file in files:
        if file.stem.startswith("EVENT_INSTANCE"):
            continue
        found = EventReader().read(root_of(file), ARRIVED_US)
        for event in found.events:
            taken[file.stem] = (event.kind, event.active, event.source)
            assert event.time_from == "arrival"
        passed_over |= {name for name, _ in found.dropped}
    assert taken == AXIS
    # Light, storage, sound, PTZ, relays and loitering are not taken.
    assert passed_over == {
        "AudioSource",
        "Device",
        "Device/Trigger/Relay",
        "LightControl",
        OTHER,
        "PTZController",
        "VideoSource",
    }


def test_every_file_is_read_or_refused_with_a_reason(shared_data: Path) -> None:
    files = [file for file in sorted((shared_data / "onvif_rtsp").rglob("*")) if file.is_file()]
    assert len(files) > 100
    refused = []
    for file in files:
        try:
            EventReader().read(root_of(file), ARRIVED_US)
        except DeviceError as error:
            refused.append(error)
    assert 50 < len(refused) < len(files)
    assert all(error.what and error.where for error in refused)


def test_the_canned_answer_of_a_package_is_read(shared_data: Path) -> None:
    text = (shared_data / "onvif_rtsp" / "agsh_v0x_serverMockup" / "PullMessages.xml").read_text()
    lines = [line for line in text.splitlines() if "{{?" not in line]
    body = "\n".join(lines).replace("{{=new Date().toISOString()}}", "2026-11-26T08:00:00.000Z")
    holder = envelope.payload(Answer(200, "", (), None, None, body.encode(), None), "device")
    events = EventReader().read(holder, ARRIVED_US).events
    assert [(event.kind, event.active, event.source, event.rule) for event in events] == [
        ("motion", True, "000", "000")
    ] * 2


def test_an_answer_to_something_else_is_refused() -> None:
    with pytest.raises(AnswerRefused, match="no notifications"):
        EventReader().read(etree.fromstring("<a/>"), ARRIVED_US)


@st.composite
def mangled(draw: st.DrawFn) -> tuple[int, int, str, str]:
    change = draw(st.sampled_from(["drop", "blank", "text", "attribute", "twice"]))
    return draw(st.integers(0, 20)), draw(st.integers(0, 1000)), change, draw(st.text(st.characters(codec="utf-8")))


@given(case=mangled())
def test_a_notification_that_lacks_or_twists_anything_is_read_or_dropped(of_people: Any, case: Any) -> None:
    which, place, change, text = case
    text = "".join(character for character in text if character.isprintable())
    told = [*of_people.notifications(), notification("tns1:VideoSource/MotionAlarm", items(State="true")), plate_read()]
    root = pulled(told[which % len(told)])
    elements = [element for element in root.iter(etree.Element) if element.getparent() is not None]
    element = elements[place % len(elements)]
    if change == "drop":
        element.getparent().remove(element)
    elif change == "blank":
        element.clear()
    elif change == "text":
        element.text = text
    elif change == "attribute" and element.attrib:
        element.set(element.keys()[place % len(element.attrib)], text)
    else:
        element.addnext(etree.fromstring(etree.tostring(element)))
    found = EventReader().read(root, ARRIVED_US)
    assert len(found.events) + sum(found.dropped.values()) <= 2
    assert of_people.MARKER not in repr(found)
    assert all(event.at_us <= ARRIVED_US for event in found.events)
