"""What devices may tell of people, of which nothing may be kept."""

from __future__ import annotations

from simulator.onvif_device.notifications import items, notification, plate_read

MARKER = "ZQXMARKER"  # stands in every field that may not be kept


def notifications() -> list[str]:
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
