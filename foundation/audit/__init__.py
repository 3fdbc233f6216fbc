"""The audit trail: who did what to what, in the transaction of the deed, each entry tied to the one before by a hash.

The head row counts the entries, so that entries cut off at the end are missed as well. A person with write access to
the whole database can still forge all of it, but not the heads that others hold: `foundation.audit.check` compares.
"""

from __future__ import annotations

from foundation.audit.actions import AuditAction
from foundation.audit.entries import CHAIN, AuditEntry, AuditHead, Deed, record, record_all

__all__ = ["CHAIN", "AuditAction", "AuditEntry", "AuditHead", "Deed", "record", "record_all"]
