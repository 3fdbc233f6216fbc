"""Numbers that Chinese standards give to places and devices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from stdnum import numdb

_ID: Final = re.compile(r"[0-9]{20}")
_FRONT_END: Final = range(111, 200)  # recorders, encoders, cameras, alarm inputs and outputs and the like


@dataclass(frozen=True, slots=True)
class DeviceId:
    """A device's ID by GB/T 28181, annex D: who runs it, and what it is."""

    center: str  # 8 digits: division by GB/T 2260 and, below the county, unit; 00 where there is none
    industry: str  # 2 digits; 00 to 02 are public security
    type: int  # 3 digits; 131 is a camera, 132 one of the network
    network: str  # 1 digit
    serial: str  # 6 digits

    @property
    def is_front_end(self) -> bool:
        """Whether it names a device that is watched, and not a platform, a user or a group."""
        return self.type in _FRONT_END


def device_id(text: str) -> DeviceId | None:
    """None for what is not 20 digits, or begins with no province."""
    if _ID.fullmatch(text) is None or not division(text[:6]):
        return None
    return DeviceId(text[:8], text[8:10], int(text[10:13]), text[13], text[14:])


def division(code: str) -> tuple[str, ...]:
    """Names from the province down, as far as a code by GB/T 2260 (6 digits) names any; empty for no such code.

    The county's is the one in use, or the last that was.
    """
    named = [properties for _, properties in numdb.get("cn/loc").info(code) if properties]
    if re.fullmatch(r"[0-9]{6}", code) is None or not named:
        return ()
    province, *county = (next(iter(properties.values())) for properties in named)
    return tuple(dict.fromkeys((province, *(names.rpartition("]")[2] for names in county))))
