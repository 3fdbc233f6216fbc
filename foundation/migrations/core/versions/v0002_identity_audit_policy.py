"""Grants, loans, second factors, tokens and provider identities; the reason in the audit trail.

Open sessions end: their rows are made anew. A viewer becomes an analyst, who also plays footage back.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "account_grant",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="whose"),
        sa.Column(
            "role", sa.String(length=16), nullable=False, comment="operator, senior_operator, analyst, supervisor, …"
        ),
        sa.Column("center_id", sa.String(length=36), nullable=False, comment="where, and all below"),
        sa.Column("granted_us", sa.BigInteger(), nullable=False, comment="when, UTC microseconds"),
        sa.Column("granted_by", sa.String(length=128), nullable=False, comment="account, or cli:USER"),
        sa.Column(
            "until_us", sa.BigInteger(), nullable=True, comment="end of a loan, UTC microseconds; null: until revoked"
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False, comment="why; a loan must have one"),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True, comment="when it was taken back; null while it stands"),
        sa.Column("revoked_by", sa.String(length=128), nullable=True, comment="account, or cli:USER"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_grant_account_id_account")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_account_grant_center_id_center")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_grant")),
    )
    op.create_index(op.f("ix_account_grant_account_id"), "account_grant", ["account_id"], unique=False)
    op.create_index(op.f("ix_account_grant_center_id"), "account_grant", ["center_id"], unique=False)
    op.create_index(
        "ix_account_grant_in_force",
        "account_grant",
        ["account_id", "role", "center_id"],
        unique=True,
        sqlite_where=sa.text("until_us IS NULL AND revoked_us IS NULL"),
        postgresql_where=sa.text("until_us IS NULL AND revoked_us IS NULL"),
    )
    op.execute(
        "INSERT INTO account_grant (id, account_id, role, center_id, granted_us, granted_by, reason) "
        "SELECT account.id, account.id, CASE account.role WHEN 'viewer' THEN 'analyst' ELSE account.role END, "
        "account.center_id, account.created_us, 'upgrade', '' "
        "FROM account JOIN center ON center.id = account.center_id"
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7"),
        sa.Column("token_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the token, hex"),
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="whose rights it draws on"),
        sa.Column("name", sa.String(length=100), nullable=False, comment="what it is for, as its owner says"),
        sa.Column(
            "rights", sa.JSON(), nullable=False, comment="rights it asks for; in force only while the owner has them"
        ),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when it was made, UTC microseconds"),
        sa.Column("expires_us", sa.BigInteger(), nullable=False, comment="end of its life, UTC microseconds"),
        sa.Column("used_us", sa.BigInteger(), nullable=True, comment="last use, to the minute, UTC microseconds"),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True, comment="when it was taken back; null while it stands"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"], unique=False)
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False, comment="iss of the provider"),
        sa.Column("subject", sa.String(length=255), nullable=False, comment="sub at the provider"),
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="who that is here"),
        sa.Column("linked_us", sa.BigInteger(), nullable=False, comment="when it was pinned, UTC microseconds"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_external_identity_account_id_account")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identity")),
    )
    op.create_index(op.f("ix_external_identity_account_id"), "external_identity", ["account_id"], unique=False)
    op.create_table(
        "kept_answer",
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="who asked"),
        sa.Column("key_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the idempotency key, hex"),
        sa.Column(
            "request_hash",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of method, path, query, precondition and body, hex",
        ),
        sa.Column("started_us", sa.BigInteger(), nullable=False, comment="when the deed was begun, UTC microseconds"),
        sa.Column(
            "answer",
            sa.Text(),
            nullable=True,
            comment="status, headers and body, sealed by foundation.keyring for purpose kept_answer; "
            "null: none was noted",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_kept_answer_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "key_hash", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_started_us"), "kept_answer", ["started_us"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="whose"),
        sa.Column("code_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the code, hex"),
        sa.Column(
            "used_us", sa.BigInteger(), nullable=True, comment="when it was used, UTC microseconds; null: still good"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.add_column(
        "account",
        sa.Column(
            "version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="rises with each change an administrator makes",
        ),
    )
    op.add_column(
        "account",
        sa.Column(
            "totp_secret",
            sa.String(length=255),
            nullable=True,
            comment="second factor, sealed by foundation.keyring for purpose totp; null without one",
        ),
    )
    op.add_column(
        "account",
        sa.Column(
            "totp_confirmed_us",
            sa.BigInteger(),
            nullable=True,
            comment="when its first code was right; null: enrolled, not in force",
        ),
    )
    op.add_column(
        "account",
        sa.Column(
            "totp_step",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="time step of the newest code used; none is taken twice",
        ),
    )
    op.drop_column("account", "role")
    op.drop_table("account_session")
    op.create_table(
        "account_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the token, hex"),
        sa.Column("id", sa.String(length=36), nullable=False, comment="UUIDv7, to speak of the session by"),
        sa.Column("account_id", sa.String(length=36), nullable=False, comment="who"),
        sa.Column("method", sa.String(length=8), nullable=False, comment="password or oidc"),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False, comment="where from, at sign-in"),
        sa.Column("agent", sa.String(length=200), server_default="", nullable=False, comment="browser, as it said"),
        sa.Column("created_us", sa.BigInteger(), nullable=False, comment="when signed in, UTC microseconds"),
        sa.Column("expires_us", sa.BigInteger(), nullable=False, comment="end of the session, UTC microseconds"),
        sa.Column(
            "active_us",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="last sign of a person at the console, UTC microseconds",
        ),
        sa.Column("locked_us", sa.BigInteger(), nullable=True, comment="when the person locked it; null: not by hand"),
        sa.Column("ended_us", sa.BigInteger(), nullable=True, comment="when signed out or revoked; null while open"),
        sa.Column("ended_by", sa.String(length=128), nullable=True, comment="who ended it: account, or cli:USER"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_session_account_id_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_session")),
        sa.UniqueConstraint("id", name=op.f("uq_account_session_id")),
    )
    op.create_index(op.f("ix_account_session_account_id"), "account_session", ["account_id"], unique=False)
    op.create_index(op.f("ix_account_session_expires_us"), "account_session", ["expires_us"], unique=False)
    op.add_column(
        "audit_entry",
        sa.Column("reason", sa.Text(), nullable=True, comment="why, in the person's words, where the policy asks"),
    )
    op.add_column(
        "audit_entry",
        sa.Column("case_number", sa.String(length=64), nullable=True, comment="case it was done for, if one"),
    )
    for column in ("action", "actor", "at_us", "center_id", "subject"):
        op.drop_index(op.f(f"ix_audit_entry_{column}"), table_name="audit_entry")
    for column in ("action", "actor", "at_us", "case_number", "center_id", "subject"):
        op.create_index(f"ix_audit_entry_{column}_seq", "audit_entry", [column, "seq"], unique=False)
    _make_details_canonical()
    op.add_column(
        "audit_head",
        sa.Column(
            "purged_seq",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="number of the newest entry that retention let go, 0 before any",
        ),
    )
    op.add_column(
        "audit_head",
        sa.Column(
            "purged_hash",
            sa.String(length=64),
            server_default="",
            nullable=False,
            comment="hash of that entry, empty before any",
        ),
    )


def _make_details_canonical() -> None:
    """Store the very text that an entry's hash covers.

    Only what the version before wrote is rewritten. A text with a doubled key or a space too many is left as it is,
    so that the check of the trail names it.
    """
    connection = op.get_bind()
    value = "CAST(:detail AS JSON)" if connection.dialect.name == "postgresql" else ":detail"
    read = sa.text(
        "SELECT seq, CAST(detail AS TEXT) AS detail FROM audit_entry WHERE seq > :seq ORDER BY seq LIMIT 2000"
    )
    write = sa.text(f"UPDATE audit_entry SET detail = {value} WHERE seq = :seq")  # noqa: S608 - one of two constants
    seq = 0
    while rows := connection.execute(read, {"seq": seq}).all():
        seq = rows[-1].seq
        changed = [{"seq": row.seq, "detail": text} for row in rows if (text := _canonical(row.detail)) != row.detail]
        if changed:
            connection.execute(write, changed)


def _canonical(text: str) -> str:
    try:
        value = json.loads(text)
        if json.dumps(value) == text:
            return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (RecursionError, TypeError, ValueError):
        pass
    return text
