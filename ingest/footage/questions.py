"""What readers ask of a footage index, in SQL. Each is answered from an index by time, whatever else the disk holds."""
# ruff: noqa: S608, they are put together of constants

SEGMENT_COLUMNS = (
    "id, camera_id, stream, fence, n, codec_id, path, start_us, duration_us, media_duration_90k, bytes, fragments,"
    " keyframes, sha256, complete"
)
_GAP_COLUMNS = "camera_id, stream, start_us, end_us, cause"
_OF_STREAM = "camera_id = :camera_id AND stream = :stream"
# `since_us` is earlier than `start_us` by the length of the longest segment.
_WITHIN = f"{_OF_STREAM} AND start_us > :since_us AND start_us < :end_us AND start_us + duration_us > :start_us"

SEGMENTS = f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE {_WITHIN} ORDER BY start_us, fence, n"
SPANS = f"SELECT start_us, start_us + duration_us FROM segment WHERE {_WITHIN}"
SIZE = f"SELECT sum(bytes) FROM segment WHERE {_WITHIN}"
CODECS = (
    "SELECT id, codec, rfc6381, width, height, init FROM codec"
    f" WHERE id IN (SELECT codec_id FROM segment WHERE {_WITHIN})"
)

SEGMENT_AT = (
    f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE {_OF_STREAM} AND start_us > :since_us AND start_us <= :at_us"
    " AND start_us + duration_us > :at_us ORDER BY fence DESC, n DESC LIMIT 1"
)
SEGMENT_BEFORE = (
    f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE {_OF_STREAM} AND start_us <= :at_us"
    " AND start_us + duration_us <= :at_us ORDER BY start_us DESC LIMIT 1"
)
SEGMENT_AFTER = (
    f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE {_OF_STREAM} AND start_us > :at_us ORDER BY start_us LIMIT 1"
)

# Gaps of one stream follow one another: of those that begin before a moment, only the last can reach beyond it.
GAPS = (
    f"SELECT {_GAP_COLUMNS} FROM gap WHERE {_OF_STREAM}"
    f" AND start_us >= coalesce((SELECT max(start_us) FROM gap WHERE {_OF_STREAM} AND start_us <= :start_us), 0)"
    " AND start_us < :end_us AND end_us > :start_us ORDER BY start_us"
)
GAP_AT = (
    f"SELECT {_GAP_COLUMNS} FROM gap WHERE {_OF_STREAM}"
    f" AND start_us = (SELECT max(start_us) FROM gap WHERE {_OF_STREAM} AND start_us <= :at_us) AND end_us > :at_us"
)
