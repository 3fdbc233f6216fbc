"""What the recorder counts. Sums over all streams: a label per camera would be thousands of series."""

from __future__ import annotations

from foundation.metrics import counter, gauge

ACCESS_UNITS = counter("vedette_ingest_access_units_total", "Access units received from cameras")
BYTES = counter("vedette_ingest_bytes_total", "Bytes of access units received from cameras")
LOSSES = counter("vedette_ingest_losses_total", "Times that a stream lost packets and waited for a keyframe")
FAULTS = counter("vedette_ingest_faults_total", "Sessions that ended, by the state they left", ["state"])
STREAMS = gauge("vedette_ingest_streams", "Streams by state", ["state"])
QUEUED_BYTES = gauge("vedette_ingest_queued_bytes", "Bytes that wait to be written to the footage disks")
SYNC_SECONDS = gauge("vedette_ingest_sync_seconds", "Seconds that the last sync of the footage disks took, at most")
FREE_BYTES = gauge("vedette_ingest_free_bytes", "Free bytes on the footage disks")
TAP_SKIPPED = counter("vedette_ingest_tap_skipped_units_total", "Units that slow subscribers of the tap did not get")
