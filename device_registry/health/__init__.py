"""The health of cameras: devices asked on a schedule, recorders listened to, and what both say told with the mend."""
