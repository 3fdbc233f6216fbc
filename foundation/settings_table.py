"""Every setting with its value, whether it was set, and its meaning: for `vedette config show`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from foundation.logging import mask_text
from foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingRow:
    key: str
    value: str
    is_set: bool
    meaning: str


def rows(settings: Settings) -> list[SettingRow]:
    return list(_rows(settings, "", whole_is_set=True))


def _rows(model: BaseModel, prefix: str, *, whole_is_set: bool) -> Iterator[SettingRow]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        is_set = whole_is_set and name in model.model_fields_set
        if isinstance(value, BaseModel):
            yield from _rows(value, f"{prefix}{name}.", whole_is_set=is_set)
        else:
            yield SettingRow(f"{prefix}{name}", _text(value), is_set, field.description or "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return mask_text(str(value))
