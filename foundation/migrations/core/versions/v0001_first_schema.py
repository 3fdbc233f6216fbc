"""First schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("username", sa.String(length=64), nullable=False, comment="name to sign in with, in lower case"),
        sa.Column("display_name", sa.String(length=128), nullable=False, comment="the person's name, as shown"),
        sa.Column("role", sa.String(length=16), nullable=False, comment="viewer or operator"),
        sa.Column(
            "password_hash", sa.String(length=255), nullable=True, comment="Argon2id; null before the first is issued"
        ),
        sa.Column("password_state", sa.String(length=16), nullable=False, comment="none, one_time, consumed or own"),
        sa.Column(
            "password_us",
            sa.BigInteger(),
            nullable=True,
            comment="when that password was issued or set, UTC microseconds",
        ),
        sa.Column(
            "failures", sa.Integer(), nullable=False, comment="wrong passwords since the last right one or lock-out"
        ),
        sa.Column(
            "locked_until_us", sa.BigInteger(), nullable=False, comment="nobody signs in before, UTC microseconds"
        ),
        sa.Column(
            "disabled_us", sa.BigInteger(), nullable=True, comment="when the account was closed; null while in use"
        ),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when the account was made, UTC microseconds"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_index(op.f("ix_account_center_id"), "account", ["center_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="place in the chain, from 1, without holes"),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="when, UTC"),
        sa.Column("actor", sa.String(length=128), nullable=False, comment="account, or cli:USER, or process name"),
        sa.Column("action", sa.String(length=64), nullable=False, comment="source:subject:action"),
        sa.Column("subject", sa.String(length=128), nullable=False, comment="identifier of what it was done to"),
        sa.Column("detail", sa.JSON(), nullable=False, comment="further facts; no secrets"),
        sa.Column(
            "prev_hash", sa.String(length=64), nullable=False, comment="hash of the entry before, empty for the first"
        ),
        sa.Column(
            "hash", sa.String(length=64), nullable=False, comment="SHA-256 over prev_hash and the canonical content"
        ),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_entry_seq")),
    )
    op.create_index(op.f("ix_audit_entry_action"), "audit_entry", ["action"], unique=False)
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_entry_at_us"), "audit_entry", ["at_us"], unique=False)
    op.create_index(op.f("ix_audit_entry_center_id"), "audit_entry", ["center_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.String(length=16), nullable=False, comment="name of the chain"),
        sa.Column(
            "last_seq", sa.BigInteger(), nullable=False, comment="number of the newest entry, 0 before the first"
        ),
        sa.Column(
            "last_hash",
            sa.String(length=64),
            nullable=False,
            comment="hash of the newest entry, empty before the first",
        ),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "center",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7; the center_id of all its rows"),
        sa.Column("parent_id", sa.String(length=36), nullable=True, comment="the center above; null at the top"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.Column(
            "code",
            sa.String(length=12),
            nullable=False,
            comment="GA/T 380 agency code (12 digits) or GB/T 2260 division code (6 digits)",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="as people call it"),
        sa.Column("level", sa.String(length=8), nullable=False, comment="city, county or station"),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when the center was added"),
        sa.CheckConstraint("level IN ('city', 'county', 'station')", name=op.f("ck_center_level")),
        sa.ForeignKeyConstraint(["parent_id"], ["center.id"], name=op.f("fk_center_parent_id_center")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_center")),
        sa.UniqueConstraint("code", name=op.f("uq_center_code")),
        comment="monitoring centers: this one, those below it and the path above it",
    )
    op.create_index(op.f("ix_center_parent_id"), "center", ["parent_id"], unique=False)
    op.create_table(
        "comparison_run",
        sa.Column("list_name", sa.String(length=32), nullable=False, comment="list of the cell"),
        sa.Column("database", sa.String(length=32), nullable=False, comment="reference database of the cell"),
        sa.Column("started_us", sa.BigInteger(), nullable=False, comment="UTC start in microseconds"),
        sa.Column("finished_us", sa.BigInteger(), nullable=False, comment="UTC end in microseconds"),
        sa.Column(
            "compared",
            sa.BigInteger(),
            nullable=False,
            comment="list records in force that share a usable key with the database",
        ),
        sa.Column(
            "not_comparable",
            sa.BigInteger(),
            nullable=False,
            comment="list records in force that share no usable key with it",
        ),
        sa.Column(
            "suspended",
            sa.BigInteger(),
            nullable=False,
            comment="list records left out: expired, withdrawn or overdue for review",
        ),
        sa.Column("pairs", sa.BigInteger(), nullable=False, comment="candidate pairs that were scored"),
        sa.Column(
            "linked",
            sa.BigInteger(),
            nullable=False,
            comment="pairs of one source record on both sides: linked, not alerted",
        ),
        sa.Column("hits", sa.BigInteger(), nullable=False, comment="hits of the cell standing after the run"),
        sa.Column("new_hits", sa.BigInteger(), nullable=False, comment="hits that this run found first"),
        sa.Column("recalled", sa.BigInteger(), nullable=False, comment="hits that this run recalled"),
        sa.Column("versions", sa.JSON(), nullable=False, comment="versions of catalogue, model and normalising"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_run")),
    )
    op.create_index(
        "ix_comparison_run_cell", "comparison_run", ["center_id", "list_name", "database", "finished_us"], unique=False
    )
    op.create_index(op.f("ix_comparison_run_center_id"), "comparison_run", ["center_id"], unique=False)
    op.create_table(
        "consumer_cursor",
        sa.Column("consumer", sa.String(length=64), nullable=False, comment="name of the reader"),
        sa.Column(
            "position", sa.BigInteger(), nullable=False, comment="seq of the last row consumed, 0 before the first"
        ),
        sa.PrimaryKeyConstraint("consumer", name=op.f("pk_consumer_cursor")),
    )
    op.create_table(
        "key_person",
        sa.Column("list_name", sa.String(length=32), nullable=False, comment="which of the six lists"),
        sa.Column(
            "ground", sa.String(length=64), nullable=False, comment="legal ground, from the closed set of the list"
        ),
        sa.Column("issuer", sa.String(length=256), nullable=False, comment="authority that issued the instrument"),
        sa.Column(
            "instrument",
            sa.String(length=128),
            nullable=False,
            comment="number of the warrant, report, order or summons",
        ),
        sa.Column("issued_on", sa.String(length=10), nullable=False, comment="ISO date of issue"),
        sa.Column(
            "action", sa.Text(), nullable=False, comment="what to do when the person is found, as the issuer wrote it"
        ),
        sa.Column(
            "review_on",
            sa.String(length=10),
            nullable=False,
            comment="last ISO date without a review; later it is suspended",
        ),
        sa.Column(
            "expires_on",
            sa.String(length=10),
            nullable=False,
            comment="last ISO date on which the record may be compared",
        ),
        sa.Column("withdrawn_on", sa.String(length=10), nullable=True, comment="ISO date of withdrawal by the issuer"),
        sa.Column(
            "imported_by", sa.String(length=64), nullable=False, comment="who imported it; may not verify its hits"
        ),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.Column(
            "source_record", sa.String(length=128), nullable=False, comment="identifier of the record in its source"
        ),
        sa.Column("surname", sa.String(length=128), nullable=True, comment="family name as written"),
        sa.Column("given_name", sa.String(length=128), nullable=True, comment="given names as written"),
        sa.Column("name", sa.String(length=256), nullable=True, comment="full name as written"),
        sa.Column(
            "date_of_birth", sa.String(length=10), nullable=True, comment="ISO 8601: YYYY, YYYY-MM or YYYY-MM-DD"
        ),
        sa.Column("sex", sa.String(length=8), nullable=True, comment="as written; compared as M or F"),
        sa.Column("id_number", sa.String(length=64), nullable=True, comment="resident identity number (GB 11643)"),
        sa.Column(
            "document_number", sa.String(length=64), nullable=True, comment="number of a passport, permit or licence"
        ),
        sa.Column("document_type", sa.String(length=64), nullable=True, comment="kind of that document"),
        sa.Column("phone", sa.String(length=64), nullable=True, comment="telephone number as written"),
        sa.Column("plate", sa.String(length=32), nullable=True, comment="licence plate as written"),
        sa.Column("plate_colour", sa.String(length=16), nullable=True, comment="blue, yellow, green, white or black"),
        sa.Column("vin", sa.String(length=32), nullable=True, comment="vehicle identification number (ISO 3779)"),
        sa.Column("make", sa.String(length=64), nullable=True, comment="maker and model of the vehicle"),
        sa.Column("colour", sa.String(length=32), nullable=True, comment="colour of the vehicle"),
        sa.Column("height_cm", sa.Integer(), nullable=True, comment="height of the person in centimetres"),
        sa.Column(
            "place", sa.String(length=256), nullable=True, comment="where it happened: lost, found, taken, last seen"
        ),
        sa.Column("happened_on", sa.String(length=10), nullable=True, comment="ISO date on which it happened"),
        sa.Column("belongings", sa.Text(), nullable=True, comment="clothes and things worn or carried"),
        sa.Column(
            "imported_us",
            sa.BigInteger(),
            nullable=False,
            comment="UTC time of the import that last wrote the row, microseconds",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_person")),
        sa.UniqueConstraint("center_id", "list_name", "source_record", name=op.f("uq_key_person_center_id")),
    )
    op.create_index(op.f("ix_key_person_center_id"), "key_person", ["center_id"], unique=False)
    op.create_index(op.f("ix_key_person_list_name"), "key_person", ["list_name"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=128), nullable=False, comment="what is leased, such as stream:CAMERA/main"),
        sa.Column("holder", sa.String(length=128), nullable=False, comment="node and process that hold it"),
        sa.Column("fence", sa.BigInteger(), nullable=False, comment="rises by one with each acquisition, never falls"),
        sa.Column(
            "expires_us", sa.BigInteger(), nullable=False, comment="end of the lease by the database's clock, UTC"
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "outbox_stream",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("origin", sa.String(length=36), nullable=False, comment="center that speaks"),
        sa.Column(
            "epoch", sa.String(length=36), nullable=False, comment="UUIDv7, new after each restore: numbers start again"
        ),
        sa.Column("destination", sa.String(length=64), nullable=False, comment="center spoken to, or console"),
        sa.Column("lane", sa.String(length=8), nullable=False, comment="urgent, normal or bulk"),
        sa.Column(
            "last_seq", sa.BigInteger(), nullable=False, comment="number of the newest event, 0 before the first"
        ),
        sa.Column(
            "last_hash",
            sa.String(length=64),
            nullable=False,
            comment="hash of the newest event, empty before the first",
        ),
        sa.Column(
            "closed_us", sa.BigInteger(), nullable=True, comment="when a newer epoch took over; empty while in use"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_stream")),
        sa.UniqueConstraint("origin", "epoch", "destination", "lane", name=op.f("uq_outbox_stream_origin")),
    )
    op.create_index(
        "ix_outbox_stream_open",
        "outbox_stream",
        ["origin", "destination", "lane"],
        unique=True,
        sqlite_where=sa.text("closed_us IS NULL"),
        postgresql_where=sa.text("closed_us IS NULL"),
    )
    op.create_table(
        "record_version",
        sa.Column("name", sa.String(length=16), nullable=False, comment="lists or references"),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="raised by each import that wrote a row"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_record_version")),
    )
    op.create_table(
        "reference_record",
        sa.Column("database", sa.String(length=32), nullable=False, comment="which of the four reference databases"),
        sa.Column(
            "withdrawn_on", sa.String(length=10), nullable=True, comment="ISO date on which the source withdrew it"
        ),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.Column(
            "source_record", sa.String(length=128), nullable=False, comment="identifier of the record in its source"
        ),
        sa.Column("surname", sa.String(length=128), nullable=True, comment="family name as written"),
        sa.Column("given_name", sa.String(length=128), nullable=True, comment="given names as written"),
        sa.Column("name", sa.String(length=256), nullable=True, comment="full name as written"),
        sa.Column(
            "date_of_birth", sa.String(length=10), nullable=True, comment="ISO 8601: YYYY, YYYY-MM or YYYY-MM-DD"
        ),
        sa.Column("sex", sa.String(length=8), nullable=True, comment="as written; compared as M or F"),
        sa.Column("id_number", sa.String(length=64), nullable=True, comment="resident identity number (GB 11643)"),
        sa.Column(
            "document_number", sa.String(length=64), nullable=True, comment="number of a passport, permit or licence"
        ),
        sa.Column("document_type", sa.String(length=64), nullable=True, comment="kind of that document"),
        sa.Column("phone", sa.String(length=64), nullable=True, comment="telephone number as written"),
        sa.Column("plate", sa.String(length=32), nullable=True, comment="licence plate as written"),
        sa.Column("plate_colour", sa.String(length=16), nullable=True, comment="blue, yellow, green, white or black"),
        sa.Column("vin", sa.String(length=32), nullable=True, comment="vehicle identification number (ISO 3779)"),
        sa.Column("make", sa.String(length=64), nullable=True, comment="maker and model of the vehicle"),
        sa.Column("colour", sa.String(length=32), nullable=True, comment="colour of the vehicle"),
        sa.Column("height_cm", sa.Integer(), nullable=True, comment="height of the person in centimetres"),
        sa.Column(
            "place", sa.String(length=256), nullable=True, comment="where it happened: lost, found, taken, last seen"
        ),
        sa.Column("happened_on", sa.String(length=10), nullable=True, comment="ISO date on which it happened"),
        sa.Column("belongings", sa.Text(), nullable=True, comment="clothes and things worn or carried"),
        sa.Column(
            "imported_us",
            sa.BigInteger(),
            nullable=False,
            comment="UTC time of the import that last wrote the row, microseconds",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_record")),
        sa.UniqueConstraint("center_id", "database", "source_record", name=op.f("uq_reference_record_center_id")),
    )
    op.create_index(op.f("ix_reference_record_center_id"), "reference_record", ["center_id"], unique=False)
    op.create_index(op.f("ix_reference_record_database"), "reference_record", ["database"], unique=False)
    op.create_table(
        "account_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the token, hex"),
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="who"),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when signed in, UTC microseconds"),
        sa.Column("expires_us", sa.BigInteger(), nullable=False, comment="end of the session, UTC microseconds"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_session_account_id_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_session")),
    )
    op.create_index(op.f("ix_account_session_account_id"), "account_session", ["account_id"], unique=False)
    op.create_index(op.f("ix_account_session_expires_us"), "account_session", ["expires_us"], unique=False)
    op.create_table(
        "camera",
        sa.Column(
            "code",
            sa.String(length=64),
            nullable=False,
            comment="the center's own number for it, e.g. GB/T 28181, 20 digits",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="where it looks, as people say it"),
        sa.Column("maker", sa.String(length=100), nullable=True, comment="manufacturer"),
        sa.Column("model", sa.String(length=100), nullable=True, comment="manufacturer's model name"),
        sa.Column("latitude", sa.Double(), nullable=True, comment="WGS 84, degrees north"),
        sa.Column("longitude", sa.Double(), nullable=True, comment="WGS 84, degrees east"),
        sa.Column("disabled", sa.Boolean(), nullable=False, comment="registered, but not recorded"),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when the camera was registered"),
        sa.Column("updated_us", sa.BigInteger(), nullable=False, comment="when its registration last changed"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_camera_center_id_center")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera")),
        sa.UniqueConstraint("center_id", "code", name=op.f("uq_camera_center_id")),
        comment="cameras, recorded by the node that they were registered on",
    )
    op.create_index(op.f("ix_camera_center_id"), "camera", ["center_id"], unique=False)
    op.create_table(
        "hit",
        sa.Column("list_name", sa.String(length=32), nullable=True, comment="list; NULL: plate read alone"),
        sa.Column(
            "database", sa.String(length=32), nullable=True, comment="reference database; NULL: plate of a key person"
        ),
        sa.Column("key_person_id", sa.String(length=36), nullable=True, comment="the list record"),
        sa.Column("reference_id", sa.String(length=36), nullable=True, comment="the reference record"),
        sa.Column(
            "observation_id", sa.String(length=36), nullable=True, comment="plate read, in the store observations"
        ),
        sa.Column(
            "weight_mbits", sa.BigInteger(), nullable=False, comment="match weight without the prior, in 1/1000 bit"
        ),
        sa.Column("probability", sa.Float(), nullable=False, comment="posterior probability of a match, 0 to 1"),
        sa.Column("explanation", sa.JSON(), nullable=False, comment="prior, fields, keys, evidence against, versions"),
        sa.Column(
            "created_us", sa.BigInteger(), nullable=False, comment="UTC time at which it was found, microseconds"
        ),
        sa.Column(
            "recalled_us",
            sa.BigInteger(),
            nullable=True,
            comment="UTC time of its recall in microseconds; NULL: it stands",
        ),
        sa.Column(
            "recall_cause", sa.String(length=16), nullable=True, comment="expired, withdrawn, review_overdue or changed"
        ),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.ForeignKeyConstraint(["key_person_id"], ["key_person.id"], name=op.f("fk_hit_key_person_id_key_person")),
        sa.ForeignKeyConstraint(
            ["reference_id"], ["reference_record.id"], name=op.f("fk_hit_reference_id_reference_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hit")),
    )
    op.create_index(op.f("ix_hit_center_id"), "hit", ["center_id"], unique=False)
    op.create_index(op.f("ix_hit_created_us"), "hit", ["created_us"], unique=False)
    op.create_index(op.f("ix_hit_list_name"), "hit", ["list_name"], unique=False)
    op.create_index("uq_hit_observed_person", "hit", ["observation_id", "key_person_id"], unique=True)
    op.create_index("uq_hit_observed_reference", "hit", ["observation_id", "reference_id"], unique=True)
    op.create_index("uq_hit_pair", "hit", ["key_person_id", "reference_id"], unique=True)
    op.create_table(
        "outbox_event",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="place among all events of this database, in the order of commits; may have holes",
        ),
        sa.Column("stream_id", sa.String(length=36), nullable=False, comment="its stream"),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="place in the stream, from 1, without holes"),
        sa.Column("event_id", sa.String(length=36), nullable=False, comment="UUIDv7 by which a receiver drops doubles"),
        sa.Column("kind", sa.String(length=64), nullable=False, comment="what happened, such as alert.created"),
        sa.Column("body", sa.JSON(), nullable=False, comment="the event's content"),
        sa.Column(
            "prev_hash", sa.String(length=64), nullable=False, comment="hash of the event before, empty for the first"
        ),
        sa.Column(
            "hash", sa.String(length=64), nullable=False, comment="SHA-256 over prev_hash and the canonical content"
        ),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when it was appended, UTC"),
        sa.Column("acked", sa.Boolean(), nullable=False, comment="the destination has confirmed it"),
        sa.ForeignKeyConstraint(
            ["stream_id"], ["outbox_stream.id"], name=op.f("fk_outbox_event_stream_id_outbox_stream")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_event_id")),
        sa.UniqueConstraint("stream_id", "seq", name=op.f("uq_outbox_event_stream_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert",
        sa.Column("hit_id", sa.String(length=36), nullable=False, comment="the lead behind it; one alert a hit"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="plate_hit or record_hit"),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="new, acknowledged, verified, dismissed, closed"
        ),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="rises with each step; a step names the version it saw"
        ),
        sa.Column("severity", sa.String(length=8), nullable=False, comment="high, medium or low"),
        sa.Column(
            "list_name", sa.String(length=32), nullable=True, comment="list of the hit; null: plate of a stolen vehicle"
        ),
        sa.Column("database", sa.String(length=32), nullable=True, comment="reference database of the hit, if any"),
        sa.Column(
            "subject",
            sa.String(length=300),
            nullable=False,
            comment="whom or what it is about, as shown: a name or a plate",
        ),
        sa.Column("plate", sa.String(length=32), nullable=True, comment="plate as read, of a plate hit"),
        sa.Column("camera_id", sa.String(length=36), nullable=True, comment="camera of a plate hit"),
        sa.Column("observed_us", sa.BigInteger(), nullable=True, comment="when the camera saw it, UTC microseconds"),
        sa.Column(
            "clip_start_us", sa.BigInteger(), nullable=True, comment="start of the footage to show, UTC microseconds"
        ),
        sa.Column(
            "clip_end_us", sa.BigInteger(), nullable=True, comment="end of the footage to show, UTC microseconds"
        ),
        sa.Column(
            "verifications_needed", sa.Integer(), nullable=False, comment="different people who must verify it: 1 or 2"
        ),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when the alert was raised, UTC microseconds"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.ForeignKeyConstraint(["hit_id"], ["hit.id"], name=op.f("fk_alert_hit_id_hit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("hit_id", name=op.f("uq_alert_hit_id")),
    )
    op.create_index(op.f("ix_alert_camera_id"), "alert", ["camera_id"], unique=False)
    op.create_index(op.f("ix_alert_center_id"), "alert", ["center_id"], unique=False)
    op.create_index("ix_alert_center_id_created_us", "alert", ["center_id", "created_us"], unique=False)
    op.create_index(op.f("ix_alert_state"), "alert", ["state"], unique=False)
    op.create_table(
        "camera_state",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="state of the worst of its streams"),
        sa.Column("since_us", sa.BigInteger(), nullable=False, comment="since when, UTC microseconds"),
        sa.Column("cause", sa.Text(), nullable=True, comment="one sentence when it does not record, with what to do"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_camera_state_camera_id_camera")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_camera_state")),
        comment="a camera's present state; its history is the outbox and the footage's gaps",
    )
    op.create_table(
        "camera_stream",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("name", sa.String(length=4), nullable=False, comment="main (recorded best) or sub (small)"),
        sa.Column("url", sa.String(length=1024), nullable=False, comment="rtsp URL, never with credentials"),
        sa.Column("codec", sa.String(length=8), nullable=True, comment="h264 or h265, as last seen"),
        sa.Column("width", sa.BigInteger(), nullable=True, comment="pixels, as last seen"),
        sa.Column("height", sa.BigInteger(), nullable=True, comment="pixels, as last seen"),
        sa.Column(
            "seen_us", sa.BigInteger(), nullable=True, comment="when codec, width and height were last seen to change"
        ),
        sa.CheckConstraint("name IN ('main', 'sub')", name=op.f("ck_camera_stream_name")),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_camera_stream_camera_id_camera")),
        sa.PrimaryKeyConstraint("camera_id", "name", name=op.f("pk_camera_stream")),
        comment="what a camera offers over RTSP",
    )
    op.create_table(
        "credential",
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="its camera"),
        sa.Column("username", sa.String(length=200), nullable=False, comment="user name at the camera"),
        sa.Column(
            "password",
            sa.String(length=1024),
            nullable=False,
            comment="sealed by foundation.keyring for purpose credential",
        ),
        sa.Column("key_id", sa.String(length=64), nullable=False, comment="key that sealed it, for rotation"),
        sa.Column("sealed_us", sa.BigInteger(), nullable=False, comment="when it was sealed"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_credential_camera_id_camera")),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_credential")),
        comment="how to sign in at a camera; one for all of its streams",
    )
    op.create_index(op.f("ix_credential_key_id"), "credential", ["key_id"], unique=False)
    op.create_table(
        "alert_sighting",
        sa.Column("alert_id", sa.String(length=36), nullable=False, comment="its alert"),
        sa.Column(
            "observation_id", sa.String(length=36), nullable=False, comment="plate read, in the store observations"
        ),
        sa.Column("camera_id", sa.String(length=36), nullable=False, comment="camera that saw it"),
        sa.Column("start_us", sa.BigInteger(), nullable=False, comment="first moment seen, UTC microseconds"),
        sa.Column("end_us", sa.BigInteger(), nullable=False, comment="last moment seen, UTC microseconds"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_sighting_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_sighting")),
        sa.UniqueConstraint("alert_id", "observation_id", name=op.f("uq_alert_sighting_alert_id")),
    )
    op.create_index(op.f("ix_alert_sighting_camera_id"), "alert_sighting", ["camera_id"], unique=False)
    op.create_index(op.f("ix_alert_sighting_center_id"), "alert_sighting", ["center_id"], unique=False)
    op.create_table(
        "alert_step",
        sa.Column("alert_id", sa.String(length=36), nullable=False, comment="its alert"),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="when, UTC microseconds"),
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="who; empty: matching itself"),
        sa.Column("account_name", sa.String(length=64), nullable=False, comment="who, by the name at that time"),
        sa.Column("from_state", sa.String(length=16), nullable=False, comment="state before"),
        sa.Column(
            "to_state",
            sa.String(length=16),
            nullable=False,
            comment="state asked for; a first of two verifications stays",
        ),
        sa.Column("note", sa.Text(), nullable=False, comment="the person's words; a dismissal must have some"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="center where the row was born"),
        sa.Column("node", sa.String(length=64), nullable=False, comment="machine where the row was born"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_step_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_step")),
    )
    op.create_index(op.f("ix_alert_step_alert_id"), "alert_step", ["alert_id"], unique=False)
    op.create_index(op.f("ix_alert_step_center_id"), "alert_step", ["center_id"], unique=False)
