import pytest

from foundation.errors import InvalidInput
from simulator.virtual_camera.faults import ClockStep, Faults, parse_faults


def test_a_fault_without_a_path_holds_for_all() -> None:
    assert parse_faults(["mute"], ["gate", "yard"]) == {"gate": Faults(mute=True), "yard": Faults(mute=True)}


def test_a_fault_with_a_path_holds_for_it_and_adds_to_others() -> None:
    faults = parse_faults(["drop:0.05", "gate=hang:1.5"], ["gate", "yard"])
    assert faults == {"gate": Faults(drop_fraction=0.05, hang_after_s=1.5), "yard": Faults(drop_fraction=0.05)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clock-step:-3.5@10", Faults(clock_step=ClockStep(-3_500_000, 10_000_000))),
        ("clock-step:60", Faults(clock_step=ClockStep(60_000_000, 0))),
        ("refuse-password", Faults(refuse_password=True)),
        ("redirect:rtsp://10.0.0.9:554/a?channel=1", Faults(redirect="rtsp://10.0.0.9:554/a?channel=1")),
        ("gate=redirect:rtsp://10.0.0.9/a=b", Faults(redirect="rtsp://10.0.0.9/a=b")),
    ],
)
def test_values_are_read(text: str, expected: Faults) -> None:
    assert parse_faults([text], ["gate"]) == {"gate": expected}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sleep",
        "mute:1",
        "hang",
        "hang:",
        "hang:-1",
        "hang:soon",
        "hang:nan",
        "drop:1.01",
        "drop:inf",
        "clock-step:@",
        "clock-step:1@-1",
        "redirect:http://host/",
        "redirect:rtsp://host/\r\nSet-Cookie: a",
        "cellar=mute",
    ],
)
def test_what_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_faults([text], ["gate"])
    assert caught.value.where == f"--fault {text}"
    assert caught.value.mend
