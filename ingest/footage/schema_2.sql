-- From version 1 of the footage index to version 2, in place, by the recorder that owns the disk. Readers of version 2
-- read both. The columns and tables are explained in `schema.sql`.

ALTER TABLE codec ADD COLUMN segments INTEGER NOT NULL DEFAULT 0;
UPDATE codec SET segments = found.segments
    FROM (SELECT codec_id, count(*) AS segments FROM segment GROUP BY codec_id) AS found WHERE found.codec_id = codec.id;
CREATE INDEX codec_unused ON codec (id) WHERE segments = 0;

DROP INDEX segment_by_time;
CREATE INDEX segment_by_time ON segment (camera_id, stream, start_us, duration_us, bytes);

ALTER TABLE watermark ADD COLUMN holds_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE garbage ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

CREATE TABLE usage (
    camera_id TEXT NOT NULL,
    stream    TEXT NOT NULL,
    segments  INTEGER NOT NULL,
    bytes     INTEGER NOT NULL,
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

INSERT INTO usage (camera_id, stream, segments, bytes)
    SELECT camera_id, stream, count(*), sum(bytes) FROM segment GROUP BY camera_id, stream;
CREATE TABLE scrub (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    position_us INTEGER NOT NULL,
    findings    INTEGER NOT NULL,
    finished_us INTEGER NOT NULL,
    found       INTEGER NOT NULL
) STRICT;
INSERT INTO scrub (id, position_us, findings, finished_us, found) VALUES (1, 0, 0, 0, 0);

PRAGMA user_version = 2;
