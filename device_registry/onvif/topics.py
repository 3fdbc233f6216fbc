"""Which of the topics that devices tell are taken, as what kind, and by which of their items: all others are dropped.

Names are those of ONVIF's topic namespace (Core, Analytics and Imaging specifications, Profiles T and M), without its
prefix; those of Axis' own namespace begin with `axis:`. A name stands for itself and for what lies below it, because
devices add who saw it: `VideoSource/ImageTooDark/AnalyticsService`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

EventKind = Literal["motion", "line", "field", "tampering", "digital_input", "plate_read"]

OTHER = "other"
_ONVIF = "http://www.onvif.org/ver10/topics"
_AXIS = "http://www.axis.com/2009/event/topics"
_PREFIXES = {_ONVIF: "", _AXIS: "axis:"}
_UNDECLARED: Mapping[str | None, str] = {None: _ONVIF, "": _ONVIF, "tns1": _ONVIF, "tnsaxis": _AXIS}
_SEGMENT = re.compile(r"(?:([A-Za-z][\w.-]*):)?([A-Za-z0-9_][\w.-]*)", re.ASCII)
_MOST_SEGMENTS = 8
_STATE = ("State", "state")


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    kind: EventKind
    states: tuple[str, ...] = ()  # names of the item that tells whether it is going on
    may_lack_state: bool = False  # it is told when it happens, and never that it ended


def _taken(kind: EventKind, states: tuple[str, ...], *names: str, may_lack_state: bool = False) -> list[Topic]:
    return [Topic(name, kind, states, may_lack_state) for name in names]


_TAKEN = {
    topic.name: topic
    for topic in [
        *_taken("motion", ("State",), "VideoSource/MotionAlarm", "RuleEngine/MotionRegionDetector/Motion"),
        *_taken("motion", ("IsMotion", "State"), "RuleEngine/CellMotionDetector/Motion"),
        *_taken("motion", ("motion",), "VideoAnalytics/axis:MotionDetection"),
        *_taken("motion", ("state",), "Device/axis:Sensor/PIR"),
        *_taken(
            "motion",
            ("active",),
            "RuleEngine/axis:VMD3",
            "axis:CameraApplicationPlatform/VMD",
            "axis:CameraApplicationPlatform/MotionGuard",
            "axis:CameraApplicationPlatform/ObjectAnalytics",
        ),
        *_taken("line", ("State", "IsCrossed"), "RuleEngine/LineDetector/Crossed", may_lack_state=True),
        *_taken("line", ("active",), "axis:CameraApplicationPlatform/FenceGuard"),
        *_taken("field", ("IsInside", "State"), "RuleEngine/FieldDetector/ObjectsInside"),
        *_taken(
            "field",
            ("State",),
            "RuleEngine/FieldDetector/RegionEntrance",
            "RuleEngine/FieldDetector/RegionExit",
            may_lack_state=True,
        ),
        *_taken(
            "tampering",
            _STATE,
            "VideoSource/GlobalSceneChange",
            "VideoSource/ImageTooBlurry",
            "VideoSource/ImageTooDark",
            "VideoSource/ImageTooBright",
        ),
        *_taken("tampering", ("IsTamper", "State"), "RuleEngine/TamperDetector/Tamper"),
        *_taken("tampering", ("tampering",), "VideoSource/axis:Tampering"),
        *_taken("digital_input", ("LogicalState",), "Device/Trigger/DigitalInput"),
        *_taken("digital_input", ("state",), "Device/axis:IO/Port"),
        *_taken("plate_read", (), "RuleEngine/Recognition/LicensePlate", may_lack_state=True),
    ]
}
# What is dropped is counted by these names and no others: a device may write anything into a topic.
_DROPPED = (
    "RuleEngine/Recognition/Face", "RuleEngine/ObjectDetection", "RuleEngine/CountAggregation", "RuleEngine/Counter",
    "RuleEngine/LoiteringDetector", "RuleEngine/LineDetector", "RuleEngine/FieldDetector", "RuleEngine/MyRuleDetector",
    "RuleEngine", "VideoAnalytics", "VideoSource", "VideoEncoder", "AudioAnalytics", "AudioSource", "AudioEncoder",
    "Device/Trigger/Relay", "Device", "PTZController", "RecordingConfig", "RecordingHistory", "Recording", "Media",
    "MediaControl", "MediaConfiguration", "Monitoring", "Configuration", "LightControl", "UserAlarm", "Security",
)  # fmt: skip


def taken(path: str) -> Topic | None:
    """The topic of that path or above it that is taken, if any."""
    return next((_TAKEN[name] for name in _upwards(path) if name in _TAKEN), None)


def counted_as(path: str) -> str:
    """A name of a closed set, for numbers of what was dropped."""
    return next((name for name in _upwards(path) if name in _TAKEN or name in _DROPPED), OTHER)


def path_of(text: str, namespaces: Mapping[str | None, str]) -> str:
    """A concrete topic expression (WS-Topics 1.3) without prefixes; empty for what is none, or of unknown namespace."""
    segments = text.strip().split("/")
    names = [_name(segment, namespaces) for segment in segments[: _MOST_SEGMENTS + 1]]
    return "/".join(names) if all(names) and len(segments) <= _MOST_SEGMENTS else ""


def _name(segment: str, namespaces: Mapping[str | None, str]) -> str:
    found = _SEGMENT.fullmatch(segment.strip())
    if found is None:
        return ""
    namespace = namespaces.get(found[1]) if found[1] else _ONVIF  # without a prefix it is of its parent's
    prefix = _PREFIXES.get(namespace or _UNDECLARED.get(found[1], ""))
    return "" if prefix is None else prefix + found[2]


def _upwards(path: str) -> list[str]:
    segments = path.split("/")
    return ["/".join(segments[:count]) for count in range(len(segments), 0, -1)]
