"""Sex as a document states it: M or F (ISO/IEC 5218's 1 and 2, GB/T 2261.1)."""

from __future__ import annotations

from matching.normalising.text import compact

_MALE, _FEMALE = ("M", "MALE", "男", "男性", "1"), ("F", "FEMALE", "女", "女性", "2")
_SEXES = {**dict.fromkeys(_MALE, "M"), **dict.fromkeys(_FEMALE, "F")}


def normalise_sex(raw: str | None) -> str | None:
    return _SEXES.get(raw or "") or _SEXES.get(compact(raw))
