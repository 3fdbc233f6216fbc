"""Numbers of passports, permits and licences, whose issuers have no rule in common."""

from __future__ import annotations

from matching.normalising import mrz
from matching.normalising.text import compact

_LONGEST = 64


def normalise_document(raw: str | None) -> str | None:
    """Letters and digits; of a machine-readable zone, the number in it."""
    text = compact(raw)
    zone = mrz.document_number(raw) or mrz.document_number(text)
    text = compact(zone.text) if zone else text
    return text if 5 <= len(text) <= _LONGEST and len(set(text)) >= 3 else None
