"""What the process *events* counts. Labels are of closed sets: a device may write anything into what it tells."""

from __future__ import annotations

from foundation.metrics import counter, gauge

SUBSCRIPTIONS = gauge("vedette_device_events_subscriptions", "Devices whose events are followed now")
OBSERVATIONS = counter("vedette_device_events_observations_total", "Observations made of events", ["kind"])
DROPPED = counter("vedette_device_events_dropped_total", "Notifications that were not taken", ["topic", "reason"])
MERGED = counter("vedette_device_events_merged_total", "Events that told what was known already", ["kind"])
LOST = counter("vedette_device_events_lost_total", "Observations lost because the store could not be written")
