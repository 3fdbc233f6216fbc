"""Whoever reads an explanation in the console finds a word for each field and each level."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matching.model import FIELDS, MODEL

WORDS = Path(__file__).parents[3] / "control_center" / "console" / "web" / "src" / "i18n"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_field_and_level_has_a_word(language: str) -> None:
    text = (WORDS / f"{language}.ts").read_text(encoding="utf-8")
    agreement = text[text.index("  agreement: {") :]
    said = set(re.findall(r"^    (\w+):", agreement[: agreement.index("\n  }")], re.MULTILINE))
    assert {level for levels in MODEL.values() for level in levels} <= said
    field = set(re.findall(r"^    (\w+): \"", text, re.MULTILINE))
    assert {"date_of_birth" if name == "birth_date" else name for name in FIELDS} <= field
