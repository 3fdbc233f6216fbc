"""Columns of the generated files, and the names of the lists, databases and grounds they are for.

Dates are ISO 8601; `date_of_birth` may be a year alone (1984) and `happened_on` a month (2026-03). Empty means unknown.
"""

from __future__ import annotations

from typing import Literal, get_args

ListName = Literal["wanted", "absconded", "missing", "endangered", "protection_order", "judicial"]
DatabaseName = Literal["wanted_persons", "missing_unidentified", "stolen_vehicles", "lost_documents"]

LISTS: tuple[ListName, ...] = get_args(ListName)
DATABASES: tuple[DatabaseName, ...] = get_args(DatabaseName)

RECORD_COLUMNS = (
    "record_id",
    "surname",
    "given_name",
    "name",
    "date_of_birth",
    "sex",
    "id_number",
    "document_number",
    "document_type",
    "phone",
    "plate",
    "plate_colour",
    "vin",
    "make",
    "colour",
    "height_cm",
    "place",
    "happened_on",
    "belongings",
)
LISTING_COLUMNS = (
    "ground",
    "issuer",
    "instrument",
    "issued_on",
    "action",
    "review_on",
    "expires_on",
    "withdrawn_on",
)

REFERENCE_COLUMNS = (*RECORD_COLUMNS, "withdrawn_on")
LIST_COLUMNS = RECORD_COLUMNS + LISTING_COLUMNS

# The closed set of grounds, each on the one list it can lead to.
GROUNDS: dict[ListName, tuple[str, ...]] = {
    "wanted": ("arrest_warrant",),
    "absconded": ("escaped_custody", "breached_bail", "breached_supervision"),
    "missing": ("missing_person_report",),
    "endangered": ("missing_child", "adult_at_risk"),
    "protection_order": ("court_order",),
    "judicial": ("summons", "witness"),
}
