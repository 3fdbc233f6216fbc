"""Notifications as devices write them (ONVIF Core 9.5, Profiles T and M)."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

NAMES = (
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:tns1="http://www.onvif.org/ver10/topics" '
    'xmlns:tnsaxis="http://www.axis.com/2009/event/topics" xmlns:bd="http://www.onvif.org/ver20/analytics/humanbody"'
)
UTC = "2026-11-26T08:00:00Z"
MARKER = "ZQXMARKER"  # stands in every field that may not be kept


def items(**values: str) -> str:
    return "".join(f'<tt:SimpleItem Name="{name}" Value={quoteattr(value)}/>' for name, value in values.items())


def notification(
    topic: str, data: str = "", *, source: str = "", key: str = "", utc: str = UTC, operation: str | None = "Changed"
) -> str:
    told = f' PropertyOperation="{operation}"' if operation else ""
    return (
        f'<wsnt:NotificationMessage {NAMES}><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/'
        f'ConcreteSet">{topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="{utc}"{told}><tt:Source>{source}'
        f"</tt:Source><tt:Key>{key}</tt:Key><tt:Data>{data}</tt:Data></tt:Message></wsnt:Message>"
        "</wsnt:NotificationMessage>"
    )


def plate_read(plate: str = "京A·12345", *, likelihood: str = "0.93", utc: str = UTC, more: str = "") -> str:
    """As ONVIF Profile M has it, with what a device may add of the people in the vehicle."""
    return notification(
        "tns1:RuleEngine/Recognition/LicensePlate",
        '<tt:ElementItem Name="LicensePlateInfo"><tt:LicensePlateInfo>'
        f'<tt:PlateNumber Likelihood="{likelihood}">{plate}</tt:PlateNumber><tt:PlateType>Normal</tt:PlateType>'
        "<tt:CountryCode>CN</tt:CountryCode></tt:LicensePlateInfo></tt:ElementItem>"
        '<tt:ElementItem Name="VehicleInfo"><tt:VehicleInfo><tt:Type Likelihood="1">Car</tt:Type>'
        f'<tt:Brand Likelihood="0.9">Volkswagen</tt:Brand></tt:VehicleInfo></tt:ElementItem>{more}',
        source=items(VideoSource="v0", AnalyticsConfiguration="a0", Rule="Gate"),
        utc=utc,
        operation=None,
    )


def of_people() -> list[str]:
    """Faces, ages, clothing, the results of recognising somebody, in topics of their own and hidden in allowed ones."""
    fields = ("Gender", "Age", "Clothing", "Beard", "Glasses", "Mask", "Emotion", "Ethnicity", "Name", "PersonId")
    simple = items(**{field: f"{MARKER}-{field}" for field in fields})
    face = (
        f'<tt:ElementItem Name="Face"><bd:HumanFace><bd:Gender>{MARKER}-g</bd:Gender><bd:Image>{MARKER}-i</bd:Image>'
        f"</bd:HumanFace><bd:HumanBody><bd:Clothing>{MARKER}-c</bd:Clothing></bd:HumanBody></tt:ElementItem>"
    )
    everything = simple + face
    hidden = f"<tt:Extension><tt:Person>{MARKER}-x</tt:Person></tt:Extension>"
    moving = items(State="true") + everything
    axis = items(active="1", classTypes=MARKER)
    return [
        notification("tns1:RuleEngine/Recognition/Face", everything, source=simple, key=simple),
        notification(f"tns1:RuleEngine/FaceDetector/{MARKER}", everything),
        notification(f"tns1:{MARKER}/Face", everything, source=items(Source=MARKER)),
        notification(f"{MARKER}:People/Emotion", everything),
        notification(f"tns1:RuleEngine/MyRuleDetector/{MARKER}Face", moving),
        notification("tns1:VideoSource/MotionAlarm", moving, source=items(Source="v0") + simple).replace(
            "<tt:Key>", f"{hidden}<tt:Key>"
        ),
        notification("tns1:RuleEngine/FieldDetector/ObjectsInside", items(IsInside="true") + everything, key=simple),
        notification("tns1:RuleEngine/LineDetector/Crossed", everything, source=items(Rule="Fence"), operation=None),
        notification("tns1:RuleEngine/LineDetector/Crossed", items(State=MARKER) + everything),
        notification("tnsaxis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1", axis),
        notification(
            "tns1:Device/Trigger/DigitalInput", items(LogicalState="1") + simple, source=items(InputToken="1")
        ),
        plate_read(more=everything),
        plate_read(plate=f"{MARKER}1, aged 34"),
        plate_read().replace("Car</tt:Type>", f"{MARKER} driver</tt:Type>").replace("Volkswagen", f"{MARKER}, 男"),
    ]
