-- The footage index of one disk, version 1 (PRAGMA user_version). It lies beside the files it describes, and only the
-- recorder that owns the disk writes it; everybody else opens it read-only. A row is written after its bytes were
-- synced to the disk. Times are microseconds since 1970-01-01 UTC.

CREATE TABLE codec (
    id       INTEGER PRIMARY KEY, -- referred to by segment.codec_id
    codec    TEXT NOT NULL,       -- h264 or h265
    rfc6381  TEXT NOT NULL,       -- codec string for a browser, such as avc1.640028
    width    INTEGER NOT NULL,    -- pixels, after cropping
    height   INTEGER NOT NULL,    -- pixels, after cropping
    init     BLOB NOT NULL UNIQUE -- init segment (ftyp, moov) that the files with this codec begin with
) STRICT;

CREATE TABLE segment (
    id                 INTEGER PRIMARY KEY, -- local to this disk
    camera_id          TEXT NOT NULL,       -- UUIDv7 of the camera
    stream             TEXT NOT NULL,       -- main or sub
    fence              INTEGER NOT NULL,    -- of the lease that it was recorded under
    n                  INTEGER NOT NULL,    -- counts the segments of camera, stream and fence from zero
    codec_id           INTEGER NOT NULL REFERENCES codec (id), -- parameters of the whole segment
    path               TEXT NOT NULL UNIQUE, -- of the file, relative to the disk's folder
    start_us           INTEGER NOT NULL,    -- capture time of the first access unit
    duration_us        INTEGER NOT NULL,    -- from the first unit to the end of the last, on this host's clock
    media_duration_90k INTEGER NOT NULL,    -- the same on the camera's clock, in ticks of 1/90000 s
    bytes              INTEGER NOT NULL,    -- length of the file that is whole fragments
    fragments          INTEGER NOT NULL,    -- number of moof/mdat pairs
    keyframes          TEXT NOT NULL,       -- JSON [[offset_us, byte_offset of the fragment that starts with it], ...]
    sha256             BLOB NOT NULL,       -- over the access units as received, in order
    complete           INTEGER NOT NULL,    -- 0 while the recorder still adds to it
    UNIQUE (camera_id, stream, fence, n)
) STRICT;

CREATE INDEX segment_by_time ON segment (camera_id, stream, start_us);
CREATE INDEX segment_by_age ON segment (start_us);

CREATE TABLE gap (
    id        INTEGER PRIMARY KEY, -- local to this disk
    camera_id TEXT NOT NULL,       -- UUIDv7 of the camera
    stream    TEXT NOT NULL,       -- main or sub
    start_us  INTEGER NOT NULL,    -- end of the footage before
    end_us    INTEGER NOT NULL,    -- start of the footage after; moves on while the gap lasts
    cause     TEXT NOT NULL,       -- silent, refused, unreachable, packet_loss, restart, disk_full, disk_slow
                                   -- or disk_unavailable
    UNIQUE (camera_id, stream, start_us)
) STRICT;

CREATE INDEX gap_by_age ON gap (start_us);

CREATE TABLE watermark (
    id       INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
    clean_us INTEGER NOT NULL -- each file that starts before this is complete and in the index; repair looks after it
) STRICT;

CREATE TABLE garbage (
    path TEXT PRIMARY KEY -- a file whose row was purged in the same transaction, still to be removed
) STRICT;

INSERT INTO watermark (id, clean_us) VALUES (1, 0);
PRAGMA user_version = 1;
