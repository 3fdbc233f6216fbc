"""Notifications as devices write them (ONVIF Core 9.5, Profiles T and M)."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

NAMES = (
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:tns1="http://www.onvif.org/ver10/topics" '
    'xmlns:tnsaxis="http://www.axis.com/2009/event/topics" xmlns:bd="http://www.onvif.org/ver20/analytics/humanbody"'
)
UTC = "2026-11-26T08:00:00Z"


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
