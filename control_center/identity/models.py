"""The tables of identity, in the store *core*."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, OriginColumns
from foundation.sealed import sealed_for


class Account(OriginColumns, CoreBase):
    """A person who signs in. Its `center_id` is the home center, whose administrators look after it; what the person
    may see and do is in the grants."""

    __tablename__ = "account"

    username: Mapped[str] = mapped_column(String(64), unique=True, comment="name to sign in with, in lower case")
    display_name: Mapped[str] = mapped_column(String(128), comment="the person's name, as shown")
    password_hash: Mapped[str | None] = mapped_column(String(255), comment="Argon2id; null before the first is issued")
    password_state: Mapped[str] = mapped_column(String(16), comment="none, one_time, consumed or own")
    password_us: Mapped[int | None] = mapped_column(comment="when that password was issued or set, UTC microseconds")
    failures: Mapped[int] = mapped_column(Integer, comment="wrong passwords since the last right one or lock-out")
    locked_until_us: Mapped[int] = mapped_column(comment="nobody signs in before, UTC microseconds")
    disabled_us: Mapped[int | None] = mapped_column(comment="when the account was closed; null while in use")
    created_us: Mapped[int] = mapped_column(comment="when the account was made, UTC microseconds")
    version: Mapped[int] = mapped_column(
        Integer, default=1, server_default="1", comment="rises with each change an administrator makes"
    )
    totp_secret: Mapped[str | None] = mapped_column(
        String(255),
        comment="second factor, sealed by foundation.keyring for purpose totp; null without one",
        info=sealed_for("totp"),
    )
    totp_confirmed_us: Mapped[int | None] = mapped_column(
        comment="when its first code was right; null: enrolled, not in force"
    )
    totp_step: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="time step of the newest code used; none is taken twice"
    )


class AccountGrant(CoreBase):
    """A role at a center of the tree: it reaches that center and all below. With an end, it is a loan."""

    __tablename__ = "account_grant"
    __table_args__ = (
        Index(
            "ix_account_grant_in_force",
            "account_id",
            "role",
            "center_id",
            unique=True,
            sqlite_where=text("until_us IS NULL AND revoked_us IS NULL"),
            postgresql_where=text("until_us IS NULL AND revoked_us IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True, comment="whose")
    role: Mapped[str] = mapped_column(String(16), comment="operator, senior_operator, analyst, supervisor, …")
    center_id: Mapped[str] = mapped_column(ForeignKey("center.id"), index=True, comment="where, and all below")
    granted_us: Mapped[int] = mapped_column(comment="when, UTC microseconds")
    granted_by: Mapped[str] = mapped_column(String(128), comment="account, or cli:USER")
    until_us: Mapped[int | None] = mapped_column(comment="end of a loan, UTC microseconds; null: until revoked")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="", comment="why; a loan must have one")
    revoked_us: Mapped[int | None] = mapped_column(comment="when it was taken back; null while it stands")
    revoked_by: Mapped[str | None] = mapped_column(String(128), comment="account, or cli:USER")


class AccountSession(CoreBase):
    """Somebody signed in. The token itself is only in the browser. A row stays until it would have expired."""

    __tablename__ = "account_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 of the token, hex")
    id: Mapped[str] = mapped_column(String(36), unique=True, comment="UUIDv7, to speak of the session by")
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True, comment="who")
    method: Mapped[str] = mapped_column(String(8), comment="password or oidc")
    address: Mapped[str] = mapped_column(String(64), default="", server_default="", comment="where from, at sign-in")
    agent: Mapped[str] = mapped_column(String(200), default="", server_default="", comment="browser, as it said")
    created_us: Mapped[int] = mapped_column(comment="when signed in, UTC microseconds")
    expires_us: Mapped[int] = mapped_column(index=True, comment="end of the session, UTC microseconds")
    active_us: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="last sign of a person at the console, UTC microseconds"
    )
    locked_us: Mapped[int | None] = mapped_column(comment="when the person locked it; null: not by hand")
    ended_us: Mapped[int | None] = mapped_column(comment="when signed out or revoked; null while open")
    ended_by: Mapped[str | None] = mapped_column(String(128), comment="who ended it: account, or cli:USER")


class RecoveryCode(CoreBase):
    """A code in place of the second factor, good once."""

    __tablename__ = "recovery_code"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True, comment="whose")
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 of the code, hex")
    used_us: Mapped[int | None] = mapped_column(comment="when it was used, UTC microseconds; null: still good")


class ExternalIdentity(CoreBase):
    """A person as an OpenID provider knows them, pinned to the account at the first sign-in."""

    __tablename__ = "external_identity"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True, comment="iss of the provider")
    subject: Mapped[str] = mapped_column(String(255), primary_key=True, comment="sub at the provider")
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True, comment="who that is here")
    linked_us: Mapped[int] = mapped_column(comment="when it was pinned, UTC microseconds")


class ApiToken(CoreBase):
    """What a program signs in with: some of its owner's rights, until it expires."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUIDv7")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, comment="SHA-256 of the token, hex")
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True, comment="whose rights it draws on")
    name: Mapped[str] = mapped_column(String(100), comment="what it is for, as its owner says")
    rights: Mapped[list[Any]] = mapped_column(comment="rights it asks for; in force only while the owner has them")
    created_us: Mapped[int] = mapped_column(comment="when it was made, UTC microseconds")
    expires_us: Mapped[int] = mapped_column(comment="end of its life, UTC microseconds")
    used_us: Mapped[int | None] = mapped_column(comment="last use, to the minute, UTC microseconds")
    revoked_us: Mapped[int | None] = mapped_column(comment="when it was taken back; null while it stands")
