"""What is counted about footage disks. A disk has a label: there are few of them on a machine."""

from __future__ import annotations

from foundation.metrics import counter, gauge

PURGED_UNDER_MINIMUM = counter(
    "vedette_ingest_purged_under_minimum_total", "Segments purged for lack of space before their least time was over"
)
DISK_LEFT = counter("vedette_ingest_disk_left_total", "Times that a stream left a footage disk for another", ["cause"])
HELD_BYTES = gauge("vedette_ingest_held_bytes", "Bytes of footage on a disk that a hold keeps from going", ["disk"])
HELD_QUOTA = gauge("vedette_ingest_held_near_quota", "1 where held footage comes near the quota of its disk", ["disk"])
DISK_FAULT = gauge("vedette_ingest_disk_fault", "1 where a footage disk cannot be written, by disk", ["disk"])
HOLDS_FAULT = gauge("vedette_ingest_holds_unreadable", "1 where nothing is purged, for the holds are unknown", ["disk"])
SCRUB_BYTES = counter("vedette_ingest_scrub_bytes_total", "Bytes of recorded footage read again to compare them")
SCRUB_FINDINGS = counter(
    "vedette_ingest_scrub_findings_total", "Differences between footage and index that nothing explains", ["kind"]
)
