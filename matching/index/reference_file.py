"""The former name of `record_files`."""

from __future__ import annotations

from matching.record_files.opening import open_records as open_references
from matching.record_files.record_file import RecordFile as ReferenceFile

__all__ = ["ReferenceFile", "open_references"]
