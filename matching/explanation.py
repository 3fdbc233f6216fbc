"""Why a pair is a hit: prior, each field with both values, level, m, u and weight, what speaks against, and versions.

The same records give the same explanation to the bit: it holds no time, and numbers come from the model alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from matching import model, normalising
from matching.calibration import Calibration, told
from matching.model import FieldName
from matching.normalising import NormalRecord
from matching.normalising.identifiers import Identifier
from matching.normalising.names import Name
from matching.normalising.plates import Plate
from matching.normalising.record import Address, Locality
from matching.scoring import Record, Score, posterior

# Fields that are compared as one and stand in several columns.
_PARTS: Mapping[FieldName, tuple[str, ...]] = {
    "address": ("street_number", "address"),
    "locality": ("suburb", "postcode", "state"),
}


def versions(catalogue_version: str) -> dict[str, str]:
    return {"catalogue": catalogue_version, "model": model.VERSION, "normalising": normalising.VERSION}


def explain(
    score: Score,
    left: Record,
    right: Record,
    *,
    prior_mbits: int,
    keys: Sequence[str],
    versions: Mapping[str, str],
    runner_up: Mapping[str, Any] | None = None,
    calibration: Calibration | None = None,
) -> dict[str, Any]:
    """`left` is the list record or the plate read, `right` the record that it was compared with."""
    odds = prior_mbits + score.weight_mbits
    calibrated = {} if calibration is None else {"calibration": calibration.as_json()}
    return {
        "prior_mbits": prior_mbits,
        "fields": [
            {
                "field": entry.field,
                "level": entry.level,
                "m": entry.m,
                "u": entry.u,
                "weight_mbits": entry.weight_mbits,
                "others": entry.others,
                "left": both_forms(left, entry.field),
                "right": both_forms(right, entry.field),
            }
            for entry in score.fields
        ],
        **calibrated,
        "posterior": posterior(0, odds if calibration is None else calibration.of(odds)),
        "keys": list(keys),
        "against": [f"{entry.field}:{entry.level}" for entry in score.fields if entry.weight_mbits < 0],
        "runner_up": dict(runner_up) if runner_up else None,
        "versions": dict(versions),
    }


def both_forms(record: Record, field: FieldName) -> dict[str, Any]:
    """A field as the source wrote it and as it is compared."""
    return {"raw": _raw(record.raw, field), "normalised": _text(record.normal, field)}


def _raw(raw: Mapping[str, Any], field: FieldName) -> str | None:
    """As the source wrote it; None where the value was read from the resident number."""
    if field == "name":
        parts = (raw.get("surname"), raw.get("given_name"))
        return raw.get("name") or " ".join(part for part in parts if part)
    if field in _PARTS:
        return ", ".join(part for name in _PARTS[field] if (part := raw.get(name))) or None
    value = raw.get("date_of_birth" if field == "birth_date" else field)
    return None if value is None else str(value)


def _text(record: NormalRecord, field: FieldName) -> str:
    match getattr(record, field):
        case Name() as name:
            spellings = " or ".join((name.romanised, *name.others))
            return f"{name.plain} ({spellings})" if name.is_chinese else spellings
        case Identifier() as number:
            return number.text if number.valid else f"{number.text} (check fails)"
        case Plate() as plate:
            return plate.text
        case Address() as address:
            return f"{address.number}, {address.street}" if address.number else address.street
        case Locality() as place:
            return ", ".join(part for part in (place.suburb, place.postcode, place.state) if part)
        case value:
            return str(value)


def table(explanation: Mapping[str, Any], *, title: str) -> Table:
    """The weights as a waterfall for the terminal, from the prior down to the posterior."""
    drawn = Table(title=title, show_footer=True, caption=_caption(explanation))
    total = explanation["prior_mbits"] + sum(entry["weight_mbits"] for entry in explanation["fields"])
    drawn.add_column("Field", footer="total")
    drawn.add_column("List or read", overflow="fold")
    drawn.add_column("Reference", overflow="fold")
    drawn.add_column("Level")
    drawn.add_column("m / u", justify="right")
    drawn.add_column("Bits", justify="right", footer=f"{total / 1000:+.3f}")
    drawn.add_row("prior", "", "", "", "", f"{explanation['prior_mbits'] / 1000:+.3f}", style="dim")
    for entry in explanation["fields"]:
        drawn.add_row(
            entry["field"],
            _cell(entry["left"]),
            _cell(entry["right"]),
            entry["level"],
            f"{entry['m']:.3g} / {entry['u']:.3g}",
            f"{entry['weight_mbits'] / 1000:+.3f}",
            style="red" if entry["weight_mbits"] < 0 else None,
        )
    return drawn


def _cell(side: Mapping[str, Any]) -> Text:
    raw, normalised = side["raw"], side["normalised"]
    return Text(str(normalised) if raw is None or raw == normalised else f"{raw} → {normalised}")


def _caption(explanation: Mapping[str, Any]) -> str:
    lines = [f"probability {explanation['posterior']:.4f}, found by {', '.join(explanation['keys'])}"]
    if "calibration" in explanation:
        lines.append(f"calibrated: {told(explanation['calibration'])}")
    if explanation["runner_up"]:
        lines.append(f"runner-up: probability {explanation['runner_up']['probability']:.4f}")
    lines.append(", ".join(f"{name} {version}" for name, version in explanation["versions"].items()))
    return "\n".join(lines)
