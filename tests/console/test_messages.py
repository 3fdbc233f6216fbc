"""The console has words for every action of the audit trail, every role and every right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from control_center.identity.oidc.refusal import Refusal
from control_center.identity.roles import Right, Role
from control_center.reports.readings import WHATS
from foundation.audit import AuditAction

MESSAGES = Path(__file__).parents[2] / "control_center/console/web/src/i18n"
WORDS = {
    "action": {action.replace(":", "_") for action in AuditAction},
    "role": set(Role),
    "right": set(Right),
    "look": set(WHATS),
    "ssoRefused": {*Refusal, "other"},
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("section", WORDS)
def test_every_word_of_the_server_is_translated_and_no_other(section, language):
    text = (MESSAGES / f"{language}.ts").read_text()
    body = re.search(rf"^  {section}: {{\n(.*?)^  }},", text, re.MULTILINE | re.DOTALL)[1]
    assert set(re.findall(r"^    (\w+):", body, re.MULTILINE)) == WORDS[section]
