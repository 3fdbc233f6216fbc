"""Which readings need a reason and a case number, as the settings have it; for every route that shows footage, a report
or an export."""

from __future__ import annotations

import re
from typing import NamedTuple

from foundation.errors import CaseMalformed, CaseRequired, InvalidInput, ReasonRequired
from foundation.settings import AuditedRead, AuditSettings

REASON_LIMIT = 500  # characters
CASE_LIMIT = 64  # characters, as the column has it


class Purpose(NamedTuple):
    """Why somebody looks, as it goes into the audit trail."""

    reason: str | None
    case_number: str | None


def check(kind: AuditedRead, reason: str | None, case_number: str | None, settings: AuditSettings) -> Purpose:
    """What was given, trimmed; nothing said is None.

    Raises `ReasonRequired`, `CaseRequired` or `CaseMalformed`; a case number that is given is checked also where none
    is asked for.
    """
    given, case = _cleaned("reason", reason, REASON_LIMIT), _cleaned("case_number", case_number, CASE_LIMIT)
    if case is not None and not re.fullmatch(settings.case_pattern, case):
        raise CaseMalformed(
            "this is not a case number.",
            where="case_number",
            mend=f"Write it as in {settings.case_example}.",
            extensions={"example": settings.case_example},
        )
    if kind in settings.reason_for and given is None:
        raise ReasonRequired("a reason is needed.", where="reason", mend="Say in a few words why you look.")
    if kind in settings.case_for and case is None:
        raise CaseRequired(
            "a case number is needed.",
            where="case_number",
            mend=f"Write it as in {settings.case_example}.",
            extensions={"example": settings.case_example},
        )
    return Purpose(given, case)


def _cleaned(where: str, text: str | None, limit: int) -> str | None:
    cleaned = (text or "").strip()
    if len(cleaned) > limit:
        raise InvalidInput("the text is too long.", where=where, mend=f"Use at most {limit} characters.")
    if not all(letter.isprintable() or letter in "\n\t" for letter in cleaned):
        raise InvalidInput("the text holds characters that cannot be shown.", where=where, mend="Type it anew.")
    return cleaned or None
