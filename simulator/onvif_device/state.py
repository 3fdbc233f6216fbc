"""What somebody can change of the device, kept until it is closed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Encoder:
    encoding: str
    width: int
    height: int
    kbps: int
    frame_rate: int = 25
    gop: int = 50


@dataclass(frozen=True, slots=True)
class Osd:
    text: str
    position: str


@dataclass(frozen=True, slots=True)
class Position:
    """Between -1 and 1, zoom between 0 and 1 (ONVIF's generic spaces)."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


@dataclass
class State:
    encoders: dict[str, Encoder]
    ntp: list[tuple[str, str]] = field(default_factory=lambda: [("IPv4", "192.0.2.123")])  # type and host
    ntp_from_dhcp: bool = False
    set_by: str = "NTP"
    zone: str = "CST-8"
    summer: bool = False
    imaging: dict[str, str] = field(
        default_factory=lambda: {"Brightness": "50", "Contrast": "50", "Exposure": "AUTO", "IrCutFilter": "AUTO"}
    )
    osds: dict[str, Osd] = field(default_factory=dict)
    position: Position = Position()
    velocity: Position = Position()
    moved_us: int = 0  # when it last was where `position` says
    moving_until_us: int = 0
    home: Position = Position()
    presets: dict[str, tuple[str, Position]] = field(default_factory=dict)  # name and place, by token
    made: int = 0  # of what is numbered here
    silent_until_us: int = 0  # while it starts anew

    @classmethod
    def new(cls, *, media2: bool) -> State:
        main = Encoder("H265", 2560, 1440, 4096) if media2 else Encoder("H264", 1920, 1080, 4096)
        return cls({"main": main, "sub": Encoder("H264", 640, 360, 512)})

    def number(self) -> int:
        self.made += 1
        return self.made

    def change_encoder(self, token: str, **changes: int | str) -> None:
        self.encoders[token] = replace(self.encoders[token], **changes)  # type: ignore[arg-type]
