-- The footage index of one disk, version 2 (PRAGMA user_version). It lies beside the files it describes, and only the
-- recorder that owns the disk writes it; everybody else opens it read-only. A row is written after its bytes were
-- synced to the disk. Times are microseconds since 1970-01-01 UTC. `schema_2.sql` makes it of version 1.

CREATE TABLE codec (
    id       INTEGER PRIMARY KEY, -- referred to by segment.codec_id
    codec    TEXT NOT NULL,       -- h264, h265, aac, pcma or pcmu
    rfc6381  TEXT NOT NULL,       -- codec string for a browser, such as avc1.640028
    width    INTEGER NOT NULL,    -- pixels, after cropping; 0 of sound
    height   INTEGER NOT NULL,    -- pixels, after cropping; 0 of sound
    init     BLOB NOT NULL UNIQUE, -- init segment (ftyp, moov) that the files with this codec begin with
    segments INTEGER NOT NULL DEFAULT 0 -- how many refer to it, counted by triggers; without any, the row goes
) STRICT;

CREATE INDEX codec_unused ON codec (id) WHERE segments = 0;

CREATE TABLE segment (
    id                 INTEGER PRIMARY KEY, -- local to this disk
    camera_id          TEXT NOT NULL,       -- UUIDv7 of the camera
    stream             TEXT NOT NULL,       -- main, sub or audio
    fence              INTEGER NOT NULL,    -- of the lease that it was recorded under
    n                  INTEGER NOT NULL,    -- counts the segments of camera, stream and fence on this disk from zero
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

-- It carries what coverage asks for, so that a camera-day lies side by side and no row is read.
CREATE INDEX segment_by_time ON segment (camera_id, stream, start_us, duration_us, bytes);
CREATE INDEX segment_by_age ON segment (start_us);

CREATE TABLE gap (
    id        INTEGER PRIMARY KEY, -- local to this disk
    camera_id TEXT NOT NULL,       -- UUIDv7 of the camera
    stream    TEXT NOT NULL,       -- main, sub or audio
    start_us  INTEGER NOT NULL,    -- end of the footage before
    end_us    INTEGER NOT NULL,    -- start of the footage after; moves on while the gap lasts
    cause     TEXT NOT NULL,       -- silent, refused, unreachable, packet_loss, restart, disk_full,
                                   -- disk_full_held (by holds alone), disk_slow, disk_unavailable, clock_step (the
                                   -- host's clock was set forward) or lost (the disk lost what it held)
    UNIQUE (camera_id, stream, start_us)
) STRICT;

CREATE INDEX gap_by_age ON gap (start_us);

CREATE TABLE usage (
    camera_id TEXT NOT NULL,    -- UUIDv7 of the camera
    stream    TEXT NOT NULL,    -- main, sub or audio
    segments  INTEGER NOT NULL, -- how many of it this disk holds, counted by triggers
    bytes     INTEGER NOT NULL, -- how long they are together
    PRIMARY KEY (camera_id, stream)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER segment_added AFTER INSERT ON segment BEGIN
    INSERT INTO usage (camera_id, stream, segments, bytes) VALUES (new.camera_id, new.stream, 1, new.bytes)
        ON CONFLICT (camera_id, stream) DO UPDATE SET segments = segments + 1, bytes = bytes + excluded.bytes;
    UPDATE codec SET segments = segments + 1 WHERE id = new.codec_id;
END;

CREATE TRIGGER segment_resized AFTER UPDATE OF bytes ON segment WHEN new.bytes <> old.bytes BEGIN
    UPDATE usage SET bytes = bytes + new.bytes - old.bytes WHERE camera_id = new.camera_id AND stream = new.stream;
END;

CREATE TRIGGER segment_removed AFTER DELETE ON segment BEGIN
    UPDATE usage SET segments = segments - 1, bytes = bytes - old.bytes
        WHERE camera_id = old.camera_id AND stream = old.stream;
    DELETE FROM usage WHERE camera_id = old.camera_id AND stream = old.stream AND segments = 0;
    UPDATE codec SET segments = segments - 1 WHERE id = old.codec_id;
END;

CREATE TABLE watermark (
    id            INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
    clean_us      INTEGER NOT NULL, -- files that start before are complete and in the index; repair looks after it
    holds_version INTEGER NOT NULL DEFAULT 0 -- of the holds that the last purge obeyed; 0: there never were any
) STRICT;

CREATE TABLE garbage (
    path  TEXT PRIMARY KEY, -- a file whose row was purged in the same transaction, still to be removed
    bytes INTEGER NOT NULL DEFAULT 0 -- its length
) STRICT;

CREATE TABLE scrub (
    id          INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
    position_us INTEGER NOT NULL, -- what starts before this was compared with its file in the present round
    findings    INTEGER NOT NULL, -- of the present round, as far as nothing explains them
    finished_us INTEGER NOT NULL, -- end of the last whole round; 0: there was none
    found       INTEGER NOT NULL  -- findings of the last whole round
) STRICT;

INSERT INTO scrub (id, position_us, findings, finished_us, found) VALUES (1, 0, 0, 0, 0);
INSERT INTO watermark (id, clean_us) VALUES (1, 0);
PRAGMA user_version = 2;
