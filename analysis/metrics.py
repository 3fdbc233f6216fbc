"""What analysis counts, summed over all cameras."""

from __future__ import annotations

from foundation.metrics import counter, gauge

CAMERAS = gauge("vedette_analysis_cameras", "Cameras that are analysed")
PICTURES = counter("vedette_analysis_pictures_total", "Pictures decoded", ["stream"])
DECODE_ERRORS = counter("vedette_analysis_decode_errors_total", "Access units that could not be decoded")
SKIPPED_UNITS = counter("vedette_analysis_skipped_units_total", "Access units passed over because analysis was behind")
OBSERVATIONS = counter("vedette_analysis_observations_total", "Observations made", ["kind"])
